"""What exists: models a card may name, GPUs they may run on, machines to rent, licences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated

from engine.contract import (
    ConstraintCard,
    HardwareItem,
    HardwareSpec,
    ModelItem,
    OfferItem,
    Weights,
)
from engine.datafile import DataFile, by_key
from engine.gpus import HardwareFile


class ModelsFile(DataFile):
    """models/catalog.yaml, by repository."""

    models: Annotated[dict[str, ModelItem], by_key("repo")]

    @cached_property
    def by_family(self) -> Mapping[str, tuple[ModelItem, ...]]:
        """Models by family, preferred first: files that anybody may fetch, then the largest."""
        found: dict[str, list[ModelItem]] = {}
        for model in sorted(self.models.values(), key=preferred):
            found.setdefault(model.family_id, []).append(model)
        return {family: tuple(models) for family, models in found.items()}


@dataclass(frozen=True, slots=True)
class Catalog:
    """Models, hardware and offers of one version."""

    models: ModelsFile
    hardware: HardwareFile
    offers: Mapping[str, OfferItem]

    def named(self, card: ConstraintCard) -> ModelItem | None:
        """The model on the card with the facts on the card, if it names one.

        None also for a model outside the catalogue whose shape nobody has given.
        """
        known = self.models.models.get(card.model_repo or "")
        if known is not None:
            return known if card.revision is None else _pinned(known, card.revision)
        return None if card.model_repo is None else _described(card)

    def in_family(self, family_id: str) -> tuple[ModelItem, ...]:
        """Models of a family, preferred first."""
        return self.models.by_family.get(family_id, ())

    @property
    def priced_on(self) -> date:
        """The day of the newest price."""
        return max((offer.as_of for offer in self.offers.values()), default=self.models.reviewed)

    def family_of(self, repo: str) -> str | None:
        """The family of a catalogued model; None for a repository that is not in the catalogue."""
        model = self.models.models.get(repo)
        return model.family_id if model else None

    def gpu(self, hardware: HardwareSpec | None) -> HardwareItem | None:
        """The one GPU that is named, by its id or any name it goes by."""
        if hardware is None or hardware.gpu_id is None:
            return None
        found = self.hardware.called(hardware.gpu_id)
        return found[0] if len(found) == 1 else None

    def knows(self, hardware: HardwareSpec | None) -> bool:
        """Whether the card names a GPU of the list."""
        return self.gpu(hardware) is not None

    def by_id(self, card: ConstraintCard) -> ConstraintCard:
        """The card with its GPU by id, however it was typed; as it is where none is known."""
        gpu, spec = self.gpu(card.hardware), card.hardware
        if gpu is None or spec is None or gpu.gpu_id == spec.gpu_id:
            return card
        return card.model_copy(update={"hardware": spec.model_copy(update={"gpu_id": gpu.gpu_id})})


def preferred(model: ModelItem) -> tuple[bool, int, str]:
    """Order of models: open files before gated ones, more parameters before fewer, the name."""
    return model.gated is True, -model.architecture.params_total, model.repo


def _pinned(model: ModelItem, revision: str) -> ModelItem:
    """The model at the commit a card names; files of other repositories keep theirs."""
    weights = tuple(
        w.model_copy(update={"revision": revision}) if w.repo == model.repo else w
        for w in model.weights
    )
    return model.model_copy(update={"revision": revision, "weights": weights})


def _described(card: ConstraintCard) -> ModelItem | None:
    """A model outside the catalogue, by the facts on the card; its files are taken for BF16."""
    if card.model_repo is None or card.architecture is None:
        return None
    return ModelItem(
        repo=card.model_repo,
        family_id="",
        license_id=card.license_id or "",
        revision=card.revision,
        architecture=card.architecture,
        weights=(Weights(scheme="BF16", repo=card.model_repo, revision=card.revision),),
        source="the constraint card",
    )
