"""`owroute record`: the records of experiments, read from the bot's database, and checked."""

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup
from typing_extensions import override

from owroute.commands.speech import Speech, spoken

OWN = ("show", "validate", "-h", "--help")


class ShowUsually(TyperGroup):
    """`owroute record OW-12` is `owroute record show OW-12`."""

    @override
    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # Typer's own Context is the same class
        """Put `show` where no word of the group stands."""
        typed = args if args and args[0] in OWN else ["show", *args]
        return super().parse_args(ctx, typed)


def register(app: typer.Typer, say: Speech) -> None:
    """Add the group."""

    def told(name: str) -> str:
        return spoken(say.lang, "record", name)

    record = typer.Typer(cls=ShowUsually, rich_markup_mode=None)
    app.add_typer(record, name="record", help=told("help"))

    @record.command("show", help=told("help_show"), epilog=told("help_exits"))
    def show(
        label: Annotated[
            str, typer.Argument(metavar="[OW-n]", help=told("help_label"), show_default=False)
        ] = "",
        json: Annotated[bool, typer.Option("--json", help=told("help_json"))] = False,
        channel: Annotated[
            str, typer.Option(metavar="ID", help=told("help_channel"), show_default=False)
        ] = "",
        out: Annotated[
            Path | None, typer.Option(metavar="DIR", help=told("help_out"), show_default=False)
        ] = None,
        team: Annotated[
            str, typer.Option(metavar="ID", help=told("help_team"), show_default=False)
        ] = "",
    ) -> None:
        from owroute.commands import record_run  # noqa: PLC0415  # heavy, and only here

        wanted = record_run.Wanted(label, channel, out, team, as_json=json)
        raise typer.Exit(record_run.show(wanted, say))

    @record.command("validate", help=told("help_validate"), epilog=told("help_validate_exits"))
    def validate(
        file: Annotated[str, typer.Argument(metavar="FILE.json", help=told("help_file"))],
    ) -> None:
        from owroute.commands import record_check  # noqa: PLC0415  # heavy, and only here

        raise typer.Exit(record_check.validate(file, say))
