"""GPUs by the names that people, drivers and providers give them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated

from engine.contract import HardwareItem
from engine.datafile import DataFile, by_key
from engine.nearest import nearest

KEPT = 256
"""Names that are not known, of which is kept what is near them."""

_SIZED = re.compile(r"(.+?)[\s_-]+([0-9]{1,4})[\s_-]*gi?b")
_MAKERS = re.compile(r"\b(nvidia|geforce|tesla|quadro|amd|instinct)\b")


class HardwareFile(DataFile):
    """hardware.yaml, by GPU id."""

    hardware: Annotated[dict[str, HardwareItem], by_key("gpu_id")]

    def find(self, name: str, vram_gb: Decimal) -> HardwareItem | None:
        """The GPU of this name; where one name has several sizes, the one of this memory."""
        named = self._by_name.get(folded(name), ())
        same = [gpu for gpu in named if gpu.nominal_gb == vram_gb]
        return next(iter(same or (named if len(named) == 1 else ())), None)

    def called(self, typed: str) -> tuple[HardwareItem, ...]:
        """Every GPU of this id, name or alias; a memory behind the name tells sizes apart."""
        if typed in self.hardware:
            return (self.hardware[typed],)
        named = self._by_name.get(folded(typed), ())
        sized = _SIZED.fullmatch(typed.strip().lower())
        if named or sized is None:
            return named
        alike = self._by_name.get(folded(sized[1]), ())
        return tuple(gpu for gpu in alike if gpu.nominal_gb == int(sized[2]))

    def near(self, typed: str) -> tuple[str, ...]:
        """Ids of GPUs that may have been meant by a name that stands for none or for several."""
        if typed not in self._near:
            if len(self._near) >= KEPT:
                self._near.clear()
            several = tuple(gpu.gpu_id for gpu in self.called(typed))
            self._near[typed] = several or nearest(typed, self._names)
        return self._near[typed]

    @cached_property
    def _near(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        return {g.gpu_id: (g.gpu_id, g.name, *g.aliases) for g in self.hardware.values()}

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[HardwareItem, ...]]:
        found: dict[str, list[HardwareItem]] = {}
        for gpu in self.hardware.values():
            for name in {folded(n) for n in self._names[gpu.gpu_id]}:
                found.setdefault(name, []).append(gpu)
        return {name: tuple(gpus) for name, gpus in found.items()}


def folded(name: str) -> str:
    """`NVIDIA GeForce RTX 4090`, `RTX 4090` and `RTX4090` are one name."""
    return re.sub(r"[\s_-]+", "", _MAKERS.sub("", name.lower()))
