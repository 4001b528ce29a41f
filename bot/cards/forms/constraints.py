"""Behind **change**: licence facts, providers, region and caps, in a view on top of the card."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.cards import ids
from bot.cards.blocks import modal
from bot.cards.forms.elements import entry
from bot.cards.forms.fields import FACTS, FIELDS, applies, repo_of
from bot.cards.forms.form import PlanForm, carried, carried_by, inputs, read
from bot.cards.forms.modal import is_private
from bot.cards.forms.parse import ORDER, problem_with
from bot.cards.forms.problems import FieldErrors, Problem
from bot.cards.i18n import words
from bot.domain.delivery import Block

Facts = Mapping[str, str]
"""What the view holds, field name to text, "" where a field was emptied."""

AGAIN = "again"
_PRIVATE = ("access_rule", "tenancy")
_LICENCE = ("license_id", "license_review")


def constraints_modal(form: PlanForm, parent: Mapping[str, Any], lang: str) -> Block:
    """The facts of a form; everything else of it travels along, with the id of the card's view."""
    say = words(lang).form
    shown = _shown(form)
    values = {n: t for n, t in form.values.items() if applies(n, form.values)}
    return modal(
        ids.CONSTRAINTS_MODAL,
        say.facts_title(),
        [entry(n, values, lang, required=False, dispatch=False) for n in shown],
        submit=say.facts_submit(),
        close=say.close(),
        metadata=carried(replace(form, notices=()), shown, str(parent.get("id") or "")),
    )


def not_opened(form: PlanForm) -> PlanForm:
    """The card's form, which says that the facts did not open, once."""
    others = tuple(p for p in form.notices if p.code != AGAIN)
    return replace(form, notices=(*others, Problem("change", AGAIN)))


def parse_constraints(view: Mapping[str, Any]) -> Facts | FieldErrors:
    """The facts as typed, once each is understood."""
    facts = {n: t.strip() for n, t in inputs(view).items() if n in FACTS}
    checked = (problem_with(n, t, date.min) for n, t in facts.items() if t)  # no fact is a date
    problems = tuple(p for p in checked if p)
    return FieldErrors(problems, tuple(facts), ORDER) if problems else facts


def merged(view: Mapping[str, Any], facts: Facts) -> tuple[PlanForm, str]:
    """The card's form with these facts, and the id of the view that shows it."""
    form = read(view)
    values = {n: t for n, t in {**form.values, **facts}.items() if t and n in FIELDS}
    if any(facts.get(n) for n in _LICENCE):
        values["licensed_model"] = repo_of(values)
    return replace(form, values=values), carried_by(view).parent


def _shown(form: PlanForm) -> tuple[str, ...]:
    hidden = {*form.visible, *(() if is_private(form.values) else _PRIVATE)}
    stopped = () if applies("days_per_month", form.values) else ("days_per_month",)
    return tuple(n for n in FACTS if n not in hidden and n not in stopped)
