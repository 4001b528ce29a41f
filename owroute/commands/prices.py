"""`owroute prices refresh`: what providers ask today, into the team's overlay."""

from enum import StrEnum
from typing import Annotated

import typer

from owroute.commands.speech import Speech, spoken


class Provider(StrEnum):
    """Those whose prices can be read; the values are their ids in the table."""

    runpod = "runpod"
    vast = "vast"
    lambda_cloud = "lambda"


def register(app: typer.Typer, say: Speech) -> None:
    """Add the group."""
    prices = typer.Typer(rich_markup_mode=None)
    app.add_typer(prices, name="prices", help=spoken(say.lang, "prices", "help_prices"))

    def told(name: str) -> str:
        return spoken(say.lang, "prices", f"help_{name}")

    @prices.callback()
    def group() -> None:
        """Keeps `refresh` a word of its own while it is the only command here."""

    @prices.command("refresh", help=told("refresh"), epilog=told("exits"))
    def refresh(
        provider: Annotated[
            list[Provider] | None,
            typer.Option(metavar="|".join(Provider), help=told("provider"), show_default=False),
        ] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help=told("dry_run"))] = False,
        accept: Annotated[bool, typer.Option("--accept", help=told("accept"))] = False,
    ) -> None:
        from bot.clock import SystemClock  # noqa: PLC0415  # heavy together with the rest
        from owroute.commands import prices_run  # noqa: PLC0415  # heavy, and only here

        wanted = prices_run.Wanted(frozenset(provider or Provider), dry_run, accept)
        raise typer.Exit(prices_run.refresh(wanted, say, SystemClock()))
