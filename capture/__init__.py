"""The files that people run on their own machines, without owroute: shipped as text."""

from pathlib import Path

NAME = "owroute_capture.py"
GUARD = "owroute_guard.py"
"""What the files are called where they are run, side by side."""


def script() -> str:
    """The text of the file that captures."""
    return _text(NAME)


def guard_script() -> str:
    """The text of the file that guards; `owroute_capture.py guard` runs it."""
    return _text(GUARD)


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")
