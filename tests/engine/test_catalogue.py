"""The catalogue as shipped: models, GPUs, offers and licences hold what their sources say."""

import re
from collections import Counter
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TypeVar

import pytest
import yaml

from engine.catalog import ModelsFile
from engine.contract import Architecture, Attention, Lang, ModelItem
from engine.datafile import DataFile
from engine.gpus import HardwareFile
from engine.licenses import EuClause, LicensesFile, normal
from engine.load import localised
from engine.offers import read_offers

DATA = Path(str(resources.files("engine"))) / "data"
_File = TypeVar("_File", bound=DataFile)


def shipped(path: str, shape: type[_File], lang: Lang = Lang.en) -> _File:
    return shape.model_validate(localised(yaml.safe_load((DATA / path).read_text("utf-8")), lang))


MODELS = shipped("models/catalog.yaml", ModelsFile).models
HARDWARE = shipped("hardware.yaml", HardwareFile)
OFFERS = read_offers((DATA / "offers" / "2026-09-06.csv").read_text("utf-8"), HARDWARE)
LICENSES = {
    lang: shipped("rules/2026.11/licenses.yaml", LicensesFile, lang).licenses for lang in Lang
}

# Published KV cache bytes per token at two bytes an element, and the heads that ask (the catalogue
# keeps the heads that are asked only). The latent caches of DeepSeek have no query heads to count.
KV_AND_QUERY_HEADS: dict[str, tuple[int, int]] = {
    "Qwen/Qwen3-0.6B": (114688, 16),
    "Qwen/Qwen3-1.7B": (114688, 16),
    "Qwen/Qwen3-4B": (147456, 32),
    "Qwen/Qwen3-8B": (147456, 32),
    "Qwen/Qwen3-14B": (163840, 40),
    "Qwen/Qwen3-32B": (262144, 64),
    "Qwen/Qwen3-30B-A3B": (98304, 32),
    "Qwen/Qwen2.5-0.5B-Instruct": (12288, 14),
    "Qwen/Qwen2.5-1.5B-Instruct": (28672, 12),
    "Qwen/Qwen2.5-3B-Instruct": (36864, 16),
    "Qwen/Qwen2.5-7B-Instruct": (57344, 28),
    "Qwen/Qwen2.5-14B-Instruct": (196608, 40),
    "Qwen/Qwen2.5-32B-Instruct": (262144, 40),
    "Qwen/Qwen2.5-72B-Instruct": (327680, 64),
    "Qwen/QwQ-32B": (262144, 40),
    "meta-llama/Meta-Llama-3-8B": (131072, 32),
    "meta-llama/Llama-3.1-8B-Instruct": (131072, 32),
    "meta-llama/Llama-3.1-405B-Instruct": (516096, 128),
    "meta-llama/Llama-3.2-1B-Instruct": (32768, 32),
    "meta-llama/Llama-3.2-3B-Instruct": (114688, 24),
    "meta-llama/Llama-3.3-70B-Instruct": (327680, 64),
    "meta-llama/Llama-4-Scout-17B-16E-Instruct": (196608, 40),
    "meta-llama/Llama-4-Maverick-17B-128E-Instruct": (196608, 40),
    "google/gemma-3-1b-it": (26624, 4),
    "google/gemma-3-4b-it": (139264, 8),
    "google/gemma-3-27b-it": (507904, 32),
    "google/gemma-4-31B-it": (983040, 32),
    "microsoft/Phi-4-mini-instruct": (131072, 24),
    "microsoft/phi-4": (204800, 40),
    "ibm-granite/granite-3.3-8b-instruct": (163840, 32),
    "openai/gpt-oss-20b": (49152, 64),
    "openai/gpt-oss-120b": (73728, 64),
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B": (57344, 28),
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B": (262144, 40),
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": (131072, 32),
    "deepseek-ai/DeepSeek-R1": (70272, 0),
    "deepseek-ai/DeepSeek-V3": (70272, 0),
    "mistralai/Mistral-7B-Instruct-v0.1": (131072, 32),
    "mistralai/Mistral-7B-Instruct-v0.2": (131072, 32),
    "mistralai/Mistral-7B-Instruct-v0.3": (131072, 32),
    "mistralai/Mistral-Nemo-Instruct-2407": (163840, 32),
    "mistralai/Mistral-Small-24B-Instruct-2501": (163840, 32),
    "mistralai/Mistral-Small-3.1-24B-Instruct-2503": (163840, 32),
    "mistralai/Devstral-Small-2505": (163840, 32),
    "mistralai/Devstral-Small-2-24B-Instruct-2512": (163840, 32),
    "mistralai/Mixtral-8x22B-Instruct-v0.1": (229376, 48),
    "mistralai/Mistral-Large-Instruct-2407": (360448, 96),
    "mistralai/Mistral-Medium-3.5-128B": (360448, 96),
}

