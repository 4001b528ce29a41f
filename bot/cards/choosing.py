"""A menu in a form of settings: what can be chosen, and what holds now."""

from collections.abc import Iterable
from datetime import time

from bot.cards import ids
from bot.cards.blocks import field, option
from bot.cards.text import Mrkdwn
from bot.domain.delivery import Block

USUAL = "usual"
"""The choice that sets nothing: what holds elsewhere goes on holding."""

Choice = tuple[str, Mrkdwn]
"""A choice's value, and what it is called."""


def menu(
    name: str, label: Mrkdwn, choices: Iterable[Choice], now: str, hint: Mrkdwn | None = None
) -> Block:
    """One of several; what holds now is chosen, as a choice of its own where it is none of them."""
    options = {value: option(text, value) for value, text in choices}
    element: Block = {
        "type": "static_select",
        "action_id": ids.FIELD,
        "options": list(options.values()),
        "initial_option": options.get(now) or option(now, now),
    }
    if now not in options:
        element["options"] = [element["initial_option"], *element["options"]]
    return field(name, label, element, hint=hint)


def hours(*also: time | None) -> list[Choice]:
    """The whole hours of a day, and what else is set now."""
    found = {time(n) for n in range(24)} | {at for at in also if at is not None}
    return [clock(at) for at in sorted(found)]


def clock(at: time) -> Choice:
    """An hour of the day as a choice."""
    return at.isoformat("minutes"), Mrkdwn(at.isoformat("minutes"))


def chosen(at: time | None) -> str:
    """Which of the hours holds, or that none was set."""
    return at.isoformat("minutes") if at is not None else USUAL


def yes_no(value: bool) -> str:
    """The choice for a switch."""
    return "yes" if value else "no"
