"""Reading the data files: once, at construction, checked, in every language.

A text in a file is a mapping of `en` and `zh`; reading a file in one language puts that language's
words in its place, so everything behind this module works with plain strings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from engine import __version__
from engine.canonical import digest
from engine.catalog import Catalog, ModelsFile
from engine.contract import DataVersion, Lang, OfferItem
from engine.datafile import DataFile
from engine.fit_words import FitFile
from engine.gpus import HardwareFile
from engine.lesson import LessonTable
from engine.licenses import LicensesFile
from engine.offers import read_offers
from engine.overlay.agreement import disagreements
from engine.overlay.findings import sentence
from engine.overlay.guards import loosened_models
from engine.overlay.layer import Layer, OverlayUse, read_overlay
from engine.rules import (
    AdaptationFile,
    BudgetFile,
    ConflictsFile,
    EvidenceFile,
    FamiliesFile,
    RoutesFile,
    Ruleset,
)
from engine.runtimes import RuntimesFile
from engine.service.problem_texts import ProblemsFile
from engine.shelf import Shelf

RULESET = "2026.11"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same as `safe_load`, by libyaml where PyYAML has it: data are read at every start."""

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
    shelf: Shelf
    lesson: LessonTable
    ruleset_version: DataVersion
    catalog_version: DataVersion
    offers_version: DataVersion
    engine_version: DataVersion
    overlay: OverlayUse | None = None


def load_data(root: Traversable | None = None, *, overlay: Path | None = None) -> EngineData:
    """Read the data shipped with the engine, or a folder of the same layout, and a team's overlay.

    An overlay with a defect is left out whole; `EngineData.overlay` says what became of it. Raises
    DataError when a built-in file lacks a language, has an unknown field or contradicts another.
    """
    return layered(root, read_overlay(overlay) if overlay else None)


def layered(root: Traversable | None, layer: Layer | None) -> EngineData:
    """The same for an overlay that was read already, which afterwards knows all its defects."""
    if layer is None:
        return _plain(root)
    data = None
    try:
        data = _read(_Folder(root or _shipped(), layer))
        layer.finish()
        _try(data, layer)
    except DataError as error:
        layer.contradicts(str(error))
    if data is None or layer.findings():
        data = _plain(root)
    return replace(data, overlay=layer.use())


def _try(data: EngineData, layer: Layer) -> None:
    """Decide known cards, on a shelf of their own, with data in which no defect was found."""
    from engine.overlay.rehearsal import stumble  # noqa: PLC0415  # deciding reads EngineData here

    if layer.findings():
        return
    trial = replace(data, shelf=_shelf(data.catalog, data.rules[Lang.en]))
    found = stumble(trial)
    if found is not None:
        layer.undecided(*found)


def _plain(root: Traversable | None) -> EngineData:
    return _shipped_alone() if root is None else _read(_Folder(root))


@cache
def _shipped_alone() -> EngineData:
    """Read once: what is shipped with the engine does not change while it runs."""
    return _read(_Folder(_shipped()))


def _shipped() -> Traversable:
    return resources.files("engine").joinpath("data")


def _read(files: "_Folder") -> EngineData:
    rules = {lang: _ruleset(files, lang) for lang in Lang}
    hardware = files.read("hardware.yaml", HardwareFile)
    catalog = Catalog(
        models=files.read("models/catalog.yaml", ModelsFile),
        hardware=hardware,
        offers=files.offers(hardware),
    )
    files.agree(rules, catalog)
    return EngineData(
        rules=rules,
        problems={lang: files.read("problems.yaml", ProblemsFile, lang) for lang in Lang},
        catalog=catalog,
        shelf=_shelf(catalog, rules[Lang.en]),
        lesson=files.read("lesson.yaml", LessonTable),
        ruleset_version=files.version(f"rules/{RULESET}/", RULESET),
        catalog_version=files.version(("models/", "hardware.yaml"), catalog.models.version),
        offers_version=files.version("offers/", files.newest_offers),
        engine_version=DataVersion(version=__version__, sha256=_source_digest()),
    )


def _shelf(catalog: Catalog, rules: Ruleset) -> Shelf:
    return Shelf(catalog, rules.runtimes, rules.licenses, rules.budget.prices)


