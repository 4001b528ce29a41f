"""One alert in one place: what takes whose place, what is taken back, and what a full day does."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.delivery import LEASE, Op
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Claim
from bot.services.gpu.pinging import PingGpu
from storage.database import SqlStore
from tests.services.watched import Watch
from tests.storage.given import ADA, AT, LIN, TEAM

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ROUNDS = 6


async def snoozed(watch: Watch, run: GpuRun, hours: int = 4) -> GpuRun:
    until = watch.clock.at + hours * HOUR
    return await watch.changed(run, lambda r: r.snoozed(until, at=watch.clock.at))


async def open_rows(watch: Watch) -> list[tuple[Op, str]]:
    """What is still on its way to Slack, claimed for a look and given back."""
    async with watch.store() as uow:
        rows = await uow.outbox.claim(watch.clock.now(), 50, LEASE)
        return [(r.outgoing.op, r.outgoing.subject) for r in rows]


async def test_a_newer_ping_takes_the_place_of_the_older_one(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    await watch.goes_on(hours=2, minutes=30)
    [standing] = watch.slack.at(ADA)
    mine = [s.subject for s in watch.slack.said if s.subject.endswith(f":{ADA}")]
    assert mine == [f"gpu_ping:{run.id}:1:0:{slot}:{ADA}" for slot in (0, 1)]
    assert standing.subject == mine[-1]


async def test_a_ping_that_waits_in_the_queue_is_not_sent_after_a_snooze(both: SqlStore) -> None:
    watch = await Watch(both).opened(lead=None)
    run = await watch.burns(usd="0.69")
    await watch.goes_on(minutes=15)
    [first] = watch.slack.at(ADA)
    watch.slack.down = True
    await watch.goes_on(hours=2)
    assert (await watch.run(run)).pings == 2
    await snoozed(watch, run)
    watch.slack.down = False
    await watch.tick()
    assert watch.asked(ADA) == ["Mon 09:10"], "the second one never left"
    [standing] = watch.slack.at(ADA)
    assert standing.subject == first.subject
    assert standing.text != first.text, "and the first says how it stands now"
    async with both() as uow:
        assert await uow.alerts.counted(TEAM, first.place, AT.date()) == 1


async def test_a_first_ping_that_waits_in_the_queue_leaves_nothing_behind(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    watch.slack.down = True
    await watch.goes_on(minutes=15)
    await watch.stops_in(run, hours=5)
    watch.slack.down = False
    await watch.tick()
    assert watch.slack.said == []
    async with watch.store(read_only=True) as uow:
        assert await uow.alerts.standing(run.id) == []


async def test_a_ping_that_is_being_sent_is_edited_at_once(both: SqlStore) -> None:
    watch = await Watch(both).opened(lead=None)
    run = await watch.burns(usd="0.69")
    watch.slack.down = True
    await watch.goes_on(minutes=15)
    async with both() as uow:
        [row] = await uow.outbox.claim(watch.clock.now(), 5, LEASE)
        await uow.commit()
    await snoozed(watch, run)
    await watch.slack.take(row)
    watch.slack.down = False
    await watch.tick()
    [standing] = watch.slack.at(ADA)
    assert len(watch.slack.edits) == 1
    assert standing.text != watch.slack.said[0].text


@pytest.mark.parametrize("answer", ["a snooze", "a plan", "another owner"])
async def test_a_ping_whose_row_is_in_hand_is_not_made_after_an_answer(
    watch: Watch, answer: str
) -> None:
    run = await watch.burns(usd="0.69")
    watch.clock.at += 15 * MINUTE
    async with watch.store() as uow:
        [row] = await uow.due.claim(watch.clock.now(), 5, LEASE)
        await uow.commit()
    if answer == "a snooze":
        await snoozed(watch, run)
    elif answer == "a plan":
        await watch.stops_in(run, hours=5)
    else:
        await watch.changed(run, lambda r: r.owned_by(LIN, Claim.PERSON, at=watch.clock.at))
    await watch.work[row.due.kind](row)
    await watch.slack.drain()
    assert watch.asked(ADA) == []


async def test_a_ping_and_a_snooze_at_the_same_moment(both: SqlStore) -> None:
    """Whoever is first: no ping is on its way afterwards that nothing corrects."""
    watch = await Watch(both).opened(lead=None)
    for n in range(ROUNDS):
        run = await watch.burns(f"ow-{n}-ada", usd="0.69")
        watch.clock.at += 15 * MINUTE
        async with both() as uow:
            rows = await uow.due.claim(watch.clock.now(), 20, LEASE)
            await uow.commit()
        mine = next(r for r in rows if r.due.subject == run.id)
        ping = watch.work[mine.due.kind]
        assert isinstance(ping, PingGpu)
        await asyncio.gather(ping(mine), snoozed(watch, run))
        assert (await watch.run(run)).snoozed_until is not None
        assert [op for op, subject in await open_rows(watch) if f":{run.id}:" in subject] == []
        await watch.slack.drain()
        assert [s for s in watch.slack.at(ADA) if f":{run.id}:" in s.subject] == []


async def test_four_a_day_hold_when_many_fall_due_together(both: SqlStore) -> None:
    watch = await Watch(both).opened(lead=None)
    for n in range(8):
        await watch.burns(f"ow-{n}-ada", usd="0.69")
    await watch.goes_on(minutes=15)
    assert watch.asked(ADA) == ["Mon 09:10"] * 4
    said = [s.text for s in watch.slack.at(ADA)]
    assert any("4 more GPUs need you today" in text for text in said)
    await watch.goes_on(hours=3)
    assert watch.asked(ADA) == ["Mon 09:10"] * 4, "what stands is edited, no more"
    assert len(watch.slack.edits) >= 4
    await watch.goes_on(hours=21)
    tuesday = [t for t in watch.asked(ADA) if t.startswith("Tue")]
    assert tuesday == ["Tue 08:00"] * 4, "and the next day begins anew"


async def test_who_gets_it_where_slack_refuses_the_direct_message(watch: Watch) -> None:
    await watch.burns(usd="0.69")
    watch.slack.down = True
    await watch.goes_on(minutes=15)
    async with watch.store() as uow:
        [row] = await uow.outbox.claim(watch.clock.now(), 5, LEASE)
    assert (row.outgoing.channel, row.outgoing.fallback) == (str(ADA), str(LIN))


async def test_what_is_over_is_edited_once_more_and_stands_no_more(watch: Watch) -> None:
    run = await watch.burns(usd="0.69")
    await watch.goes_on(minutes=15)
    await watch.changed(run, lambda r: r.reported_stopped(at=watch.clock.at, by=ADA))
    await watch.goes_on(hours=5)
    [card] = watch.slack.at(ADA)
    assert card.text != watch.slack.said[0].text
    assert watch.asked(ADA) == ["Mon 09:10"]
    async with watch.store(read_only=True) as uow:
        assert await uow.alerts.standing(run.id) == []
