"""Signed slash commands as fast as some connections can send them, and how long each took."""

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from owroute.demo import world

NOW = time.time  # noqa: TID251  # a load generator signs with the wall clock


@dataclass(frozen=True)
class Figures:
    """Milliseconds, and requests a second."""

    p50: float
    p99: float
    rate: float


def signed(command: str, text: str, n: int) -> tuple[bytes, dict[str, str]]:
    body = urlencode(
        {
            "command": command, "text": text, "team_id": "T024BE7LD", "user_id": world.ADA.id,
            "channel_id": "C0MLLAB0001", "trigger_id": f"1.2.{n}", "response_url": "",
        }
    ).encode()  # fmt: skip
    stamp = str(int(NOW()))
    base = b"v0:" + stamp.encode() + b":" + body
    mac = hmac.new(world.SIGNING_SECRET.encode(), base, hashlib.sha256).hexdigest()
    return body, {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={mac}",
    }


async def measure(url: str, command: str, text: str, *, connections: int, total: int) -> Figures:
    """Send `total` commands over `connections`; the first tenth warms up and does not count."""
    times: list[float] = []
    numbers = iter(range(total))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as session:

        async def one_connection() -> None:
            for n in numbers:
                body, headers = signed(command, text, n)
                began = time.perf_counter()
                async with session.post(url, data=body, headers=headers) as answer:
                    await answer.read()
                    assert answer.status == 200, answer.status
                times.append((time.perf_counter() - began) * 1000)

        began = time.perf_counter()
        await asyncio.gather(*(one_connection() for _ in range(connections)))
        spent = time.perf_counter() - began
    counted = sorted(times[total // 10 :])
    return Figures(
        p50=counted[len(counted) // 2],
        p99=counted[int(len(counted) * 0.99)],
        rate=total / spent,
    )
