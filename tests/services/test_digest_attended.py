"""When nobody was in charge of a machine: noted as it happens, and back to a time that passed."""

from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.digest import Digest
from bot.domain.digest_when import MONDAY
from bot.domain.fleet import Billing
from bot.domain.gpu import GpuRun, RunState
from bot.domain.workspace import Actor
from bot.services.digest.asking import ReadDigests
from bot.services.people import KnowPerson, Rights
from tests.services.watched import Watch
from tests.storage.given import AT, LIN, ML_LAB, TEAM

HOUR = timedelta(hours=1)


async def unattended(watch: Watch, run: GpuRun) -> list[tuple[datetime, datetime | None]]:
    async with watch.store(read_only=True) as uow:
        return list((await uow.unattended.of([run.id], AT)).get(run.id, ()))


async def preview(watch: Watch) -> Digest:
    """What Lin, who leads there, reads of the week so far."""
    know = KnowPerson(store=watch.store, directory=watch.book, clock=watch.clock)
    rights = Rights(store=watch.store, know=know)
    read = ReadDigests(store=watch.store, clock=watch.clock, rights=rights, at=MONDAY)
    return await read.preview(Actor(TEAM, LIN, TEAM), ML_LAB)


async def test_hours_without_a_plan_are_counted_from_a_promise_that_passed(watch: Watch) -> None:
    """Though nobody writes at that moment, and though the row that looks at it was not run."""
    run = await watch.burns(usd="1.00", may_stop=False)
    planless = await unattended(watch, run)
    assert planless == [(AT, None)]
    watch.clock.at += HOUR
    await watch.stops_in(run, hours=2)
    assert await unattended(watch, run) == [(AT, AT + HOUR)]
    watch.clock.at += 5 * HOUR
    digest = await preview(watch)
    [wasted] = digest.unattended
    assert wasted.time == 4 * HOUR, "one before the promise, three after it"
    assert wasted.usd == Decimal(4)
    at = watch.clock.at
    await watch.changed(run, lambda r: r.changed(at))
    assert (await unattended(watch, run))[-1] == (AT + 3 * HOUR, None)
    await watch.changed(
        run, lambda r: r.changed(at, state=RunState.ENDED, billing=Billing.NONE, ended_at=at)
    )
    assert (await unattended(watch, run))[-1] == (AT + 3 * HOUR, at)


async def test_a_promise_that_passed_in_an_outage_counts_though_somebody_is_in_charge_again(
    watch: Watch,
) -> None:
    """The first that is written after it is another stop time, or the machine's end."""
    promise = AT + 2 * HOUR
    moved = await watch.burns(usd="1.00", may_stop=False)
    ended = await watch.burns("ow-2-ada", usd="1.00", may_stop=False)
    for run in (moved, ended):
        await watch.stops_in(run, hours=2)
    now = watch.clock.at = AT + 5 * HOUR
    await watch.stops_in(moved, hours=1)
    over = AT + 4 * HOUR
    await watch.changed(
        ended, lambda r: r.changed(now, state=RunState.ENDED, billing=Billing.NONE, ended_at=over)
    )
    assert (await unattended(watch, moved))[-1] == (promise, now)
    assert (await unattended(watch, ended))[-1] == (promise, over)


async def test_a_stop_that_owroute_slept_through_counts_from_its_time(watch: Watch) -> None:
    """It enforces nothing while it is away; what it makes up for is warned of and attended."""
    run = await watch.burns(usd="1.00")
    await watch.stops_in(run, hours=2)
    stop = watch.clock.at + 2 * HOUR
    watch.clock.at += 8 * HOUR
    digest = await preview(watch)
    assert [u.time for u in digest.unattended] == [6 * HOUR], "before anything has noted it"
    back = watch.clock.at
    await watch.changed(run, lambda r: r.changed(back))
    assert (await unattended(watch, run))[-1] == (stop, None)
    await watch.tick()
    assert (await watch.run(run)).deadline != run.deadline, "a warning goes first"
    assert (await unattended(watch, run))[-1] == (stop, back)


async def test_a_stop_that_comes_a_minute_late_was_attended(watch: Watch) -> None:
    run = await watch.burns(usd="1.00")
    await watch.stops_in(run, minutes=20)
    noted = await unattended(watch, run)
    await watch.goes_on(minutes=19)
    watch.clock.at += timedelta(minutes=2)
    await watch.tick()
    assert (await watch.run(run)).stopping is not None
    assert await unattended(watch, run) == noted
