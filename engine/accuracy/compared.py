"""What the engine computes for a published figure: the rule of comparison of each kind of figure.

Measured totals are peaks with the prompt's activations, summed over the GPUs, or steady where the
source says so; files and logged weights are weights; a vendor's card is weights and KV cache.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.accuracy.facts import Fact, Metric, UseAs
from engine.memory.fit import Load, Need, Sized, sized
from engine.memory.gguf import FLAT
from engine.memory.kv import KvShape, kv_shape
from engine.memory.schemes import PLAIN, SCHEMES, pure_bits, weight_bytes
from engine.memory.training import training_memory
from engine.runtimes import MemoryHabits
from engine.units import GIB

TRANSFORMERS = MemoryHabits(
    chunk_tokens=None,
    share=Decimal(1),
    overhead_mib=0,
    window="reserved",
    split="layers",
    calibrated=True,
)
"""How the measured runs used memory: whole prompts at once, layers split over the GPUs."""

CARD_TOKENS = 4096
"""Context of a vendor's promise that states none."""

_SPELLED: Mapping[str, str] = {"AWQ-INT4": "AWQ", "F16": "FP16", "f16": "FP16"}

_TAGS: Mapping[str, tuple[int, int]] = {
    "4-bit tag default (Q4_K_M or Q4_0)": (49_100, 48_500),
    "8-bit tag default": (85_000, 85_000),
}
"""Bits of a library's default tag, for dense models and for mixtures: it does not say its mix."""

_PURE: Mapping[str, int] = {
    "F32": 320_000,
    "BF16": 160_000,
    "FP16": 160_000,
    "FP8": 80_000,
    "INT4": 40_000,
    "FP4": 40_000,
    "int4 QAT": 40_000,
}
"""Bits as rules of thumb count them: no scales, no embeddings kept better."""

_THUMB = frozenset({"rule_of_thumb", "vendor_guidance_secondary"})

_UTILIZATION = Decimal("0.90")

_USABLE_GIB: Mapping[str, Decimal] = {
    "RTX 3090 24GB": Decimal("23.58"),
    "A100 40GB": Decimal("39.50"),
    "L4 24GB": Decimal("22.49"),
    "RTX 4060 8GB": Decimal("8.00"),
}
"""What drivers reported for the cards of the logged runs."""

_LOADED_GIB: Mapping[str, Decimal] = {"meta-llama/Llama-3.1-8B-Instruct": Decimal("14.9888")}
"""Weights that vLLM logged after loading, where it did."""

_NON_TORCH_GIB = Decimal("0.35")
"""vLLM's memory outside PyTorch: it logs 0.10 to 0.35 GiB."""


class Incomparable(Exception):
    """Something the row leaves open is needed to compute the figure; the message says what."""


def computed(fact: Fact) -> int:
    """Bytes (or parameters, or bytes per token) that the engine says. Raises Incomparable."""
    if fact.metric not in _RULES:
        raise Incomparable(f"{fact.metric} is not computed")
    return _RULES[fact.metric](fact)


def tokens(fact: Fact) -> int:
    """Tokens in the cache: the prompt and what was generated."""
    return (CARD_TOKENS if fact.context is None else fact.context) + fact.generated


def needed(fact: Fact, gpus: int = 1) -> Need:
    """The product's own answer for each GPU, with the habits of the measured runs."""
    return _sized(fact, gpus).need(_load(fact))


def weights(fact: Fact) -> int:
    """Bytes of the weights alone, as the kind of source counts them."""
    params = _params(fact)
    if tag := _TAGS.get(fact.quant):
        return pure_bits(params, tag[fact.mixture])
    if fact.kind in _THUMB or fact.use_as is UseAs.weights_band:
        if fact.quant not in _PURE:
            raise Incomparable(f"no pure bits are known for quant {fact.quant!r}")
        return pure_bits(params, _PURE[fact.quant])
    scheme = scheme_of(fact)
    if scheme not in PLAIN and scheme not in FLAT:
        _known(fact, "vocab", "d_model", "layers", "intermediate", "kv_heads", "head_dim")
    found = weight_bytes(fact.shape, scheme)
    if found is None:
        raise Incomparable(f"the shape of {fact.repo or 'the model'} says too little for {scheme}")
    return found


def scheme_of(fact: Fact) -> str:
    """The engine's name of the row's weight format."""
    scheme = _SPELLED.get(fact.quant, fact.quant)
    if scheme not in SCHEMES:
        raise Incomparable(f"quant {fact.quant!r} is no known weight format")
    return scheme


def cache(fact: Fact) -> KvShape:
    """The KV cache on one GPU."""
    _known(fact, "layers", "kv_heads", "head_dim")
    found = kv_shape(fact.shape)
    if found is None:
        raise Incomparable(f"the attention of {fact.repo} is not known")
    return found


def _total(fact: Fact) -> int:
    if fact.use_as is UseAs.weights_band:
        return weights(fact)
    if fact.metric is Metric.gpu_memory_total and fact.context is not None:
        return needed(fact, fact.gpus).expected * fact.gpus
    return weights(fact) + _cached(fact)


def _cached(fact: Fact) -> int:
    return cache(fact).most(tokens(fact), fact.kv_dtype) * fact.batch


def _per_token(fact: Fact) -> int:
    return cache(fact).per_token(fact.kv_dtype)


def _params(fact: Fact) -> int:
    _known(fact, "params_total")
    return fact.shape.params_total


def _load(fact: Fact) -> Load:
    return Load(tokens(fact), fact.batch, fact.kv_dtype, fact.context, phase=fact.phase)


def _sized(fact: Fact, gpus: int) -> Sized:
    weights(fact)
    cache(fact)
    _known(fact, "intermediate", "d_model")
    found = sized(fact.shape, scheme_of(fact), TRANSFORMERS, gpus)
    if found is None:
        raise Incomparable(f"the shape of {fact.repo} is not known")
    return found


def _pool(fact: Fact) -> int:
    """The KV pool of vLLM: its share less weights, activations and non-torch memory."""
    if fact.hardware not in _USABLE_GIB:
        raise Incomparable(f"the usable memory of hardware {fact.hardware!r} is not known")
    loaded = _LOADED_GIB.get(fact.repo)
    held = weights(fact) if loaded is None else int(loaded * GIB)
    share = int((_USABLE_GIB[fact.hardware] * _UTILIZATION - _NON_TORCH_GIB) * GIB)
    return share - held - needed(fact).activation


def _training(fact: Fact) -> int:
    found = training_memory(_params(fact))
    match fact.quant:
        case "LoRA":
            return found.lora
        case "Q-LoRA" | "QLoRA":
            return found.qlora
        case "full fine-tuning":
            return found.full
        case _:
            raise Incomparable(f"quant {fact.quant!r} is no known way to train")


def _known(fact: Fact, *sizes: str) -> None:
    if missing := [name for name in sizes if name in fact.unknown]:
        named = fact.repo or "the model"
        raise Incomparable(f"{', '.join(missing)} of {named} is neither given nor in the catalogue")


_RULES: Mapping[Metric, Callable[[Fact], int]] = {
    Metric.file_size: weights,
    Metric.weights_memory: weights,
    Metric.kv_bytes_per_token: _per_token,
    Metric.kv_cache: _cached,
    Metric.kv_pool: _pool,
    Metric.gpu_memory_total: _total,
    Metric.min_gpu_ram: _total,
    Metric.fits_within: _total,
    Metric.params_total: _params,
    Metric.training_memory: _training,
}
