"""What must happen, what is on its way to Slack, and what Slack has delivered."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.delivery import ClaimedDue, ClaimedOutgoing, Due, DueKind, Op, Outgoing, Post, Sent
from bot.domain.ids import ChannelId, OutboxId, TeamId


class DueRows(Protocol):
    """Occurrences that must happen, each exactly once."""

    async def add(self, due: Due) -> bool:
        """Keep an occurrence unless its key exists; False when it was there."""
        ...

    async def add_all(self, rows: Sequence[Due]) -> set[str]:
        """The same for several; the keys of those that were not there."""
        ...

    async def arm(self, due: Due) -> bool:
        """Keep an occurrence, or move one that waits to its hour; False when it is over or held."""
        ...

    async def end_others(self, kept: Due, now: datetime) -> int:
        """End what waits of the same kind and channel beside `kept`; returns how many."""
        ...

    async def claim(self, now: datetime, limit: int, lease: timedelta) -> list[ClaimedDue]:
        """Take rows that are due and free, oldest first. Commit before acting on them."""
        ...

    async def claim_of(
        self, kinds: Collection[DueKind], now: datetime, limit: int, lease: timedelta
    ) -> list[ClaimedDue]:
        """The same, of some kinds only, and only what is about a channel."""
        ...

    async def claim_key(self, key: str, now: datetime, lease: timedelta) -> ClaimedDue | None:
        """Take one row by its key, if it is due and free."""
        ...

    async def settle(self, row: ClaimedDue, now: datetime) -> bool:
        """Mark it done if the lease is still ours; False tells the caller to roll back."""
        ...

    async def settle_all(self, rows: Sequence[ClaimedDue], now: datetime) -> bool:
        """The same for several; False: one of them is somebody else's."""
        ...

    async def defer(self, row: ClaimedDue, due_at: datetime) -> bool:
        """Give it back to be due later, if the lease is still ours."""
        ...

    async def untried(self, row: ClaimedDue, due_at: datetime) -> bool:
        """The same of what certainly did not happen: that was no attempt."""
        ...

    async def forget_done(self, before: datetime) -> int:
        """Delete some of what was done before then and can never come again; returns how many.

        That are reminders, and pings of GPU runs; warnings and stop times of runs that are over.
        All other keys are kept for ever, so that what they name happens once.
        """
        ...

    async def overdue(self, now: datetime, older_than: timedelta) -> int:
        """How many rows should have been done that long ago; a removed workspace's do not count."""
        ...


class Outbox(Protocol):
    """Messages on their way to Slack."""

    async def add(self, outgoing: Outgoing, now: datetime) -> bool:
        """Queue a message unless its key exists; False when it was there."""
        ...

    async def add_all(self, outgoing: Sequence[Outgoing], now: datetime) -> set[str]:
        """The same for several; the keys of those that were not there."""
        ...

    async def claim(
        self, now: datetime, limit: int, lease: timedelta, busy: frozenset[OutboxId] = frozenset()
    ) -> list[ClaimedOutgoing]:
        """Take the oldest open row of each channel that is free. Commit before sending.

        `busy` are rows the caller has in flight: never taken, whatever their lease says.
        """
        ...

    async def sent(self, row: ClaimedOutgoing, sent: Sent, now: datetime) -> bool:
        """Settle a delivered row and remember where its subject is shown."""
        ...

    async def release(self, row: ClaimedOutgoing, not_before: datetime) -> bool:
        """Give back a row that was certainly not sent: the try does not count."""
        ...

    async def dead(self, row: ClaimedOutgoing, error: str, now: datetime) -> bool:
        """Give up on a row."""
        ...

    async def turn(self, row: ClaimedOutgoing, into: Outgoing, now: datetime) -> bool:
        """Send something else instead, in the same place of the queue: form, channel or kind.

        A new row would stand behind the replies that wait for this one.
        """
        ...

    async def unknown(self, row: ClaimedOutgoing, now: datetime) -> bool:
        """Settle a row nobody can say anything about, and that must not be repeated."""
        ...

    async def undecided(self, keys: Sequence[str]) -> Outgoing | None:
        """The newest of these posts, if nobody can say whether it arrived."""
        ...

    async def where(self, team: TeamId, subject: str) -> Post | None:
        """Where a subject's message is, if it was posted."""
        ...

    async def shown_at(
        self, team: TeamId, subjects: Sequence[str], channel: ChannelId, ts: str
    ) -> str | None:
        """Which of these subjects a message is; None when it is none of them."""
        ...

    async def forget(self, team: TeamId, subject: str) -> None:
        """Drop the place of a message that is gone, and of all that stood in its thread."""
        ...

    async def is_open(self, team: TeamId, subject: str) -> bool:
        """Whether a post of this subject is still on its way."""
        ...

    async def withdraw(self, team: TeamId, subject: str, op: Op = Op.POST) -> int:
        """Drop a subject's posts, or what `op` says, certainly not sent; returns how many."""
        ...

    async def drop_files(self, team: TeamId, thread: str, subjects: str) -> None:
        """Forget files of a thread: those of the past, and those that nobody has begun to send.

        It is about files whose subject begins with `subjects`, also where they were moved below
        such a one. An upload that is just being sent ends as it would, and is never taken up again.
        """
        ...

    async def supersede_updates(self, team: TeamId, subject: str, version: int) -> int:
        """Drop unsent updates of a subject older than `version`; returns how many."""
        ...

    async def forget_edits(self, before: datetime) -> int:
        """Delete settled edits and deletions that are older, a bounded number at once."""
        ...

    async def forget_posts(self, team: TeamId, before: datetime) -> int:
        """The same for a workspace's posts; where they stand in Slack stays known."""
        ...

    async def undelivered(self, now: datetime, older_than: timedelta) -> int:
        """How many rows have waited longer than `older_than`, for the readiness body."""
        ...


class Inbound(Protocol):
    """What Slack has delivered before."""

    async def first_time(self, key: str, now: datetime) -> bool:
        """Note a delivery; False when it was seen. Belongs to the transaction of its effect."""
        ...

    async def forget_before(self, before: datetime) -> int:
        """Delete notes older than `before`; returns how many."""
        ...
