"""What can be combined: a model's files with runtimes and machines, worked out once and kept.

Nothing here depends on a card but the day on which prices are judged.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, TypeVar, cast

from engine.catalog import Catalog
from engine.contract import HardwareItem, HardwareSpec, ModelItem, OfferItem, Weights
from engine.licenses import LicensesFile, Reading, Use, read_license
from engine.memory.fit import Load, Sized, sized
from engine.memory.schemes import is_gguf
from engine.offers import in_order
from engine.price_age import AgeLimits, PriceAge, limits_of, price_age
from engine.run import Machine, Run
from engine.runtimes import Runtime, RuntimesFile
from engine.units import GIB

ASSUMED_RAM_GIB = Decimal(16)
"""Memory of a machine nobody has described."""

RAM_SHARE = Decimal("0.80")
"""Part of a machine's memory that a model may take."""

UNMEASURED_SHARE = Decimal("0.93")
"""Part of the sticker's GB that a card reports as GiB, where nobody has measured it."""

COLAB_GPU = "t4"
"""What a free notebook is assumed to get; never promised."""

MULTIPLES = (2, 4, 8)
"""GPUs per machine offered beside one where a provider's price is linear."""

DAYS_KEPT = 16
"""Days whose judged prices are kept; more come only from tests and replays."""

KEPT = 4096
"""Readings, selections and limits that are kept, one for each different question."""

Kept = TypeVar("Kept")


class Priced(NamedTuple):
    """An offer on a day: what its price is worth, and the machine it is."""

    offer: OfferItem
    age: PriceAge
    machine: Machine


@dataclass(frozen=True, slots=True)
class Files:
    """A model's files of one format, and how it sits in a runtime on one, two, ... GPUs."""

    weights: Weights
    minimum: Decimal | None
    on: dict[int, Sized | None]


@dataclass(frozen=True)
class Shelf:
    """The catalogue and the runtimes put together; caches are by value and never wrong."""

    catalog: Catalog
    runtimes: RuntimesFile
    licenses: LicensesFile
    ages: Mapping[str, AgeLimits]
    _files: dict[tuple[str, str, bool], tuple[Files, ...]] = field(default_factory=dict)
    _days: dict[date | None, tuple[Priced, ...]] = field(default_factory=dict)
    _kept: dict[Hashable, object] = field(default_factory=dict)

    def files(self, model: ModelItem, runtime: Runtime, *, named: bool) -> tuple[Files, ...]:
        """Formats of a model that a runtime runs, preferred first.

        A GGUF file that nobody publishes counts only for a model the card names: it can be made.
        """
        if self.catalog.models.models.get(model.repo) is not model:
            return _files(model, runtime, named=named)
        key = (model.repo, runtime.id, named)
        if key not in self._files:
            self._files[key] = _files(model, runtime, named=named)
        return self._files[key]

    def sized(self, model: ModelItem, runtime: Runtime, files: Files, gpus: int) -> Sized | None:
        """The files on this many GPUs; None where the architecture says too little."""
        if gpus not in files.on:
            made = sized(model.architecture, files.weights.scheme, runtime.memory, gpus)
            files.on[gpus] = made
        return files.on[gpus]

    @cached_property
    def offers(self) -> tuple[OfferItem, ...]:
        """Every machine that can be rented, the multiples of linear prices included."""
        single = self.catalog.offers.values()
        many = (_times(o, n) for o in single for n in MULTIPLES if self._is_linear(o))
        known = {o.offer_id for o in single}
        return in_order((*single, *(o for o in many if o.offer_id not in known)))

    @cached_property
    def providers(self) -> Mapping[str, tuple[str, ...]]:
        """Those that something can be rented from, with the names they go by."""
        ids = sorted({offer.provider for offer in self.catalog.offers.values()})
        return {name: (name, self.runtimes.provider(name).name) for name in ids}

    @cached_property
    def regions(self) -> Mapping[str, tuple[str, ...]]:
        """Those that a price names; most prices hold anywhere."""
        named = {offer.region for offer in self.catalog.offers.values()} - {"any"}
        return {name: (name,) for name in sorted(named)}

    def on_day(self, today: date | None) -> tuple[Priced, ...]:
        """Offers cheapest first, with what their prices are worth on a day."""
        if today not in self._days:
            if len(self._days) >= DAYS_KEPT:
                self._days.clear()
            self._days[today] = tuple(
                Priced(offer, self._age(offer, today), self._machine_of(offer))
                for offer in self.offers
            )
        return self._days[today]

    def kept(self, key: Hashable, made: Callable[[], Kept]) -> Kept:
        """What was made for an equal key before, else made now."""
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = made()
        return cast("Kept", self._kept[key])

    def reading(self, model: ModelItem, use: Use) -> Reading:
        """A model's licences, read for a use."""
        return self.reading_of((model.license_id, model.base_license_id), use, model.multimodal)

    def allowed(self, family_id: str, use: Use) -> tuple[ModelItem, ...]:
        """Models of a family that may be chosen unasked for a use, preferred first."""
        models = self.catalog.in_family(family_id)
        return self.kept(
            (family_id, use),
            lambda: tuple(m for m in models if self.reading(m, use).chosen_unasked),
        )

    def limits(self, run: Run, size: Sized, load: Load, capacity: int) -> tuple[int, int]:
        """The most tokens, and the most requests at once, that a capacity holds."""
        if self.catalog.models.models.get(run.model.repo) is not run.model:
            return size.most_context(load, capacity), size.most_requests(load, capacity)
        return self.kept(
            (run.model.repo, run.weights.scheme, run.runtime.id, run.machine.count, load, capacity),
            lambda: (size.most_context(load, capacity), size.most_requests(load, capacity)),
        )

    def reading_of(
        self, ids: tuple[str, str | None], use: Use, multimodal: bool = False
    ) -> Reading:
        """Licences by id, the model's own first, read for a use."""
        bind = tuple(i for i in ids if i is not None)
        return self.kept(
            (bind, use, multimodal),
            lambda: read_license(bind, use, self.licenses, multimodal=multimodal),
        )

    def machine(self, gpu: HardwareItem, count: int = 1) -> Machine:
        """So many GPUs of a kind."""
        measured = gpu.usable_gib is not None
        gib = gpu.usable_gib if gpu.usable_gib is not None else gpu.nominal_gb * UNMEASURED_SHARE
        return Machine(gpu.gpu_id, count, int(gib * GIB), measured, gpu.capability)

    def own(self, hardware: HardwareSpec | None) -> Machine | None:
        """The GPU a card names, by any of its names; None for one that is not in the list."""
        gpu = self.catalog.gpu(hardware)
        return self.machine(gpu, hardware.gpu_count) if gpu and hardware else None

    def colab(self) -> Machine:
        """The GPU of a free notebook."""
        return self.machine(self.catalog.hardware.hardware[COLAB_GPU])

    def _age(self, offer: OfferItem, today: date | None) -> PriceAge:
        return price_age(offer.as_of, today, limits_of(offer.provider, self.ages))

    def _machine_of(self, offer: OfferItem) -> Machine:
        return self.machine(self.catalog.hardware.hardware[offer.gpu_id], offer.gpu_count)

    def _is_linear(self, offer: OfferItem) -> bool:
        return offer.gpu_count == 1 and self.runtimes.provider(offer.provider).linear


