"""Everything that can be checked of the data before a card is asked: `owroute rules lint`.

What would make a decision wrong keeps an overlay from serving at all (`engine.overlay.layer`); here
come also rules that cannot speak, figures that are hardly right and sources that are missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from engine.contract import ConflictCode, Lang
from engine.load import DataError, EngineData, layered
from engine.overlay.agreement import CATALOG, ladders
from engine.overlay.asking import RULES
from engine.overlay.findings import Defect, Finding, in_order
from engine.overlay.guards import unsafe_values
from engine.overlay.layer import Layer, read_overlay
from engine.overlay.lines import Document, Unreadable, nearest, parsed, plain_defects
from engine.plausible import is_plausible, plausible_params
from engine.rules import ConflictRule

BUILT_IN = "engine/data"
"""How the built-in folder is called in findings, wherever it is installed."""


@dataclass(frozen=True, slots=True)
class Report:
    """How many files were looked at, and what was found."""

    files: int
    findings: tuple[Finding, ...]


def lint(overlay: Path | None, root: Path | None = None) -> Report:
    """Check the built-in data (or another folder of their layout), and an overlay over them."""
    folder = root or Path(str(resources.files("engine"))) / "data"
    layer = read_overlay(overlay) if overlay else None
    unreadable: list[Finding] = []
    documents = _documents(folder, unreadable)
    files = len([*folder.rglob("*.yaml"), *folder.rglob("*.csv")])
    files += len(layer.contents) if layer else 0
    try:
        data, plain = layered(root, layer), layered(root, None)
    except DataError as error:
        broken = Finding(BUILT_IN, 1, "data_broken", {"reason": str(error).splitlines()[0]})
        return Report(files, in_order((*unreadable, broken)))
    whole = _whole(documents, layer, data)
    found = [*unreadable, *_plain(documents), *(_located(d, whole) for d in defects(data, plain))]
    refused = data.overlay.findings if data.overlay else ()
    shown = (_shown(finding, overlay) for finding in (*found, *refused))
    return Report(files, in_order(shown))


def defects(data: EngineData, plain: EngineData) -> Iterator[Defect]:
    """What is doubtful in data that can be served; `plain` are the same without an overlay."""
    yield from _of_conflicts(data, plain)
    for ladder in ladders(data.rules[Lang.en]):
        for name in ladder.shadowed():
            yield Defect(ladder.path, (*ladder.steps, name), "shadowed", {"id": name})
    yield from _of_models(data)
    yield from _of_hardware(data)
    yield from _of_licenses(data)


def _of_conflicts(data: EngineData, plain: EngineData) -> Iterator[Defect]:
    path, first = f"{RULES}conflicts.yaml", dict[tuple[str, str], ConflictRule]()
    for rule in data.rules[Lang.en].conflicts.rules.values():
        known = first.setdefault((rule.code, rule.effect), rule)
        if known is not rule:
            values = {"code": rule.code, "effect": rule.effect, "first": known.id}
            yield Defect(path, ("rules", rule.id, "code"), "code_twice", values)
    for silent in sorted(set(ConflictCode) - {code for code, _ in first}):
        spoke = (r.id for r in plain.rules[Lang.en].conflicts.rules.values() if r.code == silent)
        yield Defect(path, ("rules", next(spoke, "")), "code_silent", {"code": silent})


def _of_models(data: EngineData) -> Iterator[Defect]:
    for model in data.catalog.models.models.values():
        at, shape = ("models", model.repo), model.architecture
        if not model.source.strip():
            yield Defect(CATALOG, (*at, "source"), "source_missing", {"id": model.repo})
        if not is_plausible(shape):
            estimate = plausible_params(shape)
            values = {"id": model.repo, "params": shape.params_total, "estimate": estimate}
            steps = (*at, "architecture", "params_total")
            yield Defect(CATALOG, steps, "params_implausible", values)


def _of_hardware(data: EngineData) -> Iterator[Defect]:
    for gpu in data.catalog.hardware.hardware.values():
        at = ("hardware", gpu.gpu_id)
        if not gpu.source.strip():
            yield Defect("hardware.yaml", (*at, "source"), "source_missing", {"id": gpu.gpu_id})
        if gpu.usable_gib is not None and gpu.usable_gib > gpu.nominal_gb:
            values = {"id": gpu.gpu_id, "usable": gpu.usable_gib, "nominal": gpu.nominal_gb}
            yield Defect("hardware.yaml", (*at, "usable_gib"), "usable_above_nominal", values)


def _of_licenses(data: EngineData) -> Iterator[Defect]:
    path = f"{RULES}licenses.yaml"
    for entry in data.rules[Lang.en].licenses.licenses.values():
        if not entry.source_url.startswith("https://"):
            steps = ("licenses", entry.id, "source_url")
            yield Defect(path, steps, "address_missing", {"id": entry.id})


def _documents(folder: Path, unreadable: list[Finding]) -> dict[str, Document]:
    """The built-in YAML files by their path; what cannot be read goes to the findings."""
    found: dict[str, Document] = {}
    for file in sorted(folder.rglob("*.yaml")):
        path = file.relative_to(folder).as_posix()
        try:
            found[path] = parsed(f"{BUILT_IN}/{path}", file.read_bytes())
        except Unreadable as error:
            unreadable.append(error.finding)
    return found


def _plain(documents: Mapping[str, Document]) -> Iterator[Finding]:
    for path, document in documents.items():
        yield from plain_defects(document)
        yield from unsafe_values(path, document, document.data)


def _whole(
    documents: Mapping[str, Document], layer: Layer | None, data: EngineData
) -> Mapping[str, tuple[Document, ...]]:
    """Each built-in file with what is laid over it, if that serves."""
    serves = layer is not None and data.overlay is not None and not data.overlay.findings
    over = layer.over if layer is not None and serves else lambda _: ()
    return {path: (document, *over(path)) for path, document in documents.items()}


def _located(defect: Defect, whole: Mapping[str, tuple[Document, ...]]) -> Finding:
    place = nearest(whole[defect.path], defect.steps)
    return Finding(place.file, place.line, defect.code, defect.values)


def _shown(finding: Finding, overlay: Path | None) -> Finding:
    """A finding whose file can be opened from where the reader is."""
    if overlay is None or finding.file.startswith(BUILT_IN):
        return finding
    return replace(finding, file=str(overlay / finding.file))
