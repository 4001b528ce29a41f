"""A week's digests: what their due rows do, many of them in one transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.cards.digest import digest_message
from bot.cards.tables import Rung, plainer
from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, Due, DueKind, Message, Op, Outgoing
from bot.domain.digest import Digest
from bot.domain.digest_when import LATE_AFTER, DigestMode, Subject, WeekTime, week_named, week_of
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.personal import Mute
from bot.ports import Store, UnitOfWork
from bot.services.digest.arming import hours_of
from bot.services.digest.reading import Wanted, digests_of
from bot.services.due import LeaseLost

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a copy: a channel, whose lead gets it where Slack refuses it there, or an admin."""

    subject: Subject
    lang: str
    instead: UserId | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """A digest to be written, and for whom."""

    digest: Digest
    readers: tuple[Reader, ...]


class PostDigests:
    """Tell each place its week, once; nothing where nothing happened or nobody wants it."""

    def __init__(self, *, store: Store, clock: Clock, at: WeekTime) -> None:
        self._store = store
        self._clock = clock
        self._at = at

    async def __call__(self, rows: Sequence[ClaimedDue]) -> None:
        """Read, write down in a thread, then settle with the messages in one transaction.

        The rows are of one workspace: some of its channels', or its own. Raises `LeaseLost` when
        somebody else holds one of them by now.
        """
        now = self._clock.now()
        copies = await asyncio.to_thread(_written, await self._read(rows, now))
        async with self._store() as uow:
            if not await uow.due.settle_all(rows, now):
                raise LeaseLost(rows[0].due.key)
            await uow.outbox.add_all([out for out, _ in copies], now)
            await uow.due.add_all([_picture(out, now) for out, pays in copies if pays])
            for week, places in _posted(copies).items():
                await uow.digests.posted(rows[0].due.team, places, week)
            await uow.commit()
        log.info("digest.written", digests=len(rows), messages=len(copies))

    async def _read(self, rows: Sequence[ClaimedDue], now: datetime) -> list[Writing]:
        """What the places of a workspace are to be told, each with who gets it."""
        team, named = rows[0].due.team, [row.due.channel for row in rows]
        async with self._store(read_only=True) as uow:
            known = await uow.digests.of(team, named)
            hours = await hours_of(uow, team, named, self._at)
            readers = await _readers(uow, rows)
            wanted = []
            for row, theirs in zip(rows, readers, strict=True):
                place, mode = row.due.channel, theirs.mode
                if mode.is_paused or not theirs.readers:
                    continue
                since = known[place].since if place in known else None
                wanted.append((_wanted(row, hours[place][1], since, mode, now), theirs.readers))
            found = await digests_of(uow, team, [w for w, _ in wanted], now) if wanted else []
        return [Writing(of, who) for of, (_, who) in zip(found, wanted, strict=True)]


@dataclass(frozen=True, slots=True)
class _Readers:
    mode: DigestMode
    readers: tuple[Reader, ...]


async def _readers(uow: UnitOfWork, rows: Sequence[ClaimedDue]) -> list[_Readers]:
    """Of each row; a workspace's are all admins who want it, in their own words."""
    team = rows[0].due.team
    admins = await uow.watch.admins(team)
    named = [row.due.channel for row in rows if row.due.channel]
    channels = await uow.channels.of(team, named) if named else {}
    people = await uow.people.of(team, admins)
    found = []
    for row in rows:
        subject = Subject(team, row.due.channel, week_of(row.due.key))
        if row.due.channel is None:
            hear = [people[u] for u in admins if people[u].hears(Mute.DIGEST)]
            own = [Reader(replace(subject, user=p.user), p.language) for p in hear]
            found.append(_Readers(DigestMode.ON, tuple(own)))
            continue
        here = channels[row.due.channel]
        others = [u for u in (here.lead, *admins) if u and not here.channel.startswith("D")]
        reader = Reader(subject, here.spoken, next(iter(others), None))
        found.append(_Readers(here.weekly, (reader,)))
    return found


def _wanted(
    row: ClaimedDue, zone: str, since: datetime | None, mode: DigestMode, now: datetime
) -> Wanted:
    return Wanted(
        channel=row.due.channel,
        week=week_named(week_of(row.due.key), zone).back(1),
        since=since,
        due_at=row.due.due_at,
        late=now - row.due.due_at > LATE_AFTER,
        forced=mode is DigestMode.ALWAYS,
    )


def _written(writings: Sequence[Writing]) -> list[tuple[Outgoing, bool]]:
    """The messages, and of each whether there is anything to draw. Off the event loop."""
    found = []
    for writing in writings:
        digest, readers = writing.digest, writing.readers
        if is_told(digest):
            said = {lang: message_of(digest, lang) for lang in {r.lang for r in readers}}
            found += [(_outgoing(r, said[r.lang]), bool(digest.cells)) for r in readers]
    return found


def is_told(digest: Digest) -> bool:
    """Whether there is anything to tell, or it is wanted all the same."""
    return digest.facts.forced or not digest.is_quiet


def message_of(digest: Digest, lang: str) -> Message:
    """The card, with a table that every workspace takes in reserve."""
    best = digest_message(digest, lang, Rung.DATA_TABLE)
    return replace(best, plainer=plainer(best.blocks))


def _outgoing(reader: Reader, message: Message) -> Outgoing:
    subject = str(reader.subject)
    return Outgoing(
        key=reader.subject.posts[0],
        team=reader.subject.team,
        channel=reader.subject.place,
        op=Op.POST,
        subject=subject,
        message=message,
        fallback=reader.instead,
        repeatable=False,
    )


def _picture(out: Outgoing, now: datetime) -> Due:
    """The row that draws its picture, which follows in its thread: the card stands without."""
    subject = Subject.read(out.subject)
    channel = subject.channel if subject else None
    return picture_row(out.key, out.team, channel, now)


def picture_row(key: str, team: TeamId, channel: ChannelId | None, now: datetime) -> Due:
    """The work of drawing for one copy, named after it."""
    return Due(key=f"draw:{key}", kind=DueKind.DRAW_DIGEST, team=team, due_at=now, channel=channel)


def _posted(copies: Sequence[tuple[Outgoing, bool]]) -> dict[str, set[ChannelId | None]]:
    """Where which turn's went."""
    found: dict[str, set[ChannelId | None]] = {}
    for out, _ in copies:
        subject = Subject.read(out.subject)
        if subject is not None:
            found.setdefault(subject.week, set()).add(subject.channel)
    return found
