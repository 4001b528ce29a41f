"""`owroute demo`: the page until Ctrl-C, or the whole plan story walked once without a browser."""

import sys
from pathlib import Path

from owroute.demo.stage import stage
from owroute.demo.walk import walk
from owroute.server import until_told_to_stop


async def demo(*, port: int, data_dir: Path | None, lang: str) -> None:
    """Serve the page until Ctrl-C or SIGTERM; nothing is left behind unless `data_dir` is given."""
    async with stage(port=port, data_dir=data_dir) as up:
        said = {
            "en": f"\n  owroute's demo is open at  {up.url}\n  Ctrl-C ends it.\n",
            "zh_CN": f"\n  owroute 演示已打开：{up.url}\n  按 Ctrl-C 结束。\n",
        }
        sys.stdout.write(said.get(lang, said["en"]) + "\n")
        sys.stdout.flush()
        await until_told_to_stop()


async def check(lang: str) -> int:
    """Walk the plan story headlessly over real HTTP; 0 when every step came out, else 1."""
    async with stage() as up:
        for step, problem in [pair async for pair in walk(up)]:
            sys.stdout.write(f"{'ok ' if problem is None else 'NOT'} {step}\n")
            if problem is not None:
                sys.stdout.write(f"    {problem}\n")
                return 1
    return 0
