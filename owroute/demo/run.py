"""`owroute demo`: the page until Ctrl-C, or the whole story walked once without a browser."""

from collections.abc import Callable
from pathlib import Path

from owroute.demo.prelude import BURNS, GRANTED, prelude
from owroute.demo.stage import stage
from owroute.demo.walk import walk
from owroute.server import told_to_stop


async def demo(*, port: int, data_dir: Path | None, opened: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C or SIGTERM; nothing is left behind unless `data_dir` is given.

    `opened` is told the page's address. A workspace that has seen nothing yet begins with the
    prelude.
    """
    before = prelude if _is_new(data_dir) else None
    with told_to_stop() as told:
        async with stage(
            port=port, data_dir=data_dir, optional=GRANTED, before=before, behind=BURNS
        ) as up:
            opened(up.url)
            await told.wait()


async def check(report: Callable[[str, str | None], None]) -> bool:
    """Walk the spine over real HTTP; `report` hears each step and what went wrong, if so."""
    async with stage(optional=GRANTED, before=prelude, behind=BURNS) as up:
        problems = []
        async for step, problem in walk(up):
            report(step, problem and f"{problem}\n{up.bot.last_words()}")
            problems.append(problem)
    return not any(problems)


def _is_new(data_dir: Path | None) -> bool:
    """Whether no demo has kept its data there before."""
    return data_dir is None or not data_dir.exists()
