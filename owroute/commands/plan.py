"""`owroute plan`: the route engine's decision in a terminal, without Slack."""

from enum import StrEnum
from typing import Any

import typer

from owroute.commands.plan_flags import keyword, signature
from owroute.commands.speech import Speech


class View(StrEnum):
    """Our decision, or the lesson's own."""

    full = "full"
    lesson = "lesson"


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""

    def plan(*, card: str | None, json: bool, view: View, **typed: Any) -> None:
        from owroute.commands import plan_run  # noqa: PLC0415  # heavy, and only here

        made = plan_run.card_from(card, typed, say)
        if view is View.lesson:
            raise typer.Exit(plan_run.lesson(made, say))
        raise typer.Exit(plan_run.decide(made, say, as_json=json))

    plan.__signature__ = signature(  # type: ignore[attr-defined]  # mypy does not know that functions may have one
        say,
        keyword("card", str | None, typer.Option(metavar="FILE.json", help=say.help_plan_card())),
        keyword("json", bool, typer.Option("--json", help=say.help_plan_json()), default=False),
        keyword("view", View, typer.Option(help=say.help_plan_view()), default=View.full),
    )
    app.command("plan", help=say.help_plan(), epilog=say.help_plan_exits())(plan)
