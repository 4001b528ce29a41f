"""What the storage tests start from: a workspace, people, cards, messages, occurrences."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.delivery import LEASE, ClaimedOutgoing, Due, DueKind, Message, Op, Outgoing, Sent
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import Draft, Experiment
from engine.decide import decide
from storage.database import SqlStore
from tests.engine.cards import DATA, card

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEAM, OTHER_TEAM = TeamId("T1"), TeamId("T2")
ML_LAB, RANDOM = ChannelId("C1"), ChannelId("C2")
ADA, LIN = UserId("U1"), UserId("U2")


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def draft(request: str = "V1", **changes: Any) -> Draft:
    plain = Draft(
        team=TEAM, channel=ML_LAB, owner=ADA, card=card(), submitted_by=ADA, request_id=request
    )
    return replace(plain, **changes)


def message(key: str, **changes: Any) -> Outgoing:
    plain = Outgoing(
        key=key, team=TEAM, channel=ML_LAB, op=Op.POST, subject=key, message=Message(f"text {key}")
    )
    return replace(plain, **changes)


def occurrence(key: str, **changes: Any) -> Due:
    plain = Due(
        key=key, kind=DueKind.NOT_STARTED, team=TEAM, subject=ExperimentId(1), due_at=AT, revision=1
    )
    return replace(plain, **changes)


def decided(x: Experiment, at: datetime) -> Experiment:
    return x.decided(decide(x.latest.card, DATA), at=at)


async def seen(store: SqlStore, team: TeamId = TEAM) -> None:
    async with store() as uow:
        await uow.workspaces.seen(team, "Lab", UserId("UBOT"), AT)
        await uow.commit()


async def added(store: SqlStore, request: str = "V1", **changes: Any) -> Experiment:
    async with store() as uow:
        x = await uow.plans.add(draft(request, **changes), AT)
        await uow.commit()
    return x


async def saved(store: SqlStore, x: Experiment, request: str | None = None) -> bool:
    async with store() as uow:
        won = await uow.plans.save(x, request_id=request)
        await uow.commit()
    return won


async def read(store: SqlStore, x: Experiment) -> Experiment:
    async with store(read_only=True) as uow:
        found = await uow.plans.by_id(x.team, x.id)
    assert found is not None
    return found


async def queued(store: SqlStore, *messages: Outgoing, at: datetime = AT) -> None:
    async with store() as uow:
        for m in messages:
            assert await uow.outbox.add(m, at)
        await uow.commit()


async def claimed(
    store: SqlStore, now: datetime = AT, limit: int = 20, lease: timedelta = LEASE
) -> list[ClaimedOutgoing]:
    async with store() as uow:
        rows = await uow.outbox.claim(now, limit, lease)
        await uow.commit()
    return rows


async def delivered(store: SqlStore, row: ClaimedOutgoing, ts: str, now: datetime = AT) -> bool:
    async with store() as uow:
        won = await uow.outbox.sent(row, Sent(row.outgoing.channel, ts), now)
        await uow.commit()
    return won


def keys(rows: list[ClaimedOutgoing]) -> list[str]:
    return [row.outgoing.key for row in rows]
