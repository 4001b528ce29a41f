"""`owroute engine`: the route engine as a service of its own."""

from typing import Annotated

import typer

from owroute.commands.speech import Speech


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    @app.command("engine", help=say.help_engine())
    def engine(
        host: Annotated[str, typer.Option(help=say.help_engine_host())] = "127.0.0.1",
        port: Annotated[int, typer.Option(min=0, max=65535, help=say.help_engine_port())] = 8081,
        workers: Annotated[int, typer.Option(min=1, max=64, help=say.help_engine_workers())] = 1,
    ) -> None:
        from owroute.commands import engine_service  # noqa: PLC0415  # heavy, and only here

        engine_service.serve_engine(host, port, workers, say)
