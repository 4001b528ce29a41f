"""What stories about GPUs have in common: asking the provider now, and the runs as they stand."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from bot.domain.costs import spent
from bot.domain.fleet import Ending
from bot.domain.gpu import GpuRun
from bot.domain.ids import TeamId, UserId
from bot.domain.workspace import Actor
from bot.services.gpu.polling import poll_row
from tests.harness.stories import PEOPLE, Story

TEN = timedelta(seconds=10)
"""The tick's own beat."""


def team(story: Story) -> TeamId:
    return TeamId(story.workspace.team.id)


def actor(story: Story, name: str) -> Actor:
    return Actor(team(story), UserId(PEOPLE[name]), team(story))


async def listed(story: Story) -> None:
    """Every provider is asked now, not at the next beat."""
    await story.tick()  # whoever the bot is, it knows by now
    async with story.runtime.store() as uow:
        for fleet in story.runtime.fleets:
            await uow.due.arm(poll_row(team(story), fleet, story.runtime.clock.now()))
        await uow.commit()
    await story.tick()


async def runs(story: Story) -> Sequence[GpuRun]:
    """All that are not over, the newest first."""
    async with story.runtime.store(read_only=True) as uow:
        return await uow.gpus.watched(team(story))


async def run_of(story: Story, instance_id: str) -> GpuRun:
    """The run of a provider's machine, however it stands."""
    async with story.runtime.store(read_only=True) as uow:
        for fleet in story.runtime.fleets:
            found = await uow.gpus.at(team(story), fleet.provider, instance_id)
            if found is not None:
                return found
    raise LookupError(instance_id)


async def cost(story: Story, run: GpuRun) -> Decimal:
    """What it has cost until now, rounded to a cent."""
    async with story.runtime.store(read_only=True) as uow:
        found = await uow.accruals.of([run.id])
    return round(spent(found, story.runtime.clock.now()).known, 2)


async def stop(
    story: Story, run: GpuRun, who: str = "grace", *, ending: Ending = Ending.STOP, click: int = 1
) -> GpuRun:
    """Somebody presses Stop now (or Terminate) on a card of this run."""
    delivery = f"{who}:{run.id}:{run.generation}:{ending}:{click}"
    cases = story.runtime.cases
    after = await cases.end_gpu(actor(story, who), run.id, run.generation, ending, delivery)
    cases.soon.work()
    await story.settle()
    return after
