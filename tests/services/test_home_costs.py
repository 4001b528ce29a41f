"""What stands on a Home in money: whose runs, since when, and how it is said."""

from datetime import timedelta

import pytest

from tests.harness.sent import recorded
from tests.services.home_tabs import Homes
from tests.services.watched import GRACE, Watch
from tests.storage.given import ADA, AT, LIN, TEAM


@pytest.fixture
def homes(watch: Watch) -> Homes:
    return Homes(watch)


async def test_today_begins_at_midnight_where_its_reader_is(homes: Homes) -> None:
    watch = homes.watch
    run = await watch.burns(usd="1", owner=LIN, channel=None)  # 17:00 in Shanghai
    watch.clock.at = AT + timedelta(hours=9)  # 2:00 there
    await homes.opened(LIN)
    assert "*Today* 2.00 USD" in homes.tabs.text(LIN)
    await watch.changed(run, lambda r: r.reported_stopped(at=watch.clock.now(), by=LIN))
    await homes.opened(LIN)
    assert "Nothing runs. *Today* 2.00 USD" in homes.tabs.text(LIN), "what is over has cost it too"


async def test_who_answers_for_no_place_reads_only_what_their_own_runs_cost(homes: Homes) -> None:
    watch = homes.watch
    for n in range(3):
        await watch.burns(f"ow-{n}-lin", owner=LIN, usd="1")
    own = await watch.burns(usd="1", channel=None)
    watch.clock.at += timedelta(hours=2)
    await watch.changed(own, lambda r: r.reported_stopped(at=watch.clock.now(), by=ADA))
    async with watch.store(read_only=True) as uow:
        theirs = await uow.accruals.of_owner(TEAM, ADA, AT)
        assert {accrual.run for accrual in theirs} == {own.id}
    await homes.opened()
    assert "Nothing runs. *Today* 2.00 USD" in homes.tabs.text()
    with recorded(watch.store) as sent:
        await homes.opened(GRACE)
        assert "*Today* 8.00 USD" in homes.tabs.text(GRACE)
    assert not [s for s, _ in sent if "LIKE" in s], "an admin reads all"


async def test_the_sums_of_an_hour_are_said_although_they_are_tiny(homes: Homes) -> None:
    await homes.watch.burns(usd="0.000001")
    homes.watch.clock.at += timedelta(hours=3)
    await homes.opened()
    assert "under 0.01 USD/h" in homes.tabs.text()
