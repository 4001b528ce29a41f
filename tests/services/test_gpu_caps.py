"""A later stop time stays under every cap that the run counts for, and a refusal names the cap."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.cards.errors import sentence
from bot.domain.gpu import GpuRun
from bot.domain.watch import Budget, BudgetScope
from bot.errors_gpu import OverCap
from storage.database import SqlStore
from tests.engine.cards import card
from tests.services.test_gpu_extend import pressed, steering
from tests.services.watched import Watch
from tests.storage.given import ADA, ML_LAB, RANDOM, TEAM, added

HOUR = timedelta(hours=1)


async def capped(watch: Watch, scope: BudgetScope, subject: str, usd: str) -> None:
    async with watch.store() as uow:
        await uow.watch.put_budget(Budget(TEAM, scope, subject, Decimal(usd)))
        await uow.commit()


async def refused(watch: Watch, run: GpuRun, hours: float, click: int = 1) -> str | None:
    """What is said to a stop time so many hours ahead; nothing where it is taken."""
    at = watch.clock.at + hours * HOUR
    try:
        await steering(watch).set_shutdown(pressed(run, ADA, click), at)
    except OverCap as error:
        return sentence(error, "en")
    return None


@pytest.mark.parametrize(
    ("scope", "subject", "named", "way"),
    [
        (BudgetScope.CHANNEL, ML_LAB, "the channel's cap of 6.00 USD this month",
         "ask the channel's lead to raise it in /owroute settings"),
        (BudgetScope.WORKSPACE, "", "the workspace's cap of 6.00 USD this month",
         "ask an admin to raise it in /owroute settings workspace"),
        (BudgetScope.EXPERIMENT, "1", "the cap of 6.00 USD for OW-1",
         "raise it with Budget... in the menu of its card"),
    ],
)  # fmt: skip
async def test_every_cap_holds_an_extension_back(
    both: SqlStore, scope: BudgetScope, subject: str, named: str, way: str
) -> None:
    watch = await Watch(both).opened()
    x = await added(both, card=card())
    await capped(watch, scope, subject, "6")
    run = await watch.stops_in(await watch.burns(usd="1", experiment=x.id), hours=4)
    watch.clock.at += 2 * HOUR
    said = await refused(watch, run, 5)
    assert said is not None
    assert f"2.00 USD of {named} are spent: ow-1-ada can run until 2026-11-23 15:00" in said
    assert way in said
    assert (await watch.run(run)).deadline == run.deadline, "nothing was changed"
    assert await refused(watch, run, 4, click=2) is None, "as long as it lasts"
    with pytest.raises(OverCap):
        await steering(watch).extend(pressed(run, ADA, 3), watch.clock.at + 4 * HOUR)


async def test_what_the_plan_allows_for_a_month_is_named_as_that(watch: Watch) -> None:
    x = await added(watch.store, card=card(max_monthly=Decimal(6)))
    run = await watch.stops_in(await watch.burns(usd="1", experiment=x.id), hours=4)
    said = await refused(watch, run, 7)
    assert said is not None
    assert "the cap of 6.00 USD a month in the plan of OW-1" in said
    assert "re-plan OW-1 with a higher cap" in said


async def test_the_cap_that_is_spent_first_is_named(watch: Watch) -> None:
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "6")
    await capped(watch, BudgetScope.WORKSPACE, "", "5")
    run = await watch.stops_in(await watch.burns(usd="1"), hours=4)
    said = await refused(watch, run, 7)
    assert said is not None
    assert "the workspace's cap of 5.00 USD" in said


async def test_other_channels_count_for_the_workspace_alone_and_to_their_end(
    watch: Watch,
) -> None:
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "10")
    await capped(watch, BudgetScope.WORKSPACE, "", "12")
    other = await watch.burns("box", usd="3", channel=RANDOM)
    run = await watch.stops_in(await watch.burns(usd="1"), hours=2)
    assert await refused(watch, run, 4) is not None, "four dollars an hour"
    await watch.stops_in(other, hours=1)
    assert await refused(watch, run, 9, click=2) is None, "three of it end in an hour"
    said = await refused(watch, run, 9.5, click=3)
    assert said is not None
    assert "the workspace's cap of 12.00 USD" in said


async def test_nothing_left_is_said_as_that(watch: Watch) -> None:
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "2")
    run = await watch.stops_in(await watch.burns(usd="1"), hours=4)
    watch.clock.at += 3 * HOUR
    said = await refused(watch, run, 2)
    assert said is not None
    assert (
        "Nothing is left of the channel's cap of 2.00 USD this month (3.00 USD are spent)" in said
    )


async def test_a_first_stop_time_is_held_to_what_is_left_and_taken_where_nothing_is(
    watch: Watch,
) -> None:
    await capped(watch, BudgetScope.CHANNEL, ML_LAB, "6")
    run = await watch.burns(usd="1")
    assert await refused(watch, run, 7) is not None
    watch.clock.at += 7 * HOUR
    assert await refused(watch, run, 1, click=2) is None, "better than none"


async def test_what_is_not_ours_counts_for_no_cap(watch: Watch) -> None:
    await capped(watch, BudgetScope.WORKSPACE, "", "6")
    other = await watch.burns("box", usd="100")
    await watch.changed(other, lambda r: r.not_ours(at=watch.clock.at))
    run = await watch.burns(usd="1")
    assert await refused(watch, run, 5) is None
