"""How a command ends: a number for scripts, sentences for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer

from owroute.commands.speech import Speech


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


@contextmanager
def listening(host: str, port: int, say: Speech) -> Iterator[None]:
    """An address that cannot be listened on ends the command with a sentence."""
    try:
        yield
    except OSError:
        stop(Code.PROBLEM, say.cannot_listen(host, port))
