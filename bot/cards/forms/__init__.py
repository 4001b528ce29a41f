"""Forms: what people fill in, read back and understood. Pure; words in `templates/form*.j2`."""

from bot.cards.forms.form import PlanForm, read
from bot.cards.forms.modal import Standing, constraint_modal, standing_line
from bot.cards.forms.parse import parse
from bot.cards.forms.prefill import form_of, from_card, new_form
from bot.cards.forms.problems import FieldErrors, Problem

__all__ = [
    "FieldErrors",
    "PlanForm",
    "Problem",
    "Standing",
    "constraint_modal",
    "form_of",
    "from_card",
    "new_form",
    "parse",
    "read",
    "standing_line",
]
