"""*Extend 1 h*: from the stop time that the button showed, however often it is pressed."""

from datetime import timedelta

import pytest

from bot.domain.gpu import GpuRun
from bot.domain.ids import UserId
from bot.domain.workspace import Actor
from bot.services.gpu.steering import SteerGpu
from bot.services.gpu.stepping import Pressed, TakeStep
from bot.services.people import KnowPerson, Rights
from storage.database import SqlStore
from tests.services.watched import Watch
from tests.storage.given import ADA, LIN, TEAM

HOUR = timedelta(hours=1)


def steering(watch: Watch) -> SteerGpu:
    know = KnowPerson(store=watch.store, directory=watch.book, clock=watch.clock)
    rights = Rights(store=watch.store, know=know)
    take = TakeStep(store=watch.store, clock=watch.clock, rights=rights, keep=watch.keep)
    return SteerGpu(take=take, fleets=())


def pressed(run: GpuRun, user: UserId, click: int = 1) -> Pressed:
    return Pressed(Actor(TEAM, user, TEAM), run.id, run.generation, f"{user}:{click}")


async def test_whoever_else_presses_and_however_often_it_is_one_hour(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    run = await watch.stops_in(await watch.burns(), hours=2)
    extend, shown = steering(watch).extend, watch.clock.at + 2 * HOUR
    for user, click in ((ADA, 1), (ADA, 2), (LIN, 1)):
        view = await extend(pressed(run, user, click), shown)
        assert view.run.deadline is not None
        assert view.run.deadline.at == shown + HOUR, "who comes second sees the new time"
    view = await extend(pressed(run, LIN, 2), shown + HOUR)
    assert view.run.deadline is not None
    assert view.run.deadline.at == shown + 2 * HOUR, "from a card that shows the new time"


@pytest.mark.parametrize("later", [timedelta(minutes=-90), timedelta(hours=5)])
async def test_a_card_that_shows_an_older_time_moves_nothing(
    watch: Watch, later: timedelta
) -> None:
    shown = watch.clock.at + 2 * HOUR
    run = await watch.stops_in(await watch.burns(), hours=2)
    after = await watch.stops_in(run, hours=2 + later / HOUR)
    view = await steering(watch).extend(pressed(run, ADA), shown)
    assert view.run == after
