"""Warnings before a stop: 30 and 5 minutes ahead, whatever the hour, and never for an old time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.delivery import LEASE
from bot.domain.fleet import Grade, PlanReading
from bot.domain.gpu import GpuRun
from bot.domain.ids import UserId
from bot.domain.watch import Watching
from bot.domain.workspace import Channel
from storage.database import SqlStore
from tests.services.watched import GRACE, Watch
from tests.storage.given import ADA, LIN, ML_LAB, TEAM

MINUTE = timedelta(minutes=1)
NIGHT = datetime(2026, 11, 23, 23, tzinfo=UTC)


async def enforced(watch: Watch, hours: float = 3) -> GpuRun:
    """A run that owroute will stop, with the first ping behind it."""
    run = await watch.burns(usd="0.69")
    return await watch.stops_in(run, hours=hours)


async def test_the_owner_is_warned_thirty_and_five_minutes_ahead(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    run = await enforced(watch)
    await watch.goes_on(hours=4)
    assert watch.asked(ADA) == ["Mon 11:30", "Mon 11:55"]
    assert watch.asked(LIN) == []
    assert len(watch.slack.at(ADA)) == 1
    after = await watch.run(run)
    assert after.stopping is not None
    assert after.stopping.at == run.started_at + timedelta(hours=3), "and stopped in time"


async def test_nights_and_a_full_day_hold_no_warning_back(watch: Watch) -> None:
    for n in range(5):
        await watch.burns(f"ow-{n}-ada", usd="0.69")
    await watch.goes_on(minutes=30)
    assert len(watch.asked(ADA)) == 4
    watch.clock.at = NIGHT
    run = await watch.burns("ow-9-ada", usd="0.69")
    await watch.stops_in(run, hours=2)
    await watch.goes_on(hours=3)
    assert watch.asked(ADA)[4:] == ["Tue 00:30", "Tue 00:55"]


async def test_an_extension_makes_the_warnings_of_the_old_time_void(watch: Watch) -> None:
    run = await enforced(watch)
    await watch.goes_on(hours=2, minutes=31)
    await watch.stops_in(run, minutes=89)
    await watch.goes_on(hours=3)
    assert watch.asked(ADA) == ["Mon 11:30", "Mon 12:30", "Mon 12:55"]


async def test_a_warning_whose_row_is_in_hand_is_not_made_after_an_extension(watch: Watch) -> None:
    run = await enforced(watch)
    watch.clock.at += 150 * MINUTE
    async with watch.store() as uow:
        rows = await uow.due.claim(watch.clock.now(), 9, LEASE)
        await uow.commit()
    await watch.stops_in(run, hours=5)
    for row in rows:
        await watch.work[row.due.kind](row)
    await watch.slack.drain()
    assert watch.slack.said == []


async def test_who_sets_a_time_that_is_near_needs_no_warning_of_it(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    await watch.stops_in(run, minutes=20)
    await watch.goes_on(hours=1)
    assert watch.asked(ADA) == ["Mon 09:15"], "only the one five minutes ahead"


async def test_of_two_that_are_late_one_is_sent(watch: Watch) -> None:
    await enforced(watch)
    watch.clock.at += timedelta(hours=2, minutes=57)
    await watch.tick()
    assert watch.asked(ADA) == ["Mon 11:57"]
    [said] = watch.slack.said
    assert "3 minutes" in said.text or "12:00" in said.text


async def test_a_promised_time_is_recalled_fifteen_minutes_ahead(watch: Watch) -> None:
    run = await watch.burns(usd="0.69", endings=frozenset())
    await watch.stops_in(run, hours=3)
    await watch.goes_on(hours=4)
    assert watch.asked(ADA) == ["Mon 11:45", "Mon 12:10"], "and then it counts as none"


async def promised(watch: Watch, at: datetime, usd: str = "0.69") -> GpuRun:
    """A run of Ada's that somebody in daylight promised to be off at a time in her night."""
    run = await watch.burns(usd=usd, endings=frozenset())
    return await watch.stops_in(run, hours=(at - watch.clock.at) / timedelta(hours=1))


async def test_a_promise_is_not_recalled_at_night_but_at_waking(watch: Watch) -> None:
    watch.clock.at = NIGHT - timedelta(hours=3)
    await promised(watch, datetime(2026, 11, 24, 8, 10, tzinfo=UTC))
    await watch.goes_on(hours=12, minutes=9)
    assert watch.asked(ADA) == ["Tue 08:00"]


