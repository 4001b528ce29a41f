"""The form behind *Budget...*: what an experiment may spend on GPUs in all."""

from collections.abc import Mapping
from typing import Any

from bot.cards import ids
from bot.cards.blocks import modal, section
from bot.cards.forms.budget import budget_errors, budget_fields, parse_budget
from bot.cards.forms.form import inputs
from bot.cards.forms.gpu_fields import Sentences
from bot.cards.forms.problems import Wrong
from bot.cards.gpu_money import spent_words
from bot.cards.i18n import words
from bot.cards.ids import GpuRef, PlanRef
from bot.domain.costs import Spent
from bot.domain.delivery import Block
from bot.domain.plans import Experiment
from bot.domain.watch import MonthlyCap


def budget_modal(
    x: Experiment, cap: MonthlyCap, spent: Spent, lang: str, *, of: GpuRef | None = None
) -> Block:
    """What is spent so far, and both fields with what holds now; `of` is the card it opens on."""
    say = words(lang).gpu_budget
    return modal(
        ids.BUDGET_MODAL,
        say.title(x.label),
        [
            section(say.intro(x.label, spent_words(spent, lang))),
            *budget_fields(cap, lang, in_all=True),
        ],
        submit=say.submit(),
        close=words(lang).gpu_forms.close(),
        metadata=PlanRef(e=x.id, r=x.latest.number, choice=of.dump() if of else None).dump(),
    )


def read_budget(view: Mapping[str, Any], lang: str) -> MonthlyCap | Sentences:
    """The budget as it was filled in; nothing typed is none."""
    typed = inputs(view)
    try:
        return parse_budget(typed)
    except Wrong:
        return Sentences(budget_errors(typed, lang, in_all=True))
