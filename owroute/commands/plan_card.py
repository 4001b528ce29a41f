"""From flags, a file and answers to a constraint card, or to what is wrong and what to type."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, assert_never

from pydantic import ValidationError

from bot.cards.forms.numbers import decimal, whole
from bot.cards.forms.problems import Problem, Wrong, sentence
from engine.contract import ConstraintCard
from owroute.commands.plan_flags import FLAGS, HARDWARE, Flag, Kind
from owroute.commands.speech import Speech, plain, spoken

ASKED_FOR, FED = "-", ""
STANDARD_INPUT = (ASKED_FOR, FED)
"""Names of standard input: named by the caller, or found to be redirected and maybe empty."""

Fields = dict[str, Any]
"""The card as it travels: wire names, `hardware` nested."""


class CardFileError(Exception):
    """A card file that cannot be used. `code` names its sentence, `detail` says where."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Wanting:
    """Why fields are not a card yet: what is missing, and what is wrong."""

    missing: tuple[str, ...]
    wrong: tuple[Problem, ...]


def read_file(name: str) -> Fields:
    """The card in a JSON file or on standard input. Raises `CardFileError`."""
    try:
        raw = sys.stdin.buffer.read() if name in STANDARD_INPUT else Path(name).read_bytes()
        return {} if name == FED and not raw.strip() else _object(raw.decode("utf-8-sig"))
    except OSError as error:
        raise CardFileError("card_unreadable", error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise CardFileError("card_not_text", "") from error
    except json.JSONDecodeError as error:
        raise CardFileError("card_not_json", f"{error.lineno}:{error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise CardFileError("card_not_json", "") from error


def _object(text: str) -> Fields:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise CardFileError("card_not_object", "")
    return found


def value_of(flag: Flag, typed: Any) -> Any:
    """What a flag's text means on the wire. Raises `Wrong` for a number that is none."""
    match flag.kind:
        case Kind.TEXT | Kind.YES_NO:
            return typed
        case Kind.CHOICE:
            return typed.strip().lower().replace("-", "_").replace(" ", "_")
        case Kind.WHOLE:
            return whole(typed)
        case Kind.DECIMAL:
            return decimal(typed)
        case Kind.NAMES:
            return tuple(name for name in typed.lower().replace(",", " ").split())
        case _:
            assert_never(flag.kind)


def understood(
    typed: Mapping[str, Any], flags: Mapping[str, Flag] = FLAGS
) -> tuple[Fields, tuple[Problem, ...]]:
    """Flags as typed, in the form of the wire; and the numbers that are none."""
    values: Fields = {}
    wrong: list[Problem] = []
    for name, text in typed.items():
        if text is None:
            continue
        try:
            values[name] = value_of(flags[name], text)
        except Wrong as problem:
            wrong.append(Problem(name, problem.code, problem.hint))
    return values, tuple(wrong)


def merged(card: Fields, values: Mapping[str, Any]) -> Fields:
    """A card with single fields laid over it; parts of the hardware join what is there."""
    parts = {n: v for n, v in values.items() if n in HARDWARE}
    whole = {**card, **{n: v for n, v in values.items() if n not in HARDWARE}}
    if not parts:
        return whole
    had = card.get("hardware")
    return {**whole, "hardware": {**(had if isinstance(had, dict) else {}), **parts}}


def card_of(fields: Fields) -> ConstraintCard | Wanting:
    """The card, if the contract accepts it."""
    try:
        return ConstraintCard.model_validate(fields)
    except ValidationError as error:
        found = [(_name(e["loc"]), dict(e)) for e in error.errors(include_url=False)]
    missing = tuple(name for name, e in found if e["type"] == "missing" and name in FLAGS)
    wrong = {name: _problem(name, e) for name, e in reversed(found) if name not in missing}
    return Wanting(missing, tuple(reversed(wrong.values())))


def explained(problem: Problem, say: Speech, flags: Mapping[str, Flag] = FLAGS) -> str:
    """One line: which field, and what to type instead."""
    flag = flags.get(problem.name)
    if problem.code == "unknown":
        return say.unknown_field(problem.name, problem.hint)
    if flag is None:
        return say.only_in_file(problem.name)
    match problem.code:
        case "number":
            meant = spoken(say.lang, "form_wrong", "number", problem.hint)
            what = f"{meant} {flag.expected(say)}"
        case "expected":
            what = flag.expected(say)
        case _:
            what = plain(sentence(problem, say.lang))
    return spoken(say.lang, "form_wrong", "of_field", flag.option, what)


def _name(loc: tuple[int | str, ...]) -> str:
    """A flag's name where there is one, else the way into the file, as in `architecture.layers`."""
    parts = [str(part) for part in loc]
    if parts[0] == "hardware" and len(parts) > 1:
        return parts[1]
    return parts[0] if parts[0] in FLAGS else ".".join(parts)


def _problem(name: str, error: Mapping[str, Any]) -> Problem:
    match error["type"]:
        case "extra_forbidden":
            near = get_close_matches(name, ConstraintCard.model_fields, n=1, cutoff=0.6)
            return Problem(name, "unknown", near[0] if near else "")
        case "string_too_long" if isinstance(error["input"], str):
            over = len(error["input"]) - int(error["ctx"]["max_length"])
            return Problem(name, "long", str(over))
        case _:
            return Problem(name, "expected")
