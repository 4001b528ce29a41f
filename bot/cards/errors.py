"""Errors in the reader's words: what happened, what was kept, what to do next."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from bot.cards.gpu_money import usd
from bot.cards.i18n import words
from bot.cards.items import item_name
from bot.cards.reminders import place_of
from bot.cards.say import conclusion_words, some_of, spoken, state_words
from bot.cards.text import Mrkdwn
from bot.domain.plans import Conclusion, State
from bot.domain.schedule import zone_of
from bot.errors import UserError


def sentence(error: UserError, lang: str) -> Mrkdwn:
    """The macro of `errors.j2` that the error's code names, filled with its values.

    Without mentions: beside a field of a modal Slack would show their ids.
    """
    macro: Callable[..., Mrkdwn] = getattr(words(lang).errors, error.code)
    return macro(**_read(dict(error.values), lang))


def _read(values: dict[str, object], lang: str) -> dict[str, object]:
    """Values as people read them."""
    if "state" in values:
        values["state"] = state_words(State(str(values["state"])), lang)
    if "conclusion" in values:
        values["conclusion"] = conclusion_words(Conclusion(str(values["conclusion"])), lang)
    for name in ("missing", "claimed"):
        items = values.get(name)
        if isinstance(items, tuple):
            values[name] = some_of([item_name(e, lang) for e in items], lang)
    values = _in_zone(values, lang) if "zone" in values else values
    return _of_cap(values, lang) if "limit" in values else values


def _of_cap(values: dict[str, object], lang: str) -> dict[str, object]:
    """Which cap it is, and how it is raised, in place of its kind."""
    kind, of, cap = (values.pop(name) for name in ("limit", "of", "cap"))
    what = spoken(lang, "gpu_budget", f"what_{kind}", cap, of)
    return values | {"what": what, "way": spoken(lang, "gpu_budget", f"way_{kind}", of)}


def _in_zone(values: dict[str, object], lang: str) -> dict[str, object]:
    """Amounts and times of an error that names its reader's zone."""
    zone = zone_of(str(values["zone"]))
    for name, value in values.items():
        if isinstance(value, Decimal):
            values[name] = usd(value, lang)
        elif isinstance(value, datetime):
            values[name] = f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    return values | {"zone": place_of(zone.key)}


def unexpected(reference: str, lang: str) -> Mrkdwn:
    """A defect of ours; the log has the same reference."""
    return words(lang).errors.unexpected(reference)


def database_down(reference: str, lang: str) -> Mrkdwn:
    """Nothing could be saved."""
    return words(lang).errors.database_down(reference)
