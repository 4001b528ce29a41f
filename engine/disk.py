"""The disk of a machine to rent: one number, which the rent command asks for and the bill counts.

It holds the files, what they are converted from, and everything else that has to be installed.
"""

import re
from functools import lru_cache

from engine.contract import Architecture, Weights
from engine.memory.fit import DISK_TENTHS
from engine.memory.schemes import is_gguf, weight_bytes
from engine.run import Run
from engine.units import GIB

ROOM_GIB = 50
"""Disk beside the weights for the system, the runtime's packages and its caches."""

_SAFE_FILE = re.compile(r"(?!-|/|.*(?:^|/)\.\.(?:/|$))[^\x00-\x1f\x7f\u2028\u2029]{1,200}")
_KEPT = 4096


def gguf_file(weights: Weights) -> str | None:
    """The GGUF file, unless its name could mean something else than a file of the repository."""
    return weights.file if weights.file and _SAFE_FILE.fullmatch(weights.file) else None


def is_converted(weights: Weights) -> bool:
    """Whether a GGUF file has to be made from the model's own weights."""
    return is_gguf(weights.scheme) and gguf_file(weights) is None


def rented_gib(run: Run) -> int:
    """GiB of disk that a machine for this run is rented with."""
    return _rented_gib(run.model.architecture, run.weights.scheme, is_converted(run.weights))


@lru_cache(maxsize=_KEPT)
def _rented_gib(shape: Architecture, scheme: str, converted: bool) -> int:
    size = weight_bytes(shape, scheme) or 2 * shape.params_total
    if converted:
        size += 2 * 2 * shape.params_total
    return ROOM_GIB - (-size * DISK_TENTHS // 10 // GIB)
