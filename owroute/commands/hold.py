"""`owroute hold`: keep owroute from writing to any provider, also beside a running bot."""

from typing import Annotated

import typer

from owroute.commands.speech import Speech, spoken


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    def told(name: str) -> str:
        return spoken(say.lang, "hold", name)

    @app.command("hold", help=told("help"), epilog=told("help_exits"))
    def hold(
        word: Annotated[
            str,
            typer.Argument(metavar="[on|off|status]", help=told("help_word"), show_default=False),
        ] = "status",
    ) -> None:
        from owroute.commands import hold_run  # noqa: PLC0415  # heavy, and only here

        raise typer.Exit(hold_run.run(word, say))
