"""`owroute gpus`: what runs at the providers, without Slack and without a database."""

from typing import Annotated

import typer

from owroute.commands.speech import Speech


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    @app.command("gpus", help=say.help_gpus(), epilog=say.help_gpus_exits())
    def gpus(
        json: Annotated[bool, typer.Option("--json", help=say.help_gpus_json())] = False,
    ) -> None:
        from owroute.commands import gpus_run  # noqa: PLC0415  # heavy, and only here

        raise typer.Exit(gpus_run.gpus(say, as_json=json))
