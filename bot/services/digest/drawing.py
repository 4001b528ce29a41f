"""The picture of a digest: drawn beside everything else, and put into the thread of its card."""

import asyncio
from dataclasses import dataclass, replace

import structlog

from bot.cards.digest_alt import alt_text
from bot.cards.digest_chart import chart
from bot.cards.digest_status import picture_words
from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, File, Message, Op, Outgoing, digest_of
from bot.domain.digest import Digest
from bot.domain.digest_when import Subject, WeekTime
from bot.domain.ids import ChannelId, TeamId
from bot.ports import Store
from bot.services.digest.readers import language_of, wanted_of
from bot.services.digest.reading import digests_of

log = structlog.get_logger(__name__)

POST = "draw:post:"

TRIES = 5
"""A picture that cannot be drawn is given up after so many: the table says the same."""

SAME_SECONDS = 60.0
"""All admins' copies fall due at once, and read the same."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture and its words, of a place's week in a language; None where nothing is to draw."""

    of: tuple[TeamId, ChannelId | None, str, str]
    since: float
    picture: tuple[str, File] | None


class DrawDigest:
    """One picture at a time, from reading to drawing: nobody holds several whole weeks at once.

    All readers of the same get the picture that was drawn for the first of them.
    """

    def __init__(self, *, store: Store, clock: Clock, at: WeekTime) -> None:
        self._store = store
        self._clock = clock
        self._at = at
        self._turn = asyncio.Lock()
        self._last: _Drawn | None = None

    async def __call__(self, row: ClaimedDue) -> None:
        """Read the week again, draw, then settle with the upload.

        The card stands without it: what Slack does not take is not tried for ever.
        """
        now = self._clock.now()
        post = row.due.key.removeprefix(POST)
        subject = Subject.read(post)
        drawn = await self._drawn(subject) if subject and row.attempts <= TRIES else None
        async with self._store() as uow:
            if not await uow.due.settle(row, now):
                return
            if drawn is not None and subject is not None:
                await uow.outbox.add(_upload(post, subject, drawn), now)
            await uow.commit()

    async def _drawn(self, subject: Subject) -> Message | None:
        async with self._turn:
            picture = await self._picture(subject)
        if picture is None:
            return None
        said, file = picture
        name = f"{file.name}-{digest_of(str(subject))}.png"
        return Message(said, files=(replace(file, name=name),))

    async def _picture(self, subject: Subject) -> tuple[str, File] | None:
        """The one that was drawn just now, or another."""
        last, moment = self._last, self._clock.monotonic()
        async with self._store(read_only=True) as uow:
            wanted = await wanted_of(uow, subject, self._at)
            of = (subject.team, subject.channel, subject.week, await language_of(uow, subject))
            if last and last.of == of and moment - last.since < SAME_SECONDS:
                return last.picture
            [digest] = await digests_of(uow, subject.team, [wanted], self._clock.now())
        picture = await asyncio.to_thread(_picture, digest, of[-1])
        self._last = _Drawn(of, moment, picture)
        return picture


def _picture(digest: Digest, lang: str) -> tuple[str, File] | None:
    """The words above it and the file, whose name each copy completes: history knows it by that."""
    if not digest.cells:
        return None
    said = picture_words(digest, lang)
    name = f"digest-{digest.facts.week.name}"
    return said, File(name, said, data=chart(digest), alt=alt_text(digest, lang))


def _upload(post: str, subject: Subject, message: Message) -> Outgoing:
    return Outgoing(
        key=f"upload:{post}",
        team=subject.team,
        channel=subject.place,
        op=Op.UPLOAD,
        subject=f"picture:{subject}",
        message=message,
        thread=str(subject),
        repeatable=False,
    )
