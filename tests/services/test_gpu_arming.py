"""Rows that must exist, exist: whatever was lost, and whoever is first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from bot.domain.fleet import Ending, Problem, Provider, Scope
from bot.domain.gpu_parts import Deadline, DeadlineKind, StopReason
from bot.domain.ids import TeamId
from bot.domain.watch import Account
from bot.ports import Fleet
from bot.services.gpu import arming
from bot.services.gpu.arming import ArmGpus
from storage.database import SqlStore
from storage.tables import due
from tests.services.watched import Watch
from tests.storage.given import ADA, TEAM

HOUR = timedelta(hours=1)


@dataclass
class HalfAFleet:
    """A fleet as far as its beat goes."""

    provider: Provider = Provider.RUNPOD
    account: str = "acc"


@dataclass
class Whose:
    """Slack has told us who we are, or not yet."""

    team: TeamId | None = TEAM

    def __call__(self) -> TeamId | None:
        return self.team


def arms(watch: Watch, whose: Whose | None = None) -> ArmGpus:
    fleets: Sequence[Fleet] = [HalfAFleet()]  # type: ignore[list-item]  # half a fleet is enough
    return ArmGpus(
        store=watch.store, clock=watch.clock, keep=watch.keep, fleets=fleets, team=whose or Whose()
    )


async def waiting(watch: Watch) -> list[str]:
    async with watch.store.engine.connect() as connection:
        asked = select(due.c.key).where(due.c.done_at.is_(None)).order_by(due.c.key)
        return list((await connection.execute(asked)).scalars())


async def lost(watch: Watch) -> None:
    """All rows that wait for runs are gone."""
    async with watch.store.engine.begin() as connection:
        await connection.execute(delete(due).where(due.c.subject.is_not(None)))


async def test_the_beats_exist_once_and_for_ever(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    arm = arms(watch)
    assert await arm()
    beats = ["budgets:T1", "fleet_poll:runpod:acc", "know_admins:T1"]
    assert await waiting(watch) == beats
    watch.clock.at += HOUR
    assert await arm()
    assert await arms(watch)(), "another replica"
    assert await waiting(watch) == beats


async def test_before_slack_has_told_us_who_we_are_nothing_is_armed(watch: Watch) -> None:
    whose = Whose(None)
    arm = arms(watch, whose)
    assert await arm()
    assert await waiting(watch) == []
    whose.team = TEAM
    assert await arm()
    assert "fleet_poll:runpod:acc" in await waiting(watch)


async def test_a_run_whose_row_was_lost_is_pinged_all_the_same(watch: Watch) -> None:
    await watch.burns(usd="0.69")
    await lost(watch)
    await watch.goes_on(hours=1)
    assert watch.asked(ADA) == []
    assert await arms(watch)()
    await watch.tick()
    assert watch.asked(ADA) == ["Mon 10:00"]


async def test_a_guard_that_fell_silent_leaves_a_run_that_nothing_ends(watch: Watch) -> None:
    now = watch.clock.at
    passed = Deadline(now + HOUR / 3, DeadlineKind.GUARD, now - 5 * HOUR)
    run = await watch.burns(usd="0.69", deadline=passed, guard_seen=now, plan_version=1)
    await lost(watch)
    watch.clock.at += HOUR
    assert (await watch.run(run)).planless_since is None
    assert await arms(watch)()
    assert (await watch.run(run)).planless_since == passed.at
    await watch.tick()
    assert watch.asked(ADA) == ["Mon 10:00"]


async def test_an_accepted_stop_is_seen_through_whatever_became_of_its_row(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    async with watch.store() as uow:
        await watch.end.intend(uow, run, Ending.STOP, StopReason.DEADLINE, watch.clock.at)
        await uow.commit()
    await lost(watch)
    assert await arms(watch)()
    assert f"end:stop:{run.id}:1:0" in await waiting(watch)


async def test_what_waits_already_and_what_is_unknown_is_left_alone(watch: Watch) -> None:
    await watch.burns("one", usd="0.69")
    two = await watch.burns("two", usd="0.69")
    await watch.changed(two, lambda r: r.not_ours(at=watch.clock.at))
    before = await waiting(watch)
    assert await arms(watch)()
    assert [k for k in await waiting(watch) if k.startswith("gpu_")] == [
        k for k in before if k.startswith("gpu_")
    ]
    await lost(watch)
    scope = Scope(two.machine.provider, two.machine.account)
    async with watch.store() as uow:
        await uow.watch.put_account(Account(TEAM, scope, Problem.AUTH, watch.clock.at, 1))
        await uow.commit()
    assert await arms(watch)()
    assert [k for k in await waiting(watch) if k.startswith("gpu_")] == []


async def test_more_runs_than_one_look_reads_are_all_armed(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        await watch.burns(f"ow-{n}", usd="0.69")
    await lost(watch)
    monkeypatch.setattr(arming, "BATCH", 3)
    assert await arms(watch)()
    assert len([k for k in await waiting(watch) if k.startswith("gpu_ping")]) == 7


async def test_it_looks_every_five_minutes(watch: Watch) -> None:
    arm = arms(watch)
    assert await arm()
    await watch.burns(usd="0.69")
    await lost(watch)
    assert await arm()
    assert [k for k in await waiting(watch) if k.startswith("gpu_")] == []
    watch.clock.at += timedelta(minutes=5)
    assert await arm()
    assert len([k for k in await waiting(watch) if k.startswith("gpu_")]) == 1
