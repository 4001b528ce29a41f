"""What an idle tick costs with very many experiments running, and a morning's reminders.

The floor is the same tick over a tenth of the experiments: what is not due must cost nothing.
"""

import asyncio
import logging
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Table, insert

from bot.domain.delivery import DueKind, Outcome, Outgoing, Post, Sent
from bot.domain.digest_when import MONDAY
from bot.domain.ids import ChannelId, TeamId
from bot.services.arming import ArmReminders
from bot.services.digest.aftermath import Aftermath
from bot.services.digest.arming import ArmDigests
from bot.services.due import RunDue
from bot.services.gpu.arming import ArmGpus
from bot.services.gpu.watch import KeepWatch
from bot.services.outbox import DrainOutbox
from bot.services.pace import Pace
from bot.services.refused import Refused
from bot.services.reminders import KeepReminders
from bot.services.reminding import RemindEvidence
from bot.services.tick import Tick
from engine.contract import AvailableRoute, BudgetLevel, ConstraintCard, Privacy
from storage.database import SqlStore, make_engine, migrate
from storage.tables import constraint_cards, due, evidence_items, experiments, workspaces

AT = datetime(2026, 11, 24, 9, 59, tzinfo=UTC)
TEN = AT + timedelta(minutes=1)
CHANNELS = 1_000
MANY = 100_000
ITEMS = 6
TICKS = 300
CHUNK = 5_000


@dataclass(frozen=True)
class Idle:
    """Milliseconds of an idle tick and of the look for channels that no reminder waits for.

    Seconds until a morning's reminders are queued.
    """

    p50: float
    p99: float
    look: float
    morning: float
    reminded: int


class StandingClock:
    """Stands still for the bot; what is measured is measured beside it."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return time.perf_counter()

    async def sleep(self, seconds: float) -> None:
        del seconds


class NoSlack:
    """Takes nothing: an idle tick sends nothing."""

    async def post(
        self, team: TeamId, outgoing: Outgoing, thread_ts: str | None, channel: ChannelId
    ) -> Outcome:
        raise AssertionError(outgoing.key)

    async def update(self, team: TeamId, outgoing: Outgoing, post: Post) -> Outcome:
        raise AssertionError(outgoing.key)

    async def delete(self, team: TeamId, post: Post) -> Outcome:
        raise AssertionError(post)

    async def upload(self, *_: Any) -> Outcome:
        raise AssertionError

    async def find(self, *_: Any) -> Sent | None:
        return None


async def all_well() -> None:
    """Nobody outside is told."""


async def figures() -> dict[str, Idle]:
    """The tick beside a tenth of the experiments, and beside all of them."""
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    return {str(count): await measured(count) for count in (MANY // 10, MANY)}


async def measured(count: int) -> Idle:
    """One store with so many running experiments in a thousand channels."""
    with tempfile.TemporaryDirectory(prefix="owroute-bench-") as home:
        url = f"sqlite+aiosqlite:///{Path(home) / 'bench.db'}"
        await migrate(url)
        store, clock = SqlStore(make_engine(url)), StandingClock()
        try:
            await fill(store, count)
            checkpointed(Path(home) / "bench.db")
            remind = RemindEvidence(store=store, clock=clock, keep=KeepReminders())
            run = RunDue(
                store=store, clock=clock, work={}, together={DueKind.REMIND_EVIDENCE: remind}
            )
            arm = ArmReminders(store=store, clock=clock, keep=KeepReminders())
            times = await idle(ticker(store, clock, run, arm))
            began = time.perf_counter()
            await ArmReminders(store=store, clock=clock, keep=KeepReminders())()
            look = (time.perf_counter() - began) * 1000
            clock.at = TEN
            began = time.perf_counter()
            while await waiting(store):
                await run()
            morning = time.perf_counter() - began
            p50, p99 = times[len(times) // 2], times[-len(times) // 100]
            return Idle(p50, p99, look, morning, CHANNELS)
        finally:
            await store.close()


def ticker(store: SqlStore, clock: StandingClock, run: RunDue, arm: ArmReminders) -> Tick:
    drain = DrainOutbox(
        store=store,
        messenger=NoSlack(),
        refused=Refused(store=store, clock=clock, aftermath=Aftermath()),
        pace=Pace(clock),
        clock=clock,
    )
    watch = ArmGpus(store=store, clock=clock, keep=KeepWatch(), fleets=(), team=lambda: None)
    return Tick(
        store=store,
        clock=clock,
        due=run,
        arm={
            "arm": arm,
            "watch": watch,
            "digests": ArmDigests(store=store, clock=clock, at=MONDAY),
        },
        outbox=drain,
        all_well=all_well,
    )


async def idle(tick: Tick) -> list[float]:
    times = []
    for _ in range(TICKS):
        began = time.perf_counter()
        await tick()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times[TICKS // 10 :])


async def waiting(store: SqlStore) -> bool:
    async with store(read_only=True) as uow:
        return await uow.due.overdue(TEN, timedelta()) > 0


async def fill(store: SqlStore, count: int) -> None:
    """Running experiments with their checklists, and a reminder of each channel that waits."""
    team = {"team": "T1", "name": "Lab", "bot_user": "UBOT", "seen_at": AT}
    await put(store, workspaces, iter([team]))
    await put(store, experiments, (experiment(n) for n in range(1, count + 1)))
    await put(store, constraint_cards, (card(n) for n in range(1, count + 1)))
    await put(
        store, evidence_items, (item(n, i) for n in range(1, count + 1) for i in range(ITEMS))
    )
    await put(store, due, (reminder(n) for n in range(CHANNELS)))


def checkpointed(file: Path) -> None:
    """What filling left in the log is written back before anything is measured."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def put(store: SqlStore, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    async with store.engine.begin() as connection:
        while chunk := list(islice(rows, CHUNK)):
            await connection.execute(insert(table), chunk)


