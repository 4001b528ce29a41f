"""What the digests of ten thousand channels cost one process on SQLite: computed and queued.

The workspace's own is among them, which adds up all of their weeks.

The floor, in the same run over the same rows: one aggregate by channel, a card's JSON made from
dicts for each, and a bare insert of it into the outbox. On both sides nothing is posted to Slack,
and no pictures are drawn; a picture's own cost stands beside them.
"""

import asyncio
import gc
import json
import logging
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, insert, select

from bot.cards.digest_chart import chart
from bot.domain.delivery import ClaimedDue, DueKind
from bot.domain.digest_week import Week
from bot.domain.digest_when import MONDAY
from bot.domain.ids import ChannelId, GpuId, TeamId, UserId
from bot.services.digest.arming import ArmDigests
from bot.services.digest.posting import PostDigests
from bot.services.digest.reading import Wanted, digests_of
from bot.services.due import RunDue
from storage.database import SqlStore, make_engine, migrate
from storage.digest_tables import digests
from storage.gpu import RUN
from storage.gpu_tables import gpu_accruals, gpu_runs
from storage.tables import constraint_cards, experiments, outbox, workspaces
from tests.bench.idle import StandingClock, card, checkpointed, put
from tests.storage.gpus import admin
from tests.storage.gpus import run as a_run

MANY = 10_000
TEAM = TeamId("T1")
NOW = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
"""A Monday; every digest of ten thousand is due by then."""

DAY = timedelta(days=1)
BATCH = 25
PICTURES = 20
LOOKS = 0.01
WEEKLY = DueKind.WEEKLY_DIGEST


@dataclass(frozen=True)
class Digested:
    """Seconds of processor time for so many channels, of the floor's parts too; a picture's ms.

    By the processor, since others share this machine: both sides wait for the same disk besides.

    `block` is the longest time, in ms, that nothing else could run; `memory` what the process held
    at most, in MiB, and how much of it came with the digests.
    """

    channels: int
    aggregate: float
    render: float
    queue: float
    armed: float
    written: float
    picture: float
    block: float
    memory: float
    grew: float

    @property
    def floor(self) -> float:
        return self.aggregate + self.render + self.queue

    @property
    def ours(self) -> float:
        return self.armed + self.written


async def figures(channels: int) -> Digested:
    """One workspace with so many channels, each with an experiment and two runs in the week."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="owroute-bench-") as home:
        url = f"sqlite+aiosqlite:///{Path(home) / 'digest.db'}"
        await asyncio.to_thread(elsewhere, url, channels)
        checkpointed(Path(home) / "digest.db")
        store = SqlStore(make_engine(url))
        try:
            return await measured(store, channels)
        finally:
            await store.close()


def elsewhere(url: str, channels: int) -> None:
    """Fill it in a process of its own: what that holds is no part of what is measured."""
    child = multiprocessing.get_context("spawn").Process(target=filled, args=(url, channels))
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(child.exitcode)


def filled(url: str, channels: int) -> None:
    async def fill_it() -> None:
        await migrate(url)
        store = SqlStore(make_engine(url))
        await fill(store, channels)
        await store.close()

    asyncio.run(fill_it())


async def measured(store: SqlStore, channels: int) -> Digested:
    clock = StandingClock()
    clock.at = NOW
    gc.freeze()  # as the server does
    before, watch = resident(), asyncio.create_task(longest_block())
    began = time.process_time()
    await ArmDigests(store=store, clock=clock, at=MONDAY)()
    armed = time.process_time()
    post = PostDigests(store=store, clock=clock, at=MONDAY)
    run = RunDue(
        store=store, clock=clock, work={DueKind.DRAW_DIGEST: left}, together={WEEKLY: post}
    )
    while await queued(store) <= channels:
        await run()
    written = time.process_time()
    watch.cancel()
    block, drawn = await watch, await picture(store)
    held = resident()
    return Digested(
        channels, *await floor(store), armed - began, written - armed, drawn, block, held,
        held - before,
    )  # fmt: skip


async def left(row: ClaimedDue) -> None:
    """Pictures are drawn afterwards: their rows wait."""


async def longest_block() -> float:
    """Until it is cancelled: how much later the loop came back to this than it was asked to, in ms.

    Rarely asked, since asking costs time as well: what is looked for lasts 50 ms and more.
    """
    longest = 0.0
    try:
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(LOOKS)
            longest = max(longest, time.perf_counter() - asked - LOOKS)
    except asyncio.CancelledError:
        return longest * 1000


async def floor(store: SqlStore) -> tuple[float, float, float]:
    """The aggregate, the JSON and the inserts, with nothing of ours around them."""
    began = time.process_time()
    of = gpu_accruals.c
    cost = func.sum(of.price)
    asked = select(gpu_runs.c.channel, cost).join(gpu_accruals, of.gpu == gpu_runs.c.id)
    async with store.engine.begin() as connection:
        found = (await connection.execute(asked.group_by(gpu_runs.c.channel))).all()
    aggregated = time.process_time()
    bodies = [json.dumps({"text": "digest", "blocks": blocks(str(usd))}) for _, usd in found]
    rendered = time.process_time()
    for first in range(0, len(bodies), BATCH):
        async with store.engine.begin() as connection:
            rows = [_queued(first + n, b) for n, b in enumerate(bodies[first : first + BATCH])]
            await connection.execute(insert(outbox), rows)
    inserted = time.process_time()
    return aggregated - began, rendered - aggregated, inserted - rendered


def blocks(usd: str) -> list[dict[str, Any]]:
    """Twenty-five blocks with a text in each."""
    text = {"type": "mrkdwn", "text": f"*{usd} USD* this week, by experiment and person"}
    return [{"type": "section", "text": dict(text)} for _ in range(25)]


def _queued(n: int, body: str) -> dict[str, Any]:
    return {
        "key": f"floor:{n}", "team": TEAM, "channel": f"F{n}", "op": "post", "subject": f"f:{n}",
        "version": 0, "body": json.loads(body), "repeatable": False, "state": "sent",
        "created_at": NOW, "not_before": NOW, "settled_at": NOW,
    }  # fmt: skip


async def picture(store: SqlStore) -> float:
    """Milliseconds for one, in the middle of several."""
    async with store(read_only=True) as uow:
        wanted = Wanted(ChannelId("C1"), Week.of(NOW, "UTC").back(1))
        [digest] = await digests_of(uow, TEAM, [wanted], NOW)
    times = []
    for _ in range(PICTURES):
        began = time.perf_counter()
        chart(digest)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[PICTURES // 2]


async def queued(store: SqlStore) -> int:
    """How many digests are in the outbox."""
    asked = select(func.count()).where(outbox.c.subject.startswith("digest:"))
    async with store.engine.connect() as connection:
        return int((await connection.execute(asked)).scalar_one())


def resident() -> float:
    """The most that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def fill(store: SqlStore, channels: int) -> None:
    """A week in each channel, and six weeks' costs before it."""
    names = range(1, channels + 1)
    team = {"team": TEAM, "name": "Lab", "bot_user": "UBOT", "seen_at": NOW}
    await put(store, workspaces, iter([team]))
    await put(store, experiments, ({**_experiment(n)} for n in names))
    await put(store, constraint_cards, (card(n) for n in names))
    await put(store, gpu_runs, (_run(n, k) for n in names for k in (0, 1)))
    await put(store, gpu_accruals, (a for n in names for k in (0, 1) for a in _accruals(n, k)))
    since = {"team": TEAM, "since": NOW - 60 * DAY, "next_at": NOW - DAY, "week": "2026-W47"}
    await put(
        store, digests, ({**since, "channel": place} for place in ("", *(f"C{n}" for n in names)))
    )
    async with store() as uow:
        await uow.people.put(admin(UserId("U1")))
        await uow.commit()


