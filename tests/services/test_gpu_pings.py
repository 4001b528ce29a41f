"""Pings and what ends them, brings them back, or moves them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.fleet import Ending, Problem, Scope
from bot.domain.gpu_parts import Claim, Idle, Stopping, StopReason
from bot.domain.ids import UserId
from bot.domain.watch import Account, WatchRules
from storage.database import SqlStore
from tests.harness.stores import fresh_store
from tests.services.watched import GRACE, Watch
from tests.storage.given import ADA, AT, LIN, TEAM

HOUR = timedelta(hours=1)
THREE = datetime(2026, 11, 23, 15, tzinfo=UTC)


async def test_a_day_is_the_same_on_both_stores(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    await watch.burns(usd="0.69")
    await watch.goes_on(hours=24)
    assert watch.asked(ADA) == ["Mon 09:10", "Mon 11:10", "Mon 13:10", "Mon 15:10", "Tue 08:00"]
    shanghai = ["Mon 19:10", "Mon 21:10", "Tue 08:00", "Tue 09:10", "Tue 11:10", "Tue 13:10"]
    assert watch.asked(LIN, "Asia/Shanghai") == shanghai


async def test_three_days_down_are_one_ping(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    await watch.goes_on(minutes=15)
    watch.clock.at = AT + timedelta(days=3, hours=2)
    await watch.tick()
    assert watch.asked(ADA) == ["Mon 09:10", "Thu 11:00"]
    assert (await watch.run(run)).pings == 2
    await watch.goes_on(hours=3)
    assert watch.asked(ADA)[2:] == ["Thu 13:10"], "not 11:10 as well"


async def test_a_snooze_is_an_answer_and_pings_begin_anew_after_it(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    await watch.goes_on(hours=3)
    assert (await watch.run(run)).pings == 2
    until = watch.clock.at + 4 * HOUR
    await watch.changed(run, lambda r: r.snoozed(until, at=watch.clock.at))
    await watch.goes_on(hours=6)
    assert watch.asked(ADA) == ["Mon 09:10", "Mon 11:10", "Mon 16:00", "Mon 18:00"]
    assert (await watch.run(run)).pings == 2


async def test_a_plan_ends_the_pings_and_a_promise_that_has_passed_brings_them_back(
    watch: Watch,
) -> None:
    run = await watch.burns(usd="0.69", endings=frozenset())
    await watch.goes_on(minutes=20)
    await watch.stops_in(run, hours=3)
    await watch.goes_on(hours=2, minutes=59)
    assert watch.asked(ADA) == ["Mon 09:10", "Mon 12:05"], "a promise is recalled 15 minutes ahead"
    await watch.goes_on(minutes=1)
    await watch.changed(run, lambda r: r.replanned(watch.clock.at))  # as its stop time's row does
    await watch.goes_on(hours=1)
    assert watch.asked(ADA)[2:] == ["Mon 12:30"]


async def test_a_new_owner_is_asked_at_once_and_alone(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    await watch.goes_on(hours=3)
    await watch.changed(run, lambda r: r.owned_by(LIN, Claim.PERSON, at=watch.clock.at))
    await watch.tick()
    assert watch.asked(LIN, "Asia/Shanghai") == ["Mon 19:10", "Mon 20:00"]
    assert watch.asked(ADA) == ["Mon 09:10", "Mon 11:10"]


async def test_a_new_idle_spell_brings_the_next_ping_forward_once(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    await watch.goes_on(hours=3)
    now = watch.clock.at
    spell = Idle(samples=6, since=now - HOUR, sampled_at=now)
    await watch.changed(run, lambda r: r.changed(now, idle=spell))
    await watch.goes_on(minutes=15)
    assert watch.asked(ADA) == ["Mon 09:10", "Mon 11:10", "Mon 12:10"], "an hour after the last"
    told = (await watch.run(run)).idle
    assert told is not None
    await watch.changed(run, lambda r: r.changed(now, idle=replace(told, samples=7)))
    await watch.goes_on(hours=3)
    assert watch.asked(ADA)[3:] == ["Mon 15:10"]


async def test_while_the_provider_cannot_be_read_nobody_is_asked(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    scope = Scope(run.machine.provider, run.machine.account)
    async with watch.store() as uow:
        await uow.watch.put_account(Account(TEAM, scope, Problem.AUTH, watch.clock.at, 1))
        await uow.commit()
    await watch.goes_on(hours=2)
    assert watch.asked(ADA) == []
    async with watch.store() as uow:
        await uow.watch.put_account(Account(TEAM, scope))
        await uow.commit()
    await watch.goes_on(minutes=10)
    assert watch.asked(ADA) == ["Mon 11:10"]


async def test_an_owner_who_has_left_is_not_asked(watch: Watch) -> None:
    watch.book.gone = {ADA}
    async with watch.store() as uow:
        person = await uow.people.get(TEAM, ADA)
        assert person is not None
        await uow.people.put(replace(person, deleted=True))
        await uow.commit()
    watch.clock.at = THREE
    await watch.burns(usd="0.69")
    await watch.goes_on(minutes=30)
    assert watch.asked(ADA) == []
    assert watch.asked(GRACE, "America/New_York") == ["Mon 10:10"]


async def test_somebody_we_have_not_met_is_asked_for_before_they_are_told(watch: Watch) -> None:
    stranger = UserId("U7")
    watch.book.zones[stranger] = "Asia/Tokyo"
    watch.clock.at = THREE  # midnight in Tokyo
    await watch.burns(usd="0.69", owner=stranger)
    await watch.goes_on(hours=12)
    assert watch.asked(stranger, "Asia/Tokyo")[0] == "Tue 08:00"


async def test_with_nobody_to_ask_it_is_tried_until_somebody_is_met(tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        watch = await Watch(store).opened(lead=None)
        async with store() as uow:
            grace = await uow.people.get(TEAM, GRACE)
            assert grace is not None
            await uow.people.put(replace(grace, is_admin=False))
            await uow.commit()
        watch.clock.at = THREE
        await watch.burns(usd="0.69", owner=None, channel=None)
        await watch.goes_on(hours=1)
        assert watch.slack.said == []
        async with store() as uow:
            await uow.people.put(grace)
            await uow.commit()
        await watch.goes_on(minutes=10)
        assert watch.asked(GRACE, "America/New_York") == ["Mon 11:10"]


async def test_the_rules_of_the_installation_hold(tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        rules = WatchRules(ping_after=HOUR, ping_every=6 * HOUR, quiet=None)
        watch = await Watch(store, rules).opened(lead=None)
        await watch.burns(usd="0.69")
        await watch.goes_on(hours=20)
        assert watch.asked(ADA) == ["Mon 10:00", "Mon 16:00", "Mon 22:00", "Tue 04:00"]


async def test_a_run_that_is_being_stopped_or_not_ours_is_not_asked_about(watch: Watch) -> None:
    other = await watch.burns("ow-2-ada", usd="0.69")
    await watch.changed(other, lambda r: r.not_ours(at=watch.clock.at))
    await watch.goes_on(hours=3)
    assert watch.slack.said == []
    run = await watch.burns(usd="0.69")
    now = watch.clock.at
    intent = Stopping(Ending.STOP, StopReason.PERSON, now, ADA)
    await watch.changed(run, lambda r: r.being_stopped(intent))
    await watch.goes_on(hours=3)
    assert watch.slack.said == []
