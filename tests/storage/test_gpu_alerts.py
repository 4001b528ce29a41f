"""Alerts about runs: what stands where, what counts, and whose turn it is."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.domain.alerts import Alert, AlertKind
from bot.domain.delivery import Op
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, GpuId
from storage.database import SqlStore
from tests.storage.given import ADA, AT, OTHER_TEAM, TEAM, claimed, keys, message, queued, seen
from tests.storage.gpus import run

HOME = ChannelId(ADA)
OPS = ChannelId("C9")


def alert(gpu: GpuRun, subject: str, **changes: object) -> Alert:
    plain = Alert(
        subject=subject,
        team=TEAM,
        gpu=gpu.id,
        generation=1,
        place=HOME,
        kind=AlertKind.PING,
        made_at=AT,
        day=AT.date(),
        counted=True,
        number=1,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names are checked by replace


async def kept(store: SqlStore, name: str = "pod_1") -> GpuRun:
    await seen(store)
    async with store() as uow:
        found = await uow.gpus.add(run(name=name))
        await uow.commit()
    return found


async def test_what_stands_in_a_place_is_of_all_runs_and_oldest_first(store: SqlStore) -> None:
    one, two = await kept(store), await kept(store, "pod_2")
    later = AT + timedelta(minutes=1)
    async with store() as uow:
        await uow.alerts.stand(alert(one, "b", made_at=later))
        await uow.alerts.stand(alert(two, "a"))
        await uow.alerts.stand(alert(two, "c", place=OPS))
        assert [a.subject for a in await uow.alerts.standing_at(TEAM, HOME)] == ["a", "b"]
        assert [a.subject for a in await uow.alerts.standing_at(OTHER_TEAM, HOME)] == []
        await uow.alerts.fell(["a"])
        assert [a.subject for a in await uow.alerts.standing_at(TEAM, HOME)] == ["b"]


async def test_what_was_never_sent_counts_for_no_day(store: SqlStore) -> None:
    one = await kept(store)
    async with store() as uow:
        await uow.alerts.stand(alert(one, "a"))
        await uow.alerts.stand(alert(one, "b"))
        await uow.alerts.stand(alert(one, "c", counted=False))
        assert await uow.alerts.counted(TEAM, HOME, AT.date()) == 2
        await uow.alerts.forget("b")
        assert await uow.alerts.counted(TEAM, HOME, AT.date()) == 1
        assert await uow.alerts.was_made(one.id, "a")
        assert not await uow.alerts.was_made(one.id, "b")
        assert not await uow.alerts.was_made(GpuId(99), "a")


async def test_a_prefix_is_no_pattern(store: SqlStore) -> None:
    one = await kept(store)
    async with store() as uow:
        await uow.alerts.stand(alert(one, "stop_warn:1:1:30"))
        assert await uow.alerts.was_made(one.id, "stop_warn:1:1:")
        assert not await uow.alerts.was_made(one.id, "stop%")
        assert not await uow.alerts.was_made(one.id, "stopAwarn")


async def test_what_is_held_never_stands_and_is_counted_by_run(store: SqlStore) -> None:
    one, two = await kept(store), await kept(store, "pod_2")
    async with store() as uow:
        for gpu, subject in ((one, "a"), (one, "b"), (two, "c")):
            await uow.alerts.stand(alert(gpu, subject, held=True, counted=False))
        assert await uow.alerts.standing(one.id) == []
        assert await uow.alerts.held(TEAM, HOME, AT.date(), GpuId(99)) == 2
        assert await uow.alerts.held(TEAM, HOME, AT.date(), one.id) == 1, "its own card says it"
        assert await uow.alerts.held(TEAM, HOME, AT.date() + timedelta(days=1), GpuId(99)) == 0
        assert await uow.alerts.counted(TEAM, HOME, AT.date()) == 0


async def test_the_last_that_fell_is_of_the_same_place_and_start(store: SqlStore) -> None:
    one = await kept(store)
    async with store() as uow:
        for n in range(3):
            await uow.alerts.stand(alert(one, f"a{n}", made_at=AT + timedelta(minutes=n)))
        await uow.alerts.stand(alert(one, "other", place=OPS, made_at=AT + timedelta(hours=1)))
        await uow.alerts.stand(alert(one, "older", generation=2, made_at=AT + timedelta(hours=2)))
        await uow.alerts.stand(alert(one, "held", held=True, made_at=AT + timedelta(hours=3)))
        assert await uow.alerts.last_fallen(alert(one, "now")) is None
        await uow.alerts.fell(["a0", "a1", "other", "older"])
        found = await uow.alerts.last_fallen(alert(one, "now"))
        assert found is not None
        assert found.subject == "a1"


async def test_a_deletion_that_was_not_sent_can_be_withdrawn(store: SqlStore) -> None:
    await seen(store)
    await queued(store, message("a", subject="r"), message("b", subject="r", op=Op.DELETE))
    async with store() as uow:
        assert await uow.outbox.withdraw(TEAM, "r", Op.DELETE) == 1
        await uow.commit()
    assert keys(await claimed(store)) == ["a"]


async def test_who_takes_a_run_has_it_until_the_transaction_ends(store: SqlStore) -> None:
    one = await kept(store)

    async def renamed() -> bool:
        async with store() as uow:
            known = await uow.gpus.taken(TEAM, one.id)
            assert known is not None
            saved = await uow.gpus.save(known.changed(AT, name=f"{known.name}+"))
            await uow.commit()
        return saved

    async with store() as uow:
        mine = await uow.gpus.taken(TEAM, one.id)
        assert mine is not None
        other = asyncio.create_task(renamed())
        await asyncio.sleep(0.2)
        assert await uow.gpus.save(mine.changed(AT, name="mine"))
        await uow.commit()
    assert await other
    async with store(read_only=True) as uow:
        found = await uow.gpus.by_id(TEAM, one.id)
        assert found is not None
        assert found.name == "mine+"
        assert await uow.gpus.by_ids(TEAM, [one.id, GpuId(99)]) == [found]
        assert await uow.gpus.by_ids(OTHER_TEAM, [one.id]) == []
        assert await uow.gpus.by_ids(TEAM, []) == []


async def test_who_counts_for_a_place_has_its_turn_until_the_transaction_ends(
    store: SqlStore,
) -> None:
    one = await kept(store)

    async def another() -> int:
        async with store() as uow:
            found = await uow.alerts.counted(TEAM, HOME, AT.date())
            await uow.commit()
        return found

    async with store() as uow:
        assert await uow.alerts.counted(TEAM, HOME, AT.date()) == 0
        other = asyncio.create_task(another())
        await asyncio.sleep(0.2)
        await uow.alerts.stand(alert(one, "a"))
        await uow.commit()
    assert await other == 1