def _experiment(n: int) -> dict[str, Any]:
    return {
        "id": n, "team": TEAM, "number": n, "channel": f"C{n}", "owner": f"U{n % 50}",
        "state": "running", "latest": 1, "current": 1, "version": 3, "created_at": NOW,
        "changed_at": NOW, "started_at": NOW - 9 * DAY,
    }  # fmt: skip


def _run(n: int, k: int) -> dict[str, Any]:
    """As it is kept once it was written a second time: with its number."""
    run = a_run(f"pod_{n}_{k}", experiment=n, channel=f"C{n}", owner=f"U{n % 50}")
    run = run.numbered(GpuId(2 * n + k))
    return {
        "id": 2 * n + k, "team": TEAM, "provider": "runpod", "account": "default",
        "instance_id": f"pod_{n}_{k}", "state": run.state.value, "generation": 1, "version": 1,
        "experiment": n, "channel": f"C{n}", "run": RUN.dump_json(run).decode(),
    }  # fmt: skip


def _accruals(n: int, k: int) -> Sequence[dict[str, Any]]:
    """One of each week, for some hours a day later each time."""
    price = Decimal("0.69") + n * Decimal("0.000123")  # no two channels say the same
    return [
        {
            "team": TEAM, "gpu": 2 * n + k, "generation": 1, "kind": "compute",
            "price": price, "source": "instance", "estimated": False,
            "since": NOW - week * 7 * DAY - 3 * DAY, "until": NOW - week * 7 * DAY - 2 * DAY,
        }
        for week in range(6)
    ]  # fmt: skip


def report(found: Digested) -> str:
    ours, floor = (s / found.channels * 1000 for s in (found.ours, found.floor))
    return (
        f"digests of {found.channels:,} channels, computed and queued: {found.ours:.1f} s of the"
        f" processor's time, {ours:.2f} ms each (floor {found.floor:.1f} s, {floor:.2f} ms each:"
        f" aggregate {found.aggregate:.2f}, JSON {found.render:.2f}, inserts {found.queue:.2f};"
        f" {ours / floor:.1f}x), of it {found.armed:.1f} s until their rows are made;"
        " neither side posts to Slack\n"
        f"a picture {found.picture:.0f} ms; longest block of the loop {found.block:.0f} ms;"
        f" memory {found.memory:.0f} MiB, of it {found.grew:.0f} with the digests\n"
        "goals: <= 2.5x; no block over 100 ms; <= 120 MiB\n"
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    sys.stdout.write(report(asyncio.run(figures(count))))
