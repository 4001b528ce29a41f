"""How a command ends: a number for scripts, sentences for people."""

from enum import IntEnum
from typing import NoReturn

import typer


class Code(IntEnum):
    """Exit codes, the same for every command."""

    OK = 0
    PROBLEM = 1
    BAD_INPUT = 2
    NEEDS_CHANGES = 3
    REFUSED = 4
    ENGINE_UNAVAILABLE = 5


def stop(code: Code, *sentences: str) -> NoReturn:
    """Say why on standard error, one sentence a line, and end the command."""
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(code)
