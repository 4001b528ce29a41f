"""`owroute audit`: who did what, read from the bot's database."""

from typing import Annotated

import typer

from owroute.commands.speech import Speech, spoken


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    def told(name: str) -> str:
        return spoken(say.lang, "audit_cli", name)

    @app.command("audit", help=told("help"), epilog=told("help_exits"))
    def audit(
        lines: Annotated[int, typer.Option(help=told("help_lines"), min=1, max=10_000)] = 20,
    ) -> None:
        from owroute.commands import audit_run  # noqa: PLC0415  # heavy, and only here

        raise typer.Exit(audit_run.run(lines, say))
