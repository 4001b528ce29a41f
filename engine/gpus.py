"""GPUs by the names that people, drivers and providers give them."""

import re
from decimal import Decimal
from functools import cached_property
from typing import Annotated

from engine.contract import HardwareItem
from engine.datafile import DataFile, by_key

_MAKERS = re.compile(r"\b(nvidia|geforce|tesla|quadro|amd|instinct)\b")


class HardwareFile(DataFile):
    """hardware.yaml, by GPU id."""

    hardware: Annotated[dict[str, HardwareItem], by_key("gpu_id")]

    def find(self, name: str, vram_gb: Decimal) -> HardwareItem | None:
        """The GPU of this name; where one name has several sizes, the one of this memory."""
        named = self._by_name.get(folded(name), [])
        same = [gpu for gpu in named if gpu.nominal_gb == vram_gb]
        return next(iter(same or (named if len(named) == 1 else [])), None)

    @cached_property
    def _by_name(self) -> dict[str, list[HardwareItem]]:
        found: dict[str, list[HardwareItem]] = {}
        for gpu in self.hardware.values():
            for name in {folded(n) for n in (gpu.gpu_id, gpu.name, *gpu.aliases)}:
                found.setdefault(name, []).append(gpu)
        return found


def folded(name: str) -> str:
    """`NVIDIA GeForce RTX 4090`, `RTX 4090` and `RTX4090` are one name."""
    return re.sub(r"[\s_-]+", "", _MAKERS.sub("", name.lower()))
