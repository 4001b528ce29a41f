"""Sentences chosen by a value, and how routes, statuses and money read."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from bot.cards.i18n import words
from bot.cards.text import Mrkdwn
from bot.domain.plans import Experiment, State
from engine.contract import DecisionCard, Status

SIGNS = {
    "ok": "white_check_mark",
    "needs_changes": "warning",
    "refused": "no_entry",
    "deciding": "hourglass_flowing_sand",
    "problem": "warning",
    "running": "arrow_forward",
    "complete": "checkered_flag",
    "decided": "white_check_mark",
    "archived": "file_cabinet",
    "dropped": "wastebasket",
}
"""Slack's names of the signs; each stands beside its word, never alone."""

WAITING = (State.PLANNED, State.REFUSED)


def spoken(lang: str, template: str, macro: str, *values: object) -> Mrkdwn:
    """A sentence whose macro is chosen by a field, code or state."""
    say: Callable[..., Mrkdwn] = getattr(getattr(words(lang), template), macro)
    return say(*values)


def route_words(route: str, lang: str) -> Mrkdwn:
    """A route as the constraint card calls it."""
    return spoken(lang, "form", f"available_route_{route}")


def standing(x: Experiment) -> str:
    """The word for where an experiment stands: its state, else its decision's status."""
    if x.state not in WAITING:
        return x.state.value
    if x.decision is not None:
        return x.decision.status.value
    return "problem" if x.latest.problem else "deciding"


def standing_words(x: Experiment, lang: str) -> Mrkdwn:
    """The same, for people."""
    kind = "status" if x.state in WAITING else "state"
    return spoken(lang, "plan", f"{kind}_{standing(x)}")


def status_words(status: Status, lang: str) -> Mrkdwn:
    """Go, Needs changes or Refused."""
    return spoken(lang, "plan", f"status_{status.value}")


def usd(amount: Decimal) -> str:
    """Two places, half up: rounding is for the eye only."""
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def hours(amount: Decimal) -> str:
    """4, 2.5."""
    text = format(amount.normalize(), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def codes(decision: DecisionCard) -> set[str]:
    """The codes of everything that holds a decision back."""
    return {c.code.value for c in decision.conflicts}
