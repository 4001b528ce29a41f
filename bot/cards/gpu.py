"""The card of a GPU run: what it is, what it costs, what will end it, and the buttons.

One message for a run's whole life: it is drawn anew from the run and edited in place, so its words
follow the run, not the alert that it was posted for.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.cards import say
from bot.cards.blocks import context, headline, section
from bot.cards.gpu_buttons import OURS, buttons, price_button
from bot.cards.gpu_confirm import after_stop
from bot.cards.gpu_console import by_hand
from bot.cards.gpu_ended import ended_lines, ended_sentence, ended_words, ending_lines, proof
from bot.cards.gpu_money import cost_words, usd
from bot.cards.gpu_plan import plan_line, powerless
from bot.cards.gpu_say import (
    capital,
    code_of,
    flowing,
    lasted,
    place_words,
    price_words,
    provider_words,
    tidy,
    use_words,
    when,
    zone_words,
)
from bot.cards.gpu_standing import ENDING, OVER, SIGNS, Standing, promised_at, standing
from bot.cards.gpu_view import RunView
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, bold, joined, mention, one_line
from bot.domain.alerts import AlertKind
from bot.domain.delivery import Message
from bot.domain.gpu import RunState
from bot.domain.money import over
from bot.domain.shutdown import Enforcer

LABEL = 150
ASKED = (Standing.NO_PLAN, Standing.LATE, Standing.BOOTS, Standing.UNCLAIMED)
"""What a ping asks about."""

SETTLED = (*ENDING, Standing.NOT_OURS)
"""What needs no word on what Stop now does."""

NEAR = timedelta(minutes=45)
"""An end nearer than this is said in minutes, too."""

_TIMED: dict[Standing, Callable[[RunView], datetime | None]] = {
    Standing.ENFORCED: lambda view: view.plan.stops_at,
    Standing.DECLARED: lambda view: view.plan.stops_at,
    Standing.PROPOSAL: lambda view: view.plan.stops_at,
    Standing.LATE: promised_at,
    Standing.SNOOZED: lambda view: view.run.snoozed_until,
}
"""The time in a headline."""


def run_card(view: RunView, kind: AlertKind, number: int, lang: str) -> Message:
    """A run as one alert about it shows it. `number`: which ping, or the per cent of a budget."""
    stands = standing(view, kind)
    strong, name = tidy(_head(view, kind, stands, number, lang)), one_line(view.run.label, LABEL)
    lines = [tidy(line) for line in _lines(view, kind, stands, lang)]
    small = tidy(flowing(_small(view, kind, stands, number, lang), lang))
    blocks = [
        headline(SIGNS[stands], strong, name),
        section(joined("\n", *lines), accessory=price_button(view, lang)),
        *([context(small)] if small else []),
        *buttons(view, kind, stands, lang),
    ]
    first = joined(" · ", strong, name)
    return Message(joined("\n", first, *lines, *([small] if small else [])), tuple(blocks))


def ended_note(view: RunView, lang: str) -> Message:
    """The line in the experiment's thread: how a run ended and what it cost."""
    text = tidy(ended_sentence(view, standing(view, AlertKind.PING), lang))
    return Message(text, (section(text),))


def _head(view: RunView, kind: AlertKind, stands: Standing, number: int, lang: str) -> Mrkdwn:
    """How it stands, with the time or the figure that goes with it."""
    if stands in OVER:
        return ended_words(view, stands, lang)
    values: tuple[object, ...] = ()
    if stands in _TIMED:
        at = _TIMED[stands](view)
        values = (when(at, view.zone, view.now, lang) if at else words(lang).gpu.some_time(),)
    elif stands is Standing.BOOTS:
        values = (lasted(view.run.age(view.now), lang),)
    elif stands is Standing.BUDGET:
        values = (number,)
    elif stands is Standing.UNREADABLE:
        values = (provider_words(view.run),)
    head = say.spoken(lang, "gpu", f"head_{stands.value}", *values)
    left = _left(view, kind)
    return head if left is None else words(lang).gpu.soon(head, lasted(left, lang))


def _left(view: RunView, kind: AlertKind) -> timedelta | None:
    """How much time is left before its end, where it is near and said because of that."""
    at, said = view.plan.stops_at, kind in (AlertKind.WARNING, AlertKind.PROMISE)
    near = at is not None and timedelta(0) < at - view.now <= NEAR
    return at - view.now if at is not None and near and said and view.plan.exists else None


def _lines(view: RunView, kind: AlertKind, stands: Standing, lang: str) -> list[Mrkdwn]:
    """What is said of it, the machine first."""
    place = place_words(view, lang)
    if stands in OVER:
        return [place, *ended_lines(view, stands, lang)]
    if stands is Standing.NOT_OURS:
        return [place, words(lang).gpu.not_ours()]
    if stands in ENDING:
        return [place, *_money(view, stands, lang), *ending_lines(view, stands, lang)]
    found = [_use(view, lang), _shut(view, kind, stands, lang), _hand(view, lang)]
    return [place, *_money(view, stands, lang), *(line for line in found if line)]


