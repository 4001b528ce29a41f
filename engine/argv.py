"""Putting names into commands: placeholders in argv, and the one line that is typed.

What is put in stays within its argument, whatever it is called; the line is quoted for a shell.
"""

import re
import shlex
from collections.abc import Mapping
from functools import lru_cache

Values = Mapping[str, str | None]
"""What placeholders stand for. None: there is no such thing. A name that is missing is issued by
others, as a machine's address is, and its placeholder stays."""

_HOLE = re.compile(r"\{([a-z_]+)\}")

Given = tuple[tuple[str, str | None], ...]
"""The placeholders of a command that stand for something or for nothing; all that it depends on,
so that equal steps of many plans are put together once."""

KEPT = 4096
"""Commands kept as they were put together, by what is in them; the oldest give way."""


def printed(argv: tuple[str, ...], values: Values) -> tuple[tuple[str, ...], str]:
    """The arguments with what is known, and the line they are typed as.

    An argument that stands for nothing goes, and the option before it too.
    """
    return _printed(argv, given(argv, values))


def told(text: str, values: Values) -> str:
    """The text with what is known in place."""
    return _told(text, given((text,), values))


def given(argv: tuple[str, ...], values: Values) -> Given:
    """The values of the placeholders in these texts; those that others issue are not among them."""
    return tuple((hole, values[hole]) for hole in _holes(argv) if hole in values)


@lru_cache(maxsize=KEPT)
def _holes(argv: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_HOLE.findall("\0".join(argv))))


@lru_cache(maxsize=KEPT)
def _printed(argv: tuple[str, ...], known: Given) -> tuple[tuple[str, ...], str]:
    nothing = {hole for hole, value in known if value is None}
    kept: list[str] = []
    for part in argv:
        if nothing.isdisjoint(_holes((part,))):
            kept.append(part)
        elif kept and kept[-1].startswith("-"):
            kept.pop()
    filled = tuple(_told(part, known) for part in kept)
    return filled, shlex.join(filled)


@lru_cache(maxsize=KEPT)
def _told(text: str, known: Given) -> str:
    """Each placeholder is looked at once: what it stands for may hold braces of its own."""
    values = dict(known)
    return _HOLE.sub(lambda hole: values.get(hole[1]) or hole[0], text)
