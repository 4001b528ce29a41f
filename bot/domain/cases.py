"""Tables of evaluation cases: CSV as spreadsheets write it, or JSON Lines.

Columns: case id, prompt, expected, result, note; of a comparison: case id, before, after. A result
is *pass* or *fail*. In a private experiment prompt and expected text become hash and length here.
"""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from pydantic import JsonValue

ENOUGH = 5
"""Distinct fixed cases that a baseline needs (lesson 13.5 of AI Roads)."""

MOST = 500
"""Cases that are listed; a larger table comes by the capture script, which counts the rest."""

CELL = 2_000
NAME = 40
"""Characters of a case's id in a sentence."""

_NAMES: Mapping[str, str] = {
    "case_id": "case_id", "case id": "case_id", "case": "case_id", "id": "case_id",
    "编号": "case_id", "案例编号": "case_id",
    "prompt": "prompt", "提示": "prompt",
    "expected": "expected", "expected_behavior": "expected", "expected behavior": "expected",
    "预期": "expected",
    "result": "result", "pass": "result", "结果": "result",
    "note": "note", "notes": "note", "备注": "note",
    "before": "before", "之前": "before", "after": "after", "之后": "after",
}  # fmt: skip
_VERDICTS: Mapping[str, bool] = {
    "pass": True, "passed": True, "ok": True, "yes": True, "true": True, "1": True, "通过": True,
    "fail": False, "failed": False, "no": False, "false": False, "0": False, "失败": False,
    "不通过": False,
}  # fmt: skip

Row = dict[str, str]


class BadCases(Exception):
    """A table that cannot stand; `hint` names rows or what was found."""

    def __init__(self, code: str, hint: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint


def table_in(text: str) -> str | None:
    """Whether a text begins as a table: "cases", "pairs", or None. Its rows may still be wrong."""
    names = _names_in(text.strip())
    if "case_id" not in names:
        return None
    if {"before", "after"} <= names:
        return "pairs"
    return "cases" if "result" in names else None


def read_cases(text: str, *, private: bool = False) -> list[JsonValue]:
    """Five or more cases with distinct ids, each pass or fail. Raises `BadCases`."""
    return _read(text, lambda row: _case(row, private=private), ("result",))


def read_pairs(text: str, *, private: bool = False) -> list[JsonValue]:
    """The same cases before and after, each pass or fail: no words, so none to keep out."""
    del private
    return _read(text, _pair, ("before", "after"))


def _read(
    text: str, kept: Callable[[Row], dict[str, JsonValue]], verdicts: tuple[str, ...]
) -> list[JsonValue]:
    rows = _json_lines(text) if text.lstrip().startswith("{") else _csv(text, verdicts)
    if len(rows) > MOST:
        raise BadCases("too_many_cases", str(MOST))
    nameless = [str(n) for n, row in enumerate(rows, start=1) if not row.get("case_id")]
    if nameless:
        raise BadCases("case_without_id", ", ".join(nameless[:5]))
    unsure = [row["case_id"] for row in rows if any(_verdict(row, v) is None for v in verdicts)]
    if unsure:
        raise BadCases("case_without_result", _some(unsure))
    repeated = [name for name, n in Counter(row["case_id"] for row in rows).items() if n > 1]
    if repeated:
        raise BadCases("case_twice", _some(repeated))
    if len(rows) < ENOUGH:
        raise BadCases("too_few_cases", str(len(rows)))
    return [kept(row) for row in rows]


def _some(names: list[str]) -> str:
    """Names in a sentence: a few of them, and a long one by its beginning."""
    return ", ".join(n if len(n) <= NAME else f"{n[:NAME]}…" for n in names[:5])


def _names_in(text: str) -> set[str]:
    """The columns that a first line names, where more lines follow."""
    head, _, rest = text.lstrip("\ufeff").partition("\n")
    if not rest:
        return set()
    try:
        names = list(json.loads(head)) if head.startswith("{") else _columns(head)
    except (ValueError, RecursionError, csv.Error):
        return set()
    return {_NAMES.get(str(name).strip().lower(), "") for name in names}


def _columns(head: str) -> list[str]:
    return next(csv.reader([head], delimiter=_delimiter(head)), [])


def _delimiter(head: str) -> str:
    return max(",;\t", key=head.count)


def _case(row: Row, *, private: bool) -> dict[str, JsonValue]:
    words = {name: row[name] for name in ("prompt", "expected") if row.get(name)}
    found: dict[str, JsonValue] = {"case_id": row["case_id"], "pass": _verdict(row, "result")}
    for name, said in words.items():
        found[name] = withheld(said) if private else said
    return found | ({"note": row["note"]} if row.get("note") else {})


def _pair(row: Row) -> dict[str, JsonValue]:
    both = {name: _verdict(row, name) for name in ("before", "after")}
    return {"case_id": row["case_id"], **both}


def withheld(text: str) -> JsonValue:
    """What stands for a text that must not be kept: its SHA-256 and its length in characters."""
    return {
        "sha256": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        "chars": len(text),
    }


def _verdict(row: Row, name: str) -> bool | None:
    return _VERDICTS.get(row.get(name, "").strip().lower())


def _csv(text: str, verdicts: tuple[str, ...]) -> list[Row]:
    """Rows of a table whose first line names the columns; comma, semicolon or tab."""
    body = text.lstrip("\ufeff")
    head = body.partition("\n")[0]
    reader = csv.reader(io.StringIO(body), delimiter=_delimiter(head))
    try:
        found = [line for line in reader if any(line)]
    except csv.Error:
        raise BadCases("not_a_table") from None
    names = [_NAMES.get(name.strip().lower(), "") for name in found[0]] if found else []
    if "case_id" not in names or not set(verdicts) <= set(names):
        raise BadCases("no_columns", ", ".join(("case id", *verdicts)))
    return [_row(zip(names, line, strict=False)) for line in found[1:]]


def _json_lines(text: str) -> list[Row]:
    rows = []
    for number, line in enumerate(filter(str.strip, text.splitlines()), start=1):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise BadCases("not_json", str(number)) from None
        if not isinstance(found, dict):
            raise BadCases("not_json", str(number))
        named = ((_NAMES.get(str(name).strip().lower(), ""), v) for name, v in found.items())
        rows.append(_row((name, _said(value)) for name, value in named))
    return rows


def _row(cells: Iterable[tuple[str, str]]) -> Row:
    sound = ((name, _sound(cell).strip()) for name, cell in cells)
    return {name: cell[:CELL] for name, cell in sound if name and cell}


def _sound(text: str) -> str:
    """A text that every database keeps: no NUL, no half of a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "pass" if value else "fail"
    return "" if value is None else str(value)