# Parameters that are not in the text layers as described: encoders of images; in gemma-4 also the
# ten layers of full attention, whose heads are twice as wide as the catalogue counts.
BESIDE_THE_TEXT_LAYERS = {
    "google/gemma-3-4b-it": 419_816_304,
    "google/gemma-3-27b-it": 423_060_336,
    "google/gemma-4-31B-it": 1_121_000_000,
    "mistralai/Mistral-Small-3.1-24B-Instruct-2503": 438_958_080,
    "mistralai/Devstral-Small-2-24B-Instruct-2512": 438_958_640,
    "mistralai/Mistral-Medium-3.5-128B": 2_678_221_568,
}

# Shared experts, dense layers among the others, latent attention: not described by these shapes.
COUNTED_OTHERWISE = {
    "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    "meta-llama/Llama-4-Maverick-17B-128E-Instruct",
    "deepseek-ai/DeepSeek-R1",
    "deepseek-ai/DeepSeek-V3",
}

# What decides a verdict, by the table of licence facts.
UNREVIEWED = {"modified-mit", "other"}
COMMERCE_AND_USERS: dict[str, tuple[str, int | None]] = {
    "apache-2.0": ("yes", None),
    "apache-2.0+gpt-oss-usage-policy": ("yes", None),
    "mit": ("yes", None),
    "modified-mit": ("conditional", None),
    "llama2": ("conditional", 700_000_000),
    "llama3": ("conditional", 700_000_000),
    "llama3.1": ("conditional", 700_000_000),
    "llama3.2": ("conditional", 700_000_000),
    "llama3.3": ("conditional", 700_000_000),
    "llama4": ("conditional", 700_000_000),
    "gemma": ("conditional", None),
    "qwen-research": ("no", None),
    "qwen": ("conditional", 100_000_000),
    "tongyi-qianwen": ("conditional", 100_000_000),
    "tongyi-qianwen-research": ("no", None),
    "mrl": ("no", None),
    "mnpl": ("no", None),
    "deepseek": ("conditional", None),
    "cc-by-nc-4.0": ("no", None),
    "other": ("unknown", None),
}


def kv_per_token(arch: Architecture) -> int:
    if arch.mla is not None:
        return arch.layers * (arch.mla.kv_lora_rank + arch.mla.rope_dim) * 2
    return 2 * arch.layers * arch.kv_heads * arch.head_dim * 2


def parameters(arch: Architecture, query_heads: int) -> int:
    """Embeddings, attention and feed-forward; norms, biases and routers are below one percent."""
    embeddings = arch.vocab * arch.d_model * (1 if arch.tied else 2)
    attention = 2 * arch.d_model * arch.head_dim * (query_heads + arch.kv_heads)
    inner = arch.moe.experts * arch.moe.expert_intermediate if arch.moe else arch.intermediate
    return embeddings + arch.layers * (attention + 3 * arch.d_model * inner)


def test_the_table_covers_every_model() -> None:
    assert MODELS.keys() == KV_AND_QUERY_HEADS.keys()


@pytest.mark.parametrize("repo", MODELS)
def test_kv_cache_is_as_published(repo: str) -> None:
    assert kv_per_token(MODELS[repo].architecture) == KV_AND_QUERY_HEADS[repo][0]


@pytest.mark.parametrize("repo", sorted(MODELS.keys() - COUNTED_OTHERWISE))
def test_shapes_reproduce_the_parameter_count(repo: str) -> None:
    arch = MODELS[repo].architecture
    counted = parameters(arch, KV_AND_QUERY_HEADS[repo][1]) + BESIDE_THE_TEXT_LAYERS.get(repo, 0)
    assert counted == pytest.approx(arch.params_total, rel=0.02)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: str(model.repo))
def test_a_model_is_whole(model: ModelItem) -> None:
    arch, first = model.architecture, model.weights[0]
    assert (first.repo, first.revision, first.file) == (model.repo, model.revision, None)
    assert model.source
    assert (arch.attention is Attention.mla) == (arch.mla is not None)
    assert arch.tied is not None
    assert arch.params_active is None if arch.moe is None else arch.params_active
    assert model.extended_context is None or model.extended_context > arch.native_context
    assert arch.sliding is None or arch.sliding.layers <= arch.layers


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: str(model.repo))
def test_published_files_are_named_apart(model: ModelItem) -> None:
    schemes = [w.scheme for w in model.weights]
    assert "FP16" not in schemes
    assert len(schemes) == len(set(schemes))
    for weights in model.weights:
        assert weights.revision is None or re.fullmatch("[0-9a-f]{40}", weights.revision)
        assert (weights.file is None) != weights.repo.lower().endswith("gguf")
        assert weights.file is None or weights.scheme.lower() in weights.file.lower()


