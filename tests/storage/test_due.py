"""Due rows: each occurrence once, in somebody's hands for as long as the lease."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.delivery import LEASE, ClaimedDue, DueKind
from bot.domain.gpu import RunState
from bot.domain.ids import ExperimentId
from storage.database import SqlStore
from tests.storage.given import AT, ML_LAB, OTHER_TEAM, TEAM, minutes, occurrence, seen
from tests.storage.gpus import run


async def planned(store: SqlStore, *keys: str, **changes: object) -> None:
    async with store() as uow:
        for key in keys:
            assert await uow.due.add(occurrence(key, **changes))
        await uow.commit()


async def claimed(store: SqlStore, now: object = AT, limit: int = 50) -> list[ClaimedDue]:
    async with store() as uow:
        rows = await uow.due.claim(now, limit, LEASE)  # type: ignore[arg-type]  # an instant
        await uow.commit()
    return rows


async def settled(store: SqlStore, row: ClaimedDue) -> bool:
    async with store() as uow:
        won = await uow.due.settle(row, AT)
        await uow.commit()
    return won


async def test_an_occurrence_comes_back_as_it_was(store: SqlStore) -> None:
    due = occurrence(
        "publish_plan:7:2", kind=DueKind.PUBLISH_PLAN, subject=ExperimentId(7), revision=2
    )
    async with store() as uow:
        assert await uow.due.add(due)
        assert not await uow.due.add(due)
        await uow.commit()
    [row] = await claimed(store)
    assert (row.due, row.attempts) == (due, 1)


async def test_the_same_occurrence_found_by_many_is_kept_once(store: SqlStore) -> None:
    async def add() -> bool:
        async with store() as uow:
            kept = await uow.due.add(occurrence("not_started:1"))
            await uow.commit()
        return kept

    kept = await asyncio.gather(*(add() for _ in range(8)))
    assert sorted(kept) == [False] * 7 + [True]
    assert len(await claimed(store)) == 1


async def test_rows_come_when_due_oldest_first(store: SqlStore) -> None:
    await planned(store, "late", due_at=AT + minutes(2))
    await planned(store, "early", due_at=AT + minutes(1))
    await planned(store, "tomorrow", due_at=AT + timedelta(days=1))
    assert not await claimed(store)
    assert [r.due.key for r in await claimed(store, AT + minutes(5), limit=1)] == ["early"]
    assert [r.due.key for r in await claimed(store, AT + minutes(5))] == ["late"]


async def test_three_workers_take_each_row_once(store: SqlStore) -> None:
    keys = [f"k{n}" for n in range(40)]
    await planned(store, *keys)
    taken: list[str] = []

    async def work() -> None:
        while rows := await claimed(store, limit=5):
            for row in rows:
                taken.append(row.due.key)
                assert await settled(store, row)

    await asyncio.gather(work(), work(), work())
    assert sorted(taken) == sorted(keys)


async def test_a_lost_lease_settles_nothing(store: SqlStore) -> None:
    await planned(store, "a")
    [late] = await claimed(store)
    assert not await claimed(store)
    [mine] = await claimed(store, AT + LEASE)
    assert mine.attempts == 2
    assert mine.lease_token != late.lease_token
    async with store() as uow:
        assert not await uow.due.settle(late, AT)
        assert not await uow.due.defer(late, AT)
    assert await settled(store, mine)
    assert not await settled(store, mine)
    assert not await claimed(store, AT + minutes(60))


async def test_a_deferred_row_is_free_when_it_is_due_again_and_remembers_its_tries(
    store: SqlStore,
) -> None:
    await planned(store, "a")
    [row] = await claimed(store)
    async with store() as uow:
        assert await uow.due.defer(row, AT + minutes(10))
        await uow.commit()
    assert not await claimed(store, AT + minutes(9))
    [again] = await claimed(store, AT + minutes(10))
    assert (again.attempts, again.due.due_at) == (2, AT + minutes(10))


async def test_a_row_can_be_taken_by_key_if_due_and_free(store: SqlStore) -> None:
    await planned(store, "now", "held")
    await planned(store, "later", due_at=AT + minutes(1))
    async with store() as uow:
        assert await uow.due.claim_key("held", AT, LEASE)
        await uow.commit()
    async with store() as uow:
        assert await uow.due.claim_key("held", AT, LEASE) is None
        assert await uow.due.claim_key("later", AT, LEASE) is None
        assert await uow.due.claim_key("unheard of", AT, LEASE) is None
        row = await uow.due.claim_key("now", AT, LEASE)
    assert row is not None
    assert row.due.key == "now"


async def test_a_lease_from_before_the_clock_was_set_back_is_stale(store: SqlStore) -> None:
    await planned(store, "a")
    assert await claimed(store, AT + timedelta(hours=2))
    assert len(await claimed(store, AT)) == 1


async def test_a_removed_workspaces_rows_end_and_are_never_claimed(store: SqlStore) -> None:
    await seen(store)
    await planned(store, "held", "waiting")
    await planned(store, "theirs", team=OTHER_TEAM)
    [held] = await claimed(store, limit=1)
    async with store() as uow:
        await uow.workspaces.remove(TEAM, AT)
        await uow.due.add(occurrence("too late"))
        await uow.commit()
    assert not await settled(store, held)
    assert [r.due.key for r in await claimed(store, AT + minutes(60))] == ["theirs"]
    await seen(store)
    assert [r.due.key for r in await claimed(store, AT + minutes(60))] == ["too late"]


async def test_what_should_long_be_done_is_counted_until_it_is(store: SqlStore) -> None:
    await seen(store)
    await planned(store, "a", "b")
    await planned(store, "theirs", team=OTHER_TEAM)
    await planned(store, "later", due_at=AT + minutes(60))
    [row] = await claimed(store, limit=1)
    assert await overdue(store, AT + minutes(4)) == 0
    assert await overdue(store, AT + minutes(5)) == 3
    assert await settled(store, row)
    async with store() as uow:
        await uow.workspaces.remove(TEAM, AT)
        await uow.due.add(occurrence("too late"))
        await uow.commit()
    assert await overdue(store, AT + minutes(5)) == 1


async def overdue(store: SqlStore, now: datetime) -> int:
    async with store(read_only=True) as uow:
        return await uow.due.overdue(now, minutes(5))


async def test_rows_are_settled_together_unless_one_is_somebody_elses(store: SqlStore) -> None:
    await seen(store)
    async with store() as uow:
        for name in ("a", "b"):
            await uow.due.add(occurrence(name))
        rows = [row for _ in "ab" for row in await uow.due.claim(AT, 1, LEASE)]
        await uow.commit()
    async with store() as uow:
        assert not await uow.due.settle_all([rows[0], replace(rows[1], lease_token="other")], AT)
    async with store() as uow:
        assert await uow.due.settle_all(rows, AT)
        await uow.commit()
    async with store() as uow:
        assert not await uow.due.settle_all(rows, AT)


async def test_of_what_was_done_long_ago_only_what_never_comes_again_is_forgotten(
    store: SqlStore,
) -> None:
    await seen(store)
    async with store() as uow:
        burns = await uow.gpus.add(run("pod_1"))
        over = await uow.gpus.add(replace(run("pod_2"), state=RunState.ENDED))
        await uow.commit()
    gone = {
        "ping": (DueKind.PING_GPU, burns.id),
        "reminder": (DueKind.REMIND_EVIDENCE, None),
        "warning of what is over": (DueKind.WARN_STOP, over.id),
        "time of what is over": (DueKind.STOP_TIME, over.id),
    }
    kept = {
        "warning": (DueKind.WARN_STOP, burns.id),
        "time": (DueKind.STOP_TIME, burns.id),
        "not started": (DueKind.NOT_STARTED, over.id),
        "end": (DueKind.END_GPU, over.id),
    }
    for key, (kind, subject) in (gone | kept).items():
        await planned(store, key, kind=kind, subject=subject)
    for row in await claimed(store):
        assert await settled(store, row)
    await planned(store, "open ping", kind=DueKind.PING_GPU, subject=burns.id)
    async with store() as uow:
        assert await uow.due.forget_done(AT) == 0, "not as old as that"
        assert await uow.due.forget_done(AT + minutes(1)) == len(gone)
        again = {key for key in gone | kept if await uow.due.add(occurrence(key))}
    assert again == set(gone)
    assert [row.due.key for row in await claimed(store)] == ["open ping"]


async def test_channels_rows_of_some_kinds_come_without_the_others(store: SqlStore) -> None:
    weekly, remind, plan = DueKind.WEEKLY_DIGEST, DueKind.REMIND_EVIDENCE, DueKind.PUBLISH_PLAN
    await planned(store, "late", due_at=AT - minutes(2), kind=weekly, channel=ML_LAB)
    await planned(store, "other", due_at=AT - minutes(3), kind=plan, channel=ML_LAB)
    await planned(store, "early", due_at=AT - minutes(5), kind=remind, channel=ML_LAB)
    await planned(store, "coming", due_at=AT + minutes(5), kind=weekly, channel=ML_LAB)
    await planned(store, "whole", due_at=AT - minutes(1), kind=weekly)
    kinds = {weekly, remind}
    async with store() as uow:
        taken = [await uow.due.claim_of(kinds, AT, most, LEASE) for most in (1, 9, 9)]
        await uow.commit()
    assert [[r.due.key for r in rows] for rows in taken] == [["early"], ["late"], []]
    assert [r.due.key for r in await claimed(store)] == ["other", "whole"]
