"""*Budget...*: what an experiment may spend in all, who sets it, and what it does at its end."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.domain.delivery import DueKind
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import ExperimentId, UserId
from bot.domain.plans import Experiment
from bot.domain.watch import NO_CAP, MonthlyCap
from bot.domain.workspace import Actor
from bot.errors import NoSuchGpu, NotAllowed, NotFound, NotMember
from bot.services.gpu.arming import ArmGpus
from bot.services.gpu.capping import CapExperiment
from bot.services.gpu.holding import LookAgain
from bot.services.people import KnowPerson, Rights
from storage.database import SqlStore
from storage.tables import audit
from tests.services.watched import GRACE, Watch
from tests.storage.given import ADA, LIN, ML_LAB, RANDOM, TEAM, added

EVE = UserId("U9")
TEN = MonthlyCap(Decimal(10))
STOPS = replace(TEN, stops=True)


def capping(watch: Watch) -> CapExperiment:
    know = KnowPerson(store=watch.store, directory=watch.book, clock=watch.clock)
    rights = Rights(store=watch.store, know=know)
    keep = watch.keep
    watch.work[DueKind.LOOK_AGAIN] = LookAgain(store=watch.store, clock=watch.clock, keep=keep)
    return CapExperiment(store=watch.store, clock=watch.clock, rights=rights)


def by(user: UserId) -> Actor:
    return Actor(TEAM, user, TEAM)


async def burning(watch: Watch, usd: str = "4") -> tuple[Experiment, GpuRun]:
    """Ada's experiment and its machine, and a bot that has just come up."""
    watch.book.zones[EVE] = "UTC"
    x = await added(watch.store)
    run = await watch.burns(usd=usd, experiment=x.id)
    clock, keep = watch.clock, watch.keep
    await ArmGpus(store=watch.store, clock=clock, keep=keep, fleets=(), team=lambda: TEAM)()
    await watch.tick()
    return x, run


async def audited(watch: Watch) -> list[tuple[str, str, str, str]]:
    async with watch.store.engine.connect() as connection:
        rows = (await connection.execute(select(audit).order_by(audit.c.id))).all()
    return [
        (r.actor, r.subject, r.before, r.after) for r in rows if r.action == "experiment.budget"
    ]


async def test_it_is_saved_written_down_said_and_shown(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    x, run = await burning(watch)
    cap = capping(watch)
    await watch.goes_on(minutes=11)
    assert "cap" not in watch.slack.at(ADA)[0].text
    assert (await cap(by(ADA), x.id, STOPS, "one")).cap == STOPS
    await watch.goes_on(seconds=1)
    assert (await cap.of_run(by(ADA), run.id, None)).cap == STOPS
    assert await audited(watch) == [(ADA, "OW-1", "", '{"budget": "10", "budget_spent": "stop"}')]
    (note,) = [s.text for s in watch.slack.at(ML_LAB) if "budget" in s.text]
    assert f"<@{ADA}> set the GPU budget of OW-1 to 10.00 USD in all" in note
    assert "cap 10.00 USD, then stop" in watch.slack.at(ADA)[0].text, "the card that stands"


async def test_the_same_submission_twice_and_the_same_budget_again_change_nothing(
    watch: Watch,
) -> None:
    x, _ = await burning(watch)
    cap = capping(watch)
    await cap(by(ADA), x.id, STOPS, "one")
    await cap(by(LIN), x.id, TEN, "two")
    assert (await cap(by(ADA), x.id, STOPS, "one")).cap == TEN, "a copy that comes late"
    await cap(by(GRACE), x.id, TEN, "three")
    assert [line[0] for line in await audited(watch)] == [ADA, LIN]
    await cap(by(ADA), x.id, NO_CAP, "four")
    assert (await audited(watch))[-1] == (
        ADA,
        "OW-1",
        '{"budget": "10", "budget_spent": "tell"}',
        "",
    )
    assert (await cap.look(by(ADA), x.id)).cap == NO_CAP


async def test_when_it_is_spent_what_runs_is_stopped(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    x, run = await burning(watch)
    await capping(watch)(by(ADA), x.id, STOPS, "one")
    await watch.goes_on(hours=2, minutes=36)
    after = await watch.run(run)
    assert after.stopping is not None
    assert (after.state, after.stopping.why) == (RunState.STOPPING, StopReason.BUDGET)


async def test_a_budget_below_what_is_spent_holds_at_once(watch: Watch) -> None:
    x, run = await burning(watch)
    await watch.goes_on(hours=3, minutes=1)
    await capping(watch)(by(ADA), x.id, STOPS, "one")
    await watch.tick()
    assert (await watch.run(run)).state is RunState.STOPPING, "not at the next look in minutes"


async def test_a_stop_that_is_chosen_when_all_is_spent_is_still_carried_out(watch: Watch) -> None:
    x, run = await burning(watch)
    cap = capping(watch)
    await cap(by(ADA), x.id, TEN, "one")
    await watch.goes_on(hours=3)
    assert (await watch.run(run)).state is RunState.RUNNING
    await cap(by(ADA), x.id, STOPS, "two")
    await watch.tick()
    assert (await watch.run(run)).state is RunState.STOPPING


async def test_what_is_spent_is_that_of_all_its_machines(watch: Watch) -> None:
    x, run = await burning(watch)
    await watch.burns("ow-1-ada-2", usd="1", experiment=x.id)
    await watch.burns("box", usd="7")
    watch.clock.at += timedelta(hours=2)
    found = await capping(watch).of_run(by(ADA), run.id, None)
    assert (found.experiment.label, found.spent.known) == ("OW-1", Decimal(10))


@pytest.mark.parametrize("user", [ADA, LIN, GRACE])
async def test_owner_lead_and_admins_set_it(watch: Watch, user: UserId) -> None:
    x, run = await burning(watch)
    assert (await capping(watch).of_run(by(user), run.id, RANDOM)).cap == NO_CAP
    assert (await capping(watch)(by(user), x.id, TEN, "one")).cap == TEN


async def test_nobody_else_does(watch: Watch) -> None:
    x, run = await burning(watch)
    cap = capping(watch)
    with pytest.raises(NotAllowed):
        await cap.of_run(by(EVE), run.id, ML_LAB)
    with pytest.raises(NoSuchGpu):
        await cap.of_run(by(EVE), run.id, RANDOM)
    with pytest.raises(NotAllowed):
        await cap(by(EVE), x.id, TEN, "one")
    with pytest.raises(NotMember):
        await cap(Actor(TEAM, ADA, type(TEAM)("T2")), x.id, TEN, "two")
    assert await audited(watch) == []


async def test_who_has_the_machine_in_hand_does_not_own_its_experiment(watch: Watch) -> None:
    _, run = await burning(watch)
    await watch.changed(run, lambda r: r.changed(watch.clock.at, owner=EVE))
    with pytest.raises(NotAllowed):
        await capping(watch).of_run(by(EVE), run.id, None)


async def test_what_is_not_there_has_no_budget(watch: Watch) -> None:
    run = await watch.burns()
    cap = capping(watch)
    with pytest.raises(NoSuchGpu):
        await cap.of_run(by(ADA), run.id, ML_LAB)
    with pytest.raises(NotFound):
        await cap(by(ADA), ExperimentId(99), TEN, "one")
