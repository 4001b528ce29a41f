"""Simple formulas for the memory of a model, as calculators use them, beside the engine's own.

All are computed for the same measured rows, so that the difference can be seen.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.accuracy.check import Accuracy, Errors, error_of, errors
from engine.accuracy.compared import needed, scheme_of, tokens
from engine.accuracy.facts import Fact, Metric
from engine.contract import Phase
from engine.memory.schemes import PLAIN
from engine.units import MIB

_NOMINAL_HALVES: Mapping[str, int] = {"BF16": 4, "FP16": 4, "FP8": 2, "GPTQ-Int8": 2}
"""Half bytes per parameter as the format's name says; four-bit formats have one."""

MEASURED = ("qwen2.5-transformers", "qwen3-transformers")
"""The groups that measured whole runs on a GPU."""


def _engine(fact: Fact) -> int:
    return needed(fact, fact.gpus).expected * fact.gpus


def _one_activation(fact: Fact) -> int:
    return needed(fact).expected


def _weights_and_kv(fact: Fact) -> int:
    need = needed(fact)
    return need.weights + need.kv


def _with_overhead(fact: Fact) -> int:
    return _weights_and_kv(fact) + 600 * MIB


def _nominal(fact: Fact) -> int:
    return fact.shape.params_total * _NOMINAL_HALVES.get(scheme_of(fact), 1) // 2


def _nominal_and_fifth(fact: Fact) -> int:
    return _nominal(fact) * 6 // 5


def _weights_and_fifth(fact: Fact) -> int:
    return needed(fact).weights * 6 // 5


def _nominal_kv_and_fifth(fact: Fact) -> int:
    return (_nominal(fact) + needed(fact).kv) * 6 // 5


def _without_groups(fact: Fact) -> int:
    per_token = 2 * fact.shape.layers * fact.shape.d_model * 2
    return _nominal(fact) + per_token * tokens(fact) * fact.batch


def _kv_by_parameters(fact: Fact) -> int:
    """3.5 MiB for each 10^9 parameters and 1,024 tokens."""
    kv = 7 * MIB * fact.shape.params_total * tokens(fact) * fact.batch
    return _nominal(fact) + kv // (2 * 1024 * 10**9)


def _two_bytes(fact: Fact) -> int:
    return 2 * fact.shape.params_total


FORMULAS: Mapping[str, Callable[[Fact], int]] = MappingProxyType(
    {
        "owroute, expected": _engine,
        "the same, activation of one GPU only": _one_activation,
        "weights by format + KV cache": _weights_and_kv,
        "the same + 600 MiB": _with_overhead,
        "weights by format x 1.2": _weights_and_fifth,
        "nominal weights (2, 1, 0.5 bytes) x 1.2": _nominal_and_fifth,
        "(nominal weights + KV cache) x 1.2": _nominal_kv_and_fifth,
        "nominal weights + KV cache without GQA": _without_groups,
        "nominal weights + KV cache by parameter count": _kv_by_parameters,
        "parameters x 2 bytes": _two_bytes,
    }
)
"""From a row to bytes over all its GPUs; the engine's own is the first."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The measured rows of the two speed tables: at the peak and steady, two bytes and smaller."""

    peak: tuple[Fact, ...]
    peak_small: tuple[Fact, ...]
    steady: tuple[Fact, ...]
    steady_small: tuple[Fact, ...]

    def columns(self) -> tuple[tuple[Fact, ...], ...]:
        """In the order they are shown."""
        return self.peak, self.peak_small, self.steady, self.steady_small


def tables(found: Accuracy) -> Tables:
    """The measured rows that bind."""
    facts = [
        row.fact
        for row in found.asserted
        if row.fact.group in MEASURED and row.fact.metric is Metric.gpu_memory_total
    ]

    def kind(phase: Phase, *, plain: bool) -> tuple[Fact, ...]:
        alike = (f for f in facts if f.phase is phase)
        return tuple(f for f in alike if (scheme_of(f) in PLAIN) is plain)

    return Tables(
        peak=kind(Phase.peak, plain=True),
        peak_small=kind(Phase.peak, plain=False),
        steady=kind(Phase.steady, plain=True),
        steady_small=kind(Phase.steady, plain=False),
    )


def errors_of(formula: str, facts: Iterable[Fact]) -> Errors:
    """A formula's errors on some rows."""
    ours = FORMULAS[formula]
    return errors(error_of(ours(fact), fact.published) for fact in facts)
