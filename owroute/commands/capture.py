"""`owroute capture`: the script that people run where their model runs, and the line to run it."""

from typing import Annotated

import typer

from owroute.commands.speech import Speech
from owroute.words import translator


def register(app: typer.Typer, say: Speech) -> None:
    """Add the command."""
    _ = translator(say.lang)

    @app.command(
        "capture",
        help=_("Print the script that captures evidence on the machine of a run, or its command."),
    )
    def capture(
        *,
        print_: Annotated[
            bool, typer.Option("--print", help=_("Print owroute_capture.py to standard output."))
        ] = False,
        guard: Annotated[
            bool,
            typer.Option(
                "--print-guard",
                help=_("Print owroute_guard.py, which lies beside it and stops a machine in time."),
            ),
        ] = False,
        line: Annotated[
            str | None,
            typer.Option(
                "--line",
                metavar="OW-12",
                help=_("Print the command that captures evidence of this experiment."),
                show_default=False,
            ),
        ] = None,
        private: Annotated[
            bool,
            typer.Option(
                "--private",
                help=_("With --line: no prompt, answer or expected text leaves the machine."),
            ),
        ] = False,
    ) -> None:
        from owroute.commands import capture_print  # noqa: PLC0415  # heavy, and only here

        capture_print.run(say, line=line, whole=print_, guard=guard, private=private)
