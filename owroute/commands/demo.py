"""`owroute demo`: the real bot in a local Slack workspace, in the browser."""

import asyncio
import shutil
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from owroute.commands.exits import Code, listening, stop
from owroute.commands.speech import Speech

MARK = "clock.json"
"""The file that shows a folder to be a demo's, so that `--fresh` never empties another."""


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    @app.command("demo", help=say.help_demo())
    def demo(
        port: Annotated[int, typer.Option(min=0, max=65535, help=say.help_demo_port())] = 0,
        data_dir: Annotated[
            Path | None, typer.Option(file_okay=False, help=say.help_demo_data_dir())
        ] = None,
        fresh: Annotated[bool, typer.Option("--fresh", help=say.help_demo_fresh())] = False,
        check: Annotated[bool, typer.Option("--check", help=say.help_demo_check())] = False,
    ) -> None:
        import logging  # noqa: PLC0415  # heavy together with the rest, and only here

        from owroute import logs  # noqa: PLC0415  # the same
        from owroute.demo import run  # noqa: PLC0415  # the same

        logs.configure(logging.WARNING)
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # open pages end with the demo
        if check:
            walked = asyncio.run(run.check(_step))
            raise typer.Exit(Code.OK if walked else Code.PROBLEM)
        if fresh and data_dir is not None:
            _empty(data_dir, say)
        with listening("127.0.0.1", port, say):
            opened = partial(_opened, say)
            asyncio.run(run.demo(port=port, data_dir=data_dir, opened=opened))


def _opened(say: Speech, url: str) -> None:
    typer.echo(f"\n  {say.demo_open(url)}\n")


def _step(name: str, problem: str | None) -> None:
    typer.echo(f"ok  {name}" if problem is None else f"NOT {name}\n    {problem}")


def _empty(folder: Path, say: Speech) -> None:
    """Remove a demo's folder; any other that holds something is left alone and named."""
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / MARK).exists():
        stop(Code.BAD_INPUT, say.not_a_demo(folder))
    shutil.rmtree(folder)
