"""What `owroute fit` was asked about, found in the engine's catalogue by the names people type."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from engine.contract import HardwareItem, ModelItem, RuntimeItem, SchemeItem
from engine.gpus import HardwareFile

NEAR = 3
HALVES = {"FP16": "BF16"}
"""Formats that a runtime makes from others while it loads them."""


class Unknown(Exception):
    """Nothing has the name that was typed: `what` it should name, and the nearest names."""

    def __init__(self, what: str, typed: str, near: Sequence[str]) -> None:
        super().__init__(what)
        self.what = what
        self.typed = typed
        self.near = near


@dataclass(frozen=True, slots=True)
class Choice:
    """A model in a runtime on hardware.

    `gpu_name` is as it was typed, None for the processor; `gpu` is what it names, as far as one GPU
    of the engine's list has that name.
    """

    model: ModelItem
    runtime: RuntimeItem
    gpu_name: str | None
    gpu: HardwareItem | None
    is_catalogued: bool = True

    def schemes(self, typed: str | None) -> tuple[SchemeItem, ...]:
        """The format that was typed, else all the model is published in; in the runtime's order.

        Raises `Unknown` when the runtime does not run what was typed, or nothing of the model.
        """
        offered = {s.scheme: s for s in self.runtime.schemes}
        if typed is not None:
            names: dict[str, Iterable[str]] = {name: (name,) for name in offered}
            return (offered[_named("scheme", typed, names, otherwise=tuple(offered))],)
        published = {w.scheme for w in self.model.weights}
        found = tuple(
            s
            for s in self.runtime.schemes
            if {s.scheme, HALVES.get(s.scheme)} & published and s.scheme not in self.model.never
        )
        if not found:
            raise Unknown("published", self.runtime.name, sorted(published))
        return found

    def runs(self, scheme: SchemeItem) -> bool:
        """Whether the hardware can run the format at all, whatever its memory."""
        if scheme.capability is None or (self.gpu_name and self.gpu is None):
            return True
        found = self.gpu.capability if self.gpu else None
        return found is not None and found >= scheme.capability


def model(typed: str, known: Sequence[ModelItem]) -> ModelItem:
    """By `owner/name`, or by the name alone where only one owner has it."""
    by_repo = {m.repo: m for m in known}
    short = [m.repo.partition("/")[2].lower() for m in known]
    names = {
        m.repo: (m.repo, name) if short.count(name) == 1 else (m.repo,)
        for m, name in zip(known, short, strict=True)
    }
    return by_repo[_named("model", typed, names)]


def gpu(typed: str, known: Sequence[HardwareItem]) -> HardwareItem | None:
    """The one GPU that the engine takes a name for; of none or several the engine asks back."""
    listed = HardwareFile.model_construct(
        schema_version=1, version="", source="", reviewed=date.min,
        hardware={h.gpu_id: h for h in known},
    )  # fmt: skip
    called = listed.called(typed)
    return called[0] if len(called) == 1 else None


def runtime(typed: str, known: Sequence[RuntimeItem]) -> RuntimeItem:
    """By id or name."""
    names = {r.runtime: (r.runtime, r.name) for r in known}
    found = _named("runtime", typed, names, otherwise=tuple(names))
    return next(r for r in known if r.runtime == found)


def _named(
    what: str, typed: str, names: Mapping[str, Iterable[str]], otherwise: Sequence[str] = ()
) -> str:
    """The one whose name was typed, however it is spelled; else `Unknown` with what is near."""
    keys = {_spelled(name): one for one, all_names in names.items() for name in all_names}
    found = keys.get(_spelled(typed))
    if found is None:
        raise Unknown(what, typed, _near(typed, keys) or otherwise)
    return found


def _near(typed: str, keys: Mapping[str, str]) -> list[str]:
    key = _spelled(typed)
    alike = get_close_matches(key, keys, n=2 * NEAR, cutoff=0.6)
    holding = [k for k in keys if key and key in k]
    return list(dict.fromkeys(keys[k] for k in (*alike, *holding)))[:NEAR]


def _spelled(name: str) -> str:
    """Small letters and digits: `RTX 4090` and `rtx4090` are one name."""
    return re.sub(r"[^a-z0-9/]", "", name.lower())
