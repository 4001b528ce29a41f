"""The bot and the engine as real processes that can be killed and come back."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 12.0
OURS = ("OWROUTE_", "SLACK_", "HF_", "RUNPOD_", "VAST_", "LAMBDA_", "AWS_", "DSTACK_")
"""What a visitor may have set for a real bot begins so; the demo never sees it."""


class Process:
    """One child process. What it prints goes to the file `log`: a visitor's screen stays calm.

    Of owroute's settings it knows those in `env` only. It works in the log's folder and imports
    nothing from there (`-P`).
    """

    def __init__(
        self, log: Path, module: str, arguments: Sequence[str], env: Mapping[str, str]
    ) -> None:
        self.log = log
        theirs = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.env = {**theirs, **env}
        self._command = (sys.executable, "-P", "-m", module, *arguments)
        self._child: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether the child lives."""
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Start the child unless it runs."""
        if self.is_running:
            return
        with self.log.open("ab") as log:
            self._child = await asyncio.create_subprocess_exec(
                *self._command, cwd=self.log.parent, env=self.env, stdout=log, stderr=log
            )

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
            child.kill()
            await child.wait()