def cpu(hardware: HardwareSpec | None) -> Machine:
    """A machine without a GPU: the part of its memory that a model may take."""
    ram = hardware.ram_gib if hardware and hardware.ram_gib else None
    usable = int((ram or ASSUMED_RAM_GIB) * RAM_SHARE * GIB)
    return Machine(None, 1, usable, measured=ram is not None)


def _times(offer: OfferItem, count: int) -> OfferItem:
    sku = f"{count}x-{offer.sku}"
    return offer.model_copy(
        update={
            "offer_id": ":".join((offer.provider, sku, offer.region, offer.tier)),
            "sku": sku,
            "gpu_count": count,
            "usd_per_hour": offer.usd_per_hour * count,
        }
    )


def _files(model: ModelItem, runtime: Runtime, *, named: bool) -> tuple[Files, ...]:
    found = _published(model)
    pairs = (
        (scheme.capability, found.get(scheme.scheme) or _made(model, scheme.scheme, named=named))
        for scheme in runtime.schemes.values()
    )
    return tuple(Files(weights, minimum, {}) for minimum, weights in pairs if weights)


def _published(model: ModelItem) -> dict[str, Weights]:
    """By format; what is published in BF16 can be loaded as FP16 unless that breaks the model."""
    known = {weights.scheme: weights for weights in model.weights}
    native = known.get("BF16")
    if native is not None:
        known.setdefault("FP16", native.model_copy(update={"scheme": "FP16"}))
    return {scheme: weights for scheme, weights in known.items() if scheme not in model.never}


def _made(model: ModelItem, scheme: str, *, named: bool) -> Weights | None:
    """A GGUF file that has to be converted first: of the repository itself, without a name."""
    if not (named and is_gguf(scheme)):
        return None
    return Weights(scheme=scheme, repo=model.repo, revision=model.revision)
