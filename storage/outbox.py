"""The outbox: the oldest open row of each channel is claimed, so a channel keeps its order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, assert_never

from sqlalchemy import (
    Executable,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.delivery import ClaimedOutgoing, File, Message, Op, Outgoing, Post, Sent
from bot.domain.ids import ChannelId, OutboxId, TeamId
from storage.insert import insert_new, upsert
from storage.leases import MOST, NOW, TOKEN, UNTIL, claiming, held, lapsed
from storage.outbox_old import forget_settled
from storage.outbox_rows import body, claimed, outgoing_of, queued
from storage.tables import outbox, posts, workspaces

OPEN = outbox.c.settled_at.is_(None)
FREED = {"lease_token": None, "lease_until": None}


_LATE = select(func.count()).where(OPEN, outbox.c.created_at <= NOW)


@cache
def _taking(*, beside: bool) -> Executable:
    """Lease the head of each channel that is free; `beside` some rows that are in flight."""
    other = outbox.alias("other")
    waits = exists().where(
        other.c.team == outbox.c.team,
        other.c.channel == outbox.c.channel,
        other.c.settled_at.is_(None),
        or_(
            other.c.id < outbox.c.id,
            and_(other.c.id > outbox.c.id, held(other)),
        ),
    )
    gone = exists().where(workspaces.c.team == outbox.c.team, workspaces.c.removed_at.is_not(None))
    heads = (
        select(outbox.c.id)
        .where(
            OPEN,
            outbox.c.not_before <= NOW,
            lapsed(outbox),
            *([outbox.c.id.not_in(bindparam("claim_busy", expanding=True))] if beside else []),
            ~waits,
            ~gone,
        )
        .order_by(outbox.c.not_before, outbox.c.id)
        .limit(MOST)
    )
    chosen = heads.with_for_update(skip_locked=True, of=outbox).cte("chosen")
    chosen = chosen.prefix_with("MATERIALIZED")
    return (
        update(outbox)
        .where(outbox.c.id == chosen.c.id)
        .values(
            state="sending",
            lease_token=TOKEN,
            lease_until=UNTIL,
            attempts=outbox.c.attempts + 1,
            first_try_at=func.coalesce(outbox.c.first_try_at, NOW),
        )
        .returning(outbox)
    )


class SqlOutbox:
    """`bot.ports.Outbox`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, outgoing: Outgoing, now: datetime) -> bool:
        """Insert unless the key exists."""
        return outgoing.key in await self.add_all([outgoing], now)

    async def add_all(self, outgoing: Sequence[Outgoing], now: datetime) -> set[str]:
        """The same for several."""
        rows = [queued(out, now) for out in outgoing]
        return await insert_new(self._connection, outbox, rows, outbox.c.key)

    async def claim(
        self, now: datetime, limit: int, lease: timedelta, busy: frozenset[OutboxId] = frozenset()
    ) -> list[ClaimedOutgoing]:
        """One statement: find the head of each channel, lease it, give it back.

        A row waits for every older one, and for a younger one in flight: on Postgres an older row
        may become visible later, as its transaction took longer.
        """
        values = claiming(now, limit, lease)
        statement = _taking(beside=bool(busy))
        if busy:
            values["claim_busy"] = sorted(busy)
        rows = await self._connection.execute(statement, values)
        return sorted(map(claimed, rows), key=lambda r: r.id)

    async def sent(self, row: ClaimedOutgoing, sent: Sent, now: datetime) -> bool:
        """Settle, and remember where the subject is shown. Of a picture only its name is kept."""
        if not await self._settle(
            row, state="sent", settled_at=now, error=None, **_without_data(row.outgoing.message)
        ):
            return False
        await self._remember(row.outgoing, sent)
        return True

    async def release(self, row: ClaimedOutgoing, not_before: datetime) -> bool:
        """Give back: certainly not sent, so the try does not count."""
        return await self._settle(
            row, state="pending", not_before=not_before, attempts=outbox.c.attempts - 1
        )

    async def dead(self, row: ClaimedOutgoing, error: str, now: datetime) -> bool:
        """Give up."""
        return await self._settle(row, state="dead", settled_at=now, error=error)

    async def turn(self, row: ClaimedOutgoing, into: Outgoing, now: datetime) -> bool:
        """The same row, to be sent as something else; earlier tries do not count."""
        return await self._settle(
            row,
            channel=into.channel,
            op=into.op.value,
            thread=into.thread,
            body=body(into.message),
            fallback=into.fallback,
            state="pending",
            not_before=now,
            attempts=0,
            first_try_at=None,
        )

    async def unknown(self, row: ClaimedOutgoing, now: datetime) -> bool:
        """Nobody can tell, and it must not be repeated."""
        return await self._settle(row, state="unknown", settled_at=now)

    async def undecided(self, keys: Sequence[str]) -> Outgoing | None:
        """By their keys."""
        asked = select(outbox).where(outbox.c.key.in_(keys)).order_by(outbox.c.id.desc())
        row = (await self._connection.execute(asked.limit(1))).first()
        return outgoing_of(row) if row and row.state == "unknown" else None

    async def where(self, team: TeamId, subject: str) -> Post | None:
        """The subject's message."""
        found = await self._connection.execute(
            select(posts).where(posts.c.team == team, posts.c.subject == subject)
        )
        row = found.first()
        return Post(row.subject, ChannelId(row.channel), row.ts, row.version) if row else None

    async def shown_at(
        self, team: TeamId, subjects: Sequence[str], channel: ChannelId, ts: str
    ) -> str | None:
        """Which of these subjects a message is."""
        here = (posts.c.team == team, posts.c.channel == channel, posts.c.ts == ts)
        asked = select(posts.c.subject).where(*here, posts.c.subject.in_(subjects))
        return (await self._connection.execute(asked)).scalar()

    async def forget(self, team: TeamId, subject: str) -> None:
        """The subject's message is gone, and with it the replies below it."""
        replies = select(outbox.c.subject).where(outbox.c.team == team, outbox.c.thread == subject)
        await self._connection.execute(
            delete(posts).where(
                posts.c.team == team,
                or_(posts.c.subject == subject, posts.c.subject.in_(replies)),
            )
        )

    async def is_open(self, team: TeamId, subject: str) -> bool:
        """Whether a post of this subject is on its way."""
        found = await self._connection.execute(
            select(outbox.c.id).where(
                outbox.c.team == team,
                outbox.c.subject == subject,
                outbox.c.op.in_([Op.POST.value, Op.UPLOAD.value]),
                OPEN,
            )
        )
        return found.first() is not None

    async def withdraw(self, team: TeamId, subject: str, op: Op = Op.POST) -> int:
        """Drop what was not sent; a row that is being sent, or may have arrived, stays."""
        dropped = await self._connection.execute(
            delete(outbox)
            .where(
                outbox.c.team == team,
                outbox.c.subject == subject,
                outbox.c.op == op.value,
                outbox.c.state == "pending",
                outbox.c.attempts == 0,
                OPEN,
            )
            .returning(outbox.c.id)
        )
        return len(dropped.all())

    async def drop_files(self, team: TeamId, thread: str, subjects: str) -> None:
        """Drop unsent uploads; of the others only that they were made is kept."""
        moved = outbox.c.thread.startswith(subjects, autoescape=True)
        below = or_(outbox.c.thread == thread, moved)
        theirs = outbox.c.subject.startswith(subjects, autoescape=True)
        uploads = (outbox.c.team == team, below, theirs, outbox.c.op == Op.UPLOAD.value)
        await self._connection.execute(
            delete(outbox).where(*uploads, outbox.c.state == "pending", OPEN)
        )
        bare = {**body(Message("")), "files": []}
        await self._connection.execute(update(outbox).where(*uploads).values(body=bare))

    async def supersede_updates(self, team: TeamId, subject: str, version: int) -> int:
        """Drop unsent older updates; one that is being sent stays, its version loses later."""
        dropped = await self._connection.execute(
            delete(outbox)
            .where(
                outbox.c.team == team,
                outbox.c.subject == subject,
                outbox.c.op == Op.UPDATE.value,
                outbox.c.state == "pending",
                OPEN,
                outbox.c.version < version,
            )
            .returning(outbox.c.id)
        )
        return len(dropped.all())

    async def undelivered(self, now: datetime, older_than: timedelta) -> int:
        """How many open rows have waited too long."""
        found = await self._connection.execute(_LATE, {"claim_now": now - older_than})
        return int(found.scalar_one())

    async def forget_edits(self, before: datetime) -> int:
        """Delete the oldest settled edits and deletions."""
        edits = outbox.c.op.in_([Op.UPDATE.value, Op.DELETE.value])
        return await forget_settled(self._connection, before, edits)

    async def forget_posts(self, team: TeamId, before: datetime) -> int:
        """Delete a workspace's oldest settled posts; where they stand in Slack stays known."""
        return await forget_settled(self._connection, before, outbox.c.team == team)

    async def _remember(self, out: Outgoing, sent: Sent) -> None:
        match out.op:
            case Op.POST | Op.UPLOAD:
                place = {
                    "team": out.team,
                    "subject": out.subject,
                    "channel": sent.channel,
                    "ts": sent.ts,
                    "version": out.version,
                }
                await upsert(self._connection, posts, place, posts.c.team, posts.c.subject)
            case Op.UPDATE:
                await self._connection.execute(
                    update(posts)
                    .where(
                        posts.c.team == out.team,
                        posts.c.subject == out.subject,
                        posts.c.version < out.version,
                    )
                    .values(version=out.version)
                )
            case Op.DELETE:
                await self.forget(out.team, out.subject)
            case _:
                assert_never(out.op)

    async def _settle(self, row: ClaimedOutgoing, **values: Any) -> bool:
        mine = (
            update(outbox)
            .where(
                outbox.c.id == row.id,
                outbox.c.lease_token == row.lease_token,
                outbox.c.state == "sending",
            )
            .values({**FREED, **values})
            .returning(outbox.c.id)
        )
        return (await self._connection.execute(mine)).first() is not None


def _without_data(message: Message) -> dict[str, Any]:
    """The body of a row that is settled, where it holds more than words."""
    if not any(file.data for file in message.files):
        return {}
    files = tuple(File(file.name, file.title, alt=file.alt) for file in message.files)
    return {"body": body(replace(message, files=files))}
