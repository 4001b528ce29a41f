"""GPU runs, cost intervals, accepted stops and alerts, on both stores."""

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, update

from bot.domain.alerts import Alert, AlertKind
from bot.domain.costs import Accrual, spent
from bot.domain.delivery import LEASE
from bot.domain.ending import EndOp, OpState
from bot.domain.fleet import Billing, Ending, PriceSource, Problem, Provider, Scope
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import ChannelId, GpuId, UserId
from bot.domain.watch import Account, Budget, BudgetScope, Watching, mark_key
from bot.domain.workspace import Actor
from bot.errors import AlreadyStopping
from bot.services.gpu.carrying import CarryOutEnd
from bot.services.gpu.ending import EndGpu
from bot.services.gpu.telling import TellRun
from bot.services.gpu.watch import KeepWatch
from bot.services.people import KnowPerson, Rights
from storage.database import SqlStore
from storage.gpu_tables import gpu_runs
from tests.storage.given import AT, OTHER_TEAM, TEAM, seen
from tests.storage.gpus import CountingFleet, admin, machine, run

HOUR = timedelta(hours=1)
ROUNDS = 50


class Standing:
    """A clock that stands still."""

    def now(self) -> datetime:
        return AT

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        del seconds


class Nobody:
    """A directory that is not asked: everybody is known already."""

    async def person(self, *_args: object, **_more: object) -> None:
        raise AssertionError("Slack was asked")

    async def admins(self, *_args: object) -> tuple[()]:
        raise AssertionError("Slack was asked")


async def kept(store: SqlStore, wanted: GpuRun) -> GpuRun:
    async with store() as uow:
        found = await uow.gpus.add(wanted)
        await uow.commit()
    return found


async def test_a_machine_is_one_run_however_often_it_is_found(store: SqlStore) -> None:
    await seen(store)
    first = await kept(store, run())
    again = await kept(store, run(name="pod_1", gpu="another"))
    assert again == first
    async with store(read_only=True) as uow:
        assert await uow.gpus.by_id(OTHER_TEAM, first.id) is None
        assert await uow.gpus.by_machine(TEAM, machine()) == first
        assert list(await uow.gpus.watched(TEAM)) == [first]
        assert list(await uow.gpus.of_account(TEAM, Provider.RUNPOD, "other")) == []


async def test_only_one_of_two_writers_wins(store: SqlStore) -> None:
    await seen(store)
    first = await kept(store, run())
    async with store() as uow:
        assert await uow.gpus.save(first.changed(AT, name="a"))
        assert not await uow.gpus.save(first.changed(AT, name="b"))
        await uow.commit()
    async with store(read_only=True) as uow:
        found = await uow.gpus.by_id(TEAM, first.id)
    assert found is not None
    assert found.name == "a"


async def test_what_has_ended_is_watched_no_more(store: SqlStore) -> None:
    await seen(store)
    first = await kept(store, run())
    async with store() as uow:
        await uow.gpus.save(first.changed(AT, state=RunState.ENDED))
        await uow.commit()
    async with store(read_only=True) as uow:
        assert list(await uow.gpus.watched(TEAM)) == []
        assert await uow.gpus.by_machine(TEAM, machine()) is not None


async def test_what_somebodys_runs_cost_is_found_by_their_owner(store: SqlStore) -> None:
    await seen(store)
    runs = [await kept(store, run(who, owner=UserId(who))) for who in ("U1", "U2")]
    await kept(store, run("nobody's"))
    async with store() as uow:
        for found in runs:
            price = Decimal("0.69")
            of = Accrual(found.id, 1, Billing.COMPUTE, price, PriceSource.INSTANCE, AT - HOUR, AT)
            await uow.accruals.put(TEAM, [of])
        await uow.commit()
    async with store(read_only=True) as uow:
        [mine] = await uow.accruals.of_owner(TEAM, UserId("U1"), AT - HOUR)
        for team, who, start in (
            (OTHER_TEAM, "U1", AT - HOUR),
            (TEAM, "U", AT - HOUR),
            (TEAM, "U%", AT - HOUR),
            (TEAM, "U1", AT),
        ):
            assert not await uow.accruals.of_owner(team, UserId(who), start)
    assert mine.run == runs[0].id


async def test_intervals_end_once_and_money_is_exact(store: SqlStore) -> None:
    await seen(store)
    first = await kept(store, run())
    price = Decimal("0.690001")
    began = Accrual(first.id, 1, Billing.COMPUTE, price, PriceSource.INSTANCE, AT - HOUR)
    async with store() as uow:
        await uow.accruals.put(TEAM, [began])
        await uow.accruals.put(TEAM, [replace(began, until=AT)])
        await uow.commit()
    async with store(read_only=True) as uow:
        (found,) = await uow.accruals.of([first.id])
        assert list(await uow.accruals.since(TEAM, AT)) == []
        assert list(await uow.accruals.since(OTHER_TEAM, AT - HOUR)) == []
    assert found.until == AT
    assert spent([found], AT + HOUR).known == price


