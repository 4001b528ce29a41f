"""A stop time that comes while the machine is on its way to a stop, or cannot be stopped at all."""

from datetime import timedelta

import pytest

from bot.domain.gpu import RunState
from tests.services.watched import Watch

HOUR = timedelta(hours=1)


@pytest.mark.timeout(60)
async def test_what_stops_already_is_waited_for_and_not_looked_at_without_end(
    watch: Watch,
) -> None:
    run = await watch.stops_in(await watch.burns(), minutes=10)
    now = watch.clock.now()
    await watch.changed(run, lambda r: r.changed(now, state=RunState.STOPPING))
    await watch.goes_on(minutes=11)
    after = await watch.run(run)
    assert after.stopping is None, "no order goes out to what stops already"
    await watch.tick()
    assert await watch.run(run) == after
    at = watch.clock.now()
    await watch.changed(run, lambda r: r.changed(at, state=RunState.RUNNING))
    await watch.goes_on(minutes=10)
    assert (await watch.run(run)).stopping is not None, "it runs on, so its time counts again"
