"""`owroute rules`: a team's own rules, models and prices, checked, compared and tried out."""

from pathlib import Path
from typing import Annotated

import typer

from owroute.commands.speech import Speech, spoken


def register(app: typer.Typer, say: Speech) -> None:
    """Add the group."""

    def told(name: str) -> str:
        return spoken(say.lang, "rules", name)

    rules = typer.Typer(rich_markup_mode=None)
    app.add_typer(rules, name="rules", help=told("help"))
    folder_of = typer.Argument(metavar="FOLDER", help=told("help_folder"), show_default=False)

    @rules.command("lint", help=told("help_lint"), epilog=told("help_exits"))
    def lint(folder: Annotated[Path | None, folder_of] = None) -> None:
        from owroute.commands import rules_run  # noqa: PLC0415  # heavy, and only here

        raise typer.Exit(rules_run.lint(folder, say))

    @rules.command("diff", help=told("help_diff"), epilog=told("help_exits"))
    def diff(folder: Annotated[Path | None, folder_of] = None) -> None:
        from owroute.commands import rules_run  # noqa: PLC0415  # heavy, and only here

        raise typer.Exit(rules_run.diff(folder, say))

    @rules.command("test", help=told("help_test"), epilog=told("help_exits"))
    def test(
        folder: Annotated[Path | None, folder_of] = None,
        facts: Annotated[
            Path | None,
            typer.Option(metavar="FILE.csv", help=told("help_facts"), show_default=False),
        ] = None,
    ) -> None:
        from owroute.commands import rules_run  # noqa: PLC0415  # heavy, and only here

        raise typer.Exit(rules_run.test(folder, facts, say))