async def test_a_stop_is_accepted_once_and_written_by_one(store: SqlStore) -> None:
    await seen(store)
    first = await kept(store, run())
    op = EndOp("stop:1:1", TEAM, first.id, 1, Ending.STOP, StopReason.PERSON, AT)
    async with store() as uow:
        assert await uow.ends.add(op)
        assert not await uow.ends.add(op)
        saved = await uow.ends.save(replace(op, state=OpState.PROVEN))
        assert saved is not None
        assert await uow.ends.save(op) is None
        assert await uow.ends.by_key(op.key) == saved
        await uow.commit()


async def test_a_run_of_an_earlier_version_loads_without_what_is_gone(store: SqlStore) -> None:
    await seen(store)
    first = await kept(store, run())
    async with store.engine.begin() as connection:
        text = (await connection.execute(select(gpu_runs.c.run))).scalar_one()
        old = json.dumps(json.loads(text) | {"cap": "20", "cap_stops": True})
        await connection.execute(update(gpu_runs).values(run=old))
    async with store(read_only=True) as uow:
        assert await uow.gpus.by_id(TEAM, first.id) == first


async def test_alerts_stand_until_they_fall_and_count_for_their_day(store: SqlStore) -> None:
    await seen(store)
    first = await kept(store, run())
    place, day = ChannelId("U1"), date(2026, 11, 23)
    alert = Alert("s1", TEAM, first.id, 1, place, AlertKind.PING, AT, day, counted=True)
    async with store() as uow:
        await uow.alerts.stand(alert)
        await uow.alerts.stand(replace(alert, subject="s2", counted=False))
        assert [a.subject for a in await uow.alerts.standing(first.id)] == ["s1", "s2"]
        await uow.alerts.fell(["s1"])
        assert [a.subject for a in await uow.alerts.standing(first.id)] == ["s2"]
        assert await uow.alerts.counted(TEAM, place, day) == 1
        assert await uow.alerts.counted(TEAM, place, day + timedelta(days=1)) == 0
        await uow.commit()


async def test_settings_accounts_and_budgets_come_back_as_they_were_put(store: SqlStore) -> None:
    await seen(store)
    watching = Watching(TEAM, hold=True, held_by=UserId("U1"), held_at=AT, ops=ChannelId("C9"))
    account = Account(TEAM, Scope(Provider.AWS, "1", "eu-west-1"), Problem.AUTH, AT, 3)
    budget = Budget(TEAM, BudgetScope.CHANNEL, "C1", Decimal("250.50"), stops=True)
    async with store() as uow:
        await uow.watch.put(watching)
        await uow.watch.put_account(account)
        await uow.watch.put_budget(budget)
        assert await uow.watch.settings(TEAM) == watching
        assert await uow.watch.account(TEAM, account.scope) == account
        assert list(await uow.watch.accounts(TEAM)) == [account]
        assert list(await uow.watch.budgets(TEAM)) == [budget]
        of = uow.watch.budgets_of
        assert list(await of(TEAM, budget.scope, ["x", budget.subject])) == [budget]
        assert list(await of(TEAM, BudgetScope.WORKSPACE, [budget.subject])) == []
        assert list(await of(TEAM, budget.scope, ["x"])) == []
        assert await uow.watch.mark(budget, "2026-11", 50, AT)
        assert not await uow.watch.mark(budget, "2026-11", 50, AT)
        marks = [mark_key(budget, "2026-11", mark) for mark in (50, 80)]
        assert await uow.watch.told(marks) == {marks[0]}
        assert await uow.watch.told([]) == set()
        await uow.watch.put_budget(replace(budget, cap=Decimal(0)))
        assert list(await uow.watch.budgets(TEAM)) == []
        await uow.commit()


async def test_fifty_times_two_people_press_stop_at_once(store: SqlStore) -> None:
    await seen(store)
    fleet, clock = CountingFleet(), Standing()
    people = [UserId("UA"), UserId("UB")]
    async with store() as uow:
        for user in people:
            await uow.people.put(admin(user))
        await uow.commit()
    know = KnowPerson(store=store, directory=Nobody(), clock=clock)
    keep = KeepWatch()
    tell = TellRun(keep=keep)
    rights = Rights(store=store, know=know)
    end = EndGpu(store=store, clock=clock, rights=rights, keep=keep, tell=tell)
    carry = CarryOutEnd(store=store, clock=clock, fleets=[fleet], keep=keep, tell=tell)
    for n in range(ROUNDS):
        found = await kept(store, run(f"pod_{n}"))
        pressed = [_press(end, user, found) for user in people]
        assert sorted(await asyncio.gather(*pressed)) == [False, True], n
        for _ in range(2):
            await _work(store, carry, found.id)
    assert sorted(fleet.stopped) == sorted(f"pod_{n}" for n in range(ROUNDS))


async def _press(end: EndGpu, user: UserId, found: GpuRun) -> bool:
    """Whether this one was first; the other is told so."""
    try:
        await end(Actor(TEAM, user, TEAM), found.id, 1, Ending.STOP, f"{user}:{found.id}")
    except AlreadyStopping:
        return False
    return True


async def _work(store: SqlStore, carry: CarryOutEnd, gpu: GpuId) -> None:
    key = f"end:stop:{gpu}:1:0"
    async with store() as uow:
        row = await uow.due.claim_key(key, AT + timedelta(minutes=1), LEASE)
        await uow.commit()
    if row is not None:
        await carry(row)
