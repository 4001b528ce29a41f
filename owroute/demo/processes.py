"""The bot and the engine as real processes that can be killed and come back."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

STOP_SECONDS = 12.0
OURS = ("OWROUTE_", "SLACK_", "HF_", "RUNPOD_", "VAST_", "LAMBDA_", "AWS_", "DSTACK_")
"""What a visitor may have set for a real bot begins so; the demo never sees it."""


class Child(Protocol):
    """A process of ours, as asyncio describes one."""

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it lives."""

    def send_signal(self, signal: int) -> None:
        """Send it this signal."""

    async def wait(self) -> int:
        """Wait for its end."""


async def launched(
    log: Path, module: str, arguments: Sequence[str], env: Mapping[str, str]
) -> Child:
    """A new Python that runs this module in the log's folder and imports nothing from there."""
    command = (sys.executable, "-P", "-m", module, *arguments)
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            *command, cwd=log.parent, env=env, stdout=out, stderr=out
        )


Launch = Callable[[Path, str, Sequence[str], Mapping[str, str]], Awaitable[Child]]


class Process:
    """One child process. What it prints goes to the file `log`: a visitor's screen stays calm.

    Of owroute's settings it knows those in `env` only.
    """

    def __init__(
        self,
        log: Path,
        module: str,
        arguments: Sequence[str],
        env: Mapping[str, str],
        launch: Launch = launched,
    ) -> None:
        self.log = log
        theirs = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.env = {**theirs, **env}
        self._module = module
        self._arguments = arguments
        self._launch = launch
        self._child: Child | None = None

    @property
    def is_running(self) -> bool:
        """Whether the child lives."""
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Start the child unless it runs."""
        if not self.is_running:
            self._child = await self._launch(self.log, self._module, self._arguments, self.env)

    def last_words(self, lines: int = 15) -> str:
        """The end of its log, for whoever has to find out what went wrong."""
        said = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(said[-lines:])

    async def kill(self) -> None:
        """Kill -9: no goodbye, nothing finished."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM, and kill -9 if that is not enough."""
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        child = self._child
        if child is None or child.returncode is not None:
            return
        child.send_signal(how)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await child.wait()
        except TimeoutError:
            child.send_signal(signal.SIGKILL)
            await child.wait()
