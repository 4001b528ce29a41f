"""The KV cache: bytes per token of every kind of attention, whole and on each of several GPUs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.accuracy.check import catalogued
from engine.contract import Architecture, Attention, KvDtype, Linear, Mla, Sliding
from engine.memory.kv import KvShape, kv_shape
from tests.engine.shapes import any_shape, shape

GIB = 2**30

PER_TOKEN = {
    "Qwen/Qwen3-0.6B": 114688,
    "Qwen/Qwen3-1.7B": 114688,
    "Qwen/Qwen3-4B": 147456,
    "Qwen/Qwen2.5-0.5B-Instruct": 12288,
    "Qwen/Qwen2.5-3B-Instruct": 36864,
    "meta-llama/Llama-3.2-1B-Instruct": 32768,
    "meta-llama/Llama-3.2-3B-Instruct": 114688,
    "google/gemma-3-1b-it": 26624,
    "google/gemma-3-4b-it": 139264,
    "microsoft/Phi-4-mini-instruct": 131072,
    "Qwen/Qwen2.5-7B-Instruct": 57344,
    "Qwen/Qwen2.5-14B-Instruct": 196608,
    "Qwen/Qwen2.5-72B-Instruct": 327680,
    "Qwen/Qwen3-8B": 147456,
    "Qwen/Qwen3-32B": 262144,
    "meta-llama/Meta-Llama-3-8B": 131072,
    "meta-llama/Llama-3.1-8B-Instruct": 131072,
    "meta-llama/Llama-3.3-70B-Instruct": 327680,
    "meta-llama/Llama-3.1-405B-Instruct": 516096,
    "meta-llama/Llama-4-Scout-17B-16E-Instruct": 196608,
    "meta-llama/Llama-4-Maverick-17B-128E-Instruct": 196608,
    "openai/gpt-oss-20b": 49152,
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B": 57344,
    "Qwen/QwQ-32B": 262144,
    "deepseek-ai/DeepSeek-R1": 70272,
    "deepseek-ai/DeepSeek-V3": 70272,
    "mistralai/Mistral-7B-Instruct-v0.1": 131072,
    "mistralai/Mistral-7B-Instruct-v0.2": 131072,
    "mistralai/Mistral-7B-Instruct-v0.3": 131072,
    "mistralai/Mistral-Nemo-Instruct-2407": 163840,
    "mistralai/Mistral-Small-24B-Instruct-2501": 163840,
    "mistralai/Devstral-Small-2505": 163840,
    "mistralai/Mistral-Small-3.1-24B-Instruct-2503": 163840,
    "mistralai/Devstral-Small-2-24B-Instruct-2512": 163840,
    "mistralai/Mixtral-8x22B-Instruct-v0.1": 229376,
    "mistralai/Mistral-Large-Instruct-2407": 360448,
    "mistralai/Mistral-Medium-3.5-128B": 360448,
    "google/gemma-3-27b-it": 507904,
    "google/gemma-4-31B-it": 983040,
    "ibm-granite/granite-3.3-8b-instruct": 163840,
}


def of(model: Architecture | str, gpus: int = 1, *, tensor: bool = True) -> KvShape:
    found = kv_shape(catalogued()[model] if isinstance(model, str) else model, gpus, tensor=tensor)
    assert found is not None
    return found


@pytest.mark.parametrize("repo", PER_TOKEN)
def test_bytes_per_token_of_every_model_we_carry(repo: str) -> None:
    assert of(repo).per_token(KvDtype.auto) == PER_TOKEN[repo]


def test_qwen3_8b_grows_as_its_published_table_does() -> None:
    cache = of("Qwen/Qwen3-8B")
    grown = cache.most(30720 + 2048, KvDtype.bf16) - cache.most(1 + 2048, KvDtype.bf16)
    assert grown == 30719 * 147456
    assert round(grown / 2**20) == 4320
    assert cache.most(101, KvDtype.bf16) - cache.most(100, KvDtype.bf16) == 147456


def test_latent_attention_keeps_one_vector() -> None:
    cache = of("deepseek-ai/DeepSeek-R1")
    assert cache.most(8192, KvDtype.auto) == cache.least(8192, KvDtype.auto) == 575_668_224


def test_windowed_layers_are_kept_whole_or_as_wide_as_the_window() -> None:
    cache = of("openai/gpt-oss-20b")
    assert cache.most(8192, KvDtype.auto) * 32 == 12 * GIB
    assert round(cache.least(8192, KvDtype.auto) * 32 / GIB, 2) == 6.09
    assert cache.least(100, KvDtype.auto) == cache.most(100, KvDtype.auto)


@pytest.mark.parametrize(
    ("repo", "measured", "per_mille"),
    [("google/gemma-4-31B-it", 983_195, 1), ("Qwen/Qwen2.5-0.5B-Instruct", 12_264, 2)],
)
def test_measured_bytes_per_token(repo: str, measured: int, per_mille: int) -> None:
    ours = of(repo).per_token(KvDtype.bf16)
    assert abs(ours - measured) * 1000 <= per_mille * measured


@pytest.mark.parametrize(
    ("dtype", "bytes_of_32"),
    [
        (KvDtype.auto, 64), (KvDtype.bf16, 64), (KvDtype.fp8, 32),
        (KvDtype.q8_0, 34), (KvDtype.q4_0, 18),
    ],
)  # fmt: skip
def test_types_of_the_cache(dtype: KvDtype, bytes_of_32: int) -> None:
    elements = 147456 // 2
    assert of("Qwen/Qwen3-8B").per_token(dtype) == elements * bytes_of_32 // 32
    assert of("Qwen/Qwen3-8B").most(1000, dtype) == 1000 * elements * bytes_of_32 // 32


def test_half_an_element_is_rounded_up() -> None:
    odd = shape(layers=1, kv_heads=1, head_dim=1)
    assert of(odd).per_token(KvDtype.q4_0) == 2  # two elements of 18/32 bytes


@pytest.mark.parametrize(("gpus", "share"), [(1, 1), (2, 2), (4, 4), (8, 8), (16, 8)])
def test_tensor_parallelism_splits_heads_until_one_is_left(gpus: int, share: int) -> None:
    for repo in ("Qwen/Qwen3-8B", "openai/gpt-oss-20b"):
        assert of(repo, gpus).per_token(KvDtype.auto) == PER_TOKEN[repo] // share


def test_few_heads_are_repeated_on_many_gpus() -> None:
    assert of("Qwen/Qwen2.5-0.5B-Instruct", 4).per_token(KvDtype.auto) == 12288 // 2
    assert of(shape(kv_heads=6), 4).full == 2 * 2 * 128 * 32  # two heads on the fullest GPU


@pytest.mark.parametrize("gpus", [2, 4, 8])
def test_latent_attention_is_repeated_under_tensor_parallelism(gpus: int) -> None:
    repo = "deepseek-ai/DeepSeek-R1"
    assert of(repo, gpus).per_token(KvDtype.auto) == 70272
    assert of(repo, gpus, tensor=False).per_token(KvDtype.auto) == 70272 // gpus


def test_layers_split_over_gpus_split_everything() -> None:
    assert of("Qwen/Qwen3-8B", 2, tensor=False).per_token(KvDtype.auto) == 147456 // 2


def test_linear_layers_keep_a_state_that_does_not_grow() -> None:
    mixed = shape(
        attention=Attention.hybrid, layers=48, linear=Linear(layers=36, state_bytes=1_000_000)
    )
    cache = of(mixed)
    assert cache.most(1, KvDtype.auto) == 36_000_000 + 12 * 2 * 8 * 128 * 2
    assert cache.most(1000, KvDtype.auto) - cache.most(1, KvDtype.auto) == 999 * 12 * 4096
    pure = shape(
        attention=Attention.hybrid, layers=48, linear=Linear(layers=48, state_bytes=1_000_000)
    )
    assert of(pure).most(1, KvDtype.auto) == of(pure).most(10**6, KvDtype.auto) == 48_000_000


@pytest.mark.parametrize(
    "model",
    [
        shape(attention=Attention.unknown),
        shape(attention=Attention.mla),
        shape(attention=Attention.hybrid),
    ],
)
def test_attention_that_is_not_described_is_never_guessed(model: Architecture) -> None:
    assert kv_shape(model) is None


def test_the_cache_does_not_follow_the_parameter_count() -> None:
    small, large = shape(params_total=10**9), shape(params_total=10**12)
    assert kv_shape(small) == kv_shape(large)
    assert kv_shape(shape(native_context=1_000_000)) == kv_shape(shape(native_context=8192))


@given(any_shape(), st.integers(1, 64), st.booleans(), st.sampled_from(KvDtype), st.data())
def test_more_tokens_never_need_less_and_the_window_never_costs(
    model: Architecture, gpus: int, tensor: bool, dtype: KvDtype, data: st.DataObject
) -> None:
    cache = kv_shape(model, gpus, tensor=tensor)
    if cache is None:
        return
    few = data.draw(st.integers(1, 2_000_000))
    more = data.draw(st.integers(few, 2_000_000))
    assert cache.most(few, dtype) <= cache.most(more, dtype)
    assert cache.least(few, dtype) <= cache.least(more, dtype)
    assert cache.least(few, dtype) <= cache.most(few, dtype)
    assert of(model).most(few, dtype) <= cache.most(few, dtype) * gpus


def test_a_window_over_all_layers_and_latent_ranks_are_carried_by_the_shape() -> None:
    windowed = of(shape(sliding=Sliding(window=4096, layers=99)))
    assert windowed.full == 0
    assert windowed.least(8192, KvDtype.auto) == windowed.most(4096, KvDtype.auto)
    latent = of(shape(attention=Attention.mla, mla=Mla(kv_lora_rank=512, rope_dim=64)))
    assert latent.per_token(KvDtype.auto) == 32 * 576 * 2
