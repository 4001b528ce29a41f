"""What exists: models a card may name and GPUs it may run on."""

from dataclasses import dataclass
from typing import Annotated

from engine.contract import HardwareItem, HardwareSpec, ModelItem
from engine.datafile import DataFile, by_key


class ModelsFile(DataFile):
    """models/catalog.yaml, by repository."""

    models: Annotated[dict[str, ModelItem], by_key("repo")]


class HardwareFile(DataFile):
    """hardware.yaml, by GPU id."""

    hardware: Annotated[dict[str, HardwareItem], by_key("gpu_id")]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Models and hardware of one version."""

    models: ModelsFile
    hardware: HardwareFile

    def family_of(self, repo: str) -> str | None:
        """The family of a catalogued model; None for a repository that is not in the catalogue."""
        model = self.models.models.get(repo)
        return model.family_id if model else None

    def knows(self, hardware: HardwareSpec | None) -> bool:
        """Whether the card names a GPU of the list."""
        return hardware is not None and hardware.gpu_id in self.hardware.hardware
