"""What people have set for themselves holds for the watch, save for what nobody may miss."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from bot.domain.gpu import GpuRun
from bot.domain.ids import UserId
from bot.domain.personal import Mute, Own
from bot.domain.schedule import QuietHours, WorkHours
from bot.domain.watch import Budget, BudgetScope, Watching
from bot.domain.workspace import Channel
from bot.services.gpu.budgets import budgets_row
from tests.services.watched import GRACE, OPS, Watch
from tests.storage.given import ADA, AT, LIN, ML_LAB, TEAM

MUTED = Own(mutes=frozenset({Mute.GPUS}))
EVENING = datetime(2026, 11, 23, 20, tzinfo=UTC)


async def sets(watch: Watch, own: Own, user: UserId = ADA) -> None:
    async with watch.store() as uow:
        await uow.people.settle(TEAM, user, own)
        await uow.commit()


async def test_who_has_muted_pings_gets_none_and_the_lead_hears_from_the_second(
    watch: Watch,
) -> None:
    await sets(watch, MUTED)
    run = await watch.burns(usd="0.69")
    await watch.goes_on(hours=3)
    assert watch.asked(ADA) == []
    assert watch.asked(LIN) == ["Mon 11:10"]
    assert (await watch.run(run)).pings == 2


@pytest.mark.parametrize("ops", [None, OPS])
async def test_where_all_have_muted_them_nobody_is_asked_and_nothing_is_stuck(
    watch: Watch, ops: str | None
) -> None:
    async with watch.store() as uow:
        await uow.watch.put(Watching(TEAM, ops=OPS if ops else None))
        await uow.commit()
    for user in (ADA, LIN, GRACE):
        await sets(watch, MUTED, user)
    run = await watch.burns(usd="0.69")
    await watch.goes_on(hours=5)
    assert watch.slack.said == []
    assert (await watch.run(run)).pings == 3


async def test_a_warning_before_a_stop_cannot_be_muted(watch: Watch) -> None:
    await sets(watch, MUTED)
    run = await watch.burns(usd="0.69")
    await watch.stops_in(run, hours=3)
    await watch.goes_on(hours=4)
    assert watch.asked(ADA) == ["Mon 11:30", "Mon 11:55"]


async def test_a_stop_that_failed_and_a_spent_budget_cannot_be_muted(watch: Watch) -> None:
    await sets(watch, MUTED)
    await sets(watch, MUTED, LIN)
    run = await watch.burns(usd="1")
    async with watch.store() as uow:
        await uow.watch.put_budget(Budget(TEAM, BudgetScope.CHANNEL, ML_LAB, Decimal(2)))
        await uow.due.add(budgets_row(TEAM, watch.clock.now()))
        await uow.commit()
    await watch.goes_on(hours=1, minutes=59)
    assert watch.slack.said == []
    await watch.goes_on(minutes=6)
    assert ":100" in watch.slack.said[0].subject
    assert {str(s.place) for s in watch.slack.said} == {str(ADA), str(LIN)}
    before = len(watch.asked(ADA))
    await not_stopped(watch, run)
    assert len(watch.asked(ADA)) == before + 1


async def not_stopped(watch: Watch, run: GpuRun) -> None:
    async with watch.store() as uow:
        known = await uow.gpus.by_id(TEAM, run.id)
        assert known is not None
        await watch.tell.not_stopped(uow, known, watch.clock.now())
        await uow.commit()
    await watch.slack.drain()


async def test_nights_are_ones_own(watch: Watch) -> None:
    await sets(watch, Own(usual=False, quiet=QuietHours(time(19), time(9))))
    watch.clock.at = EVENING
    await watch.burns(usd="0.69")
    await watch.goes_on(hours=14)
    assert watch.asked(ADA)[0] == "Tue 09:00"


async def test_who_wants_no_night_is_asked_at_any_hour_and_by_the_own_clock(watch: Watch) -> None:
    await sets(watch, Own(usual=False))
    await sets(watch, Own(tz="UTC"), LIN)
    watch.clock.at = EVENING + timedelta(hours=2)
    await watch.burns(usd="0.69")
    await watch.goes_on(hours=12)
    assert watch.asked(ADA)[:2] == ["Mon 22:10", "Tue 00:10"]
    assert watch.asked(LIN)[0] == "Tue 08:10", "not by the clock that Slack has"


async def test_a_projection_runs_to_the_working_morning_of_the_channel(watch: Watch) -> None:
    async with watch.store() as uow:
        hours = WorkHours(time(13, 30), time(22))
        await uow.channels.put(Channel(TEAM, ML_LAB, lead=LIN, tz="Asia/Tokyo", hours=hours))
        await uow.commit()
    run = await watch.burns(usd="0.69")
    async with watch.store(read_only=True) as uow:
        seen = await watch.keep.look(uow, run, AT)
        view = await watch.keep.view(uow, run, seen, "UTC", AT)
    assert view.projected_to == datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
