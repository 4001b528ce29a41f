"""`owroute check`: what is wrong with this installation, in plain words."""

import typer

from owroute.commands.speech import Speech


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    @app.command("check", help=say.help_check())
    def check() -> None:
        from owroute.commands import checks  # noqa: PLC0415  # heavy, and only here

        checks.report(say)
