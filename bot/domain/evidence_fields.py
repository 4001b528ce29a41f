"""What each evidence item consists of: the fields people fill in, and what a good value is.

Source: the route engine's list of evidence (ids and checks), in its order. In an experiment on
private documents or regulated data a private field is not text: its hash and length stand for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue


class Kind(StrEnum):
    """How a field's text is read (`bot.domain.evidence_values`)."""

    LINE = "line"  # one line of words
    TEXT = "text"  # several lines
    COMMAND = "command"  # what is typed in a terminal, in several lines
    LISTING = "listing"  # what shows a machine gone: it names the machine or links to it
    MODEL = "model"  # owner/name
    REVISION = "revision"  # 40 hex digits
    LINK = "link"  # an https address
    ADDRESS = "address"  # an endpoint on loopback or behind a tunnel
    SECONDS = "seconds"  # a duration, kept in seconds
    SIZE = "size"  # bytes with a unit, kept in GiB
    MONEY = "money"  # an amount with its currency
    DATE = "date"  # a day
    HASH = "hash"  # 64 hex digits of a SHA-256
    COUNT = "count"  # a whole number
    CASES = "cases"  # a table of evaluation cases
    PAIRS = "pairs"  # the same cases before and after


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an item. `private` text never enters Slack or the database where data is private.

    `optional` may stay empty.
    """

    name: str
    kind: Kind = Kind.LINE
    private: bool = False
    optional: bool = False


FIELDS: Mapping[str, tuple[Field, ...]] = {
    "model_card_license": (
        Field("repo", Kind.MODEL),
        Field("revision", Kind.REVISION),
        Field("license_id"),
        Field("allowed_use"),
    ),
    "runtime_command": (Field("command", Kind.COMMAND), Field("version")),
    "first_prompt_output": (
        Field("prompt", Kind.TEXT, private=True),
        Field("output", Kind.TEXT, private=True),
        Field("seconds", Kind.SECONDS),
    ),
    "five_case_eval": (Field("cases", Kind.CASES),),
    "latency_memory_note": (
        Field("latency", Kind.SECONDS),
        Field("memory", Kind.SIZE),
        Field("disk", Kind.SIZE),
        Field("cost", Kind.MONEY),
    ),
    "shutdown_command": (Field("command", Kind.COMMAND),),
    "notebook_link": (Field("url", Kind.LINK),),
    "runtime_type": (Field("gpu"), Field("seen")),
    "reset_note": (Field("lost", Kind.TEXT), Field("redo", Kind.TEXT)),
    "endpoint": (Field("address", Kind.ADDRESS),),
    "request_response": (
        Field("request", Kind.TEXT, private=True),
        Field("response", Kind.TEXT, private=True),
    ),
    "cost_per_hour": (Field("amount", Kind.MONEY), Field("priced_on", Kind.DATE)),
    "stop_proof": (Field("listing", Kind.LISTING),),
    "gpu_plan": (
        Field("goal"),
        Field("model"),
        Field("runtime"),
        Field("instance_vram"),
        Field("disk"),
        Field("region"),
        Field("hourly_budget"),
        Field("hard_stop_time"),
        Field("ports_to_open"),
        Field("access_method"),
        Field("evidence_to_copy_back"),
        Field("shutdown_proof"),
        Field("fallback_if_oom"),
    ),
    "environment_report": (Field("driver"), Field("cuda"), Field("runtime")),
    "security_note": (Field("bind"), Field("tunnel"), Field("keys")),
    "access_rule": (Field("who", Kind.TEXT),),
    "source_trace": (
        Field("answer", Kind.TEXT, private=True),
        Field("document"),
    ),
    "no_leak_note": (Field("went", Kind.TEXT), Field("stayed", Kind.TEXT)),
    "lora_gate": (Field("failures", Kind.TEXT),),
    "before_after_eval": (Field("pairs", Kind.PAIRS),),
    "adapter_artifact": (Field("path"), Field("sha256", Kind.HASH)),
    "license_review": (Field("reviewer"), Field("reviewed_on", Kind.DATE), Field("conclusion")),
    "budget_cap": (Field("cap", Kind.MONEY), Field("when_reached")),
}
"""Item id to its fields, in the order they are asked for."""

UNCAPTURED: Mapping[str, frozenset[str]] = {
    "latency_memory_note": frozenset({"cost"}),
    "model_card_license": frozenset({"repo", "license_id", "allowed_use"}),
}
"""What no capture can say of an item: it stays below one whatever became of the rest."""

NOTE = (Field("note", Kind.TEXT),)
"""For an item this version does not know: one that a team's own rules ask for."""


def fields_of(item: str, *, private: bool) -> tuple[Field, ...]:
    """The fields of an item; in a private experiment a private text is its hash and its length."""
    known = FIELDS.get(item, NOTE)
    if not private:
        return known
    return tuple(safe for field in known for safe in _withheld(field))


def lacks(item: str, content: Mapping[str, object], *, private: bool) -> tuple[str, ...]:
    """The fields of an item that `content` leaves empty.

    In a private experiment a text that is withheld already counts for its hash and length.
    """
    names = (f.name for f in fields_of(item, private=private) if not f.optional)
    given = {name for name, value in content.items() if value not in (None, "", [], {})}
    withheld = {name for name in given if isinstance(content[name], Mapping)}
    return tuple(n for n in names if n not in given and _stem(n) not in withheld)


def uncaptured(
    item: str, content: Mapping[str, JsonValue], capture: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """What of `content` no capture can say; a licence is of one repository, and of no other."""
    names, repo = UNCAPTURED.get(item, frozenset()), content.get("repo")
    if capture.get("repo", repo) != repo:
        return {}
    return {name: value for name, value in content.items() if name in names}


MESSAGE = "message"
"""The text of a message that was attached, kept beside the fields; private whatever the item."""

CASE_WORDS = ("prompt", "expected", "output")
"""What of a case is private; its note, like all free text, is what its author chose to write."""


def private_names(item: str) -> frozenset[str]:
    """The names under which an item may hold words that private data guard."""
    return frozenset({f.name for f in FIELDS.get(item, NOTE) if f.private} | {MESSAGE})


def tables_of(item: str) -> frozenset[str]:
    """The fields of an item that are tables of cases."""
    return frozenset(f.name for f in FIELDS.get(item, NOTE) if f.kind is Kind.CASES)


def bares(item: str, content: Mapping[str, object]) -> bool:
    """Whether `content` holds words that a private experiment must not keep."""
    private = private_names(item)
    rows = content.get("cases")
    listed = [r for r in rows if isinstance(r, Mapping)] if isinstance(rows, list) else []
    said = [v for name, v in content.items() if name in private]
    return any(isinstance(v, str) for v in (*said, *(r.get(w) for r in listed for w in CASE_WORDS)))


def _stem(name: str) -> str:
    return name.removesuffix("_sha256").removesuffix("_chars")


def _withheld(field: Field) -> tuple[Field, ...]:
    if not field.private:
        return (field,)
    return (
        Field(f"{field.name}_sha256", Kind.HASH),
        Field(f"{field.name}_chars", Kind.COUNT),
    )
