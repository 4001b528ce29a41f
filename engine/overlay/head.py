"""The head of a team's file: its version and source, and that it extends the built-in data."""

from collections.abc import Iterator
from typing import Literal

from pydantic import ValidationError

from engine.datafile import DataFile
from engine.overlay.findings import Finding
from engine.overlay.lines import Document
from engine.overlay.merge import HEAD
from engine.overlay.schema_defects import schema_defects


class OverlayHead(DataFile):
    """What heads a team's file."""

    extends: Literal["builtin"]


def head_defects(document: Document) -> Iterator[Finding]:
    """What is missing or wrong in a head."""
    head = {name: value for name, value in document.data.items() if name in HEAD}
    try:
        OverlayHead.model_validate(head)
    except ValidationError as error:
        for defect in schema_defects(document.name, head, {}, error):
            line = document.place(defect.steps).line
            yield Finding(document.name, line, defect.code, defect.values)
