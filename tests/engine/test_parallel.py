"""Several GPUs: a model is split over as many as divide its heads, and the others are told idle."""

from typing import Any

import pytest

from engine.contract import Lang
from engine.memory.parallel import parallel
from tests.engine.cards import DATA
from tests.engine.markets import market, model, row
from tests.engine.plans import plan

MODELS = DATA.catalog.models.models


@pytest.mark.parametrize(
    ("repo", "counts"),
    [
        ("Qwen/Qwen3-8B", [1, 2, 2, 4, 8]),
        ("Qwen/Qwen2.5-7B-Instruct", [1, 2, 2, 4, 4]),  # 28 heads
        ("Qwen/Qwen2.5-0.5B-Instruct", [1, 2, 2, 2, 2]),  # 14 heads
        ("microsoft/phi-4", [1, 2, 2, 2, 2]),  # 40 heads, 10 of them keys
        ("Qwen/Qwen3-30B-A3B", [1, 2, 2, 4, 8]),  # 4 key heads, copied
        ("deepseek-ai/DeepSeek-R1", [1, 2, 2, 4, 8]),
    ],
)
def test_a_model_is_split_over_gpus_that_divide_its_heads(repo: str, counts: list[int]) -> None:
    shape = MODELS[repo].architecture
    assert [parallel(gpus, shape) for gpus in (1, 2, 3, 4, 8)] == counts


@pytest.mark.parametrize(
    ("repo", "gpus", "used", "lang", "said"),
    [
        ("Qwen/Qwen3-8B", 3, 2, Lang.en, "of 3 GPUs 1 stay idle"),
        ("Qwen/Qwen2.5-7B-Instruct", 8, 4, Lang.en, "of 8 GPUs 4 stay idle"),
        ("Qwen/Qwen2.5-7B-Instruct", 8, 4, Lang.zh, "8 块 GPU 中有 4 块闲置"),
        ("Qwen/Qwen3-8B", 8, 8, Lang.en, None),
    ],
)
def test_what_a_server_cannot_use_is_neither_asked_for_nor_hidden(
    repo: str, gpus: int, used: int, lang: Lang, said: str | None
) -> None:
    asked: dict[str, Any] = {"gpu_id": "l4", "gpu_count": gpus}
    decision = plan(
        DATA, lang, available_route="local_gpu", hardware=asked, model_repo=repo,
        needs_service_api=True,
    )  # fmt: skip
    (command,) = decision.runtime_commands
    assert command.argv[command.argv.index("--tensor-parallel-size") + 1] == str(used)
    assert decision.fit is not None
    assert f"{used} x L4" in decision.fit.capacity_note
    if said is None:
        assert "idle" not in decision.fit.capacity_note
    else:
        assert said in decision.fit.capacity_note


def test_a_rented_machine_counts_only_the_gpus_that_are_used() -> None:
    """40 GB of weights on four of eight L4 is 10 GB on each, on eight it would be 5."""
    shape = MODELS["Qwen/Qwen2.5-7B-Instruct"].architecture.model_copy(
        update={"params_total": 20 * 10**9}
    )
    data = market(
        row("aws:8l4:us-east-1:on-demand", "l4", "4.00", count=8),
        models=[model("a/model", 20, architecture=shape)],
    )
    decision = plan(
        data, available_route="rented_gpu", budget_level="large", max_monthly="900",
        session_hours="2", needs_service_api=True, model_repo="a/model",
    )  # fmt: skip
    assert decision.fit is not None
    assert decision.fit.breakdown.weights == 10 * 10**9
    assert decision.offer is not None
    assert decision.offer.gpu_count == 8
