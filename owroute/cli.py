"""The `owroute` command: `main` finds the language, `create_app` puts the commands together.

A command's own module imports what it needs when it runs, so that `--help` answers at once.
"""

import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from owroute.commands import (
    audit,
    capture,
    check,
    compare,
    database,
    demo,
    engine,
    fit,
    gpus,
    hold,
    manifest,
    plan,
    prices,
    record,
    rules,
    serve,
)
from owroute.commands.exits import Code
from owroute.commands.speech import NAMES, Speech, language_asked
from owroute.words import language_of

GROUPS = (
    plan,
    compare,
    fit,
    gpus,
    capture,
    demo,
    serve,
    check,
    hold,
    audit,
    manifest,
    engine,
    record,
    prices,
    rules,
    database,
)
"""In the order people meet them in the help."""


def main() -> NoReturn:
    """Run what was typed and end the process with the command's exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # a terminal that lacks a sign gets a question mark
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line; nothing typed ends in a traceback of Typer's."""
    asked, rest = language_asked(arguments)
    if asked is not None and asked not in NAMES:
        typer.echo(Speech(language_of(os.environ)).lang_unknown(asked), err=True)
        return Code.BAD_INPUT
    say = Speech(NAMES[asked] if asked else language_of(os.environ))
    try:
        code = create_app(say)(rest or ["--help"], prog_name="owroute", standalone_mode=False)
    except typer.TyperException as error:
        typer.echo(_usage(error, say), err=True)
        return Code.BAD_INPUT
    except typer.Abort:
        typer.echo(say.aborted(), err=True)
        return 130
    return code or Code.OK


def create_app(say: Speech) -> typer.Typer:
    """All commands, with their help in the language of `say`."""
    app = typer.Typer(
        help=say.help_owroute(),
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def print_version(wanted: bool) -> None:
        if wanted:
            from importlib.metadata import version  # noqa: PLC0415  # slow, and only here

            typer.echo(f"owroute {version('owroute')}")
            raise typer.Exit

    @app.callback()
    def owroute(
        _version: Annotated[
            bool,
            typer.Option(
                "--version", callback=print_version, is_eager=True, help=say.help_version()
            ),
        ] = False,
        _lang: Annotated[
            str, typer.Option("--lang", metavar="en|zh", help=say.help_lang(), show_default=False)
        ] = "",
    ) -> None:
        """Options before the command act by themselves."""

    for group in GROUPS:
        group.register(app, say)
    return app


def _usage(error: typer.TyperException, say: Speech) -> str:
    """What is wrong with the command line, and where to look."""
    option = getattr(error, "option_name", None)
    if option is None:
        return say.usage(error.format_message())
    if hasattr(error, "possibilities"):
        return say.no_such_option(option, ", ".join(sorted(error.possibilities or ())))
    return say.option_needs_value(option)