def _use(view: RunView, lang: str) -> Mrkdwn | None:
    found = use_words(view.run, lang)
    return capital(found) if found else None


def _money(view: RunView, stands: Standing, lang: str) -> list[Mrkdwn]:
    """How long it runs and what an hour costs; what it has cost, and what it will, below it."""
    run, say_ = view.run, words(lang).gpu
    age = lasted(run.age(view.now), lang)
    runs = say_.starts(age) if run.state is RunState.STARTING else say_.runs(age)
    known = view.spent.known or view.spent.is_whole
    cost = say_.so_far(bold(cost_words(view.spent, lang))) if known else bold(say_.cost_unknown())
    cap = [_cap(view, lang)] if view.cap.cap else []
    ahead = [] if stands in ENDING else _ahead(view, lang)
    first, second = (runs, price_words(view, lang)), (cost, *cap, *ahead)
    if len(second) == 1:
        return [joined(" · ", *first, *second)]
    return [joined(" · ", *first), joined(" · ", *second)]


def _cap(view: RunView, lang: str) -> Mrkdwn:
    """What its experiment may cost in all, and what follows."""
    say_ = words(lang).gpu_budget
    return (say_.cap_stops if view.cap.stops else say_.cap)(usd(view.cap.cap, lang))


def _ahead(view: RunView, lang: str) -> list[Mrkdwn]:
    """What it still costs: until it is stopped, else until somebody is at work again."""
    say_, price, at = words(lang).gpu, view.run.price_per_hour, view.plan.stops_at
    if price is None:
        return []
    if view.plan.exists and at is not None:
        more = usd(over(price, max(at - view.now, timedelta(0))), lang)
        until = when(at, view.zone, view.now, lang)
        return [say_.more_until_stop(more, until)] if at > view.now else []
    if view.projected is None or view.projected_to is None:
        return []
    until = when(view.projected_to, view.zone, view.now, lang)
    return [say_.more_until(usd(view.projected, lang), until)]


def _shut(view: RunView, kind: AlertKind, stands: Standing, lang: str) -> Mrkdwn | None:
    line = plan_line(view, lang)
    theirs = kind is AlertKind.WARNING and stands is Standing.ENFORCED and view.plan.by not in OURS
    if line is None or not theirs:
        return line
    return joined(" · ", line, words(lang).gpu_plan.not_movable())


def _hand(view: RunView, lang: str) -> Mrkdwn | None:
    """Where owroute cannot end it: why, the console, and the command."""
    run, say_ = view.run, words(lang).gpu
    if run.can_stop:
        return None
    way = by_hand(run, run.ending, lang)
    told = view.plan.by is Enforcer.PERSON and not view.plan.reason
    why = [] if told or run.is_manual else [powerless(view, lang)]
    parts = [*why, *([way] if way else [])]
    return say_.by_hand(joined(" · ", *parts)) if parts else None


def _small(
    view: RunView, kind: AlertKind, stands: Standing, number: int, lang: str
) -> list[Mrkdwn]:
    """Small print: which ping, what Stop really does, hold, estimates, and whose time it is."""
    run, say_ = view.run, words(lang).gpu
    if stands in OVER:
        return [proof(view, stands, lang)]
    found: list[Mrkdwn | None] = [
        _which(view, kind, stands, number, lang),
        say_.snooze_ends() if stands is Standing.SNOOZED else None,
        say_.proposed() if stands is Standing.PROPOSAL else None,
        say_.by_people() if run.is_manual else None,
        after_stop(run, lang) if run.can_stop and stands not in SETTLED else None,
        say_.unclear(_status(view)) if run.unclear else None,
        say_.on_hold() if view.hold and run.stopping is None else None,
        say_.estimated() if view.spent.estimated else None,
        say_.zone(zone_words(view.zone)) if view.reader is None else None,
    ]
    return [line for line in found if line]


def _which(
    view: RunView, kind: AlertKind, stands: Standing, number: int, lang: str
) -> Mrkdwn | None:
    """Which ping it is, and why somebody else than the owner gets it."""
    run, say_ = view.run, words(lang).gpu
    if kind not in (AlertKind.PING, AlertKind.UNCLAIMED) or stands not in ASKED or number < 1:
        return None
    if view.reader is None or view.reader == run.owner:
        return say_.ping(number)
    if run.owner is None:
        return say_.ping_nobody(number)
    if not run.pings:  # since this was sent it was handed over, which began the count anew
        return say_.handed(mention(run.owner))
    return say_.ping_others(number, mention(run.owner))


def _status(view: RunView) -> Mrkdwn:
    return code_of(view.run.raw_status or "?")
