"""RunPod on bad days: what is said of a list, and what became of a stop."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.fleet import (
    Ended,
    Ending,
    Machine,
    MachineState,
    Problem,
    Provider,
    Read,
)
from gateways.fleet.http import MAX_BYTES, ProviderApi
from gateways.fleet.runpod import RunPod
from gateways.provider_http import provider_client
from sandbox.clock import SharedClock
from sandbox.fleet.fleet import RUNPOD_PATH, Fleet
from sandbox.fleet.runpod import RUNPOD_KEY
from sandbox.fleet.runpod import RunPod as Account
from sandbox.fleet.service import FleetFaultKind
from sandbox.prices import SECRET
from tests.gateways.conftest import Answer, StandIn
from tests.gateways.fleet.conftest import (
    ANSWERS,
    HOUR,
    NOON,
    Side,
    Waiting,
    api_of,
    near_api_of,
    runpod_over_http,
    runpod_said,
)

Kind = FleetFaultKind


LISTING_FAULTS = [
    (Kind.SERVER_ERROR, Problem.SERVER, 3),
    (Kind.REFUSE, Problem.NETWORK, 3),
    (Kind.SLOW, Problem.NETWORK, 3),
    (Kind.CUT_AFTER_ACCEPT, Problem.NETWORK, 3),
    (Kind.TOO_MANY, Problem.RATE, 1),
    (Kind.TOO_MANY_PLAIN, Problem.RATE, 1),
    (Kind.GONE, Problem.GONE, 1),
    (Kind.UNAUTHORIZED, Problem.AUTH, 1),
    (Kind.FORBIDDEN, Problem.AUTH, 1),
    (Kind.NOT_FOUND, Problem.SHAPE, 1),
    (Kind.REDIRECT, Problem.SHAPE, 1),
    (Kind.HTML, Problem.SHAPE, 1),
    (Kind.TRUNCATED, Problem.SHAPE, 1),
    (Kind.A_LIST, Problem.SHAPE, 1),
    (Kind.NO_LIST, Problem.SHAPE, 1),
    (Kind.SUCCESS_FALSE, Problem.SHAPE, 1),
]


@pytest.mark.parametrize(("kind", "problem", "calls"), LISTING_FAULTS)
async def test_a_listing_that_fails_says_why_and_is_not_complete(
    clock: Waiting, kind: Kind, problem: Problem, calls: int
) -> None:
    async with runpod_over_http(clock, read_seconds=0.2) as runpod:
        runpod.there.start("eval", ago=HOUR)
        runpod.fails(kind)
        failed = await runpod.listing()
        assert (failed.problem, failed.complete, failed.instances) == (problem, False, ())
        assert runpod.there.count("list") == calls
        runpod.there.faults.clear()
        clock.advance(timedelta(minutes=5))
        assert (await runpod.listing()).complete


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.REFUSE])
async def test_two_bad_moments_are_put_up_with(runpod: Side[Account], kind: Kind) -> None:
    runpod.there.start("eval", ago=HOUR)
    runpod.fails(kind, times=2)
    assert len((await runpod.listing()).instances) == 1
    assert runpod.clock.slept == [2.5, 5.0]


async def test_an_empty_list_is_complete(runpod: Side[Account]) -> None:
    runpod.there.start("eval", ago=HOUR)
    runpod.fails(Kind.EMPTY, times=1)
    empty = await runpod.listing()
    assert (empty.complete, empty.instances) == (True, ())


async def test_a_limit_is_kept_as_long_as_the_provider_says(runpod: Side[Account]) -> None:
    runpod.fails(Kind.TOO_MANY, times=1, retry_after="12")
    assert (await runpod.listing()).retry_after == timedelta(seconds=12)
    runpod.clock.advance(timedelta(seconds=11))
    waiting = await runpod.listing()
    assert (waiting.problem, waiting.retry_after) == (Problem.RATE, timedelta(seconds=1))
    assert (await runpod.read("pod_1")).problem is Problem.RATE
    assert len(runpod.there.calls) == 1
    runpod.clock.advance(timedelta(seconds=1))
    assert (await runpod.listing()).complete


async def test_a_limit_without_a_time_is_met_with_patience_that_doubles(
    runpod: Side[Account],
) -> None:
    runpod.fails(Kind.TOO_MANY_PLAIN, times=9)
    waits = []
    for _ in range(9):
        wait = (await runpod.listing()).retry_after
        assert wait is not None
        waits.append(wait.total_seconds())
        runpod.clock.advance(wait)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert (await runpod.listing()).complete
    runpod.fails(Kind.TOO_MANY_PLAIN, times=1)
    assert (await runpod.listing()).retry_after == timedelta(seconds=2)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("0", None), ("-5", 2), ("soon", 2), ("1e9", 2), ("999999", 3600), ("99999999", 2),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60), ("Mon, 23 Nov 2026 11:00:00 GMT", None),
        ("Mon, 23 Nov 2099 11:00:00 GMT", 3600),
    ],
)  # fmt: skip
async def test_any_wish_to_wait_is_bounded(
    near_runpod: Side[Account], retry_after: str, seconds: int | None
) -> None:
    near_runpod.fails(Kind.TOO_MANY, times=1, retry_after=retry_after)
    found = (await near_runpod.listing()).retry_after
    assert found == (None if seconds is None else timedelta(seconds=seconds))


async def test_a_key_that_is_revoked_and_given_back(runpod: Side[Account]) -> None:
    pod = runpod.there.start("eval", ago=HOUR)
    assert (await runpod.ours.sight()).problem is None
    runpod.there.is_revoked = True
    assert (await runpod.listing()).problem is Problem.AUTH
    assert (await runpod.read(pod.id)).problem is Problem.AUTH
    assert await runpod.end(pod.id) is Ended.FORBIDDEN
    runpod.there.is_revoked = False
    assert (await runpod.ours.sight()).machines == 1


async def test_an_endless_answer_is_cut(clock: Waiting) -> None:
    found = await runpod_said(clock, Answer(" " * (MAX_BYTES + 1)))
    assert found.problem is Problem.SHAPE


@pytest.mark.parametrize(
    ("kind", "ended", "is_done"),
    [
        (Kind.CUT_AFTER_ACCEPT, Ended.UNKNOWN, True),
        (Kind.SILENT_AFTER_ACCEPT, Ended.UNKNOWN, True),
        (Kind.TRUNCATED, Ended.ACCEPTED, True),
        (Kind.REFUSE, Ended.UNKNOWN, False),
        (Kind.SERVER_ERROR, Ended.UNKNOWN, False),
        (Kind.REDIRECT, Ended.UNKNOWN, False),
        (Kind.CONFLICT, Ended.UNKNOWN, False),
        (Kind.TOO_MANY, Ended.LATER, False),
        (Kind.GONE, Ended.LATER, False),
        (Kind.UNAUTHORIZED, Ended.FORBIDDEN, False),
        (Kind.FORBIDDEN, Ended.FORBIDDEN, False),
        (Kind.NOT_FOUND, Ended.ALREADY, False),
        (Kind.HTML, Ended.ACCEPTED, False),
    ],
)
async def test_what_became_of_a_stop_is_said_without_trying_twice(
    clock: Waiting, kind: Kind, ended: Ended, is_done: bool
) -> None:
    async with runpod_over_http(clock, read_seconds=0.2) as runpod:
        pod = runpod.there.start("eval", ago=HOUR, stop_takes=timedelta(0))
        runpod.fails(kind, "stop")
        assert await runpod.end(pod.id) is ended
        assert runpod.there.count("stop", pod.id) == 1
        clock.advance(timedelta(minutes=1))
        now = (await runpod.read(pod.id)).instance
        assert now is not None
        assert (now.state is MachineState.STOPPED) == is_done


async def test_a_stop_is_tried_even_while_listings_wait(runpod: Side[Account]) -> None:
    pod = runpod.there.start("eval", ago=HOUR)
    runpod.fails(Kind.TOO_MANY, times=1)
    assert (await runpod.listing()).problem is Problem.RATE
    assert await runpod.end(pod.id) is Ended.ACCEPTED


@pytest.mark.parametrize("status", [403, 409, 423])
async def test_a_locked_pod_is_named_as_locked(runpod: Side[Account], status: int) -> None:
    pod = runpod.there.start("eval", ago=HOUR, locked=True)
    runpod.there.locked_status = status
    assert (await runpod.only()).locked
    assert await runpod.end(pod.id) is Ended.LOCKED


async def test_a_key_for_looking_sees_all_and_stops_nothing(runpod: Side[Account]) -> None:
    pod = runpod.there.start("eval", ago=HOUR)
    runpod.there.may_write = False
    assert (await runpod.only()).state is MachineState.RUNNING
    assert await runpod.end(pod.id) is Ended.FORBIDDEN


async def test_nobody_at_home_is_no_stop(clock: Waiting, closed_port: int) -> None:
    async with provider_client(f"http://127.0.0.1:{closed_port}", "key") as client:
        ours = RunPod(ProviderApi(client, clock))
        assert (
            await ours.end(Machine(Provider.RUNPOD, "default", "pod_1"), Ending.STOP, "key")
            is Ended.LATER
        )
        (found,) = await ours.listings()
        assert found.problem is Problem.NETWORK


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<h1>Not Found</h1>", 404, "text/html"),
        Answer(json.dumps(ANSWERS["runpod_v2_list_pods"]["pods"][1])),
        Answer("{}"),
        Answer("[]"),
    ],
)
async def test_only_runpod_itself_can_say_that_a_pod_is_not_there(
    clock: Waiting, answer: Answer
) -> None:
    async with near_api_of(StandIn(answer).app, clock, key="key") as api:
        assert await RunPod(api).read(Machine(Provider.RUNPOD, "default", "pod_run1")) == Read(
            problem=Problem.SHAPE
        )


async def test_how_far_apart_the_clocks_are_is_seen(tmp_path: Path, clock: Waiting) -> None:
    theirs = SharedClock(tmp_path / "theirs.json", frozen_at=NOON + timedelta(minutes=5))
    fleet = Fleet(theirs)
    async with api_of(fleet.app, clock, path=RUNPOD_PATH, key=RUNPOD_KEY) as api:
        assert (await RunPod(api).sight()).skew == timedelta(minutes=5)


async def test_secrets_stay_where_they_are(
    runpod: Side[Account], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    pod = runpod.there.start("eval", ago=HOUR)
    kept = [await runpod.listing(), await runpod.read(pod.id), await runpod.ours.sight()]
    for kind in (Kind.NO_LIST, Kind.HTML, Kind.TRUNCATED, Kind.SUCCESS_FALSE):
        runpod.fails(kind, times=1)
        kept.append(await runpod.listing())
    runpod.there.start("odd", odd={"env": SECRET, "ssh": SECRET, "status": [SECRET]})
    kept += [await runpod.listing(), await runpod.end(pod.id)]
    seen = repr(kept) + caplog.text + "".join(capsys.readouterr())
    assert "pod_" in seen
    assert SECRET not in seen
    assert RUNPOD_KEY not in seen
