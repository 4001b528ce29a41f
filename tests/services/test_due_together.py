"""Rows that are carried out together: one that fails or is lost holds up none of the others."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from structlog.testing import capture_logs

from bot.domain.delivery import LEASE, ClaimedDue, DueKind
from bot.domain.ids import TeamId, UserId
from bot.services.due import BATCH, BULK_SECONDS, MOST_IN_BULK, LeaseLost, RunDue
from storage.database import SqlStore
from tests.harness.stores import fresh_store
from tests.storage.given import AT, ML_LAB, RANDOM, occurrence, seen

LATER = AT + 2 * LEASE


class StandingClock:
    """Stands where it was put."""

    def __init__(self) -> None:
        self.at = AT
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        del seconds


class Settles:
    """Settles what it gets, all or nothing, and stumbles over one key."""

    def __init__(self, store: SqlStore, stumbles: Exception) -> None:
        self.store = store
        self.stumbles = stumbles
        self.asked: list[list[str]] = []

    async def __call__(self, rows: Sequence[ClaimedDue]) -> None:
        self.asked.append([row.due.key for row in rows])
        if any(row.due.key == "bad" for row in rows):
            raise self.stumbles
        async with self.store() as uow:
            assert await uow.due.settle_all(rows, AT)
            await uow.commit()


async def carried_out(home: Path, stumbles: Exception) -> tuple[list[list[str]], list[str]]:
    """What was asked for, and what is taken up again once the leases are over."""
    async with fresh_store("sqlite", home) as store:
        await seen(store)
        async with store() as uow:
            for key in ("a", "bad", "c"):
                await uow.due.add(occurrence(key))
            await uow.commit()
        work = Settles(store, stumbles)
        run = RunDue(
            store=store, clock=StandingClock(), work={}, together={DueKind.NOT_STARTED: work}
        )
        await run()
        async with store() as uow:
            left = await uow.due.claim(LATER, 9, timedelta(seconds=1))
        return work.asked, [row.due.key for row in left]


async def test_where_one_fails_each_is_done_alone(tmp_path: Path) -> None:
    asked, left = await carried_out(tmp_path, RuntimeError("no"))
    assert asked == [["a", "bad", "c"], ["a"], ["bad"], ["c"]]
    assert left == ["bad"]


async def test_where_one_is_somebody_elses_the_others_are_done(tmp_path: Path) -> None:
    asked, left = await carried_out(tmp_path, LeaseLost("bad"))
    assert asked[0] == ["a", "bad", "c"]
    assert left == ["bad"]


async def test_what_fails_is_named_once_and_a_kind_that_nobody_handles_too(tmp_path: Path) -> None:
    with capture_logs() as logs:
        await carried_out(tmp_path / "one", RuntimeError("no"))
    assert [(e["event"], e["log_level"]) for e in logs if e["event"].startswith("due.")] == [
        ("due.together_failed", "warning"), ("due.failed", "error"),
    ]  # fmt: skip
    async with fresh_store("sqlite", tmp_path / "two") as store:
        await seen(store)
        async with store() as uow:
            await uow.due.add(occurrence("a"))
            await uow.commit()
        with capture_logs() as logs:
            await RunDue(store=store, clock=StandingClock(), work={}, together={})()
    assert [(e["event"], e["key"]) for e in logs] == [("due.failed", "a")]


class Alone:
    """Settles the row it gets, and counts how many it had at once."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.running = 0
        self.at_once: list[int] = []

    async def __call__(self, row: ClaimedDue) -> None:
        self.running += 1
        self.at_once.append(self.running)
        await asyncio.sleep(0)
        async with self.store() as uow:
            assert await uow.due.settle(row, AT)
            await uow.commit()
        self.running -= 1


