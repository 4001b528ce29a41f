"""Vast.ai on bad days: pages that are not whole, and a bad key that looks empty."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.fleet import (
    Ended,
    Ending,
    Listing,
    Machine,
    MachineState,
    Problem,
    Provider,
    Read,
)
from gateways.fleet.vast import MOST_PAGES, Vast
from sandbox.fleet.fleet import VAST_PATH, Fleet
from sandbox.fleet.service import FleetFaultKind
from sandbox.fleet.vast import VAST_KEY
from sandbox.fleet.vast import Vast as Account
from sandbox.prices import SECRET
from tests.gateways.conftest import Answer, StandIn
from tests.gateways.fleet.conftest import (
    ANSWERS,
    HOUR,
    Side,
    Waiting,
    api_of,
    many,
    near_api_of,
    vast_over_http,
    vast_said,
)

Kind = FleetFaultKind
State = MachineState
PAGES = [ANSWERS["vast_v1_list_instances_page1"], ANSWERS["vast_v1_list_instances_page2"]]


@pytest.mark.parametrize(
    ("kind", "problem", "calls"),
    [
        (Kind.SERVER_ERROR, Problem.SERVER, 3),
        (Kind.REFUSE, Problem.NETWORK, 3),
        (Kind.SLOW, Problem.NETWORK, 3),
        (Kind.TOO_MANY, Problem.RATE, 1),
        (Kind.TOO_MANY_PLAIN, Problem.RATE, 1),
        (Kind.GONE, Problem.GONE, 1),
        (Kind.UNAUTHORIZED, Problem.AUTH, 1),
        (Kind.FORBIDDEN, Problem.AUTH, 1),
        (Kind.NOT_FOUND, Problem.SHAPE, 1),
        (Kind.HTML, Problem.SHAPE, 1),
        (Kind.TRUNCATED, Problem.SHAPE, 1),
        (Kind.A_LIST, Problem.SHAPE, 1),
        (Kind.NO_LIST, Problem.SHAPE, 1),
        (Kind.SUCCESS_FALSE, Problem.SHAPE, 1),
    ],
)
async def test_a_listing_that_fails_says_why_and_is_not_complete(
    clock: Waiting, kind: Kind, problem: Problem, calls: int
) -> None:
    async with vast_over_http(clock, read_seconds=0.2) as vast:
        vast.there.start("eval", ago=HOUR)
        vast.fails(kind)
        failed = await vast.listing()
        assert (failed.problem, failed.complete, failed.instances) == (problem, False, ())
        assert vast.there.count("list") == calls
        vast.there.faults.clear()
        clock.advance(timedelta(minutes=5))
        assert (await vast.listing()).complete


async def test_an_empty_list_is_complete(near_vast: Side[Account]) -> None:
    near_vast.there.start("eval", ago=HOUR)
    near_vast.fails(Kind.EMPTY, times=1)
    assert await near_vast.listing() == Listing((await near_vast.listing()).scope)


@pytest.mark.parametrize(
    "kind", [Kind.SERVER_ERROR, Kind.GONE, Kind.UNAUTHORIZED, Kind.HTML, Kind.NO_LIST]
)
async def test_a_page_that_fails_leaves_the_first_ones_true(
    near_vast: Side[Account], kind: Kind
) -> None:
    many(near_vast, 30)
    near_vast.fails(kind, "page")
    found = await near_vast.listing()
    assert (found.problem, len(found.instances)) == (Problem.PARTIAL, 25)


async def test_a_listing_that_takes_too_long_is_what_came_so_far(clock: Waiting) -> None:
    fleet = Fleet(clock)
    async with api_of(fleet.app, clock, path=VAST_PATH, key=VAST_KEY) as api:
        vast = Side(fleet.vast, Vast(api, clock, whole_seconds=1.0), clock)
        many(vast, 30)
        vast.fails(Kind.SLOW, "page")
        found = await vast.listing()
        assert (found.problem, len(found.instances)) == (Problem.PARTIAL, 25)
        vast.fails(Kind.SLOW, "list", times=1)
        assert (await vast.listing()).problem is Problem.NETWORK
        vast.there.faults.clear()
        assert (await vast.listing()).complete


async def test_a_limit_between_pages_is_waited_for(vast: Side[Account]) -> None:
    many(vast, 30)
    vast.fails(Kind.TOO_MANY_PLAIN, "page", times=1)
    assert (await vast.listing()).complete
    vast.fails(Kind.TOO_MANY_PLAIN, "page", times=2)
    found = await vast.listing()
    assert (found.problem, len(found.instances)) == (Problem.PARTIAL, 25)


async def test_a_count_that_does_not_fit_is_checked_once(near_vast: Side[Account]) -> None:
    many(near_vast, 30)
    near_vast.there.miscounts = 1
    found = await near_vast.listing()
    assert (found.complete, len(found.instances), near_vast.there.count("list")) == (True, 30, 2)
    near_vast.there.miscounts = 2
    found = await near_vast.listing()
    assert (found.problem, len(found.instances)) == (Problem.PARTIAL, 30)
    assert near_vast.there.count("list") == 4


async def test_what_vanishes_between_pages_is_no_mistake(clock: Waiting) -> None:
    first, last = PAGES
    found = await vast_said(clock, first, {**last, "total_instances": 2})
    assert (found.complete, len(found.instances)) == (True, 3)


async def test_an_id_on_two_pages_is_one_instance_and_the_later_row_counts(clock: Waiting) -> None:
    first, last = PAGES
    again = {**first["instances"][1], "actual_status": "running"}
    rows = [again, *last["instances"]]
    found = await vast_said(clock, first, {**last, "instances": rows})
    assert [one.state for one in found.instances] == [State.RUNNING, State.RUNNING, State.STOPPED]
    assert found.complete


async def test_tokens_that_repeat_and_lists_without_an_end_are_left(
    near_vast: Side[Account],
) -> None:
    many(near_vast, 2)
    near_vast.there.loops = True
    found = await near_vast.listing()
    assert (found.problem, len(found.instances), len(near_vast.there.calls)) == (
        Problem.PARTIAL,
        2,
        2,
    )
    near_vast.there.loops, near_vast.there.endless = False, True
    assert (await near_vast.listing()).problem is Problem.PARTIAL
    assert len(near_vast.there.calls) == 2 + MOST_PAGES


@pytest.mark.parametrize("token", [7, ["a"], {}, True])
async def test_a_token_that_is_none_is_no_page(clock: Waiting, token: Any) -> None:
    found = await vast_said(clock, {**PAGES[0], "next_token": token})
    assert not found.complete


@pytest.mark.parametrize("column", ["cur_state", "num_gpus", "id"])
async def test_a_column_that_is_null_everywhere_was_renamed(clock: Waiting, column: str) -> None:
    rows = [{**row, column: None} for row in PAGES[0]["instances"]]
    page = {**PAGES[0], "instances": rows, "next_token": None, "total_instances": 2}
    found = await vast_said(clock, page)
    assert (found.problem, found.instances) == (Problem.SHAPE, ())


@pytest.mark.parametrize("row", [None, 7, [], {}, {"id": "x/1"}, {"id": True}])
async def test_a_row_without_an_id_makes_the_list_a_part_of_one(clock: Waiting, row: Any) -> None:
    page = {**PAGES[1], "instances": [*PAGES[1]["instances"], row], "total_instances": 2}
    found = await vast_said(clock, page)
    assert (found.problem, len(found.instances)) == (Problem.PARTIAL, 1)


@pytest.mark.parametrize(
    ("kind", "ended", "is_done"),
    [
        (Kind.CUT_AFTER_ACCEPT, Ended.UNKNOWN, True),
        (Kind.SILENT_AFTER_ACCEPT, Ended.UNKNOWN, True),
        (Kind.REFUSE, Ended.UNKNOWN, False),
        (Kind.SERVER_ERROR, Ended.UNKNOWN, False),
        (Kind.SUCCESS_FALSE, Ended.UNKNOWN, False),
        (Kind.CONFLICT, Ended.UNKNOWN, False),
        (Kind.TOO_MANY_PLAIN, Ended.LATER, False),
        (Kind.GONE, Ended.LATER, False),
        (Kind.UNAUTHORIZED, Ended.FORBIDDEN, False),
        (Kind.FORBIDDEN, Ended.FORBIDDEN, False),
        (Kind.NOT_FOUND, Ended.ALREADY, False),
    ],
)
async def test_what_became_of_a_stop_is_said_without_trying_twice(
    clock: Waiting, kind: Kind, ended: Ended, is_done: bool
) -> None:
    async with vast_over_http(clock, read_seconds=0.2) as vast:
        one = vast.there.start("eval", ago=HOUR, stop_takes=timedelta(0))
        vast.fails(kind, "stop")
        assert await vast.end(one.id) is ended
        assert vast.there.count("stop", one.id) == 1
        clock.advance(timedelta(minutes=1))
        now = (await vast.read(one.id)).instance
        assert now is not None
        assert (now.state is State.STOPPED) == is_done


async def test_a_refused_stop_of_what_is_stopped_already_is_success(vast: Side[Account]) -> None:
    one = vast.there.start("eval", ago=HOUR, stop_takes=timedelta(0))
    one.stop(vast.clock.now())
    vast.fails(Kind.SUCCESS_FALSE, "stop")
    assert await vast.end(one.id) is Ended.ALREADY
    vast.fails(Kind.SUCCESS_FALSE, "terminate")
    assert await vast.end(one.id, Ending.TERMINATE) is Ended.UNKNOWN


async def test_a_revoked_key_does_not_read_as_nothing_there(vast: Side[Account]) -> None:
    one = vast.there.start("eval", ago=HOUR)
    vast.there.is_revoked = True
    assert (await vast.ours.sight()).problem is Problem.AUTH
    assert await vast.read(one.id) == Read(problem=Problem.AUTH)
    assert await vast.end(one.id) is Ended.FORBIDDEN
    assert {call.status for call in vast.there.calls} == {404}
    vast.there.is_revoked = False
    assert (await vast.ours.sight()).machines == 1


@pytest.mark.parametrize(
    "answer", [Answer('{"instances": null}'), Answer(json.dumps({"instances": PAGES[0]})),
               Answer("<h1>No</h1>", 404)],
)  # fmt: skip
async def test_only_vast_itself_can_say_that_an_instance_is_not_there(
    clock: Waiting, answer: Answer
) -> None:
    async with near_api_of(StandIn(answer).app, clock, key="key") as api:
        assert await Vast(api, clock).read(Machine(Provider.VAST, "default", "312")) == Read(
            problem=Problem.SHAPE
        )


async def test_secrets_stay_where_they_are(
    vast: Side[Account], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one = vast.there.start("eval", ago=HOUR)
    kept: list[object] = [await vast.read(one.id), await vast.listing()]
    for kind in (Kind.NO_LIST, Kind.HTML, Kind.TRUNCATED, Kind.SUCCESS_FALSE):
        vast.fails(kind, times=1)
        kept.append(await vast.listing())
    seen = repr(kept) + caplog.text
    assert "RTX 4090" in seen
    assert SECRET not in seen
    assert VAST_KEY not in seen
