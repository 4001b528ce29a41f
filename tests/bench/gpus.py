"""What a thousand watched GPUs cost one process on SQLite: found, listed again, pinged.

The floor is the same over a tenth of them. Slack is left out: what is measured ends in the outbox.
"""

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.domain.delivery import ClaimedDue, DueKind
from bot.domain.fleet import Instance, Listing, Provider, Scope
from bot.domain.ids import UserId
from bot.services.due import RunDue
from bot.services.gpu.ending import EndGpu
from bot.services.gpu.pinging import PingGpu
from bot.services.gpu.readers import FindReaders
from bot.services.gpu.reconciling import Reconcile
from bot.services.gpu.telling import TellRun
from bot.services.gpu.watch import KeepWatch
from bot.services.people import KnowPerson, Rights
from storage.database import SqlStore, make_engine, migrate
from tests.storage.given import AT, TEAM, seen
from tests.storage.gpus import admin, instance
from tests.storage.test_gpu import Nobody

MANY = 1_000
PEOPLE = 250


@dataclass(frozen=True)
class Watched:
    """Seconds: to take them up, to list them again unchanged, to queue every ping that is due."""

    adopt: float
    again: float
    ping: float
    pings: int


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


async def figures() -> dict[str, Watched]:
    """Over a thousand, and over a tenth."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return {str(count): await _of(count) for count in (MANY // 10, MANY)}


async def _of(count: int) -> Watched:
    with tempfile.TemporaryDirectory(prefix="owroute-bench-") as home:
        url = f"sqlite+aiosqlite:///{Path(home) / 'gpus.db'}"
        await migrate(url)
        store = SqlStore(make_engine(url))
        try:
            return await _measured(store, count)
        finally:
            await store.close()


async def _measured(store: SqlStore, count: int) -> Watched:
    await seen(store)
    async with store() as uow:
        for n in range(PEOPLE):
            await uow.people.put(admin(UserId(f"U{n}")))
        await uow.commit()
    clock, keep = StandingClock(), KeepWatch()
    tell, know = TellRun(keep=keep), KnowPerson(store=store, directory=Nobody(), clock=clock)
    readers = FindReaders(know=know, rules=keep.rules)
    end = EndGpu(
        store=store, clock=clock, rights=Rights(store=store, know=know), keep=keep, tell=tell
    )
    reconcile = Reconcile(store=store, clock=clock, keep=keep, end=end)
    listing = Listing(Scope(Provider.RUNPOD, "default"), tuple(map(_machine, range(count))))
    adopt = await _timed(lambda: reconcile(TEAM, listing, clock.at))
    clock.at += timedelta(minutes=2)
    again = await _timed(lambda: reconcile(TEAM, listing, clock.at))

    async def nothing(row: ClaimedDue) -> None:
        async with store() as uow:
            await uow.due.settle(row, clock.at)
            await uow.commit()

    work: dict[DueKind, Callable[[ClaimedDue], Awaitable[None]]] = dict.fromkeys(DueKind, nothing)
    ping = PingGpu(store=store, clock=clock, keep=keep, tell=tell, readers=readers)
    work[DueKind.PING_GPU] = ping
    run = RunDue(store=store, clock=clock, work=work, together={})
    pinged = await _timed(lambda: _all(run, store, clock))
    async with store(read_only=True) as uow:
        queued = await uow.outbox.undelivered(clock.at, timedelta(0))
    return Watched(adopt, again, pinged, queued)


async def _all(run: RunDue, store: SqlStore, clock: StandingClock) -> None:
    """Tick after tick until nothing is due."""
    while True:
        await run()
        async with store(read_only=True) as uow:
            if not await uow.due.overdue(clock.at, timedelta(0)):
                return


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def _machine(n: int) -> Instance:
    return instance(f"pod_{n}", owner_hint=f"U{n % PEOPLE}")


def report(found: dict[str, Watched]) -> str:
    few, many = (found[name] for name in sorted(found, key=int))
    return (
        f"{MANY:,} GPUs on SQLite: taken up {many.adopt:.1f} s, listed again {many.again:.2f} s,"
        f" {many.pings:,} pings queued {many.ping:.1f} s"
        f" ({MANY // 10:,}: {few.adopt:.2f}, {few.again:.3f}, {few.ping:.2f} s)\n"
        "goal: all of it within one poll period (120 s)\n"
    )


if __name__ == "__main__":
    sys.stdout.write(report(asyncio.run(figures())))
