"""One way to run a model: which files, which runtime, on what machine, at which offer."""

from dataclasses import dataclass
from decimal import Decimal

from engine.contract import ModelItem, OfferItem, Weights
from engine.runtimes import Runtime


@dataclass(frozen=True, slots=True)
class Machine:
    """Equal devices: how many, the bytes a driver reports on each, CUDA capability of a GPU.

    `gpu_id` None is a CPU. `measured` says whether somebody has read `usable` from a driver.
    `idle` devices are there beside these, and no part of the model is put on them.
    """

    gpu_id: str | None
    count: int
    usable: int
    measured: bool
    capability: Decimal | None = None
    idle: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A model's files in a runtime on a machine; `offer` None is hardware that is there already."""

    model: ModelItem
    weights: Weights
    runtime: Runtime
    machine: Machine
    offer: OfferItem | None
