"""**Fix**: the one or two inputs that a conflict needs, prefilled with what would pass."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.cards import ids
from bot.cards.blocks import modal, plain
from bot.cards.forms.convert import Values, convert
from bot.cards.forms.elements import entry
from bot.cards.forms.fields import ALL, ALWAYS, OFFICE
from bot.cards.forms.form import inputs, required, section_text
from bot.cards.forms.parse import build
from bot.cards.forms.passing import passing
from bot.cards.forms.prefill import values_of
from bot.cards.forms.problems import FieldErrors, Problem, Wrong
from bot.cards.forms.route import OF_THE_MODEL, on_route
from bot.cards.i18n import words
from bot.domain.delivery import Block
from bot.domain.plans import Experiment
from engine.contract import (
    AvailableRoute,
    Conflict,
    ConflictCode,
    ConstraintCard,
    Tenancy,
    is_absurd,
    plausible_params,
)

MOST = 2
"""Inputs of a Fix; a shape, which is typed into two of them, counts as one."""

_INPUTS: Mapping[str, tuple[str, ...]] = {
    "session_hours": ("stop_after",),
    "always_on": ("stop_after",),
    "model_repo": ("model",),
}
"""Inputs for a card's field where they are not of the same name."""

_CONFLICT = "conflict"
"""The block with the conflict in words."""

_SHAPE = ("config_json", "params_billion")

_WHOLE = 1000
"""Billions from which on places behind the point say nothing."""

_LICENCE = frozenset({"license_id", "license_review"})

_MAY_BE_EMPTY = frozenset({"model", *_LICENCE, *_SHAPE})

_CLEARED: Mapping[str, Values] = {
    "model": {"model_repo": None, "revision": None},
    "hardware": {"gpu_id": None, "gpu_count": 1},
    "license_id": {"license_id": None},
    "license_review": {"license_review": None},
}


def fix_modal(x: Experiment, conflict: Conflict, lang: str, *, today: date) -> Block:
    """The conflict in the engine's words and the inputs that end it; the rest stays as it is."""
    say = words(lang).form
    card = _asked_anew(x)
    names = fix_inputs(conflict, card)
    values = {**values_of(card), **passing(conflict, card, lang, today)}
    if _SHAPE[0] in names:  # pasted for the model that is named, not for one that would pass
        values["model"] = values_of(card).get("model", "")
    offer = x.decision.offer.offer_id if x.decision and x.decision.offer else None
    ref = ids.PlanRef(e=x.id, r=x.latest.number, code=conflict.code, choice=offer)
    text = plain(words(lang).detail.warning(conflict.text, conflict.change))
    return modal(
        ids.FIX_MODAL,
        say.fix_title(x.label),
        [
            {"type": "section", "block_id": _CONFLICT, "text": text},
            *(_input(n, values, conflict, lang) for n in names),
        ],
        submit=say.fix_submit(),
        close=say.close(),
        metadata=ref.dump(),
    )


def fix_inputs(conflict: Conflict, card: ConstraintCard) -> tuple[str, ...]:
    """The inputs of a conflict's Fix, at most two; none for a refusal.

    A model that is not known may be described or replaced; one that was described, only replaced.
    """
    fields = conflict.fix
    if "architecture" in fields and card.architecture is None:
        return ("model", *_SHAPE)
    fields = tuple(f for f in fields if f != "architecture")
    if conflict.code is ConflictCode.HARDWARE_ASSUMED:
        return ("ram_gib",)
    named = (n for f in fields for n in _INPUTS.get(f, (f,)) if n in ALL)
    return tuple(dict.fromkeys(named))[:MOST]


def parse_fix(
    view: Mapping[str, Any], card: ConstraintCard, *, today: date
) -> ConstraintCard | FieldErrors:
    """The card with the inputs of a Fix in place; nothing else of it changes."""
    found = inputs(view)
    typed = {n: found[n].strip() for n in ALL if n in found}
    problems = _missing(typed, required(view)) | _shapeless(typed, card)
    values: Values = {}
    for name, text in typed.items():
        try:
            values |= convert(name, text, today) if text else _CLEARED.get(name, {})
        except Wrong as wrong:
            problems[name] = Problem(name, wrong.code, wrong.hint)
    if _keeps_its_days(typed, card):
        values["days_per_month"] = card.days_per_month
    offer = _opened_for(view)
    fixed = build({**_base(card, values), **_whole(values, offer.choice if offer else None)})
    refused = fixed if isinstance(fixed, dict) else _implausible(fixed, typed)
    if isinstance(fixed, ConstraintCard) and not (problems or refused):
        return fixed
    return FieldErrors(tuple({**refused, **problems}.values()), tuple(typed), tuple(ALL))


