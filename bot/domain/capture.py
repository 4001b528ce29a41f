"""What the capture script hands over: a paste-back in any text, or the JSON alone.

The script is `capture/owroute_capture.py`; it runs on machines that are not ours.
"""

import hashlib
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ValidationError

from bot.domain.capture_form import MASK, Capture, Case, Text, Withheld

__all__ = [
    "BadPaste",
    "Capture",
    "Reason",
    "command_line",
    "parse_capture",
    "read_paste",
    "withheld",
]

VERSION = 1
LONGEST = 50_000
"""Characters of a text that are looked at."""

DEFAULT_ENDPOINT = "http://127.0.0.1:8000/v1"


class Reason(StrEnum):
    """Why a text is no capture."""

    NOT_A_PASTE = "not_a_paste"
    TRUNCATED = "truncated"
    EDITED = "edited"
    TOO_NEW = "too_new"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class BadPaste:
    """No capture. `hint` names the place in the JSON for `invalid`; it never repeats a value."""

    reason: Reason
    hint: str = ""


_END = r"sha256 (?P<sha>[0-9a-f]{16})(?!\w)"
_PASTE = re.compile(
    r"owroute-capture (?P<v>\d{1,9}) (?P<experiment>OW-\d{1,9})[ \t`]*\n"
    r"(?P<json>\{.*?\})[ \t]*\n" + _END,
    re.DOTALL,
)
_ONE_LINE = re.compile(
    r"owroute-capture (?P<v>\d{1,9}) (?P<experiment>OW-\d{1,9})[ \t`]*(?P<json>\{.*\})[ \t]*" + _END
)
"""What a field of one line makes of it: its line breaks became spaces, or are gone."""
_HEAD = re.compile(r"(?<![\w-])owroute-capture (\d{1,9}) OW-\d")
_HEAD_LINE = re.compile(r"(?<![\w-])owroute-capture \d{1,9} OW-\d{1,9}[ \t`]*\n")
_QUOTED = re.compile(r"(?m)^[ \t]*(?:(?:>|&gt;)[ \t]?)+")
_LINK = re.compile(r"<([^<>|\s]+)(?:\|([^<>]*))?>")


def read_paste(text: str) -> Capture | BadPaste:
    """The capture in a text that holds a paste-back; quotes, fences and Slack's escapes do no harm.

    The experiment above the JSON is checked against the one in it.
    """
    text = _QUOTED.sub("", text[:LONGEST].replace("\r\n", "\n"))
    head = _HEAD.search(text)
    if head is None:
        return BadPaste(Reason.NOT_A_PASTE)
    if int(head[1]) != VERSION:
        return BadPaste(Reason.TOO_NEW)
    found = _first_whole(text) or _ONE_LINE.match(text, head.start())
    if found is None:
        return BadPaste(Reason.TRUNCATED)
    for line in _as_it_was(found["json"]):
        if hashlib.sha256(line.encode("utf-8", "replace")).hexdigest()[:16] == found["sha"]:
            return _of(line, found["experiment"])
    return BadPaste(Reason.EDITED)


def parse_capture(obj: object) -> Capture | BadPaste:
    """The capture that a JSON value is."""
    if isinstance(obj, dict) and type(obj.get("v")) is int and obj["v"] != VERSION:
        return BadPaste(Reason.TOO_NEW)
    try:
        return Capture.model_validate(obj)
    except (ValidationError, RecursionError) as error:
        return BadPaste(Reason.INVALID, _place(error))


def withheld(capture: Capture) -> Capture:
    """The capture without its texts, for a private experiment whose sender forgot `--private`."""
    if capture.private:
        return capture
    first = capture.first
    words = {"prompt": _hidden(first.prompt), "output": _hidden(first.output)}
    cases, runtime = capture.cases, capture.runtime
    if cases:
        cases = cases.model_copy(update={"rows": tuple(_bare(row) for row in cases.rows)})
    if runtime and capture.endpoint:  # what is listed has no bounds between arguments
        runtime = runtime.model_copy(update={"command": None})
    elif runtime and runtime.command:
        runtime = runtime.model_copy(update={"command": _spaceless(runtime.command)})
    changes = {
        "private": True,
        "first": first.model_copy(update=words),
        "cases": cases,
        "runtime": runtime,
    }
    return capture.model_copy(update=changes)


def command_line(experiment: str, *, private: bool) -> str:
    """What is typed on the machine where the model runs."""
    line = (
        f"python3 owroute_capture.py {experiment} --endpoint {DEFAULT_ENDPOINT} --cases cases.csv"
    )
    return f"{line} --private" if private else line


def _first_whole(text: str) -> re.Match[str] | None:
    """The first paste-back that has an end. Each is looked for up to the next one's head line.

    No JSON holds such a line, and so no character is read once for every head before it.
    """
    heads = [head.start() for head in _HEAD_LINE.finditer(text)]
    ends = [*heads[1:], len(text)]
    found = (_PASTE.match(text, *part) for part in zip(heads, ends, strict=False))
    return next(filter(None, found), None)


def _of(line: str, experiment: str) -> Capture | BadPaste:
    try:
        found = parse_capture(json.loads(line))
    except (ValueError, RecursionError):
        return BadPaste(Reason.INVALID)
    if isinstance(found, Capture) and found.experiment != experiment:
        return BadPaste(Reason.EDITED)
    return found


def _as_it_was(text: str) -> Iterator[str]:
    """The line as it may have been before terminals wrapped it and Slack wrote its own marks."""
    for line in (text, text.replace("\n", "")):
        yield line
        yield _unescaped(line)
        yield _unescaped(_LINK.sub(lambda link: link[2] or link[1], line))


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _place(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return ""
    return ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"])[:100]


def _hidden(text: Text) -> Withheld:
    if not isinstance(text, str):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return {"sha256": digest, "chars": len(text)}


def _bare(row: Case) -> Case:
    bare = row.copy()
    for name in ("prompt", "expected", "output", "note"):
        if name in bare:
            bare[name] = _hidden(bare[name])
    return bare


def _spaceless(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError:  # cut short within quotes
        return MASK
    return shlex.join(MASK if " " in word else word for word in words)