async def test_a_promise_for_the_night_is_not_recalled_at_all(watch: Watch) -> None:
    watch.clock.at = NIGHT - timedelta(hours=3)
    await promised(watch, datetime(2026, 11, 24, 2, tzinfo=UTC))
    await watch.goes_on(hours=11, minutes=59)
    assert watch.asked(ADA) == []
    await watch.goes_on(minutes=30)
    assert watch.asked(ADA)[0] == "Tue 08:00", "the ping, since it counts as none"


async def test_a_promise_that_costs_much_is_recalled_at_night(watch: Watch) -> None:
    watch.clock.at = NIGHT - timedelta(hours=3)
    await promised(watch, datetime(2026, 11, 24, 2, tzinfo=UTC), usd="9")
    await watch.goes_on(hours=6, minutes=5)
    assert watch.asked(ADA) == ["Tue 01:45"]


async def test_a_time_that_the_provider_keeps_is_warned_of_too(watch: Watch) -> None:
    at = watch.clock.at + timedelta(hours=3)
    run = await watch.burns(usd="0.69", reading=PlanReading(Grade.ENFORCED, at))
    await watch.goes_on(hours=3, minutes=9)
    assert watch.asked(ADA) == ["Mon 11:30", "Mon 11:55"]
    await watch.goes_on(hours=1)
    assert watch.asked(ADA)[2:] == ["Mon 12:10"], "ten minutes later nobody is in charge"
    assert (await watch.run(run)).planless_since == at


@pytest.mark.parametrize(("lead", "who"), [(LIN, LIN), (None, GRACE)])
async def test_without_an_owner_the_lead_or_the_admins_are_warned(
    watch: Watch, lead: UserId | None, who: UserId
) -> None:
    async with watch.store() as uow:
        await uow.channels.put(Channel(TEAM, ML_LAB, lead=lead))
        await uow.commit()
    run = await watch.burns(usd="0.69", owner=None)
    await watch.stops_in(run, hours=3)
    await watch.goes_on(hours=3)
    assert watch.asked(who) == ["Mon 11:30", "Mon 11:55"]


async def test_where_an_outage_swallowed_both_one_goes_at_once_and_the_stop_waits_five_minutes(
    both: SqlStore,
) -> None:
    watch = await Watch(both).opened()
    run = await enforced(watch)
    watch.clock.at += timedelta(hours=9)
    await watch.tick()
    assert watch.asked(ADA) == ["Mon 18:00"]
    after = await watch.run(run)
    assert after.stopping is None
    assert after.deadline is not None
    assert after.deadline.at == watch.clock.at + 5 * MINUTE
    assert run.deadline is not None
    assert (after.deadline.by, after.deadline.set_at) == (ADA, run.deadline.set_at)
    [card] = watch.slack.at(ADA)
    assert "set by <@U1> at 9:00; put off by owroute at 18:00" in card.text
    await watch.goes_on(minutes=4)
    assert (await watch.run(run)).stopping is None
    await watch.goes_on(minutes=1)
    assert watch.asked(ADA) == ["Mon 18:00"], "no second one"
    assert (await watch.run(run)).stopping is not None


async def test_who_is_warned_late_can_still_extend(watch: Watch) -> None:
    run = await enforced(watch)
    watch.clock.at += timedelta(hours=9)
    await watch.tick()
    await watch.stops_in(run, hours=1)
    await watch.goes_on(minutes=50)
    assert (await watch.run(run)).stopping is None
    assert watch.asked(ADA) == ["Mon 18:00", "Mon 18:30"]


async def test_warnings_that_slack_did_not_take_are_made_up_for_once(watch: Watch) -> None:
    run = await enforced(watch)
    watch.slack.down = True
    await watch.goes_on(hours=3, minutes=4)
    assert (await watch.run(run)).stopping is None
    await watch.goes_on(minutes=1)
    assert (await watch.run(run)).stopping is not None, "however long Slack is away"
    watch.slack.down = False
    await watch.tick()
    assert watch.asked(ADA) == ["Mon 12:05"], "the older ones were taken back"


async def test_nobody_to_warn_is_no_reason_to_wait(watch: Watch) -> None:
    async with watch.store() as uow:
        await uow.watch.put(Watching(TEAM))
        for user in (ADA, LIN, GRACE):
            person = await uow.people.get(TEAM, user)
            assert person is not None
            await uow.people.put(replace(person, deleted=True))
        await uow.commit()
    run = await enforced(watch)
    watch.clock.at += timedelta(hours=9)
    await watch.tick()
    assert (await watch.run(run)).stopping is not None
