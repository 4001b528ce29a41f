"""What a capture says about each evidence item: entries that wait for somebody to accept them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import JsonValue

from bot.domain.capture import withheld
from bot.domain.capture_form import Capture
from bot.domain.cases import ENOUGH
from bot.domain.evidence import ELSEWHERE, Content, Entry, Source
from bot.domain.evidence_fields import Kind
from bot.domain.evidence_values import BadValue, read_value
from bot.domain.ids import UserId

BASELINE = "five_case_eval"

Part = Mapping[str, Any]
"""A part of a capture as JSON: its form was checked when it was read."""

NOTHING: Part = {}


def entries_of(
    capture: Capture,
    *,
    key: str,
    by: UserId | None,
    at: datetime,
    private: bool,
    runs: str = "",
) -> tuple[Entry, ...]:
    """The entries of a capture, in the order of the items; what it does not know is left out.

    In a private experiment no words of prompts and outputs get in, whatever the capture holds.
    `runs` is the repository that the plan runs: of that one the capture knows the revision, and
    what is of another one says so.
    """
    safe = withheld(capture) if private else capture
    found = safe.model_dump(mode="json", by_alias=True, exclude_none=True)
    repo = found.get("repo", "")
    other: Content = {ELSEWHERE: repo} if repo and runs and repo != runs else {}
    return tuple(
        Entry(
            key=key,
            item=item,
            source=Source.CAPTURED,
            content={**content, **other},
            at=at,
            by=by,
            whole=item != BASELINE or is_baseline(content),
        )
        for item, known in (*_items(found), *_model(found, runs))
        if (content := {name: value for name, value in known.items() if value not in (None, "")})
    )


def is_baseline(content: Content) -> bool:
    """Whether a table of cases is one: five distinct ones or more, each pass or fail."""
    rows = content.get("cases")
    listed = [r for r in rows if isinstance(r, dict)] if isinstance(rows, list) else []
    judged = {str(r["case_id"]) for r in listed if isinstance(r.get("pass"), bool)}
    return len(judged) == len(listed) >= ENOUGH and not content.get("unjudged")


def _model(c: Part, runs: str) -> Iterator[tuple[str, Content]]:
    """The revision that was run, of the plan's own repository."""
    if runs and c.get("repo") == runs and c.get("revision"):
        yield "model_card_license", {"repo": runs, "revision": c["revision"]}


def _items(c: Part) -> Iterator[tuple[str, Content]]:
    runtime, first = c.get("runtime", NOTHING), c.get("first", NOTHING)
    named = " ".join(filter(None, (runtime.get("name"), runtime.get("version"))))
    yield "runtime_command", {"command": runtime.get("command"), "version": named}
    prompt, output = first.get("prompt"), first.get("output")
    seconds = _quantity(Kind.SECONDS, first.get("seconds"), "s")
    yield "first_prompt_output", {"prompt": prompt, "output": output, "seconds": seconds}
    yield (
        BASELINE,
        {**c["cases"], "cases": c["cases"]["rows"], "rows": None} if "cases" in c else {},
    )
    yield "latency_memory_note", _resources(c)
    address = _checked(Kind.ADDRESS, c.get("endpoint", ""))
    yield "endpoint", {"address": address}
    if address:
        yield "request_response", {"request": prompt, "response": output}
    yield from _machine(c.get("environment", NOTHING), named)


def _resources(c: Part) -> Content:
    """Half the answers came within this time; the GPU's memory, else the program's."""
    memory = c.get("memory", NOTHING)
    return {
        "latency": _quantity(Kind.SECONDS, c.get("latency", NOTHING).get("p50"), "s"),
        "memory": _quantity(Kind.SIZE, memory.get("gpu_mib") or memory.get("rss_mib"), "MiB"),
        "disk": _quantity(Kind.SIZE, c.get("disk_gib"), "GiB"),
    }


def _machine(environment: Part, runtime: str) -> Iterator[tuple[str, Content]]:
    """The GPU with its versions; a machine without one has nothing to say here."""
    gpu, driver, cuda = (environment.get(name) for name in ("gpu", "driver", "cuda"))
    if not gpu:
        return
    seen = f"nvidia-smi, driver {driver}" if driver else "nvidia-smi"
    yield "runtime_type", {"gpu": gpu, "seen": seen}
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
