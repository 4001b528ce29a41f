"""What `owroute record validate` does: name each defect of a record, and what to write instead."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import typer
from pydantic import ValidationError

from bot.cards.record import explained
from bot.domain.record_model import NINE, Record
from bot.domain.record_waived import FEEDS, excused
from engine.contract import EvidenceRecord
from owroute.commands import plan_run
from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech, spoken
from owroute.commands.terminal import harmless

MAX_BYTES = 5_000_000
FED = "-"
Defect = tuple[str, str]


def validate(file: str, say: Speech) -> Code:
    """A line per waived field and per defect: what to write. The exit code says if there is one."""
    read = _read(file, say)
    whole = "schema_version" in read or "experiment" in read
    nine = EvidenceRecord(**{name: read.get(name) for name in NINE})
    waived, unfounded = _waived(read, say) if whole else ({}, [])
    check = plan_run.asked(lambda engine: engine.check(nine, say.lang), say)
    named = [*explained(excused(check, waived), say.lang), *unfounded]
    found = [*named, *_others(read, {name for name, _ in named}, say, whole=whole)]
    for name, reason in waived.items():
        typer.echo(_told(say, "cli_waived", name, harmless(reason)))
    for name, what in found:
        typer.echo(_told(say, "cli_defect", harmless(name), what))
    if found:
        typer.echo(_told(say, "cli_invalid", len(found)))
        return Code.PROBLEM
    owed = read.get("missing") if whole else None
    complete = "cli_valid_waived" if waived else "cli_valid"
    typer.echo(_told(say, "cli_valid_open", ", ".join(owed)) if owed else _told(say, complete))
    return Code.OK


def _waived(read: Mapping[str, Any], say: Speech) -> tuple[dict[str, str], list[Defect]]:
    """The fields that a record calls waived, with their reasons; those that nothing bears out."""
    listed, items = read.get("waived"), read.get("evidence")
    if not isinstance(listed, dict) or not isinstance(items, list):
        return {}, []
    gone = [i.get("item") for i in items if isinstance(i, dict) and i.get("state") == "waived"]
    may = {field for item in gone if isinstance(item, str) for field in FEEDS.get(item, ())}
    good = {n: why for n, why in listed.items() if n in may and isinstance(why, str) and why}
    told = _told(say, "cli_not_waived")
    return good, [(f"waived.{n}", told) for n in listed if n not in good]


def _others(
    read: Mapping[str, Any], named: set[str], say: Speech, *, whole: bool
) -> Iterator[Defect]:
    """What is wrong beside the nine fields, or in them where the engine has not said so."""
    if not whole:
        for name in read:
            if name not in NINE:
                yield name, _told(say, "cli_other_field")
        return
    if (version := read.get("schema_version")) != "1":
        yield "schema_version", _told(say, "cli_newer", harmless(str(version)))
        return
    try:
        Record.model_validate(read)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            where = [str(part) for part in problem["loc"]]
            if not {where[0], ".".join(where[:2])} & named:
                foreign = problem["type"] == "extra_forbidden"
                sentence = "cli_other_field" if foreign else "cli_wrong_form"
                yield ".".join(where), _told(say, sentence)


def _read(file: str, say: Speech) -> Mapping[str, Any]:
    try:
        content = _bytes(file)
    except OSError as error:
        stop(Code.BAD_INPUT, _told(say, "cli_cannot_read", file, error.strerror))
    if len(content) > MAX_BYTES:
        stop(Code.BAD_INPUT, _told(say, "cli_not_a_record", file))
    try:
        read = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
        json.dumps(read, ensure_ascii=False).encode()  # half a character is none
    except (ValueError, RecursionError) as error:
        stop(Code.BAD_INPUT, _told(say, "cli_not_json", file, getattr(error, "lineno", 1)))
    if not isinstance(read, dict):
        stop(Code.BAD_INPUT, _told(say, "cli_not_a_record", file))
    return read


def _bytes(file: str) -> bytes:
    """One byte more than is allowed, so that too much is seen."""
    if file == FED:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(file).open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _told(say: Speech, name: str, *values: object) -> str:
    return spoken(say.lang, "record", name, *values)
