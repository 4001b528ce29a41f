"""Where a queued message goes: its channel, the thread it stands in, the message it edits."""

from dataclasses import dataclass

from bot.domain.delivery import Op, Outgoing, Post
from bot.domain.ids import ChannelId
from bot.ports import Store


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, a thread's `ts`, and the message that is edited or deleted; none of it: a post."""

    channel: ChannelId
    thread_ts: str | None = None
    post: Post | None = None


@dataclass(frozen=True, slots=True)
class NotYet:
    """The message this one answers or edits is still on its way."""


@dataclass(frozen=True, slots=True)
class Pointless:
    """Nothing to do any more: why."""

    why: str


class FindPlace:
    """Looks up what a message needs before it can be sent."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def __call__(self, out: Outgoing) -> Place | NotYet | Pointless:
        """Where the message goes now.

        An edit of a reply that is gone, because its thread was posted anew elsewhere, is a reply
        again. Files that were dropped meanwhile go nowhere.
        """
        if out.op is Op.UPLOAD and not out.message.files:
            return Pointless("files_dropped")
        if out.op in (Op.POST, Op.UPLOAD):
            return await self._reply(out) if out.thread else Place(out.channel)
        post, on_its_way = await self._look(out, out.subject)
        if post is None:
            if on_its_way:
                return NotYet()
            return await self._reply(out) if out.thread else Pointless("never_posted")
        if out.op is Op.UPDATE and out.version < post.version:
            return Pointless("superseded")
        return Place(post.channel, post=post)

    async def _reply(self, out: Outgoing) -> Place | NotYet | Pointless:
        parent, on_its_way = await self._look(out, out.thread or "")
        if parent is not None:
            return Place(parent.channel, thread_ts=parent.ts)
        return NotYet() if on_its_way else Pointless("parent_never_posted")

    async def _look(self, out: Outgoing, subject: str) -> tuple[Post | None, bool]:
        """The subject's message and whether a post of it is open.

        What is open is asked first: a post that settles between the two questions is then seen.
        """
        async with self._store(read_only=True) as uow:
            on_its_way = await uow.outbox.is_open(out.team, subject)
            return await uow.outbox.where(out.team, subject), on_its_way
