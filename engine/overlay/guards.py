"""What no overlay may do: loosen a refusal that protects people, leak a secret, open a port.

The refusals of rules 4, 5, 7, 15 and 19 stay, whatever a team writes: they can be widened, never
narrowed, lowered or switched off; so can the facts in the licence table that they rest on.
"""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

import yaml

from engine.catalog import ModelsFile
from engine.contract import ConflictCode, ModelItem, Severity
from engine.datafile import DataFile
from engine.licenses import Commerce, EuClause, License, LicensesFile, normal
from engine.overlay.findings import Defect, Finding, Steps, quoted
from engine.overlay.lines import ID_FIELDS, Document, Value, walk
from engine.overlay.listening import open_commands
from engine.rules import ConflictRule, ConflictsFile
from engine.runtimes import RuntimesFile
from engine.telling import PLACEHOLDERS

PROTECTED = frozenset(
    {
        ConflictCode.COLAB_SERVICE_FORBIDDEN,
        ConflictCode.PRIVACY_ROUTE_CONFLICT,
        ConflictCode.REGULATED_PROVIDER,
        ConflictCode.LICENSE_COMMERCIAL,
        ConflictCode.LICENSE_MAU,
        ConflictCode.LICENSE_EU,
        ConflictCode.PUBLIC_PORT,
    }
)
"""Codes whose built-in refusals can only be tightened."""

_COMMERCE = (Commerce.yes, Commerce.conditional, Commerce.unknown, Commerce.no)
"""From loose to tight."""

_LITERAL = r"(?![\"']?[$<{])\S"
_SECRET = re.compile(
    r"\b(?:sk-|hf_|gh[opsu]_|xox[abp]-|xapp-|rpa_|AKIA)[A-Za-z0-9_-]{12,}|-----BEGIN|"
    rf"--[a-z-]*(?:key|token|secret|password)[= ]+{_LITERAL}|"
    rf"\b[A-Z_]*(?:KEY|TOKEN|SECRET|PASSWORD)={_LITERAL}|"
    r"\bBearer +[A-Za-z0-9._-]{16,}"
)
"""A key as its issuer spells it, or something written where a reference to one belongs."""

_PUBLIC = re.compile(
    r"(?<![0-9.])0\.0\.0\.0(?![0-9.])|(?:^|[\s=])(?:\[::\]|::)(?=$|[\s:])|--host[= ]+\*"
)
"""An address on which the whole network is answered."""

_COMMANDS = "/runtimes.yaml"
"""Commands are filled in word by word and may hold braces of their own, as JSON does."""

_CONFLICTS = "/conflicts.yaml"
"""Their sentences may hold whatever `engine.telling` can fill in."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def loosened(path: str, built_in: DataFile, team: DataFile) -> Iterator[Defect]:
    """Where a merged file protects less than the built-in one."""
    if isinstance(built_in, ConflictsFile) and isinstance(team, ConflictsFile):
        for rule in built_in.rules.values():
            if rule.effect is Severity.refuse and rule.code in PROTECTED:
                yield from _loosened_rule(path, rule, team.rules.get(rule.id))
    if isinstance(built_in, LicensesFile) and isinstance(team, LicensesFile):
        for entry in built_in.licenses.values():
            yield from _loosened_license(path, entry, team.licenses.get(entry.id))
    if isinstance(built_in, RuntimesFile) and isinstance(team, RuntimesFile):
        yield from open_commands(path, built_in, team)


def loosened_models(
    path: str, built_in: ModelsFile, table: LicensesFile, team: ModelsFile, ours: LicensesFile
) -> Iterator[Defect]:
    """Where a known model would lose a licence that refuses or has to be reviewed.

    A team that reads one otherwise says so on the card, as `license_review`.
    """
    for model in built_in.models.values():
        after = team.models.get(model.repo)
        for field in _released(model, table, after, ours) if after else ():
            values = {"id": model.repo, "field": field}
            yield Defect(path, ("models", model.repo, field), "loosened_model", values)


def unsafe_values(path: str, document: Document, built_in: Mapping[str, Any]) -> Iterator[Finding]:
    """Secrets, public addresses and unknown placeholders in a team's file."""
    held = placeholders(built_in)
    commands = path.endswith(_COMMANDS)
    for value, text in _spoken(document):
        name, line = document.name, value.line
        if _SECRET.search(text):
            yield Finding(name, line, "secret_written")
        if commands and _PUBLIC.search(text):
            yield Finding(name, line, "public_bind")
        if value.steps[-1] == "script" or not (held or commands):
            continue
        known = held if commands else _known(path, document, built_in, value.steps)
        asked = _named(text) if commands else _filled(text)
        if asked is None:
            yield Finding(name, line, "braces_open", {"value": quoted(text)})
        for field in sorted((asked or known) - known):
            yield Finding(name, line, "placeholder_unknown", {"field": f"{{{field}}}"})


def one_language(document: Document, built_in: Mapping[str, Any]) -> Iterator[Finding]:
    """Plain words where the built-in file always has both languages."""
    texts, plain = set[str](), set[str]()
    _sort_fields(built_in, "", texts, plain)
    for value in walk(document.root):
        field = next((step for step in reversed(value.steps) if isinstance(step, str)), "")
        if isinstance(value.node, yaml.ScalarNode) and field in texts - plain:
            yield Finding(document.name, value.line, "text_one_language", {"field": field})


