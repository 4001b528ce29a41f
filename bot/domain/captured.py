"""What a capture says about each evidence item: entries that wait for somebody to accept them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import JsonValue

from bot.domain.capture import Capture, withheld
from bot.domain.cases import ENOUGH
from bot.domain.evidence import Content, Entry, Source
from bot.domain.evidence_fields import Kind
from bot.domain.evidence_values import BadValue, read_value
from bot.domain.ids import UserId

BASELINE = "five_case_eval"
COUNTS = ("total", "passed", "failed", "unjudged", "sha256")


def entries_of(
    capture: Capture, *, key: str, by: UserId | None, at: datetime, private: bool
) -> tuple[Entry, ...]:
    """The entries of a capture, in the order of the items; what it does not know is left out.

    In a private experiment no words of prompts and outputs get in, whatever the capture holds.
    """
    safe = withheld(capture) if private else capture
    return tuple(
        Entry(
            key=key,
            item=item,
            source=Source.CAPTURED,
            content=content,
            at=at,
            by=by,
            whole=item != BASELINE or is_baseline(content),
        )
        for item, found in _items(safe)
        if (content := {name: value for name, value in found.items() if value not in (None, "")})
    )


def is_baseline(content: Content) -> bool:
    """Whether a table of cases is one: five distinct ones or more, each pass or fail."""
    rows = content.get("cases")
    listed = [r for r in rows if isinstance(r, dict)] if isinstance(rows, list) else []
    judged = {r.get("case_id") for r in listed if isinstance(r.get("pass"), bool)}
    return len(judged) >= ENOUGH and not content.get("unjudged") and len(judged) == len(listed)


def _items(c: Any) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    runtime, first = c.runtime, c.first
    named = " ".join(filter(None, (runtime.name, runtime.version))) if runtime else ""
    if runtime:
        yield "runtime_command", {"command": runtime.command, "version": named}
    if first:
        seconds = _quantity(Kind.SECONDS, first.seconds, "s")
        words = {"prompt": first.prompt, "output": first.output}
        yield "first_prompt_output", {**words, "seconds": seconds}
    if c.cases:
        yield BASELINE, _cases(c.cases)
    yield "latency_memory_note", _resources(c)
    address = _checked(Kind.ADDRESS, c.endpoint or "")
    if address:
        yield "endpoint", {"address": address}
    if address and first:
        yield "request_response", {"request": first.prompt, "response": first.output}
    yield from _machine(c.environment, named)


def _cases(cases: Any) -> Mapping[str, JsonValue]:
    counts = {name: getattr(cases, name) for name in COUNTS}
    return {"cases": [dict(row) for row in cases.rows or ()] or None, **counts}


def _resources(c: Any) -> Mapping[str, JsonValue]:
    """Half the answers came within this time; the GPU's memory, else the program's."""
    memory = c.memory
    mib = (memory.gpu_mib or memory.rss_mib) if memory else None
    return {
        "latency": _quantity(Kind.SECONDS, c.latency.p50 if c.latency else None, "s"),
        "memory": _quantity(Kind.SIZE, mib, "MiB"),
        "disk": _quantity(Kind.SIZE, c.disk_gib, "GiB"),
    }


def _machine(environment: Any, runtime: str) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """The GPU with its versions; a machine without one has nothing to say here."""
    if not environment or not environment.gpu:
        return
    driver, cuda = environment.driver, environment.cuda
    yield "runtime_type", {"gpu": environment.gpu, "seen": f"nvidia-smi, driver {driver or '?'}"}
    yield "environment_report", {"driver": driver, "cuda": cuda, "runtime": runtime}


def _quantity(kind: Kind, number: float | None, unit: str) -> JsonValue:
    """The same text that somebody who types it would leave."""
    if number is None:
        return None
    return _checked(kind, f"{round(Decimal(str(number)), 6):f} {unit}")


def _checked(kind: Kind, text: str) -> JsonValue:
    try:
        return read_value(kind, text)
    except BadValue:
        return None
