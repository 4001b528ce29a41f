"""`/owroute plan task="course assistant" privacy=private_docs`: fields typed behind the command."""

import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches

from bot.cards.forms.convert import COUNTED
from bot.cards.forms.fields import ALWAYS, FACTS, FIELDS, OFFICE, YES_NO, Kind
from bot.cards.forms.parse import problem_with
from bot.cards.forms.problems import Problem

_PAIR = re.compile(
    r"""(?<!\S)(?P<name>[^\s=＝"'“”„«»‘’]+)[=＝]
        (?:["“”„«](?P<double>.*?)(?:["“”»]|$)
          |['‘’](?P<single>.*?)(?:['‘’](?!\S)|$)
          |(?P<bare>\S*))""",
    re.VERBOSE | re.DOTALL,
)
_REFERENCE = re.compile(r"<(?P<sign>[@#])(?P<id>[A-Z0-9]+)(?:\|(?P<name>[^>]*))?>")

_ALIASES = {
    "model_repo": "model",
    "gpu": "hardware",
    "gpu_id": "hardware",
    "ram": "ram_gib",
    "route": "available_route",
    "budget": "budget_level",
    "session_hours": "stop_after",
    "channel": "post_to",
}
"""The contract's and people's other names for a field."""

_PART_OF = {"revision": "model", "gpu_count": "hardware"}
"""The contract's names for what is typed into another field together with its own text."""

_NAMES = (
    *(n for n in FIELDS if n != "licensed_model"),
    *_ALIASES,
    *_PART_OF,
    "always_on",
)
_YES = frozenset({"yes", "y", "true", "1", "是", "对"})
_NO = frozenset({"no", "n", "false", "0", "否", "不"})

SHOWN = 40
"""Characters of a stray word or name repeated in a notice."""

MOST = 4
"""Notices shown; more would bury the card."""


def arguments(text: str, today: date) -> tuple[dict[str, str], list[Problem]]:
    """The fields somebody typed, and what could not be used; nothing raises.

    A text that is only wrong, not unusable, is kept in its visible field next to the notice.
    Words outside any `name=value` are the task, if no task was given.
    """
    pairs = _pairs(text)
    problems = [_unknown(name) for name, _ in pairs if name not in _NAMES]
    known = [(name, value) for name, value in pairs if name in _NAMES and name not in _PART_OF]
    typed = dict(understood(name, value) for name, value in known)
    problems += _pinned(dict(pairs).get("revision", ""), typed)
    problems += _counted(dict(pairs).get("gpu_count", ""), typed)
    problems += _stray(" ".join(_plain(_PAIR.sub(" ", text), "task").split()), typed)
    problems += list(_refused(typed, today))
    return typed, problems[:MOST]


def emptied(text: str) -> frozenset[str]:
    """The fields named with nothing behind the sign, `model=`: to be cleared."""
    return frozenset(field_of(n) for n, value in _pairs(text) if not value and n in _NAMES)


def field_of(name: str) -> str:
    """The form's field for any name of it."""
    return _ALIASES.get(name) or _PART_OF.get(name, name)


def understood(name: str, text: str) -> tuple[str, str]:
    """The form's field and choice for a name and value of the contract or of a person."""
    field = _ALIASES.get(name, name)
    word = text.strip().lower().replace("-", "_").replace(" ", "_")
    if name == "always_on":
        return "stop_after", ALWAYS if word in _YES else ""
    if field in FIELDS and FIELDS[field].choices:
        return field, _choice(FIELDS[field].choices, word)
    return field, _plain(text, field)


def _choice(choices: tuple[str, ...], word: str) -> str:
    if choices == YES_NO:
        return "yes" if word in _YES else "no" if word in _NO else word
    if ALWAYS in choices:
        named = {"always_on": ALWAYS, "office_hours": OFFICE}
        return named.get(word, word.removesuffix("h").removesuffix("_"))
    return word


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(p["name"].lower().replace("-", "_"), _value(p)) for p in _PAIR.finditer(text)]


def _value(pair: re.Match[str]) -> str:
    found = next((v for v in (pair["double"], pair["single"], pair["bare"]) if v is not None), "")
    return " ".join(found.split())


def _plain(text: str, field: str) -> str:
    """Slack's own markup undone once: a mention is an id for people and places, else its name."""
    as_id = field in FIELDS and FIELDS[field].kind in (Kind.PERSON, Kind.PLACE)

    def shown(match: re.Match[str]) -> str:
        return match["id"] if as_id else f"{match['sign']}{match['name'] or match['id']}"

    named = _REFERENCE.sub(shown, text)
    return named.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unknown(name: str) -> Problem:
    nearest = get_close_matches(name, _NAMES, n=1, cutoff=0.6)
    return Problem(name[:SHOWN], "unknown", nearest[0] if nearest else "")


def _pinned(revision: str, typed: dict[str, str]) -> list[Problem]:
    if revision and not typed.get("model"):
        return [Problem("revision", "needs_model")]
    if revision:
        typed["model"] = f"{typed['model'].partition('@')[0]}@{revision}"
    return []


def _counted(count: str, typed: dict[str, str]) -> list[Problem]:
    if not count:
        return []
    if not re.fullmatch(r"[0-9]{1,3}", count):
        return [Problem("gpu_count", "how_many")]
    gpu = typed.get("hardware", "")
    if not gpu:
        return [Problem("gpu_count", "needs_gpu")]
    one = COUNTED.fullmatch(gpu.strip())
    several = f"{count} x {one[2] if one else gpu}"
    if not problem_with("hardware", several, date.min):
        typed["hardware"] = several
        return []
    return [] if problem_with("hardware", gpu, date.min) else [Problem("gpu_count", "how_many")]


def _stray(words: str, typed: dict[str, str]) -> list[Problem]:
    if not words:
        return []
    if "task" in typed:
        return [Problem(words[:SHOWN], "words")]
    typed["task"] = words
    return []


def _refused(typed: dict[str, str], today: date) -> Iterator[Problem]:
    """Problems with what was typed; what no input could show is taken out."""
    for name, text in list(typed.items()):
        problem = problem_with(name, text, today) if text else None
        if problem:
            yield problem
        if not text or (problem and (name in FACTS or FIELDS[name].kind is not Kind.TEXT)):
            del typed[name]
