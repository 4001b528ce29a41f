"""Sentences chosen by a value, and how routes, statuses and money read."""

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel import Locale
from babel.lists import format_list

from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, channel, esc
from bot.domain.ids import ChannelId
from bot.domain.plans import Conclusion, Experiment, State
from engine.contract import Status

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
    if x.latest.problem is not None:
        return "problem"
    return x.decision.status.value if x.decision else "deciding"


def standing_words(x: Experiment, lang: str) -> Mrkdwn:
    """The same, for people; of a decided one, what was decided."""
    if x.state is State.DECIDED and x.conclusion is not None:
        return words(lang).decide.standing(conclusion_words(x.conclusion, lang))
    kind = "status" if x.state in WAITING else "state"
    return spoken(lang, "plan", f"{kind}_{standing(x)}")


def place_words(place: ChannelId, lang: str) -> Mrkdwn:
    """A channel as a link; a direct message has no name that Slack would show."""
    return words(lang).plan.direct() if place.startswith("D") else channel(place)


def status_words(status: Status, lang: str) -> Mrkdwn:
    """Go, Needs changes or Refused."""
    return spoken(lang, "plan", f"status_{status.value}")


def standing_because(status: Status, codes: Sequence[str], lang: str) -> Mrkdwn:
    """How a route stands that was tried, and the first of the codes why it is not Go, in words."""
    standing_ = status_words(status, lang)
    if not codes:
        return standing_
    return words(lang).codes.because(standing_, spoken(lang, "codes", codes[0].lower()))


def state_words(state: State, lang: str) -> Mrkdwn:
    """A state, for people."""
    return spoken(lang, "plan", f"state_{state.value}")


def conclusion_words(conclusion: Conclusion, lang: str) -> Mrkdwn:
    """What was decided in the end, as the form calls it."""
    return spoken(lang, "decide", conclusion.value)


def some_of(items: Sequence[str], lang: str, most: int = 10) -> Mrkdwn:
    """The first `most` of them, and how many more there are."""
    more = len(items) - most
    rest = [str(words(lang).decide.more(more))] if more > 0 else []
    return listed([*items[:most], *rest], lang)


def money(amount: Decimal) -> str:
    """Two places, half up: rounding is for the eye only."""
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def hours(amount: Decimal) -> str:
    """4, 2.5."""
    text = format(amount.normalize(), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def listed(items: Sequence[str], lang: str) -> Mrkdwn:
    """`a, b, and c`, as the language does it."""
    if not items:
        return Mrkdwn()
    *first, last = map(esc, items)
    if lang.startswith("zh") and first:  # a blank between Chinese and Latin letters or digits
        first[-1] = Mrkdwn(re.sub(r"(?<=[!-~])$", " ", first[-1]))
        last = Mrkdwn(re.sub(r"^(?=[!-~])", " ", last))
    return Mrkdwn(format_list([*first, last], locale=_locale(lang)))


@cache
def _locale(lang: str) -> Locale:
    """Read once: a morning of reminders lists ten thousand times."""
    return Locale.parse(lang)


def gib(size: int) -> str:
    """Bytes as GiB with one place."""
    return f"{size / 2**30:.1f}"


def count(number: int) -> str:
    """8,192."""
    return f"{number:,}"


def machine(gpu_id: str, gpus: int) -> str:
    """`2 x RTX 4090`, `1 x H100 80 GB`: ids as makers write them, names as they were typed."""
    if gpu_id != gpu_id.lower():
        return f"{gpus} x {gpu_id}"
    name = gpu_id.upper().replace("-", " ")
    spaced = re.sub(r"(?<=\d)(?=GB\b|TI\b)|(?<=RTX|PRO)(?=\d)", " ", name)
    spelled = re.sub(r"\b(TI|LAPTOP|ADA|SUPER)\b", lambda word: word[0].capitalize(), spaced)
    return f"{gpus} x {spelled}"