def experiment(n: int) -> dict[str, Any]:
    return {
        "id": n, "team": "T1", "number": n, "channel": f"C{n % CHANNELS}", "owner": f"U{n % 50}",
        "state": "running", "latest": 1, "current": 1, "version": 3, "created_at": AT,
        "changed_at": AT, "started_at": AT - timedelta(days=3),
    }  # fmt: skip


CARD = ConstraintCard(
    task="course Q&A assistant",
    privacy=Privacy.public,
    available_route=AvailableRoute.local_cpu,
    needs_service_api=False,
    needs_fine_tuning=False,
    budget_level=BudgetLevel.zero,
).model_dump_json()


def card(n: int) -> dict[str, Any]:
    return {
        "experiment": n, "revision": 1, "team": "T1", "request_id": f"V{n}", "card": CARD,
        "submitted_by": "U1", "submitted_at": AT, "problem": None,
    }  # fmt: skip


def item(n: int, i: int) -> dict[str, Any]:
    return {
        "experiment": n, "item": f"item_{i}", "position": i, "label": f"item {i}", "kind": "text",
        "required": True, "state": "missing" if i % 2 else "given", "changed_at": AT,
    }  # fmt: skip


def reminder(n: int) -> dict[str, Any]:
    return {
        "key": f"evidence:T1:C{n}:2026-11-24", "kind": DueKind.REMIND_EVIDENCE.value, "team": "T1",
        "channel": f"C{n}", "due_at": TEN,
    }  # fmt: skip


def report(found: dict[str, Idle]) -> str:
    few, many = (found[name] for name in sorted(found, key=int))
    return (
        f"idle tick, {MANY:,} running experiments: p50 {many.p50:.2f} ms"
        f" ({MANY // 10:,}: {few.p50:.2f}, {many.p50 / few.p50:.2f}x), p99 {many.p99:.2f} ms\n"
        f"the look every five minutes for channels without a reminder: {many.look:.1f} ms"
        f" ({MANY // 10:,}: {few.look:.1f})\n"
        f"{many.reminded:,} channels reminded at ten: {many.morning:.1f} s"
        f" ({MANY // 10:,} experiments: {few.morning:.1f})\n"
        "goals: idle tick <= 2 ms, <= 1.5x\n"
    )


if __name__ == "__main__":
    sys.stdout.write(report(asyncio.run(figures())))
