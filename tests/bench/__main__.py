"""`make bench`: each figure beside its floor, measured in the same run. It reports, never fails."""

import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import httpx

from engine.accuracy.check import check
from engine.accuracy.facts import published
from owroute.demo.processes import Process
from owroute.demo.stage import free_port, stage
from tests.bench import accuracy, digest, engine, gpus, idle
from tests.bench.load import Figures, measure

ROUNDS = 3
REQUESTS = 1500


async def floor() -> tuple[Process, str]:
    port = free_port()
    process = Process(
        Path(tempfile.gettempdir()) / f"owroute-floor-{port}.log",
        "tests.bench.floor",
        (str(port),),
        {},
    )
    await process.start()
    url = f"http://127.0.0.1:{port}/slack/events"
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                await client.post(url)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return process, url


def middle(figures: list[Figures]) -> Figures:
    """The round with the median p50."""
    return sorted(figures, key=lambda f: f.p50)[len(figures) // 2]


async def acknowledgement() -> dict[str, object]:
    """p50 at one connection and p99 at 32, against a bare Bolt application, in turns."""
    found: dict[str, object] = {}
    async with stage() as up:
        bare, bare_url = await floor()
        bot_url = f"{up.bot_url}/slack/events"
        try:
            for connections in (1, 32):
                ours: list[Figures] = []
                floors: list[Figures] = []
                for _ in range(ROUNDS):
                    floors.append(
                        await measure(
                            bare_url, "/hello", "", connections=connections, total=REQUESTS
                        )
                    )
                    ours.append(
                        await measure(
                            bot_url, "/owroute", "help", connections=connections, total=REQUESTS
                        )
                    )
                report(connections, middle(ours), middle(floors))
                found[f"connections_{connections}"] = {
                    "owroute": asdict(middle(ours)),
                    "floor": asdict(middle(floors)),
                }
        finally:
            await bare.stop()
    return found


def report(connections: int, ours: Figures, floors: Figures) -> None:
    sys.stdout.write(
        f"acknowledge, {connections:2d} connections: "
        f"p50 {ours.p50:6.2f} ms (bare Bolt {floors.p50:6.2f}, {ours.p50 / floors.p50:.2f}x)  "
        f"p99 {ours.p99:6.2f} ms (bare Bolt {floors.p99:6.2f}, {ours.p99 / floors.p99:.2f}x)  "
        f"{ours.rate:5.0f}/s (bare Bolt {floors.rate:5.0f}, {ours.rate / floors.rate:.2f}x)\n"
    )


def main() -> None:
    memory = check(published())
    sys.stdout.write(accuracy.report(memory))
    decisions = engine.figures()
    sys.stdout.write(engine.report(decisions))
    ticks = asyncio.run(idle.figures())
    sys.stdout.write(idle.report(ticks))
    watched = asyncio.run(gpus.figures())
    sys.stdout.write(gpus.report(watched))
    digests = asyncio.run(digest.figures(digest.MANY))
    sys.stdout.write(digest.report(digests))
    found = {
        "digests": asdict(digests),
        "gpus": {name: asdict(one) for name, one in watched.items()},
        "idle": {name: asdict(tick) for name, tick in ticks.items()},
        "accuracy": accuracy.written(memory),
        "engine": {name: pace.us for name, pace in decisions.items()},
        "acknowledgement": asyncio.run(acknowledgement()),
    }
    Path("bench.json").write_text(json.dumps(found, indent=2) + "\n")
    sys.stdout.write(
        "goals: p50 at 1 connection <= 2x (no 10 ms step), p99 at 32 <= 3x, rate >= 0.7x\n"
    )


main()