class _Folder:
    """A data folder whose files are read once and may be asked for in any language.

    With a layer, a team's entries are laid over each file and count in its version.
    """

    def __init__(self, root: Traversable, layer: Layer | None = None) -> None:
        self._root = root
        self.layer = layer
        self._bytes: dict[str, bytes] = {}
        self._parsed: dict[str, Any] = {}

    def read(self, path: str, shape: type[_File], lang: Lang = Lang.en) -> _File:
        """The file in one language, checked; DataError with its path otherwise."""
        try:
            if path not in self._parsed:
                self._bytes[path] = self._root.joinpath(*path.split("/")).read_bytes()
                self._parsed[path] = _loaded(self._bytes[path])
            found = shape.model_validate(localised(self._parsed[path], lang))
        except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
            raise DataError(f"{path}: {error}") from error
        if path.startswith("rules/") and found.version != RULESET:
            raise DataError(f"{path}: belongs to version {found.version}, not {RULESET}")
        return self._laid_over(path, found, lang)

    def _laid_over(self, path: str, found: _File, lang: Lang) -> _File:
        if self.layer is None:
            return found
        self._bytes |= self.layer.bytes_over(path)
        shape = type(found)
        return self.layer.read(
            path,
            self._parsed[path],
            found,
            lambda whole: shape.model_validate(localised(whole, lang)),
        )

    def offers(self, hardware: HardwareFile) -> dict[str, OfferItem]:
        """The rows of every file of prices, by id; the newest file's count where two name one.

        A team's rows come last; with a GPU that a team removes, its offers go.
        """
        shipped = self._shipped_offers(self._built_in("hardware.yaml", hardware))
        if self.layer is None:
            return shipped
        self._bytes |= self.layer.table_bytes("offers/")
        kept = {name: o for name, o in shipped.items() if o.gpu_id in hardware.hardware}
        return self.layer.offers(kept, hardware)

    def _built_in(self, path: str, found: _File) -> _File:
        """A file that was read, without a team's part."""
        return type(found).model_validate(localised(self._parsed[path], Lang.en))

    def _shipped_offers(self, hardware: HardwareFile) -> dict[str, OfferItem]:
        found: dict[str, OfferItem] = {}
        for name in self._offer_files():
            path = f"offers/{name}"
            try:
                self._bytes[path] = self._root.joinpath("offers", name).read_bytes()
                found |= read_offers(self._bytes[path].decode("utf-8"), hardware)
            except (OSError, ValueError) as error:
                raise DataError(f"{path}: {error}") from error
        return found

    @property
    def newest_offers(self) -> str:
        """The day in the name of the newest file of prices."""
        return max(self._offer_files()).removesuffix(".csv")

    def _offer_files(self) -> list[str]:
        try:
            entries = self._root.joinpath("offers").iterdir()
            return sorted(e.name for e in entries if e.name.endswith(".csv"))
        except OSError as error:
            raise DataError(f"offers: {error}") from error

    def agree(self, rules: Mapping[Lang, Ruleset], catalog: Catalog) -> None:
        """DataError when a shipped file contradicts another; a layer keeps it."""
        for defect in disagreements(rules, catalog):
            if self.layer is None:
                reason = sentence(defect.code, Lang.en).format_map(defect.values)
                raise DataError(f"{defect.path}: {reason}")
            self.layer.keep(defect)
        if self.layer is not None:
            ours, path = rules[Lang.en].licenses, "models/catalog.yaml"
            table = self._built_in(f"rules/{RULESET}/licenses.yaml", ours)
            models = self._built_in(path, catalog.models)
            self.layer.keep(*loosened_models(path, models, table, catalog.models, ours))

    def version(self, prefix: str | tuple[str, ...], version: str) -> DataVersion:
        """The digest of the files read so far whose path starts with a prefix."""
        chosen = sorted((p, b) for p, b in self._bytes.items() if p.startswith(prefix))
        parts = (f"{path}\n".encode() + content for path, content in chosen)
        return DataVersion(version=version, sha256=digest(*parts))


def _loaded(content: bytes) -> Any:
    return yaml.load(content, Loader=_LOADER)  # noqa: S506  # the safe one, in C


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
        lang=lang,
        routes=files.read(at("routes"), RoutesFile, lang),
        conflicts=files.read(at("conflicts"), ConflictsFile, lang),
        families=files.read(at("families"), FamiliesFile, lang),
        adaptation=files.read(at("adaptation"), AdaptationFile, lang),
        evidence=files.read(at("evidence"), EvidenceFile, lang),
        runtimes=files.read(at("runtimes"), RuntimesFile, lang),
        budget=files.read(at("budget"), BudgetFile, lang),
        licenses=files.read(at("licenses"), LicensesFile, lang),
        fit=files.read(at("fit"), FitFile, lang),
    )


def _source_digest() -> str:
    """The engine's own code, so that a changed decision never hides behind an old version."""
    sources = sorted(_sources(resources.files("engine"), ""))
    return digest(*(name.encode() + b"\n" + text for name, text in sources))


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """Every module of a package and of those inside it, by its path."""
    for entry in folder.iterdir():
        if entry.name.endswith(".py"):
            yield f"{path}{entry.name}", entry.read_bytes()
        elif entry.is_dir() and entry.name not in ("data", "__pycache__"):
            yield from _sources(entry, f"{path}{entry.name}/")
