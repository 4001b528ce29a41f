"""Does a model fit: the memory it needs on each GPU, low, expected and high. Integers, in bytes.

The formula is weights by format + KV cache by attention + activations of the prompt + what the
runtime takes for itself. How well it meets published measurements stands in docs/engine.md and is
computed again by every test run.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from engine.contract import Architecture, Attention, FitVerdict, KvDtype, Phase
from engine.memory.kv import KvShape, kv_shape
from engine.memory.schemes import least_weight_bytes, weight_bytes
from engine.memory.training import Training, training_memory
from engine.runtimes import MemoryHabits
from engine.units import GIB, MIB

ACTIVATION_HUNDREDTHS = 632
"""2·c bytes in hundredths: activation = 2·c·(intermediate + d_model)·tokens with c = 3.16.

c is a least-squares fit on the 62 rows of the Qwen2.5 speed table that measure the peak
(qwen.readthedocs.io/en/v2.5/benchmark/speed_benchmark.html); 3.0 to 3.5 are plausible. A fit, not a
proof: for mixtures of experts, latent attention and several GPUs it is an extrapolation.
"""

CALIBRATED = (105, 3 * GIB // 10)
"""Per cent of the expected need, and bytes on top, that no measured row exceeds."""

UNCALIBRATED = (115, GIB)
"""The same for everything else: experts, windows, several GPUs, GGUF, CPU, training."""

BAND = {True: Decimal(5), False: Decimal(15)}
"""Error band in per cent shown beside a need, calibrated or not."""

MEASURED_SCHEMES = frozenset({"BF16", "FP16", "FP8", "GPTQ-Int8", "GPTQ-Int4", "AWQ"})
"""Formats of the measured rows (FP16 weighs as much as BF16)."""

DISK_TENTHS = 11
"""Disk: the weights and a tenth for the tokenizer, temporary files and the cache's index."""

MOST_TOKENS = 16_777_216
MOST_REQUESTS = 4096


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of the model: tokens per request, requests at once, and how prompts are read.

    `prefill` tokens of a prompt are read (None: the whole context), `chunk` at a time (None: as the
    runtime does). `training` asks that a small adapter can be trained as well.
    """

    context: int
    concurrency: int = 1
    kv_dtype: KvDtype = KvDtype.auto
    prefill: int | None = None
    chunk: int | None = None
    phase: Phase = Phase.peak
    training: bool = False


class Need(NamedTuple):
    """Bytes on one GPU, and where the expected ones go; `training` is what it takes on top."""

    low: int
    expected: int
    high: int
    weights: int
    kv: int
    activation: int
    runtime: int
    training: int = 0


@dataclass(frozen=True, slots=True)
class Sized:
    """A model's files in a runtime on a number of GPUs: all that does not depend on the load."""

    weights: int
    least_weights: int
    all_weights: int
    kv: KvShape
    width: int
    chunk: int | None
    reserves: bool
    overhead: int
    calibrated: bool
    training: Training

    def need(self, load: Load) -> Need:
        """Memory for a load on each GPU."""
        return self._need(load, load.context, load.concurrency)

    def measured(self, load: Load) -> bool:
        """Whether the kind was measured; training is by a rule of thumb, whatever is trained."""
        return self.calibrated and not load.training

    def _need(self, load: Load, tokens: int, requests: int) -> Need:
        least = self.kv.least(tokens, load.kv_dtype) * requests
        kv = self.kv.most(tokens, load.kv_dtype) * requests if self.reserves else least
        activation = self._activation(load, (load.prefill or tokens) * requests)
        serving = self.weights + kv + activation + self.overhead
        training = max(self.training.qlora - serving, 0) if load.training else 0
        expected = serving + training
        per_cent, on_top = CALIBRATED if self.measured(load) else UNCALIBRATED
        high = -(-expected * per_cent // 100) + on_top
        low = self.least_weights + least
        return Need(low, expected, high, self.weights, kv, activation, self.overhead, training)

    def activation(self, load: Load) -> int:
        """Bytes while prompts are read, as many tokens at once as the runtime takes."""
        return self._activation(load, (load.prefill or load.context) * load.concurrency)

    def _activation(self, load: Load, prompts: int) -> int:
        if load.phase is Phase.steady:
            return 0
        chunk = load.chunk or self.chunk
        at_once = prompts if chunk is None else min(prompts, chunk)
        return ACTIVATION_HUNDREDTHS * self.width * at_once // 100

    @property
    def disk(self) -> int:
        """Bytes to keep the files."""
        return self.all_weights * DISK_TENTHS // 10

    def most_context(self, load: Load, capacity: int) -> int:
        """The largest context whose high need is within capacity; 0 when not one token is."""
        return _largest(MOST_TOKENS, lambda n: self._need(load, n, load.concurrency).high, capacity)

    def most_requests(self, load: Load, capacity: int) -> int:
        """Requests at once with the whole context; 0 when not one fits."""
        return _largest(MOST_REQUESTS, lambda n: self._need(load, load.context, n).high, capacity)


def sized(shape: Architecture, scheme: str, habits: MemoryHabits, gpus: int = 1) -> Sized | None:
    """The model on `gpus` equal GPUs; None where its shape or format says too little."""
    weights, least = weight_bytes(shape, scheme), least_weight_bytes(shape, scheme)
    tensor = habits.split == "tensor"
    kv = kv_shape(shape, gpus, tensor=tensor)
    if weights is None or least is None or kv is None:
        return None
    inner = -(-shape.intermediate // gpus) if tensor else shape.intermediate
    plain = shape.attention is Attention.gqa and not (shape.moe or shape.sliding)
    return Sized(
        weights=-(-weights // gpus),
        least_weights=-(-least // gpus),
        all_weights=weights,
        kv=kv,
        width=inner + shape.d_model,
        chunk=habits.chunk_tokens,
        reserves=habits.window == "reserved",
        overhead=habits.overhead_mib * MIB,
        calibrated=plain and gpus == 1 and habits.calibrated and scheme in MEASURED_SCHEMES,
        training=training_memory(shape.params_total, gpus),
    )


def verdict(need: Need, capacity: int) -> FitVerdict:
    """`fits` with the high need, `tight` with the expected one only."""
    if need.high <= capacity:
        return FitVerdict.fits
    return FitVerdict.tight if need.expected <= capacity else FitVerdict.does_not_fit


def _largest(most: int, need: Callable[[int], int], capacity: int) -> int:
    """The largest number from 1 to `most` whose need, which only grows, is within capacity."""
    return bisect_right(range(1, most + 1), capacity, key=need)
