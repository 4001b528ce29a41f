"""Forms: what people fill in, read back and understood. Pure; words in `templates/form*.j2`."""

from bot.cards.forms.arguments import arguments
from bot.cards.forms.constraints import (
    Facts,
    constraints_modal,
    merged,
    not_opened,
    parse_constraints,
)
from bot.cards.forms.fix import answer_fix, fix_inputs, fix_modal, parse_fix
from bot.cards.forms.form import PlanForm, read
from bot.cards.forms.modal import Standing, constraint_modal, standing_line
from bot.cards.forms.owner import owner_modal, parse_owner
from bot.cards.forms.parse import parse
from bot.cards.forms.prefill import form_of, from_card, new_form
from bot.cards.forms.problems import FieldErrors, Problem
from bot.cards.forms.route import apply_alternative, apply_model
from bot.cards.forms.suggest import hardware_query, hardware_suggestions, suggestions

__all__ = [
    "Facts",
    "FieldErrors",
    "PlanForm",
    "Problem",
    "Standing",
    "answer_fix",
    "apply_alternative",
    "apply_model",
    "arguments",
    "constraint_modal",
    "constraints_modal",
    "fix_inputs",
    "fix_modal",
    "form_of",
    "from_card",
    "hardware_query",
    "hardware_suggestions",
    "merged",
    "new_form",
    "not_opened",
    "owner_modal",
    "parse",
    "parse_constraints",
    "parse_fix",
    "parse_owner",
    "read",
    "standing_line",
    "suggestions",
]
