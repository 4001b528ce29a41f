"""The file that people run on their own machines, without owroute: shipped as text."""

from pathlib import Path

NAME = "owroute_capture.py"
"""What the file is called where it is run."""


def script() -> str:
    """The file's text."""
    return Path(__file__).with_name(NAME).read_text("utf-8")