def answer_fix(
    view: Mapping[str, Any], x: Experiment, *, today: date
) -> ConstraintCard | FieldErrors:
    """The same for the newest card of an experiment, unless nothing of it was changed.

    A Fix that was drawn for an older card is not judged by this one.
    """
    fixed = parse_fix(view, x.latest.card, today=today)
    drawn = inputs({"blocks": view.get("blocks")})  # in the order in which they are drawn
    typed, seen = tuple(n for n in drawn if n in ALL), _opened_for(view)
    stands = seen is not None and seen.r == x.latest.number and fixed == x.latest.card
    if not (stands and typed):
        return fixed
    same = Problem(typed[0], "unchanged", section_text(view, _CONFLICT))
    return FieldErrors((same,), typed, tuple(ALL))


def _opened_for(view: Mapping[str, Any]) -> ids.PlanRef | None:
    return ids.PlanRef.read(str(view.get("private_metadata") or ""))


def _keeps_its_days(typed: Mapping[str, str], card: ConstraintCard) -> bool:
    """Whether a stop of so many hours leaves the days of the month as somebody gave them.

    Those of *Office hours* and *Always on* end with it; days typed beside it count.
    """
    hours, was = typed.get("stop_after", ""), values_of(card).get("stop_after")
    given = "days_per_month" in typed or was in (OFFICE, ALWAYS)
    return hours not in ("", OFFICE, ALWAYS) and not given


def _input(name: str, values: Mapping[str, str], conflict: Conflict, lang: str) -> Block:
    optional = name in _MAY_BE_EMPTY or (
        name == "hardware" and conflict.code is not ConflictCode.HARDWARE_REQUIRED
    )
    block = entry(name, values, lang, required=not optional, dispatch=False)
    if name == "tenancy":  # a community host would not pass
        options = block["element"]["options"]
        block["element"]["options"] = [o for o in options if o["value"] != Tenancy.community]
    return block


def _missing(typed: Mapping[str, str], needed: frozenset[str]) -> dict[str, Problem]:
    if _LICENCE.issuperset(typed) and typed and not any(typed.values()):
        first = next(iter(typed))
        return {first: Problem(first, "either")}
    return {n: Problem(n, "empty") for n, t in typed.items() if not t and n in needed}


def _shapeless(typed: Mapping[str, str], card: ConstraintCard) -> dict[str, Problem]:
    """A model as unknown as it was, or half of a shape."""
    if not typed.keys() >= {"model", *_SHAPE}:
        return {}
    given = [n for n in _SHAPE if typed[n]]
    if given:
        return {n: Problem(n, "empty") for n in _SHAPE if n not in given}
    same = typed["model"].partition("@")[0] == card.model_repo
    return {"model": Problem("model", "no_shape")} if same else {}


def _implausible(card: ConstraintCard, typed: Mapping[str, str]) -> dict[str, Problem]:
    """A parameter count that the engine would turn away: said here, where it is typed."""
    shape = card.architecture
    if "params_billion" not in typed or shape is None or not is_absurd(shape):
        return {}
    made = plausible_params(shape) / 10**9
    about = f"{made:.3g}" if made < _WHOLE else f"{made:.0f}"
    return {"params_billion": Problem("params_billion", "params_implausible", about)}


def _asked_anew(x: Experiment) -> ConstraintCard:
    """The newest card, without a shape that the engine did not accept."""
    card = x.latest.card
    return card if x.latest.problem is None else card.model_copy(update={"architecture": None})


def _base(card: ConstraintCard, values: Values) -> Values:
    if "available_route" in values:
        card = on_route(card, AvailableRoute(values["available_route"]))
    base: Values = {n: getattr(card, n) for n in ConstraintCard.model_fields}
    if card.hardware:
        base |= card.hardware.model_dump()
    other_model = values.get("model_repo", card.model_repo) != card.model_repo
    return {**base, **(OF_THE_MODEL if other_model else {})}


def _whole(values: Values, offer: str | None) -> Values:
    """Values whose parts came from two inputs, or from an input and the button."""
    whole = {n: v for n, v in values.items() if n not in ("config", "params_total", "hourly")}
    if "config" in values and "params_total" in values:
        whole["architecture"] = {**values["config"], "params_total": values["params_total"]}
    if "hourly" in values:
        whole["price_seen"] = {"offer_id": offer, "hourly": values["hourly"]}
    return whole
