"""Processes forked from one that has everything imported already: 50 times as fast as new ones.

All else of them is a new process's: directory, environment, streams, and an end of its own.
"""

import asyncio
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([
    "tests.cli.command", "engine.app", "gateways.engine", "owroute.commands.checks",
    "owroute.commands.compare_page", "owroute.commands.fit_run", "owroute.commands.plan_run",
    "owroute.commands.prices_run", "owroute.commands.record_run", "owroute.commands.rules_run",
    "owroute.serve", "sandbox.clock",
])  # fmt: skip

ENDED = 0.05
"""Seconds between two looks whether a process has ended."""


class Forked:
    """A forked process, as asyncio describes one."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, signal: int) -> None:
        assert self._process.pid
        os.kill(self._process.pid, signal)

    async def wait(self) -> int:
        while self._process.exitcode is None:
            await asyncio.sleep(ENDED)
        return self._process.exitcode


async def forked(
    log: Path, module: str, arguments: Sequence[str], env: Mapping[str, str]
) -> Forked:
    """A process that runs this module in the log's folder and writes to the log."""
    files = (Path(os.devnull), log, log)
    given = (_module, (module, arguments), log.parent, env, files)
    process = FORKS.Process(target=reborn, args=given, daemon=True)
    process.start()
    return Forked(process)


def reborn(
    work: Callable[..., None],
    arguments: tuple[object, ...],
    cwd: Path,
    env: Mapping[str, str],
    files: Sequence[Path],
) -> None:
    """In the fork: what a new process has, then its work. `files` are its three streams."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for number, (file, mode) in enumerate(zip(files, ("rb", "ab", "ab"), strict=True)):
        with file.open(mode) as stream:
            os.dup2(stream.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (open(n, mode) for n, mode in enumerate("rww"))  # noqa: PTH123, SIM115  # its own descriptors
    work(*arguments)


def _module(name: str, arguments: Sequence[str]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [name, *arguments]
    runpy.run_module(name, run_name="__main__", alter_sys=True)
