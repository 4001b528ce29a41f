"""Reading the data files: once, at construction, checked, in every language.

A text in a file is a mapping of `en` and `zh`; reading a file in one language puts that language's
words in its place, so everything behind this module works with plain strings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml

from engine import __version__
from engine.canonical import digest
from engine.catalog import Catalog, HardwareFile, ModelsFile
from engine.contract import DataVersion, Lang
from engine.datafile import DataFile
from engine.lesson import LessonTable
from engine.problem_texts import ProblemsFile
from engine.rules import (
    AdaptationFile,
    BudgetFile,
    ConflictsFile,
    EvidenceFile,
    FamiliesFile,
    RoutesFile,
    Ruleset,
)
from engine.shutdown import RuntimesFile

RULESET = "2026.11"
_LANGUAGES = frozenset(lang.value for lang in Lang)
_File = TypeVar("_File", bound=DataFile)


class DataError(Exception):
    """A data file says something the engine cannot work with; the message names file and reason."""


@dataclass(frozen=True, slots=True)
class EngineData:
    """All the engine knows: rules and problems by language, catalogue, lesson, and versions."""

    rules: Mapping[Lang, Ruleset]
    problems: Mapping[Lang, ProblemsFile]
    catalog: Catalog
    lesson: LessonTable
    ruleset_version: DataVersion
    catalog_version: DataVersion
    engine_version: DataVersion


def load_data(root: Traversable | None = None) -> EngineData:
    """Read the data shipped with the engine, or a folder of the same layout.

    Raises DataError when a file is missing a language, has an unknown field or contradicts another.
    """
    folder = root or resources.files("engine").joinpath("data")
    files = _Folder(folder)
    rules = {lang: _ruleset(files, lang) for lang in Lang}
    catalog = Catalog(
        models=files.read("models/catalog.yaml", ModelsFile),
        hardware=files.read("hardware.yaml", HardwareFile),
    )
    _agree(rules[Lang.en], catalog)
    return EngineData(
        rules=rules,
        problems={lang: files.read("problems.yaml", ProblemsFile, lang) for lang in Lang},
        catalog=catalog,
        lesson=files.read("lesson.yaml", LessonTable),
        ruleset_version=files.version(f"rules/{RULESET}/", RULESET),
        catalog_version=files.version(("models/", "hardware.yaml"), catalog.models.version),
        engine_version=DataVersion(version=__version__, sha256=_source_digest()),
    )


class _Folder:
    """A data folder whose files are read once and may be asked for in any language."""

    def __init__(self, root: Traversable) -> None:
        self._root = root
        self._bytes: dict[str, bytes] = {}
        self._parsed: dict[str, Any] = {}

    def read(self, path: str, shape: type[_File], lang: Lang = Lang.en) -> _File:
        """The file in one language, checked; DataError with its path otherwise."""
        try:
            if path not in self._parsed:
                self._bytes[path] = self._root.joinpath(*path.split("/")).read_bytes()
                self._parsed[path] = yaml.safe_load(self._bytes[path])
            found = shape.model_validate(localised(self._parsed[path], lang))
        except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
            raise DataError(f"{path}: {error}") from error
        if path.startswith("rules/") and found.version != RULESET:
            raise DataError(f"{path}: belongs to version {found.version}, not {RULESET}")
        return found

    def version(self, prefix: str | tuple[str, ...], version: str) -> DataVersion:
        """The digest of the files read so far whose path starts with a prefix."""
        parts = (f"{p}\n".encode() + b for p, b in sorted(self._bytes.items()))
        chosen = [part for part in parts if part.decode().startswith(prefix)]
        return DataVersion(version=version, sha256=digest(*chosen))


def localised(raw: Any, lang: Lang) -> Any:
    """Plain data with every text in one language; ValueError when a text lacks one."""
    if isinstance(raw, list):
        return [localised(entry, lang) for entry in raw]
    if not isinstance(raw, dict):
        return raw
    if not _LANGUAGES & raw.keys():
        return {key: localised(value, lang) for key, value in raw.items()}
    if raw.keys() != _LANGUAGES or not all(isinstance(t, str) and t.strip() for t in raw.values()):
        raise ValueError(f"a text needs exactly the languages {sorted(_LANGUAGES)}: {raw}")
    return raw[lang.value]


def _ruleset(files: _Folder, lang: Lang) -> Ruleset:
    at = f"rules/{RULESET}/{{}}.yaml".format
    return Ruleset(
        routes=files.read(at("routes"), RoutesFile, lang),
        conflicts=files.read(at("conflicts"), ConflictsFile, lang),
        families=files.read(at("families"), FamiliesFile, lang),
        adaptation=files.read(at("adaptation"), AdaptationFile, lang),
        evidence=files.read(at("evidence"), EvidenceFile, lang),
        runtimes=files.read(at("runtimes"), RuntimesFile, lang),
        budget=files.read(at("budget"), BudgetFile, lang),
    )


def _agree(rules: Ruleset, catalog: Catalog) -> None:
    """DataError when one file names what another does not have."""
    named: dict[str, tuple[set[str], Mapping[str, object]]] = {
        "family": ({m.family_id for m in catalog.models.models.values()}, rules.families.families),
        "uncatalogued family": ({rules.families.uncatalogued}, rules.families.families),
        "runtime": ({plan.runtime for plan in rules.routes.plans}, rules.runtimes.runtimes),
        "provider": (
            {*rules.runtimes.default_providers, rules.runtimes.unlisted_provider},
            rules.runtimes.providers,
        ),
    }
    for what, (used, known) in named.items():
        if unknown := used - known.keys():
            raise DataError(f"unknown {what}: {sorted(unknown)}")


def _source_digest() -> str:
    """The engine's own code, so that a changed decision never hides behind an old version."""
    sources = sorted(
        (entry.name, entry.read_bytes())
        for entry in resources.files("engine").iterdir()
        if entry.name.endswith(".py")
    )
    return digest(*(name.encode() + b"\n" + text for name, text in sources))