def placeholders(data: Any) -> frozenset[str]:
    """All that the texts of some plain data ask to be filled in."""
    if isinstance(data, str):
        return _named(data)
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return frozenset().union(*map(placeholders, inside))


def _loosened_rule(path: str, rule: ConflictRule, team: ConflictRule | None) -> Iterator[Defect]:
    steps, values = ("rules", rule.id), {"id": rule.id}
    if team is None:
        yield Defect(path, (*steps, "disabled"), "loosened_off", values)
        return
    if team.effect is not Severity.refuse:
        yield Defect(path, (*steps, "effect"), "loosened_effect", values)
    for field, accepted in team.when.items():
        if not accepted >= rule.when.get(field, accepted | {""}):
            yield Defect(path, (*steps, "when", field), "loosened_when", {**values, "field": field})


def _loosened_license(path: str, entry: License, team: License | None) -> Iterator[Defect]:
    steps, values = ("licenses", entry.id), {"id": entry.id}
    if team is None:
        if _forbids(entry):
            yield Defect(path, (*steps, "disabled"), "loosened_off", values)
        return
    loose = {
        "commercial_use": _COMMERCE.index(team.commercial_use)
        < _COMMERCE.index(entry.commercial_use)
        and entry.commercial_use is Commerce.no,
        "mau_limit": entry.mau_limit is not None
        and (team.mau_limit is None or team.mau_limit > entry.mau_limit),
        "eu_clause": entry.eu_clause is not EuClause.none and team.eu_clause != entry.eu_clause,
        "needs_review": entry.needs_review and not team.needs_review,
        "aliases": _binds(entry) and not _names(entry) <= _names(team),
    }
    for field, is_loose in loose.items():
        if is_loose:
            found = {**values, "field": field}
            yield Defect(path, (*steps, field), "loosened_license", found)


def _forbids(entry: License) -> bool:
    return (
        entry.commercial_use is Commerce.no
        or entry.mau_limit is not None
        or entry.eu_clause is not EuClause.none
    )


def _binds(entry: License) -> bool:
    return _forbids(entry) or entry.needs_review


def _names(entry: License) -> frozenset[str]:
    return frozenset(map(normal, entry.aliases))


def _released(
    before: ModelItem, table: LicensesFile, after: ModelItem, ours: LicensesFile
) -> Iterator[str]:
    """Fields by which a model would be free of what has bound it."""
    named = (ours.find(i) for i in (after.license_id, after.base_license_id) if i is not None)
    kept = {entry.id for entry in named if entry is not None}
    for field in ("license_id", "base_license_id"):
        entry = table.find(getattr(before, field) or "")
        if entry is None or not _binds(entry):
            continue
        if entry.id not in kept:
            yield field
        elif entry.eu_clause is not EuClause.none and before.multimodal > after.multimodal:
            yield "multimodal"


def _known(
    path: str, document: Document, built_in: Mapping[str, Any], steps: Steps
) -> frozenset[str]:
    """What is filled in where a text stands: outside of conflicts, what the built-in one holds."""
    if path.endswith(_CONFLICTS):
        return PLACEHOLDERS
    return placeholders(_counterpart(document.data, built_in, steps))


def _counterpart(team: Any, built_in: Any, steps: Steps) -> Any:
    """The built-in value for one of a team's: by fields, and in lists by id."""
    for step in steps:
        if isinstance(team, list) and isinstance(built_in, list) and isinstance(step, int):
            team = team[step]
            ids = {team.get(field) for field in ID_FIELDS} - {None} if _is_entry(team) else set()
            same = (e for e in built_in if _is_entry(e) and ids & {e.get(f) for f in ID_FIELDS})
            built_in = next(same, None) if ids else built_in[step : step + 1]
        elif _is_entry(team) and _is_entry(built_in) and step != "<<":
            team, built_in = team.get(step), built_in.get(step)
    return built_in


def _is_entry(value: Any) -> bool:
    return isinstance(value, dict)


def _spoken(document: Document) -> Iterator[tuple[Value, str]]:
    """Every text, and every list of words as the one line that a command is."""
    for value in walk(document.root):
        node = value.node
        if isinstance(node, yaml.ScalarNode):
            yield value, str(node.value)
        elif isinstance(node, yaml.SequenceNode):
            yield value, " ".join(p.value for p in node.value if isinstance(p, yaml.ScalarNode))


def _named(text: str) -> frozenset[str]:
    return frozenset(_PLACEHOLDER.findall(text))


def _sort_fields(data: Any, field: str, texts: set[str], plain: set[str]) -> None:
    """Which fields hold texts in languages, and which hold plain words."""
    if isinstance(data, str):
        plain.add(field)
    if isinstance(data, list):
        for part in data:
            _sort_fields(part, field, texts, plain)
    if isinstance(data, dict) and "en" in data:
        texts.add(field)
    elif isinstance(data, dict):
        for name, part in data.items():
            _sort_fields(part, str(name), texts, plain)


def _filled(text: str) -> frozenset[str] | None:
    """What a sentence asks to be filled in; None if its braces are no plain names."""
    try:
        holes = [hole for hole in Formatter().parse(text) if hole[1] is not None]
    except ValueError:
        return None
    plain = all(field and not spec and not turned for _, field, spec, turned in holes)
    return frozenset(str(field) for _, field, _, _ in holes) if plain else None
