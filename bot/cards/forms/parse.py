"""A filled-in form becomes a constraint card, or says beside each field what to type."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from bot.cards.forms.convert import Values, convert
from bot.cards.forms.fields import FIELDS, applies
from bot.cards.forms.form import PlanForm
from bot.cards.forms.problems import FieldErrors, Problem, Wrong, by_name
from engine.contract import AvailableRoute, BudgetLevel, ConstraintCard, Privacy

ORDER = tuple(FIELDS)

_FIELD_OF = {
    "model_repo": "model",
    "revision": "model",
    "session_hours": "stop_after",
    "always_on": "stop_after",
    "gpu_id": "hardware",
    "gpu_count": "hardware",
    "architecture": "config_json",
    "params_total": "params_billion",
}
"""The form's field for a card's field that has another name."""

_SPEC = ("gpu_id", "gpu_count", "ram_gib", "disk_gib")

_PARTS = (*_SPEC, "params_total")
"""Parts of a card's field that have an input of their own."""

_PROBE: Values = {
    "task": "probe",
    "privacy": Privacy.public,
    "available_route": AvailableRoute.rented_gpu,
    "needs_service_api": False,
    "needs_fine_tuning": False,
    "budget_level": BudgetLevel.small,
}


def parse(form: PlanForm, *, today: date) -> ConstraintCard | FieldErrors:
    """The card, once every field can be understood and the required ones are filled in."""
    values: Values = {}
    wrong: dict[str, Problem] = {}
    for name, field in FIELDS.items():
        text = form.values.get(field.name, "").strip()
        if text and applies(name, form.values):
            _take(name, text, today, values, wrong)
    card = build(values)
    if form.destination is None:
        wrong["post_to"] = Problem("post_to", "empty")
    if isinstance(card, ConstraintCard) and not wrong:
        return card
    refused = {} if isinstance(card, ConstraintCard) else card
    return FieldErrors(by_name({**refused, **wrong}, ORDER), form.visible, ORDER)


def problem_with(name: str, text: str, today: date) -> Problem | None:
    """What is wrong with one field on its own, if anything."""
    try:
        values = convert(name, text, today)
    except Wrong as wrong:
        return Problem(name, wrong.code, wrong.hint)
    card = build({**_PROBE, **values})
    return None if isinstance(card, ConstraintCard) else next(iter(card.values()))


def build(values: Mapping[str, Any]) -> ConstraintCard | dict[str, Problem]:
    """A card from its fields; the contract's objections by form field, else."""
    card = {k: v for k, v in values.items() if k not in _SPEC}
    hardware = {k: values[k] for k in _SPEC if values.get(k) is not None}
    if hardware.keys() & {"gpu_id", "ram_gib", "disk_gib"}:
        card["hardware"] = hardware
    elif hardware:
        card["hardware"] = None
    try:
        return ConstraintCard.model_validate(card)
    except ValidationError as error:
        return dict(_objection(dict(e)) for e in reversed(error.errors(include_url=False)))


def _take(name: str, text: str, today: date, values: Values, wrong: dict[str, Problem]) -> None:
    try:
        values.update(convert(name, text, today))
    except Wrong as error:
        wrong[name] = Problem(name, error.code, error.hint)


def _objection(error: dict[str, Any]) -> tuple[str, Problem]:
    loc = error["loc"]
    part = str(loc[1] if len(loc) > 1 and loc[1] in _PARTS else loc[0])
    name = _FIELD_OF.get(part, part)
    match error["type"]:
        case "missing":
            return name, Problem(name, "empty")
        case "string_too_long":
            over = len(str(error["input"])) - int(error["ctx"]["max_length"])
            return name, Problem(name, "long", str(over))
        case _:
            return name, Problem(name, "expected")
