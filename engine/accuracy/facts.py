"""Memory figures from a CSV, published ones or a team's own: one figure and its conditions a row.

`engine/data/facts/memory.csv` holds the published figures, each with the address it was read at.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import TypeVar

from engine.contract import Architecture, Attention, KvDtype, Mla, Phase


class UnreadableFacts(ValueError):
    """A cell that says nothing the check can use; the message names line and column."""


class Metric(StrEnum):
    """What was measured or promised."""

    gpu_memory_total = "gpu_memory_total"
    weights_memory = "weights_memory"
    file_size = "file_size"
    kv_cache = "kv_cache"
    kv_bytes_per_token = "kv_bytes_per_token"  # noqa: S105  # a token of text, no password
    kv_pool = "kv_pool"
    min_gpu_ram = "min_gpu_ram"
    fits_within = "fits_within"
    training_memory = "training_memory"
    ram_total = "ram_total"
    params_total = "params_total"


class UseAs(StrEnum):
    """How a figure binds: within its tolerance, as a ceiling, or not at all."""

    band = "band"
    band_80_115 = "band_80_115"
    weights_band = "weights_band"
    upper_bound = "upper_bound"
    context_only = "context_only"


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure in bytes, what it is a figure of, and under which conditions.

    `shape` holds 1 where the number is in `unknown`; `context` None: no context was stated.
    """

    line: int
    fact_id: str
    group: str
    repo: str
    shape: Architecture
    unknown: frozenset[str]
    mixture: bool
    metric: Metric
    quant: str
    kv_dtype: KvDtype
    context: int | None
    generated: int
    batch: int
    gpus: int
    hardware: str
    phase: Phase
    published: int
    kind: str
    use_as: UseAs
    tolerance: Decimal


REQUIRED = ("fact_id", "metric", "quant", "published_value", "published_unit")
"""Columns without which there is nothing to compare; all others may be missing or blank."""

_ALIASES = {"hidden_size": "d_model", "hidden": "d_model"}

_UNITS: Mapping[str, int] = {
    "bytes": 1,
    "MB": 10**6,
    "GB": 10**9,
    "MiB": 2**20,
    "GiB": 2**30,
    "B params": 10**9,
}

_UNIT = re.compile(r"(?P<printed>B params|\w+)(?: \(is (?P<real>\w+)\b.*\))?")
"""A unit as printed, and in brackets what it really is where the print is wrong."""

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,12})?")

_STEADY = frozenset({"qwen3-transformers"})
"""Groups that measured after the prompt was read, in files without a `phase` column."""

_KV_DTYPES: Mapping[str, KvDtype] = {
    "": KvDtype.auto,
    "f16": KvDtype.bf16,
    "fp16": KvDtype.bf16,
    **{dtype.value: dtype for dtype in KvDtype},
}

_TIED: Mapping[str, bool | None] = {"": None, "true": True, "false": False}

_SAME_SHAPE: Mapping[str, str] = {
    "meta-llama/Llama-3.1-8B": "meta-llama/Llama-3.1-8B-Instruct",
    "Qwen/Qwen2.5-7B-Instruct-AWQ": "Qwen/Qwen2.5-7B-Instruct",
    "neuralmagic/Meta-Llama-3.1-70B-Instruct-quantized.w8a8": "meta-llama/Llama-3.3-70B-Instruct",
}
"""Repositories outside the catalogue that hold a catalogued model in another form."""

_T = TypeVar("_T")


def published() -> str:
    """The published figures shipped with the engine, as CSV."""
    return resources.files("engine").joinpath("data/facts/memory.csv").read_text("utf-8")


def read(facts: str | Path, shapes: Mapping[str, Architecture]) -> tuple[Fact, ...]:
    """All figures of a CSV text, or of the file at a path; a text of one line is a path.

    `shapes`, by repository, fill in what a row leaves blank. Raises UnreadableFacts, and OSError
    for a file that cannot be opened.
    """
    return tuple(_fact(row, shapes) for row in _rows(_text(facts)))


