"""What a constraint card is opened with: arguments, the channel's defaults, the last card."""

from collections.abc import Mapping
from datetime import date

from bot.cards.forms.arguments import arguments, emptied, field_of, understood
from bot.cards.forms.fields import ALWAYS, FIELDS, MORE, OFFICE, OFFICE_DAYS, default_of
from bot.cards.forms.form import PlanForm
from bot.cards.forms.parse import problem_with
from bot.domain.ids import ChannelId, UserId
from bot.domain.plans import Experiment
from engine.contract import ConstraintCard, HardwareSpec

_USUAL: Mapping[str, str] = {
    "needs_service_api": "no",
    "needs_fine_tuning": "no",
    "context_tokens": default_of("context_tokens"),
    "concurrency": default_of("concurrency"),
}

_OF_ONE_PLAN = frozenset(
    {
        "task", "stop_after", "review_date", "access_rule", "tenancy", "license_id",
        "license_review", "licensed_model",
    }
)  # fmt: skip
"""Said about one plan on purpose; a new plan must be asked again."""

_UNSEEN = frozenset({*MORE, "days_per_month"})
"""What a card that opens folded does not show: the last card must not decide it silently."""


def new_form(
    text: str,
    last: ConstraintCard | None,
    defaults: Mapping[str, str],
    *,
    owner: UserId,
    channel: ChannelId | None,
    today: date,
) -> PlanForm:
    """The form for `/owroute plan [text]` typed by `owner` in `channel`.

    Arguments win over the channel's defaults, those over the person's last card; an empty one
    clears its field. It opens unfolded where it holds more than the usual.
    """
    typed, problems = arguments(text, today)
    named = {*typed, *emptied(text), *(field_of(p.name) for p in problems)}
    usual = from_card(last, defaults, today)
    asked_again = dict.fromkeys(named & usual.keys(), "")  # never an old value for a bad new one
    values = {**usual, "owner": owner, **asked_again, **typed}
    held = {n for n in MORE if n != "owner" and values.get(n, "") not in ("", _USUAL.get(n))}
    more = not (named | held).isdisjoint(MORE)
    return PlanForm(values=values, more=more, channel=channel, notices=tuple(problems))


def from_card(
    card: ConstraintCard | None, defaults: Mapping[str, str], today: date
) -> dict[str, str]:
    """Values for a new plan: of the last card what is seen at once and not of that plan only.

    Defaults have names of the contract or the form; one that is not understood is left out.
    """
    last = values_of(card) if card else {}
    again = {n: t for n, t in last.items() if n not in _OF_ONE_PLAN | _UNSEEN}
    chosen = dict(understood(name, text) for name, text in defaults.items())
    good = {n: t for n, t in chosen.items() if n in FIELDS and not problem_with(n, t, today)}
    return {**_USUAL, **again, **good}


def form_of(x: Experiment) -> PlanForm:
    """The form that plans an experiment again, filled in as its newest card was."""
    return PlanForm(
        values=values_of(x.latest.card),
        more=False,
        channel=x.channel,
        experiment=x.id,
        revision=x.latest.number,
    )


def values_of(card: ConstraintCard) -> dict[str, str]:
    """Everything on a card that the form can hold, as text."""
    found = {n: _text(getattr(card, n, None)) for n in FIELDS}
    found["model"] = _model(card)
    found["hardware"] = hardware_text(card.hardware)
    found["ram_gib"] = _text(card.hardware.ram_gib if card.hardware else None)
    found["providers_allowed"] = ", ".join(card.providers_allowed)
    found["stop_after"] = _stop_after(card)
    if found["days_per_month"] == default_of("days_per_month") or found["stop_after"] in (
        OFFICE,
        ALWAYS,
    ):
        found["days_per_month"] = ""
    if card.license_id or card.license_review:
        found["licensed_model"] = card.model_repo or ""
    return {n: t for n, t in found.items() if t}


def hardware_text(hardware: HardwareSpec | None) -> str:
    """`l4`, `2 x l4`, or nothing for a machine without a GPU."""
    if hardware is None or hardware.gpu_id is None:
        return ""
    many = hardware.gpu_count > 1
    return f"{hardware.gpu_count} x {hardware.gpu_id}" if many else hardware.gpu_id


def _model(card: ConstraintCard) -> str:
    if card.model_repo is None:
        return ""
    return f"{card.model_repo}@{card.revision}" if card.revision else card.model_repo


def _stop_after(card: ConstraintCard) -> str:
    if card.always_on:
        return ALWAYS
    if card.session_hours is None:
        return ""
    hours = f"{card.session_hours.normalize():f}"
    return OFFICE if hours == "8" and card.days_per_month == OFFICE_DAYS else hours


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)
