"""Vast.ai: states that say two things, pages, and the pauses between calls."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.fleet import (
    Billing,
    Ended,
    Ending,
    Grade,
    Instance,
    Machine,
    MachineState,
    PlanReading,
    PriceSource,
    Provider,
    Read,
)
from gateways.fleet.vast_rows import COLUMNS
from sandbox.fleet.vast import Vast as Account
from tests.gateways.fleet.conftest import ANSWERS, HOUR, NOON, Side, Waiting, many, vast_said

State = MachineState
BOTH = frozenset({Ending.STOP, Ending.TERMINATE})
PAGES = [ANSWERS["vast_v1_list_instances_page1"], ANSWERS["vast_v1_list_instances_page2"]]


async def test_the_published_shape_is_understood(clock: Waiting) -> None:
    found = await vast_said(clock, *PAGES)
    assert found.complete
    running, booting, stopped = found.instances
    start = datetime(2026, 11, 21, 22, 26, 40, 120_000, tzinfo=UTC)
    assert running == Instance(
        Machine(Provider.VAST, "default", "312", "California, US"),
        State.RUNNING,
        Billing.COMPUTE,
        raw_status="running",
        name="owner:U0AAA",
        joined=("owner:U0AAA",),
        gpu="RTX 4090",
        vram_bytes=24564 * 2**20,
        price_per_hour=Decimal("0.8021"),
        price_source=PriceSource.INSTANCE,
        storage_per_hour=Decimal("0.0021"),
        created_at=start,
        started_at=start,
        owner_hint="U0AAA",
        gpu_util=(0,),
        endings=BOTH,
    )
    assert (booting.state, booting.billing) == (State.STARTING, Billing.STORAGE)
    assert (booting.gpu, booting.gpu_count, booting.raw_status) == ("H100 SXM", 8, None)
    assert (stopped.state, stopped.billing) == (State.STOPPED, Billing.STORAGE)
    assert stopped.price_per_hour is None
    assert (stopped.storage_per_hour, stopped.tier) == (Decimal("0.012"), "interruptible")
    assert stopped.endings == {Ending.TERMINATE}


async def test_only_harmless_columns_are_asked_for_with_a_pause_between_pages(
    vast: Side[Account],
) -> None:
    many(vast, 60)
    found = await vast.listing()
    assert (found.complete, len(found.instances)) == (True, 60)
    assert [round(wait, 1) for wait in vast.clock.slept] == [1.1, 1.1]
    assert not {"jupyter_token", "onstart", "extra_env", "ssh_host"} & set(COLUMNS)
    assert (await vast.listing()).complete


async def test_a_stop_is_asked_for_once_and_seen_when_it_is_done(vast: Side[Account]) -> None:
    one = vast.there.start("ow-12-ada", ago=HOUR)
    assert await vast.end(one.id) is Ended.ACCEPTED
    stopping = await vast.only()
    assert (stopping.state, stopping.billing) == (State.STOPPING, Billing.COMPUTE)
    vast.clock.advance(timedelta(seconds=20))
    stopped = await vast.only()
    assert (stopped.state, stopped.billing) == (State.STOPPED, Billing.STORAGE)
    assert (await vast.read(one.id)).instance == stopped
    assert vast.there.count("stop", one.id) == 1


async def test_what_was_destroyed_is_not_there(vast: Side[Account]) -> None:
    one = vast.there.start("eval", ago=HOUR)
    assert await vast.end(one.id, Ending.TERMINATE) is Ended.ACCEPTED
    assert (await vast.listing()).instances == ()
    assert await vast.read(one.id) == Read()
    assert await vast.end(one.id, Ending.TERMINATE) is Ended.ALREADY
    assert await vast.end(one.id) is Ended.ALREADY


async def test_calls_keep_their_distance(vast: Side[Account]) -> None:
    one = vast.there.start("eval", ago=HOUR, lies=True)
    for _ in range(2):
        assert (await vast.read(one.id)).instance is not None
        assert await vast.end(one.id) is Ended.ACCEPTED
        assert await vast.end(one.id, Ending.TERMINATE) is Ended.ACCEPTED
    assert all(call.status == 200 for call in vast.there.calls)
    assert (await vast.only()).state is State.RUNNING


async def test_a_label_may_hold_a_promise_and_an_owner(near_vast: Side[Account]) -> None:
    near_vast.there.start("owroute owner=U0ADA until=2026-11-24T18:00Z", ago=HOUR)
    found = await near_vast.only()
    until = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
    assert found.plan == PlanReading(Grade.DECLARED, until, "vast.label")
    assert found.owner_hint == "U0ADA"


ODD = [
    ({"actual_status": None}, {"state": State.STARTING, "billing": Billing.STORAGE}),
    ({"actual_status": "created"}, {"state": State.STARTING}),
    ({"actual_status": "rebooting"}, {"state": State.RUNNING, "billing": Billing.COMPUTE}),
    ({"actual_status": "frozen"}, {"state": State.RUNNING, "billing": Billing.COMPUTE}),
    ({"intended_status": "stopped"}, {"state": State.STOPPING, "billing": Billing.COMPUTE}),
    ({"cur_state": "unloaded"}, {"state": State.STOPPING}),
    ({"actual_status": None, "cur_state": "stopped"}, {"state": State.STOPPING}),
    ({"actual_status": "stopped"}, {"state": State.STOPPING, "billing": Billing.UNKNOWN}),
    ({"actual_status": "stopped", "cur_state": "unloaded"}, {"state": State.STOPPED}),
    ({"actual_status": "exited"}, {"state": State.ERROR, "billing": Billing.UNKNOWN}),
    ({"actual_status": "exited", "cur_state": "stopped"}, {"state": State.STOPPED}),
    ({"actual_status": "offline"}, {"state": State.UNKNOWN, "billing": Billing.NONE}),
    ({"actual_status": "unknown"}, {"state": State.UNKNOWN, "billing": Billing.UNKNOWN}),
    ({"actual_status": 7}, {"state": State.STARTING}),
    ({"cur_state": None}, {"state": State.UNKNOWN, "billing": Billing.UNKNOWN}),
    ({"num_gpus": None}, {"state": State.UNKNOWN, "gpu_count": 1}),
    ({"num_gpus": 0}, {"state": State.RUNNING, "gpu_count": 1}),
    ({"dph_total": float("nan")}, {"price_per_hour": None, "price_source": None}),
    ({"dph_total": -1}, {"price_per_hour": None}),
    ({"dph_total": 0}, {"price_per_hour": None, "billing": Billing.COMPUTE}),
    ({"dph_total": None}, {"price_per_hour": None}),
    ({"storage_total_cost": 0.0}, {"storage_per_hour": None}),
    ({"gpu_util": None}, {"gpu_util": None}),
    ({"gpu_util": 0.5}, {"gpu_util": None}),
    ({"gpu_util": 0}, {"gpu_util": (0,)}),
    ({"gpu_ram": -1}, {"vram_bytes": None}),
    ({"gpu_name": "RTX_4090"}, {"gpu": "RTX 4090"}),
    ({"start_date": None}, {"started_at": None}),
    ({"start_date": 1e30}, {"started_at": None}),
    ({"start_date": -5}, {"created_at": None}),
    ({"start_date": (NOON + HOUR).timestamp()}, {"started_at": NOON + HOUR}),
    ({"label": None}, {"name": None, "joined": (), "owner_hint": None}),
    ({"label": "sweep ow-12-ada"}, {"joined": ("sweep", "ow-12-ada")}),
    ({"label": "owroute until=soon"}, {"plan": PlanReading()}),
    ({"label": "about until=2026-11-24T18:00Z"}, {"plan": PlanReading()}),
    ({"label": "<!channel>\u202e\n" + "x" * 5000}, {"name": "<!channel> " + "x" * 189}),
    ({"is_bid": None}, {"tier": None}),
]  # fmt: skip


@pytest.mark.parametrize(("odd", "found"), ODD)
async def test_an_odd_field_is_unknown_and_spoils_nothing_else(
    near_vast: Side[Account], odd: dict[str, Any], found: dict[str, Any]
) -> None:
    near_vast.there.start("odd", ago=HOUR, odd=odd)
    near_vast.there.start("even", ago=HOUR)
    listing = await near_vast.listing()
    assert listing.complete
    one, other = listing.instances
    assert {name: getattr(one, name) for name in found} == found
    assert (other.state, other.price_per_hour) == (State.RUNNING, Decimal("0.6921"))