def _text(facts: str | Path) -> str:
    if isinstance(facts, str) and len(facts.splitlines()) != 1:
        return facts
    try:
        return Path(facts).read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFacts(f"{facts} is not UTF-8 text") from error


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of a row by column, and the line it ends in."""

    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def number(self, column: str) -> Decimal | None:
        """A number above nothing; None for a blank cell."""
        text = self.text(column)
        if not text:
            return None
        if not _NUMBER.fullmatch(text) or not Decimal(text):
            raise self.bad(column, "a number above 0 in plain digits")
        return Decimal(text)

    def count(self, column: str) -> int | None:
        value = self.number(column)
        if value is not None and value != int(value):
            raise self.bad(column, "a whole number")
        return None if value is None else int(value)

    def choice(self, column: str, choices: Mapping[str, _T]) -> _T:
        text = self.text(column)
        if text not in choices:
            raise self.bad(column, "one of " + ", ".join(name for name in choices if name))
        return choices[text]

    def bad(self, column: str, wanted: str) -> UnreadableFacts:
        text = self.text(column)
        said = repr(text[:40]) if text else "blank"
        return UnreadableFacts(f"line {self.line}: {column} is {said}, not {wanted}")


def _rows(text: str) -> Iterator[_Row]:
    lines = csv.reader(text.removeprefix("\ufeff").splitlines(keepends=True), strict=True)
    try:
        columns = _columns(next(lines, []))
        for cells in lines:
            if not cells:
                continue
            if len(cells) != len(columns):
                found = f"{len(cells)} cells under {len(columns)} columns"
                raise UnreadableFacts(f"line {lines.line_num}: {found}")
            stripped = (cell.strip() for cell in cells)
            yield _Row(lines.line_num, dict(zip(columns, stripped, strict=True)))
    except csv.Error as error:
        raise UnreadableFacts(f"line {lines.line_num}: {error}") from error


def _columns(head: Sequence[str]) -> list[str]:
    columns = [_ALIASES.get(name.strip(), name.strip()) for name in head]
    if missing := [name for name in REQUIRED if name not in columns]:
        raise UnreadableFacts(f"line 1: no column {', '.join(missing)}")
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise UnreadableFacts(f"line 1: column {', '.join(twice)} stands there twice")
    return columns


def _fact(row: _Row, shapes: Mapping[str, Architecture]) -> Fact:
    group, repo = row.text("group"), row.text("model_repo")
    listed = shapes.get(_SAME_SHAPE.get(repo, repo))
    shape, unknown = _shape(row, listed)
    use_as = row.choice("use_as", {"": UseAs.band, **{use.value: use for use in UseAs}})
    return Fact(
        line=row.line,
        fact_id=row.text("fact_id"),
        group=group,
        repo=repo,
        shape=shape,
        unknown=unknown,
        mixture=shape.params_active is not None or shape.moe is not None,
        metric=row.choice("metric", {metric.value: metric for metric in Metric}),
        quant=row.text("quant"),
        kv_dtype=row.choice("kv_dtype", _KV_DTYPES),
        context=row.count("context_tokens"),
        generated=row.count("generated_tokens") or 0,
        batch=row.count("batch") or 1,
        gpus=row.count("gpus") or 1,
        hardware=row.text("hardware"),
        phase=_phase(row, group),
        published=_published(row),
        kind=row.text("kind"),
        use_as=use_as,
        tolerance=_tolerance(row, use_as),
    )


def _phase(row: _Row, group: str) -> Phase:
    usual = Phase.steady if group in _STEADY else Phase.peak
    return row.choice("phase", {"": usual, **{phase.value: phase for phase in Phase}})


def _published(row: _Row) -> int:
    unit = _UNIT.fullmatch(row.text("published_unit"))
    name = str(unit["real"] or unit["printed"]) if unit else ""
    if name not in _UNITS:
        raise row.bad("published_unit", "one of " + ", ".join(_UNITS))
    value = row.number("published_value")
    if value is None:
        raise row.bad("published_value", "a number")
    return int(value * _UNITS[name])


def _tolerance(row: _Row, use_as: UseAs) -> Decimal:
    """Per cent; a ceiling may be blank (nothing above it), a band must say how wide it is."""
    text = row.text("tolerance_pct")
    if use_as in {UseAs.band, UseAs.weights_band} and not text:
        raise row.bad("tolerance_pct", "a width in per cent")
    return Decimal(0) if text in {"", "0"} else row.number("tolerance_pct") or Decimal(0)


def _shape(row: _Row, listed: Architecture | None) -> tuple[Architecture, frozenset[str]]:
    """What the row says of the model's shape over what the catalogue says."""
    said = {**_sizes(row), **_attention(row)}
    if row.text("tied"):
        said["tied"] = row.choice("tied", _TIED)
    if listed is not None:
        return listed.model_copy(update=said), frozenset()
    needed = {name for name, f in Architecture.model_fields.items() if f.is_required()}
    blank = needed - said.keys() - {"tied", "attention"}
    filled = {"tied": None, "attention": "gqa", **dict.fromkeys(blank, 1), **said}
    return Architecture.model_validate(filled), frozenset(blank)


def _sizes(row: _Row) -> dict[str, object]:
    names = ("layers", "d_model", "intermediate", "vocab", "native_context")
    sizes = {name: row.count(name) for name in names}
    for column, name in (("params_total_b", "params_total"), ("params_active_b", "params_active")):
        billions = row.number(column)
        if billions is not None and billions * 10**9 < 1:
            raise row.bad(column, "parameters in billions")
        sizes[name] = None if billions is None else int(billions * 10**9)
    return {name: size for name, size in sizes.items() if size is not None}


def _attention(row: _Row) -> dict[str, object]:
    """Heads and their size, or for latent attention `MLA` and rank+rotary part."""
    if row.text("kv_heads") != "MLA":
        sizes = {name: row.count(name) for name in ("kv_heads", "head_dim")}
        return {name: size for name, size in sizes.items() if size is not None}
    parts = re.fullmatch(r"([1-9][0-9]{0,8})\+([1-9][0-9]{0,8})", row.text("head_dim"))
    if parts is None:
        raise row.bad("head_dim", "rank+rotary part, as in 512+64")
    rank, rope = int(parts[1]), int(parts[2])
    mla = Mla(kv_lora_rank=rank, rope_dim=rope)
    return {"attention": Attention.mla, "kv_heads": 1, "head_dim": rank + rope, "mla": mla}
