"""Budgets: told at 50, 80 and 100 per cent, once per period, to whom each is for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.alerts import AlertKind
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import UserId
from bot.domain.plans import Experiment
from bot.domain.watch import Budget, BudgetScope, Watching
from bot.domain.workspace import Channel
from bot.services.gpu.budgets import budgets_row
from storage.database import SqlStore
from tests.engine.cards import card
from tests.services.watched import GRACE, OPS, Watch
from tests.storage.given import ADA, AT, LIN, ML_LAB, RANDOM, TEAM, added

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)
"""Eleven in Shanghai."""


async def capped(
    watch: Watch, scope: BudgetScope, subject: str, usd: str, *, stops: bool = False
) -> Budget:
    budget = Budget(TEAM, scope, subject, Decimal(usd), stops, LIN)
    async with watch.store() as uow:
        await uow.watch.put_budget(budget)
        await uow.due.add(budgets_row(TEAM, watch.clock.now()))
        await uow.commit()
    return budget


async def told_marks(watch: Watch, run: GpuRun) -> list[int]:
    """The marks on the run's cards, newest state."""
    async with watch.store(read_only=True) as uow:
        standing = await uow.alerts.standing(run.id)
    return [a.number for a in standing if a.kind is AlertKind.BUDGET]


def about_budgets(watch: Watch, user: str, zone: str = "UTC") -> list[tuple[str, str]]:
    """When somebody was told of a budget, and of which mark."""
    found = [s for s in watch.slack.said if s.place == user and "gpu_budget" in s.subject]
    return [(s.by_the_clock_of(zone), _mark(s.subject)) for s in found]


def _mark(subject: str) -> str:
    return next(p for p in subject.split(":")[::-1] if p in ("50", "80", "100"))


async def planned(watch: Watch, **changes: Any) -> Experiment:
    return await added(watch.store, card=card(**changes))


async def test_a_channels_month_is_told_to_its_lead(both: SqlStore) -> None:
    watch = Watch(both)
    watch.clock.at = NOON
    await watch.opened()
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "10")
    await watch.burns(usd="1")
    await watch.burns("box", usd="1", channel=RANDOM)
    await watch.goes_on(hours=10, minutes=5)
    assert about_budgets(watch, LIN, SHANGHAI) == [
        ("Mon 16:00", "50"), ("Mon 19:00", "80"), ("Mon 21:00", "100"),
    ]  # fmt: skip
    letters = [s for s in watch.slack.at(LIN) if "gpu_budget" in s.subject]
    assert len(letters) == 1, "the older ones went"


async def test_of_a_lead_who_has_left_the_admins_hear(watch: Watch) -> None:
    async with watch.store() as uow:
        lin = await uow.people.get(TEAM, LIN)
        assert lin is not None
        await uow.people.put(replace(lin, deleted=True))
        await uow.commit()
    watch.clock.at = AT + timedelta(hours=6)
    await watch.burns(usd="1")
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "2")
    await watch.goes_on(hours=1, minutes=5)
    assert about_budgets(watch, LIN) == []
    assert about_budgets(watch, GRACE, NEW_YORK) == [("Mon 11:00", "50")]


async def test_at_a_hundred_per_cent_every_owner_is_told_beyond_the_four(watch: Watch) -> None:
    for n in range(5):
        await watch.burns(f"ow-{n}-ada", usd="1")
    await capped(watch, BudgetScope.WORKSPACE, "", "20")
    await watch.goes_on(hours=4, minutes=5)
    assert about_budgets(watch, ADA) == [("Mon 13:00", "100")] * 5
    await watch.goes_on(hours=2)
    assert len(about_budgets(watch, ADA)) == 5, "once"


async def test_what_starts_when_nothing_is_left_is_told_too(watch: Watch) -> None:
    await watch.burns(usd="4")
    await capped(watch, BudgetScope.WORKSPACE, "", "8")
    await watch.goes_on(hours=2, minutes=5)
    assert len(about_budgets(watch, ADA)) == 1
    await watch.burns("ow-2-ada", usd="1")
    await watch.goes_on(minutes=6)
    assert len(about_budgets(watch, ADA)) == 2


async def test_a_spent_budget_ends_a_snooze(watch: Watch) -> None:
    run = await watch.burns(usd="4")
    await capped(watch, BudgetScope.WORKSPACE, "", "8")
    until = watch.clock.at + timedelta(hours=20)
    await watch.changed(run, lambda r: r.snoozed(until, at=watch.clock.at))
    await watch.goes_on(hours=2, minutes=5)
    after = await watch.run(run)
    assert after.snoozed_until is None
    assert watch.asked(ADA) == ["Mon 11:00"], "the budget, which is a ping itself"
    await watch.goes_on(hours=3)
    assert watch.asked(ADA) == ["Mon 11:00", "Mon 13:10"]


async def test_where_its_owner_chose_so_it_is_stopped_once(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    run = await watch.burns(usd="4")
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "8", stops=True)
    await watch.goes_on(hours=3)
    after = await watch.run(run)
    assert after.state is RunState.STOPPING
    assert after.stopping is not None
    assert (after.stopping.why, after.stopping.by) == (StopReason.BUDGET, None)
    assert watch.passed.count(f"end:stop:{run.id}:1:0") == 1
    assert about_budgets(watch, ADA) == [("Mon 11:00", "100")]


async def test_what_owroute_cannot_stop_is_told_and_goes_on(watch: Watch) -> None:
    run = await watch.burns(usd="4", endings=frozenset())
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "8", stops=True)
    await watch.goes_on(hours=3)
    assert (await watch.run(run)).state is RunState.RUNNING
    assert about_budgets(watch, ADA) == [("Mon 11:00", "100")]


