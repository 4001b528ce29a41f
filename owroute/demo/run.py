"""`owroute demo`: the page until Ctrl-C, or the whole plan story walked once without a browser."""

import asyncio
import signal
import sys
from pathlib import Path

from owroute.demo.stage import stage
from owroute.demo.walk import walk


async def demo(*, port: int, data_dir: Path | None, lang: str) -> None:
    """Serve the page until Ctrl-C or SIGTERM; nothing is left behind unless `data_dir` is given."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, ended.set)
    async with stage(port=port, data_dir=data_dir) as up:
        said = {
            "en": f"\n  owroute's demo is open at  {up.url}\n  Ctrl-C ends it.\n",
            "zh_CN": f"\n  owroute 演示已打开：{up.url}\n  按 Ctrl-C 结束。\n",
        }
        sys.stdout.write(said.get(lang, said["en"]) + "\n")
        sys.stdout.flush()
        await ended.wait()


async def check(lang: str) -> int:
    """Walk the plan story headlessly over real HTTP; 0 when every step came out, else 1."""
    async with stage() as up:
        for step, problem in [pair async for pair in walk(up)]:
            sys.stdout.write(f"{'ok ' if problem is None else 'NOT'} {step}\n")
            if problem is not None:
                sys.stdout.write(f"    {problem}\n")
                return 1
    return 0
