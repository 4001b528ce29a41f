"""What listings make of runs: a failed one closes nothing, and absence must be seen twice."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.fleet import Billing, Grade, Problem, Provider, Scope
from bot.domain.gpu import RunState
from bot.domain.gpu_parts import Claim
from sandbox.fleet.service import FleetFault, FleetFaultKind
from tests.e2e.cards import SERVICE
from tests.harness.gpus import cost, listed, run_of, runs, team
from tests.harness.stories import PEOPLE, Story, a_story

HOUR = timedelta(hours=1)


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


@pytest.mark.parametrize(
    "kind",
    [
        FleetFaultKind.SERVER_ERROR,
        FleetFaultKind.HTML,
        FleetFaultKind.TRUNCATED,
        FleetFaultKind.A_LIST,
        FleetFaultKind.NO_LIST,
        FleetFaultKind.GONE,
        FleetFaultKind.UNAUTHORIZED,
        FleetFaultKind.TOO_MANY,
        FleetFaultKind.REFUSE,
    ],
)
async def test_a_failed_listing_closes_nothing_and_costs_go_on(
    story: Story, kind: FleetFaultKind
) -> None:
    pod = story.fleet.runpod.start("ow-1-ada", ago=HOUR)
    await listed(story)
    fault = story.fleet.runpod.faults.add(FleetFault(kind, call="list"))
    await story.advance(minutes=60, step=timedelta(minutes=10))
    run = await run_of(story, pod.id)
    assert run.state is RunState.RUNNING
    assert await cost(story, run) == Decimal("1.38"), "two hours of 0.69"
    async with story.runtime.store(read_only=True) as uow:
        account = await uow.watch.account(team(story), Scope(Provider.RUNPOD, "default"))
    assert account.problem is not None
    story.fleet.runpod.faults.remove(fault)
    await story.advance(minutes=10, step=timedelta(minutes=2))
    async with story.runtime.store(read_only=True) as uow:
        account = await uow.watch.account(team(story), Scope(Provider.RUNPOD, "default"))
    assert account.problem is None


async def test_an_empty_answer_once_is_not_taken_as_all_stopped(story: Story) -> None:
    pod = story.fleet.runpod.start("ow-1-ada", ago=HOUR)
    await listed(story)
    story.fleet.runpod.faults.add(FleetFault(FleetFaultKind.EMPTY, call="list", times=1))
    await listed(story)
    assert (await run_of(story, pod.id)).state is RunState.RUNNING
    await listed(story)
    assert (await run_of(story, pod.id)).absent_since is None


async def test_what_two_complete_listings_miss_is_gone_since_the_first(story: Story) -> None:
    pod = story.fleet.runpod.start("ow-1-ada", ago=HOUR)
    await listed(story)
    pod.remove(story.runtime.clock.now())
    await listed(story)
    assert (await run_of(story, pod.id)).state is RunState.RUNNING, "one listing is no proof"
    await story.advance(minutes=2)
    run = await run_of(story, pod.id)
    assert run.state is RunState.ENDED
    assert run.proven
    assert await cost(story, run) == Decimal("0.69"), "an hour, and not a second of absence"


async def test_a_changed_price_does_not_price_the_past_again(story: Story) -> None:
    pod = story.fleet.runpod.start("ow-1-ada", usd="1.00", ago=HOUR)
    await listed(story)
    story.fleet.runpod.reprice(pod, "3.00")
    await listed(story)
    await story.advance(minutes=60, step=timedelta(minutes=10))
    assert await cost(story, await run_of(story, pod.id)) == Decimal("4.00")


async def test_an_unknown_price_is_never_zero(story: Story) -> None:
    pod = story.fleet.runpod.start("ow-1-ada", ago=HOUR)
    pod.odd = {"cost": 0.0}
    await listed(story)
    run = await run_of(story, pod.id)
    assert run.price_per_hour is None
    assert run.billing is Billing.COMPUTE


async def test_a_status_that_nobody_knows_is_unclear_and_never_stopped(story: Story) -> None:
    pod = story.fleet.runpod.start("ow-1-ada", ago=HOUR)
    await listed(story)
    pod.odd = {"status": "HIBERNATING"}
    await listed(story)
    run = await run_of(story, pod.id)
    assert run.state is RunState.RUNNING
    assert run.unclear
    assert run.raw_status == "HIBERNATING"


async def test_a_start_in_the_future_is_not_believed(story: Story) -> None:
    pod = story.fleet.runpod.start("ow-1-ada", ago=HOUR)
    later = (story.runtime.clock.now() + HOUR).isoformat().replace("+00:00", "Z")
    pod.odd = {"createdAt": later, "startedAt": later}
    await listed(story)
    run = await run_of(story, pod.id)
    assert run.started_at <= story.runtime.clock.now()
    assert run.age(story.runtime.clock.now()) >= timedelta(0)


async def test_a_machine_belongs_to_the_experiment_in_its_name(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(SERVICE)
    pod = story.fleet.runpod.start("ow-1-ada", ago=HOUR)
    await listed(story)
    run = await run_of(story, pod.id)
    assert (run.owner, run.claim) == (PEOPLE["ada"], Claim.NAME)
    assert run.experiment == 1


async def test_a_promise_in_the_environment_is_a_declared_plan(story: Story) -> None:
    until = story.runtime.clock.now() + HOUR
    pod = story.fleet.runpod.start("ow-1-ada", ago=HOUR, owner=PEOPLE["lin"], until=until)
    await listed(story)
    run = await run_of(story, pod.id)
    assert run.reading.grade is Grade.DECLARED
    assert run.planless_since is None
    await story.advance(minutes=70, step=timedelta(minutes=10))
    assert (await run_of(story, pod.id)).planless_since == until


async def test_a_key_that_is_revoked_makes_plans_unknown_and_not_none(story: Story) -> None:
    pod = story.fleet.runpod.start("ow-1-ada", ago=timedelta(minutes=1))
    await listed(story)
    story.fleet.runpod.is_revoked = True
    await listed(story)
    async with story.runtime.store(read_only=True) as uow:
        account = await uow.watch.account(team(story), Scope(Provider.RUNPOD, "default"))
    assert account.problem is Problem.AUTH
    assert len(await runs(story)) == 1
    assert (await run_of(story, pod.id)).is_live
