"""A team's overlay: a folder of the same layout as `engine/data`, laid over it file by file.

An overlay is applied whole or not at all: with any defect the built-in data alone are served, and
each defect is kept with its file and line.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from pydantic import ValidationError

from engine.canonical import digest
from engine.contract import DataVersion, OfferItem
from engine.datafile import DataFile
from engine.gpus import HardwareFile
from engine.offers import OfferRowError, read_offers
from engine.overlay.findings import Defect, Finding, in_order, quoted
from engine.overlay.guards import loosened, one_language, unsafe_values
from engine.overlay.head import head_defects
from engine.overlay.lines import Document, Place, Unreadable, nearest, parsed, plain_defects
from engine.overlay.merge import entry_defects, list_keys, merged
from engine.overlay.schema_defects import schema_defects

FROZEN = ("lesson.yaml", "findings.yaml")
"""Files that nobody overlays: the lesson's own words, and the words of this very check."""

CATALOG = "models/catalog.yaml"
OFFERS = "offers/"
_SUFFIXES = frozenset({".yaml", ".yml", ".csv"})
_File = TypeVar("_File", bound=DataFile)


@dataclass(frozen=True, slots=True)
class OverlayUse:
    """What became of an overlay: the files applied, or the findings that kept it from serving."""

    files: tuple[str, ...]
    sha256: str
    findings: tuple[Finding, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The findings in English, `file:line: sentence`."""
        return tuple(finding.said() for finding in self.findings)

    @property
    def version(self) -> DataVersion | None:
        """What a decision names: the files and the digest of their content; None if broken."""
        if self.findings:
            return None
        return DataVersion(version=", ".join(self.files), sha256=self.sha256)

    @property
    def state(self) -> str:
        """One line for programs: the files applied, or the place of the first defect."""
        if self.findings:
            return f"broken: {self.findings[0].where}"
        return f"applied: {', '.join(self.files)}"


class Layer:
    """The files of one overlay folder while they are laid over the built-in ones."""

    def __init__(self, contents: Mapping[str, bytes], findings: Iterable[Finding] = ()) -> None:
        self.contents = contents
        self._findings = list(findings)
        self._documents = _documents(contents, self._findings)
        self.built_in: dict[str, Mapping[str, Any]] = {}
        self._merged: dict[str, dict[str, Any] | None] = {}
        self._asked: set[str] = set(FROZEN)

    def read(
        self,
        path: str,
        built_in: Mapping[str, Any],
        found: _File,
        checked: Callable[[Any], _File],
    ) -> _File:
        """The file with the team's part over it, or `found`, the built-in one, without any.

        `checked` gives the file in one language, or raises. Defects are kept for `findings`.
        """
        self._asked.add(path)
        documents = self.over(path)
        if path in FROZEN or not documents:
            return found
        self.built_in[path] = built_in
        if path not in self._merged:
            self._merged[path] = self._merge(path, built_in, type(found))
        whole = self._merged[path]
        if whole is None:
            return found
        try:
            team = checked(whole)
        except ValidationError as error:
            keys = list_keys(type(found), built_in)
            self.keep(*schema_defects(path, whole, keys, error))
            self._merged[path] = None
            return found
        self.keep(*loosened(path, found, team))
        return team

    def over(self, path: str) -> tuple[Document, ...]:
        """The team's documents for a built-in file, in the order in which they are applied."""
        return tuple(d for name, d in self._documents.items() if _target(name) == path)

    def bytes_over(self, path: str) -> dict[str, bytes]:
        """The content of those documents, by names that stand beside the built-in file's."""
        return {f"{d.name} (overlay)": self.contents[d.name] for d in self.over(path)}

    def table_bytes(self, folder: str) -> dict[str, bytes]:
        """The same of the team's CSV files in a folder."""
        return {f"{name} (overlay)": content for name, content in self._tables(folder)}

    def offers(
        self, built_in: Mapping[str, OfferItem], hardware: HardwareFile
    ) -> dict[str, OfferItem]:
        """The price table with the team's rows in place of those with the same id.

        A file named after a provider, as `owroute prices refresh` writes them, stands for all rows
        of that provider: what it does not list is not offered any more. Such files come first, so
        that rows of all others, the team's own contracts, stay.
        """
        tables = [
            (_provider(name, rows), rows)
            for name, content in self._tables(OFFERS)
            if (rows := self._rows(name, content, hardware))
        ]
        whole = dict(built_in)
        for provider, rows in sorted(tables, key=lambda table: table[0] is None):
            if provider is not None:
                whole = {i: row for i, row in whole.items() if row.provider != provider}
            whole |= rows
        return whole

    def _rows(self, name: str, content: bytes, hardware: HardwareFile) -> dict[str, OfferItem]:
        """A table's offers; none, and a finding, where it cannot be read."""
        self._asked.add(name)
        try:
            return read_offers(content.decode("utf-8-sig"), hardware)
        except OfferRowError as error:
            self.keep(Finding(name, error.line, error.code, error.values))
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.keep(Finding(name, line, "file_not_text"))
        return {}

    def merged(self) -> Mapping[str, Mapping[str, Any]]:
        """The plain data of each file that was merged without a defect."""
        return {path: whole for path, whole in self._merged.items() if whole is not None}

    def keep(self, *found: Defect | Finding) -> None:
        """Remember what is wrong."""
        for one in found:
            self._findings.append(one if isinstance(one, Finding) else self.located(one))

    def contradicts(self, reason: str) -> None:
        """Merged files that the engine cannot work with, where no defect of its own says why."""
        if not self._findings:
            values = {"reason": quoted(reason)}
            self.keep(Finding(self._first(), 1, "data_contradicts", values))

    def undecided(self, card: str, reason: str) -> None:
        """A known card that the merged files leave without an answer."""
        values = {"files": ", ".join(self.contents), "card": card, "reason": quoted(reason)}
        self.keep(Finding(self._first(), 1, "decision_failed", values))

    def located(self, defect: Defect) -> Finding:
        """The finding at the most precise place that the overlay itself has for a defect."""
        ways = ((defect.path, defect.steps), *((defect.cause,) if defect.cause else ()))
        places = [nearest(self.over(path), steps) for path, steps in ways if self.over(path)]
        best = max(places, key=lambda place: place.known, default=Place(self._first(), 1, 0))
        return Finding(best.file, best.line, defect.code, defect.values)

    def finish(self) -> None:
        """After all files were read: files that nobody asked for are mistakes, too."""
        tables = (name for name in self.contents if name.endswith(".csv"))
        for name in (*self._documents, *tables):
            if name in FROZEN:
                self.keep(Finding(name, 1, "file_frozen"))
            elif _target(name) not in self._asked:
                self.keep(Finding(name, 1, "file_unknown"))

    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong so far."""
        return in_order(self._findings)

    def use(self) -> OverlayUse:
        """What became of it."""
        findings = self.findings()
        parts = (f"{name}\n".encode() + content for name, content in self.contents.items())
        return OverlayUse(() if findings else tuple(self.contents), digest(*parts), findings)

    def _tables(self, folder: str) -> Iterator[tuple[str, bytes]]:
        return ((n, c) for n, c in self.contents.items() if _is_table(n, folder))

    def _first(self) -> str:
        """The file that stands for the whole where no better place is known."""
        return next(iter(self.contents), "")

    def _merge(
        self, path: str, built_in: Mapping[str, Any], shape: type[DataFile]
    ) -> dict[str, Any] | None:
        keys = list_keys(shape, built_in)
        whole = dict(built_in)
        sound = True
        for document in self.over(path):
            found = [
                *head_defects(document),
                *plain_defects(document),
                *entry_defects(document, keys, built_in),
                *one_language(document, built_in),
                *unsafe_values(path, document, built_in),
            ]
            self.keep(*found)
            sound = sound and not found
            if sound:
                whole = merged(whole, document.data, keys)
        return whole if sound else None


def read_overlay(folder: Path) -> Layer | None:
    """The overlay in a folder; None if there is no folder, or no data file in it."""
    if not folder.exists():
        return None
    if not folder.is_dir():
        return Layer({}, [Finding(folder.name, 1, "overlay_no_folder")])
    contents: dict[str, bytes] = {}
    findings: list[Finding] = []
    for name in sorted(_names(folder)):
        try:
            contents[name] = (folder / name).read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            findings.append(Finding(name, 1, "file_unreadable", {"reason": reason}))
    return Layer(contents, findings) if contents or findings else None


def _names(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*"):
        name = file.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if file.suffix in _SUFFIXES and not hidden and not file.is_dir():
            yield name.as_posix()


def _documents(contents: Mapping[str, bytes], findings: list[Finding]) -> dict[str, Document]:
    """The YAML files that can be read; what cannot goes to the findings."""
    found: dict[str, Document] = {}
    for name, content in contents.items():
        if name.endswith(".csv"):
            continue
        try:
            found[name] = parsed(name, content)
        except Unreadable as error:
            findings.append(error.finding)
    return found


def _target(name: str) -> str:
    """The built-in file that a team's file is laid over: any file of models/ over the catalogue."""
    folder, _, file = name.rpartition("/")
    return CATALOG if folder == "models" and file.endswith(".yaml") else name


def _provider(name: str, rows: Mapping[str, OfferItem]) -> str | None:
    """The provider that a table is named after, if all its rows are that provider's."""
    named = PurePosixPath(name).stem
    return named if {row.provider for row in rows.values()} == {named} else None


def _is_table(name: str, folder: str) -> bool:
    return name.startswith(folder) and name.endswith(".csv")