def test_one_repository_has_one_revision() -> None:
    pins = {(w.repo, w.revision) for m in MODELS.values() for w in m.weights}
    assert max(Counter(repo for repo, _ in pins).values()) == 1


def test_models_that_overflow_in_float16_say_so() -> None:
    assert {repo for repo, model in MODELS.items() if model.never} == {
        "google/gemma-3-1b-it",
        "google/gemma-3-4b-it",
        "google/gemma-3-27b-it",
    }


def test_every_licence_of_a_model_is_in_the_table() -> None:
    for model in MODELS.values():
        assert {model.license_id, model.base_license_id} - {None} <= LICENSES[Lang.en].keys()


def test_distilled_models_name_the_licence_of_their_base() -> None:
    distilled = {repo: model for repo, model in MODELS.items() if "Distill" in repo}
    assert len(distilled) == 3
    assert all(model.base_license_id for model in distilled.values())


def test_every_offer_names_a_gpu_of_its_memory() -> None:
    assert 60 <= len(OFFERS) <= 100
    for offer in OFFERS.values():
        assert HARDWARE.hardware[offer.gpu_id].nominal_gb == offer.vram_gb_per_gpu
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,119}", offer.offer_id)
        assert offer.tier in {"community", "secure", "on-demand"}
        if offer.provider == "vast":
            assert offer.tier == "community"
            assert offer.note


@pytest.mark.parametrize(
    ("name", "vram", "gpu_id"),
    [
        ("NVIDIA H100 80GB HBM3", 80, "h100-80gb"),
        ("NVIDIA H100 PCIe", 80, "h100-80gb"),
        ("NVIDIA H100 NVL", 94, "h100-nvl-94gb"),
        ("NVIDIA A100-SXM4-80GB", 80, "a100-80gb"),
        ("NVIDIA A100 80GB PCIe", 80, "a100-80gb"),
        ("NVIDIA A100-PCIE-40GB", 40, "a100-40gb"),
        ("A100", 40, "a100-40gb"),
        ("NVIDIA L4", 24, "l4"),
        ("Tesla T4", 16, "t4"),
        ("Tesla V100-SXM2-32GB", 32, "v100-32gb"),
        ("NVIDIA RTX 6000 Ada Generation", 48, "rtx6000-ada"),
        ("Quadro RTX 6000", 24, "quadro-rtx6000"),
        ("NVIDIA GeForce RTX 4060 Ti", 16, "rtx4060ti-16gb"),
        ("RTX4090", 24, "rtx4090"),
        ("AMD Instinct MI300X", 192, "mi300x-192gb"),
    ],
)
def test_drivers_names_are_known(name: str, vram: int, gpu_id: str) -> None:
    found = HARDWARE.find(name, Decimal(vram))
    assert found is not None
    assert found.gpu_id == gpu_id


def test_every_gpu_is_found_by_its_own_names() -> None:
    for gpu in HARDWARE.hardware.values():
        for name in (gpu.gpu_id, gpu.name, *gpu.aliases):
            assert HARDWARE.find(name, Decimal(gpu.nominal_gb)) == gpu


def test_usable_memory_is_measured_or_unknown() -> None:
    measured = {i: str(g.usable_gib) for i, g in HARDWARE.hardware.items() if g.usable_gib}
    assert measured == {
        "rtx3090": "23.58",
        "l4": "22.49",
        "a100-40gb": "39.50",
        "rtx4060": "8.00",
        "t4": "14.7",
    }


def test_licences_carry_the_facts_that_decide() -> None:
    table = LICENSES[Lang.en]
    facts = {i: (lic.commercial_use.value, lic.mau_limit) for i, lic in table.items()}
    assert facts == COMMERCE_AND_USERS
    assert {i for i, lic in table.items() if lic.needs_review} == UNREVIEWED
    clause = {i for i, lic in table.items() if lic.eu_clause is EuClause.multimodal}
    assert clause == {"llama3.2", "llama3.3", "llama4"}
    assert {i for i, lic in table.items() if not lic.conditions} == {"apache-2.0", "mit"}


def test_limits_of_users_are_told_while_nobody_knows_the_number() -> None:
    for lic in LICENSES[Lang.en].values():
        asks = [c for c in lic.conditions if c.when == {"monthly_users": {"unknown"}}]
        assert len(asks) == (0 if lic.mau_limit is None else 1)


def test_names_of_licences_are_unique_however_they_are_spelled() -> None:
    for lic in LICENSES.values():
        names = [name for e in lic.values() for name in {normal(a) for a in (e.id, *e.aliases)}]
        assert len(names) == len(set(names))


def test_conditions_are_written_in_both_languages() -> None:
    for lang, table in LICENSES.items():
        texts = [c.text for lic in table.values() for c in lic.conditions]
        assert all(text.isascii() == (lang is Lang.en) for text in texts)
