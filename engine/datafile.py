"""The frame of every data file, and the two shorthands its lists may use."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BeforeValidator

from engine.contract import Wire


class DataFile(Wire):
    """What heads every data file: its schema, version, source and the day it was last reviewed."""

    schema_version: Literal[1]
    version: str
    source: str
    reviewed: date


@dataclass(frozen=True, slots=True)
class ByKey(BeforeValidator):
    """What `by_key` gives: it also knows the key, by which a team's entries are merged."""

    key: str = "id"


def by_key(key: str) -> ByKey:
    """Turn a file's list of entries into a mapping by `key`; ValueError when one repeats."""

    def collect(entries: object) -> object:
        if not isinstance(entries, list):
            return entries
        found = {entry[key]: entry for entry in entries}
        if len(found) != len(entries):
            raise ValueError(f"{key} is not unique")
        return found

    return ByKey(collect, key=key)


def short(key: str) -> BeforeValidator:
    """Let an entry without a condition be written as the bare value of `key`."""
    return BeforeValidator(lambda entry: {key: entry} if isinstance(entry, str) else entry)