async def test_digests_go_in_bulk_and_nothing_else_does(tmp_path: Path) -> None:
    """What runs alone takes a connection each; others hold the writer for as long as they go."""
    async with fresh_store("sqlite", tmp_path) as store:
        await seen(store)
        weekly, error = DueKind.WEEKLY_DIGEST, RuntimeError("no")
        here = {"kind": weekly, "channel": ML_LAB}
        many = [occurrence(f"{n:03}", **here) for n in range(MOST_IN_BULK + 30)]
        held = [occurrence(f"y{n}") for n in range(2 * BATCH)]
        others = [occurrence(f"x{n}", kind=DueKind.PUBLISH_PLAN) for n in range(BATCH + 5)]
        async with store() as uow:
            await uow.due.add_all([*many, *held, *others])
            await uow.commit()
        alone, few, bulk = Alone(store), Settles(store, error), Settles(store, error)
        work, together = {DueKind.PUBLISH_PLAN: alone}, {DueKind.NOT_STARTED: few, weekly: bulk}
        await RunDue(store=store, clock=StandingClock(), work=work, together=together)()
    assert len(bulk.asked[0]) == MOST_IN_BULK
    assert sorted(key for keys in bulk.asked for key in keys) == [row.key for row in many]
    assert sum(len(keys) for keys in few.asked) == len(held)
    assert max(len(keys) for keys in few.asked) <= BATCH
    assert len(alone.at_once) == len(others)
    assert max(alone.at_once) <= BATCH


class Slow:
    """Digests that take half of the time that there is; one never comes to its end."""

    def __init__(self, store: SqlStore, clock: StandingClock, stuck: str = "") -> None:
        self.store = store
        self.clock = clock
        self.stuck = stuck
        self.is_stuck = asyncio.Event()
        self.done: list[list[str]] = []

    async def __call__(self, rows: Sequence[ClaimedDue]) -> None:
        keys = [row.due.key for row in rows]
        if self.stuck in keys:
            self.is_stuck.set()
            await asyncio.Event().wait()
        self.clock.seconds += BULK_SECONDS / 2
        async with self.store() as uow:
            assert await uow.due.settle_all(rows, self.clock.at)
            await uow.commit()
        self.done.append(keys)

    async def ticked(self) -> None:
        """Once, by a guard that cuts off what is stuck; then leases end."""
        self.is_stuck.clear()
        together = {DueKind.WEEKLY_DIGEST: self}
        run = RunDue(store=self.store, clock=self.clock, work={}, together=together)
        ticking = asyncio.create_task(run())
        stuck = asyncio.create_task(self.is_stuck.wait())
        await asyncio.wait({ticking, stuck}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ticking, stuck):
            task.cancel()
        await asyncio.gather(ticking, stuck, return_exceptions=True)
        self.clock.at += 2 * LEASE


async def two_channels_each(store: SqlStore, *teams: str) -> None:
    """Digests of two channels of each workspace, and of itself."""
    async with store() as uow:
        for team in map(TeamId, teams):
            await uow.workspaces.seen(team, "Lab", UserId("UBOT"), AT)
            of = {"kind": DueKind.WEEKLY_DIGEST, "team": team}
            rooms = [occurrence(f"{team}:{room}", **of, channel=room) for room in (ML_LAB, RANDOM)]
            await uow.due.add_all([occurrence(f"{team}:", **of), *rooms])
        await uow.commit()


async def test_each_workspaces_digests_are_settled_and_what_is_not_begun_is_left(
    tmp_path: Path,
) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        await two_channels_each(store, "T1", "T2")
        slow = Slow(store, StandingClock())
        with capture_logs() as logs:
            await slow.ticked()
        assert slow.done == [["T1:C1", "T1:C2"], ["T2:C1", "T2:C2"]]
        assert [e for e in logs if e["event"] == "due.left"] == [
            {"event": "due.left", "log_level": "info", "kind": "weekly_digest", "rows": 2}
        ]
        await slow.ticked()
    assert sorted(slow.done[2:]) == [["T1:"], ["T2:"]]


async def test_one_that_never_ends_holds_up_no_other(tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        await two_channels_each(store, "T1", "T2", "T3")
        slow = Slow(store, StandingClock(), stuck="T1:C2")
        for _ in range(8):
            await slow.ticked()
    told = sorted(key for keys in slow.done for key in keys)
    assert told == ["T1:", "T1:C1", "T2:", "T2:C1", "T2:C2", "T3:", "T3:C1", "T3:C2"]
