"""`owroute compare`: a constraint card on every route, without Slack."""

from typing import Any

import typer

from owroute.commands.plan_flags import keyword, signature
from owroute.commands.speech import Speech


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    def compare(*, card: str | None, json: bool, **typed: Any) -> None:
        from owroute.commands import plan_run  # noqa: PLC0415  # heavy, and only here

        made = plan_run.card_from(card, typed, say, plan_run.COMPARE)
        raise typer.Exit(plan_run.compare(made, say, as_json=json))

    compare.__signature__ = signature(  # type: ignore[attr-defined]  # mypy does not know that functions may have one
        say,
        keyword("card", str | None, typer.Option(metavar="FILE.json", help=say.help_plan_card())),
        keyword("json", bool, typer.Option("--json", help=say.help_compare_json()), default=False),
    )
    app.command("compare", help=say.help_compare(), epilog=say.help_compare_exits())(compare)
