"""The weekly digest: total, change, waste and next steps at a glance, then the same by day.

The picture goes with it as a file (`bot.cards.digest_chart`); its figures always stand in the table
here.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from bot.cards import ids, say
from bot.cards.blocks import actions, button, capped, context, header, section
from bot.cards.digest_advice import advice
from bot.cards.digest_say import (
    cell,
    day_words,
    early_words,
    experiment_words,
    first_of,
    month_words,
    person_words,
    row_name,
    seller_words,
    share_words,
    week_words,
)
from bot.cards.gpu_money import HALF_A_CENT, hours_words, spent_words, usd
from bot.cards.gpu_say import flowing, when, zone_words
from bot.cards.i18n import words
from bot.cards.ids import DigestRef, PlaceRef
from bot.cards.tables import Rung, Table, drawn, lines
from bot.cards.text import Mrkdwn, joined
from bot.domain.delivery import Block, Message
from bot.domain.digest import Digest
from bot.domain.digest_series import drawn_series
from bot.domain.ids import ChannelId
from bot.domain.schedule import zone_of

NAMED = 4
"""People, providers, decisions and debts that are named; the rest is counted."""

MOST_PERCENT = 999

TEXT = 4_000
"""Characters of the notification: a longer one Slack does not take when a card is changed."""


def digest_message(digest: Digest, lang: str, rung: Rung, *, paused: bool = False) -> Message:
    """The card. `paused`: its channel has paused the digest, so that *Resume* is offered."""
    title, glance, told = _title(digest, lang), _glance(digest, lang), _besides(digest, lang)
    next_steps = advice(digest, lang)
    steps = [words(lang).digest_advice.title(), *next_steps] if next_steps else []
    table = _table(digest, lang) if digest.cells else None
    late, print_ = _late(digest, lang), _small_print(digest, lang)
    blocks = [
        header(title),
        *map(context, late),
        section(joined("\n", *glance)),
        *([section(joined("\n", *steps))] if steps else []),
        *(drawn(table, rung) if table else []),
        *([section(joined("\n", *told))] if told else []),
        context(print_),
        _buttons(digest, lang, paused=paused),
    ]
    rows = lines(table, lang) if table else []
    text = joined("\n", title, *late, *glance, *steps, *rows, *told, print_)
    return Message(capped(text, TEXT), tuple(blocks))


def _title(digest: Digest, lang: str) -> Mrkdwn:
    say_, week = words(lang).digest, week_words(digest.facts.week, lang)
    if digest.is_running:
        return say_.title_running(week)
    return say_.title(week) if digest.facts.channel else say_.title_workspace(week)


def _late(digest: Digest, lang: str) -> list[Mrkdwn]:
    facts, zone = digest.facts, digest.facts.week.zone
    if not facts.late:
        return []
    at = when(facts.due_at or facts.week.end, zone, facts.now, lang)
    return [words(lang).digest.late(at, zone_words(zone))]


def _glance(digest: Digest, lang: str) -> list[Mrkdwn]:
    """Total and change, waste, what stopping saved: a line each."""
    say_ = words(lang).digest
    # the blank ends the bold in Chinese as well, where sentences follow without one
    lines_ = [joined(" ", _cost(digest, lang), flowing(_compared(digest, lang), lang))]
    lines_ += _waste(digest, lang)
    machines = [s for s in digest.saved if s.usd is not None]
    lines_ += [say_.saved(usd(digest.kept, lang), len(machines))] if digest.kept else []
    disks = digest.total.storage
    return [*lines_, *([say_.disks(usd(disks, lang))] if disks else [])]


def _cost(digest: Digest, lang: str) -> Mrkdwn:
    say_, running = words(lang).digest, digest.is_running
    if not digest.cells:
        return say_.idle_running() if running else say_.idle()
    amount = spent_words(digest.total, lang)
    return say_.cost_running(amount) if running else say_.cost(amount)


def _compared(digest: Digest, lang: str) -> list[Mrkdwn]:
    """Against the week before, and the four before."""
    say_ = words(lang).digest
    if digest.before is None or digest.change is None:
        since, week = digest.facts.since, digest.facts.week
        return [say_.first() if since is None or since >= week.start else say_.not_whole()]
    told = [_change(digest, digest.change, lang)]
    if digest.is_running or not digest.cells or not digest.before.known:
        told = [_before(digest, lang)]
    return [*told, *([say_.usual(usd(digest.usual, lang))] if digest.usual else [])]


def _before(digest: Digest, lang: str) -> Mrkdwn:
    say_, before = words(lang).digest, digest.before
    if before is not None and (before.known or not before.is_whole):
        return say_.before(spent_words(before, lang))
    return say_.before_nothing() if digest.cells or digest.is_running else say_.before_neither()


def _change(digest: Digest, change: Decimal, lang: str) -> Mrkdwn:
    say_, amount = words(lang).digest, usd(abs(change), lang)
    if digest.before is None or not (digest.total.is_whole and digest.before.is_whole):
        return say_.more_known(amount) if change > 0 else say_.less_known(amount)
    if abs(change) < HALF_A_CENT:
        return say_.same()
    percent = _percent(digest.change_percent)
    return say_.more(amount, percent) if change > 0 else say_.less(amount, percent)


def _percent(found: Decimal | None) -> str:
    """Whole per cent; nothing where it says nothing, as more than tenfold."""
    whole = int(abs(found).quantize(Decimal(1), ROUND_HALF_UP)) if found is not None else 0
    return str(whole) if 0 < whole <= MOST_PERCENT else ""


def _waste(digest: Digest, lang: str) -> list[Mrkdwn]:
    say_, found = words(lang).digest, digest.unattended
    if not found:
        return [say_.attended()] if digest.time else []
    hours = hours_words(digest.wasted_time, lang)
    if not digest.wasted:
        return [say_.unattended_unpriced(hours, len(found))]
    return [say_.unattended(usd(digest.wasted, lang), hours, len(found))]


def _table(digest: Digest, lang: str) -> Table:
    """A row for each colour of the picture, and their sum."""
    say_, whole = words(lang).digest, digest.facts.channel is None
    days = tuple(day_words(day, lang) for day, _ in digest.days)
    first = say_.col_channel() if whole else say_.col_experiment()
    rows = [
        (row_name(digest, x, lang), *(cell(day, lang) for day in x.days), cell(x.spent, lang))
        for x in drawn_series(digest)
    ]
    sums = (*(cell(day, lang) for _, day in digest.days), cell(digest.total, lang))
    caption = say_.caption_workspace() if whole else say_.caption()
    return Table(caption, (first, *days, say_.col_week()), (*rows, (say_.row_all(), *sums)))


def _besides(digest: Digest, lang: str) -> list[Mrkdwn]:
    """Who and where it was, the month, evidence and decisions: a line each."""
    found = (_people, _sellers, _month, _evidence, _decided)
    return [line for tell in found for line in tell(digest, lang)]


def _people(digest: Digest, lang: str) -> list[Mrkdwn]:
    named = [(person_words(digest.facts, s.of, lang), s) for s in digest.people[:NAMED]]
    parts = [share_words(name, s, lang) for name, s in named]
    return _by(words(lang).digest.by_person(), parts, len(digest.people), lang)


def _sellers(digest: Digest, lang: str) -> list[Mrkdwn]:
    parts = [share_words(seller_words(s.of), s, lang) for s in digest.sellers[:NAMED]]
    return _by(words(lang).digest.by_provider(), parts, len(digest.sellers), lang)


def _by(title: Mrkdwn, parts: Sequence[Mrkdwn], of: int, lang: str) -> list[Mrkdwn]:
    """A line of those named, and how many of them there are besides."""
    rest = [words(lang).digest.others(of - len(parts))] if of > len(parts) else []
    return [words(lang).digest.by(title, joined(" · ", *parts, *rest))] if parts else []


def _month(digest: Digest, lang: str) -> list[Mrkdwn]:
    say_, month, zone = words(lang).digest, digest.month, digest.facts.week.zone
    early = month.is_early and bool(month.spent.known)
    if not (month.forecast or month.cap.cap or month.spent.unpriced or early):
        return []
    name = month_words(month.start.astimezone(zone_of(zone)).date(), lang)
    so_far = spent_words(month.spent, lang)
    forecast = say_.month if month.spent.is_whole else say_.month_known
    told = [forecast(name, so_far, usd(month.forecast, lang))]
    if not month.forecast:
        told = [say_.month_unknown(name, so_far), *early_words(digest, lang)]
    if month.used is not None:
        told.append(say_.budget(month.used, usd(month.cap.cap, lang)))
    if month.over_cap:
        tell = say_.budget_past if month.is_early else say_.budget_over
        told.append(tell(usd(month.over_cap, lang)))
    return [flowing(told, lang)]


def _evidence(digest: Digest, lang: str) -> list[Mrkdwn]:
    say_, facts = words(lang).digest, digest.facts
    owing = sorted((e for e in facts.evidence if e.overdue), key=lambda e: -e.overdue)
    labels = [say_.owes(experiment_words(facts, e.experiment, lang), e.overdue) for e in owing]
    told = [say_.closed(digest.closed)] if digest.closed else []
    if digest.overdue:
        told.append(say_.overdue(digest.overdue, say.some_of(labels, lang, NAMED)))
    return [say_.evidence(joined(" · ", *told))] if told else []


def _decided(digest: Digest, lang: str) -> list[Mrkdwn]:
    say_, facts = words(lang).digest, digest.facts
    found = [
        say_.decision(
            experiment_words(facts, d.experiment, lang), say.conclusion_words(d.what, lang)
        )
        for d in facts.decided
    ]
    return [say_.decided(joined(" · ", *first_of(found, NAMED, lang)))] if found else []


def _small_print(digest: Digest, lang: str) -> Mrkdwn:
    return words(lang).digest.not_included(zone_words(digest.facts.week.zone))


def _buttons(digest: Digest, lang: str, *, paused: bool) -> Block:
    say_, week = words(lang).digest, week_words(digest.facts.week, lang)
    of: ChannelId | None = digest.facts.channel
    ref = DigestRef(w=digest.facts.week.name, c=of).dump()
    row = [
        button(say_.details(), ids.DIGEST_DETAILS, value=ref, says=say_.says_details(week)),
        button(say_.csv(), ids.DIGEST_CSV, value=ref, says=say_.says_csv(week)),
        _settings_button(of, lang),
    ]
    if of is None:
        mine = words(lang).personal.title()
        return actions([*row, button(mine, ids.OPEN_MINE, says=say_.says_mine())])
    other = (
        button(say_.resume(), ids.DIGEST_RESUME, value=ref, says=say_.says_resume())
        if paused
        else button(say_.pause(), ids.DIGEST_PAUSE, value=ref, says=say_.says_pause())
    )
    return actions([*row, other])


def _settings_button(of: ChannelId | None, lang: str) -> Block:
    """Those of the digest's own channel, wherever a copy is read; else the workspace's."""
    say_ = words(lang).digest
    if of is None:
        return button(say_.settings(), ids.OPEN_WORKSPACE, says=say_.says_settings())
    here = PlaceRef(c=of).dump()
    return button(say_.settings(), ids.OPEN_SETTINGS, value=here, says=say_.says_settings())