async def test_an_experiments_budget_is_told_on_the_card_of_its_run(watch: Watch) -> None:
    x = await planned(watch)
    run = await watch.burns(usd="1", experiment=x.id)
    await capped(watch, BudgetScope.EXPERIMENT, str(x.id), "4")
    await watch.goes_on(hours=2, minutes=1)
    assert await told_marks(watch, run) == [50]
    await watch.goes_on(hours=2, minutes=4)
    assert about_budgets(watch, ADA) == [("Mon 11:00", "50"), ("Mon 12:15", "80"),
                                         ("Mon 13:00", "100")]  # fmt: skip


async def test_what_the_plan_allows_for_a_month_is_a_budget(watch: Watch) -> None:
    x = await planned(watch, max_monthly=Decimal(6))
    await watch.burns(usd="1", experiment=x.id)
    async with watch.store() as uow:
        await uow.due.add(budgets_row(TEAM, watch.clock.now()))
        await uow.commit()
    await watch.goes_on(hours=3, minutes=5)
    assert about_budgets(watch, ADA) == [("Mon 12:00", "50")]


@pytest.mark.parametrize("stops", [True, False])
async def test_an_experiments_cap_counts_all_its_starts(watch: Watch, *, stops: bool) -> None:
    x = await planned(watch)
    run = await watch.burns(usd="1", experiment=x.id)
    await capped(watch, BudgetScope.EXPERIMENT, str(x.id), "2", stops=stops)
    await watch.goes_on(hours=2, minutes=5)
    assert [mark for _, mark in about_budgets(watch, ADA)] == ["50", "80", "100"]
    assert (await watch.run(run)).state is (RunState.STOPPING if stops else RunState.RUNNING)


async def test_a_night_holds_back_all_but_that_it_is_spent(watch: Watch) -> None:
    watch.clock.at = datetime(2026, 11, 23, 21, tzinfo=UTC)
    x = await planned(watch)
    await watch.burns(usd="1", experiment=x.id)
    await capped(watch, BudgetScope.EXPERIMENT, str(x.id), "9")
    await watch.goes_on(hours=12)
    assert about_budgets(watch, ADA) == [("Tue 06:00", "100")]


async def test_a_higher_cap_and_another_month_have_marks_of_their_own(watch: Watch) -> None:
    watch.clock.at = NOON
    await watch.burns(usd="1")
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "4")
    await watch.goes_on(hours=5)
    assert [m for _, m in about_budgets(watch, LIN)] == ["50", "80", "100"]
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "8")
    await watch.goes_on(hours=1)
    assert [m for _, m in about_budgets(watch, LIN)][3:] == ["50"]
    watch.clock.at = datetime(2026, 12, 1, 2, tzinfo=UTC)
    await watch.goes_on(hours=3)
    assert [m for _, m in about_budgets(watch, LIN)][-1] == "50"


async def test_the_month_is_the_channels_own(watch: Watch) -> None:
    async with watch.store() as uow:
        await uow.channels.put(Channel(TEAM, ML_LAB, lead=LIN, tz=SHANGHAI))
        await uow.watch.put(Watching(TEAM, ops=OPS))
        await uow.commit()
    watch.clock.at = datetime(2026, 11, 30, 14, tzinfo=UTC)  # 22:00 in Shanghai
    await watch.burns(usd="1")
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "8")
    await watch.goes_on(hours=11)
    assert about_budgets(watch, LIN, SHANGHAI) == [("Tue 08:00", "100")], "since midnight there"


async def test_not_ours_counts_for_nothing_and_merged_runs_count_once(watch: Watch) -> None:
    other = await watch.burns("box", usd="9")
    await watch.changed(other, lambda r: r.not_ours(at=watch.clock.at))
    one = await watch.burns(usd="1")
    twin = await watch.burns("ow-1-ada-run", usd="1")
    await watch.changed(
        twin, lambda r: replace(r.changed(watch.clock.at), merged_into=one.id, state=RunState.ENDED)
    )
    await capped(watch, BudgetScope.WORKSPACE, "", "20")
    await watch.goes_on(hours=8)
    assert about_budgets(watch, GRACE) == []


async def test_a_run_without_a_price_is_told_to_the_admins_once_and_counts_for_nothing(
    watch: Watch,
) -> None:
    watch.clock.at = AT + timedelta(hours=6)
    run = await watch.burns("box", usd=None)
    await capped(watch, BudgetScope.WORKSPACE, "", "1")
    await watch.goes_on(hours=4)
    said = [s for s in watch.slack.said if s.subject.startswith("unpriced:")]
    assert [(s.place, s.by_the_clock_of(NEW_YORK)) for s in said] == [(str(GRACE), "Mon 10:00")]
    assert "box" in said[0].text
    assert about_budgets(watch, GRACE) == []
    assert (await watch.run(run)).state is RunState.RUNNING


async def test_two_looks_at_once_tell_once(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    await watch.burns(usd="4")
    await capped(watch, BudgetScope.WORKSPACE, "", "8")
    watch.clock.at += timedelta(hours=7)
    async with both() as uow:
        row = await uow.due.claim_key(f"budgets:{TEAM}", watch.clock.now(), timedelta(seconds=30))
        await uow.commit()
    assert row is not None
    look = watch.work[row.due.kind]
    await look(row)
    await look(row)
    await watch.tick()
    assert [m for _, m in about_budgets(watch, UserId(GRACE))] == ["100"]
    assert len(about_budgets(watch, ADA)) == 1
