"""The picture of a digest: drawn beside everything else, and put into the thread of its card."""

import asyncio

import structlog

from bot.cards.digest_alt import alt_text
from bot.cards.digest_chart import chart
from bot.cards.digest_status import picture_words
from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, File, Message, Op, Outgoing, digest_of
from bot.domain.digest import Digest, summary
from bot.domain.digest_when import Subject, WeekTime
from bot.ports import Store
from bot.services.digest.readers import language_of, wanted_of
from bot.services.digest.reading import facts_of

log = structlog.get_logger(__name__)

POST = "draw:post:"

TRIES = 5
"""A picture that cannot be drawn is given up after so many: the table says the same."""


class DrawDigest:
    """One picture at a time: drawing holds the interpreter, however many threads do it."""

    def __init__(self, *, store: Store, clock: Clock, at: WeekTime) -> None:
        self._store = store
        self._clock = clock
        self._at = at
        self._turn = asyncio.Lock()

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
        async with self._store(read_only=True) as uow:
            wanted = await wanted_of(uow, subject, self._at)
            lang = await language_of(uow, subject)
            [facts] = await facts_of(uow, subject.team, [wanted], self._clock.now())
        digest = summary(facts)
        if not digest.cells:
            return None
        async with self._turn:
            return await asyncio.to_thread(_picture, digest, subject, lang)


def _picture(digest: Digest, subject: Subject, lang: str) -> Message:
    """The file and the words above it. Its name is its own: history knows files by their names."""
    said = picture_words(digest, lang)
    name = f"digest-{digest.facts.week.name}-{digest_of(str(subject))}.png"
    return Message(said, files=(File(name, said, data=chart(digest), alt=alt_text(digest, lang)),))


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
