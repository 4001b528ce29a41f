"""The typeaheads over the engine's catalogue: what they find, in which order, and how fresh."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.ports import Suggestion
from engine.app import create_app, load_data
from engine.contract import HardwareItem, ModelItem, Page
from gateways.engine import HttpRouteEngine
from owroute.engine_client import engine_client
from tests.engine.overlays import MODEL, OURS, written


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("qwen3 8b", Suggestion("Qwen/Qwen3-8B · 8.2B · apache-2.0", "Qwen/Qwen3-8B")),
        ("QWEN3-8B", Suggestion("Qwen/Qwen3-8B · 8.2B · apache-2.0", "Qwen/Qwen3-8B")),
        (
            "mixtral mistral",
            Suggestion(
                "mistralai/Mixtral-8x22B-Instruct-v0.1 · 140.6B · apache-2.0",
                "mistralai/Mixtral-8x22B-Instruct-v0.1",
            ),
        ),
        ("reasoning qwq", Suggestion("Qwen/QwQ-32B · 32.8B · apache-2.0", "Qwen/QwQ-32B")),
    ],
)
async def test_models_are_found_by_their_words_and_shown_with_what_helps_to_choose(
    typed: str, first: Suggestion
) -> None:
    async with engine_client(None, None) as client:
        assert (await HttpRouteEngine(client).models(typed))[0] == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("llama 8b", "meta-llama/Llama-3.1-8B-Instruct"),
        ("llama-8b instruct", "meta-llama/Llama-3.1-8B-Instruct"),
        ("llama 70b", "meta-llama/Llama-3.3-70B-Instruct"),
        ("qwen 8b", "Qwen/Qwen3-8B"),
        ("mistral 7b", "mistralai/Mistral-7B-Instruct-v0.1"),
        ("qwen2.5 1.5b", "Qwen/Qwen2.5-1.5B-Instruct"),
    ],
)
async def test_a_name_counts_before_family_and_size(typed: str, first: str) -> None:
    async with engine_client(None, None) as client:
        found = [model.value for model in await HttpRouteEngine(client).models(typed)]
    assert found[0] == first
    names = [typed.split(maxsplit=1)[0].partition("-")[0] in value.lower() for value in found]
    assert names == sorted(names, reverse=True), "those of another name come last"


async def test_whose_name_says_it_first_comes_first() -> None:
    async with engine_client(None, None) as client:
        found = [model.value for model in await HttpRouteEngine(client).models("llama 8b")]
    assert found == [
        "meta-llama/Llama-3.1-8B-Instruct",
        "meta-llama/Meta-Llama-3-8B",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
        "Qwen/Qwen3-8B",
    ]


async def test_a_size_is_matched_from_its_start() -> None:
    async with engine_client(None, None) as client:
        engine = HttpRouteEngine(client)
        billions = {
            m.repo: m.architecture.params_total / 10**9
            for m in await engine.items("/v1/models", Page[ModelItem])
        }
        for typed, low, high in (("8b", 7.5, 9), ("7b", 6.5, 8), ("4b", 3.5, 5), ("1b", 0.9, 2)):
            found = await engine.models(typed)
            assert found
            assert [s.value for s in found if not low <= billions[s.value] < high] == []


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("l4", Suggestion("L4 · 24 GB", "l4")),
        ("RTX 4090", Suggestion("GeForce RTX 4090 · 24 GB", "rtx4090")),
        ("rtx-4090", Suggestion("GeForce RTX 4090 · 24 GB", "rtx4090")),
        ("NVIDIA GeForce RTX 4090", Suggestion("GeForce RTX 4090 · 24 GB", "rtx4090")),
        ("NVIDIA H100 80GB HBM3", Suggestion("H100 80 GB", "h100-80gb")),
        ("A100-SXM4-40GB", Suggestion("A100 40 GB", "a100-40gb")),
        ("AMD MI300X", Suggestion("Instinct MI300X · 192 GB", "mi300x-192gb")),
    ],
)
async def test_gpus_are_found_by_every_name_they_go_by(typed: str, first: Suggestion) -> None:
    async with engine_client(None, None) as client:
        assert (await HttpRouteEngine(client).hardware(typed))[0] == first


async def test_every_model_and_gpu_is_found_first_by_its_own_name() -> None:
    async with engine_client(None, None) as client:
        engine = HttpRouteEngine(client)
        for model in await engine.items("/v1/models", Page[ModelItem]):
            assert (await engine.models(model.repo))[0].value == model.repo
        for gpu in await engine.items("/v1/hardware", Page[HardwareItem]):
            assert (await engine.hardware(gpu.gpu_id))[0].value == gpu.gpu_id
            assert (await engine.hardware(gpu.name))[0].value == gpu.gpu_id
        assert 0 < len(await engine.hardware("")) <= 20
        assert await engine.hardware("no such thing") == ()


@dataclass
class Hands:
    """A clock whose time a test sets."""

    time: datetime = datetime(2026, 11, 25, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Shared:
    """An engine elsewhere, which may be started anew with other data, or be down."""

    app: ASGIApp | None
    asked: list[int] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.asked.append(message["status"])
            await send(message)

        await (self.app or Response("down", 503))(scope, receive, told)


async def test_a_shared_engines_new_model_is_found_after_some_minutes(tmp_path: Path) -> None:
    shared, clock = Shared(create_app(load_data())), Hands()
    transport = httpx.ASGITransport(shared)
    async with httpx.AsyncClient(transport=transport, base_url="http://engine") as client:
        engine = HttpRouteEngine(client, clock)
        assert await engine.models("ours/small-7b") == ()
        assert shared.asked == [200]
        await clock.sleep(301)
        assert await engine.models("ours/small-7b") == ()
        assert shared.asked == [200, 304]
        shared.app = create_app(load_data(overlay=written(tmp_path, {OURS: MODEL})))
        assert await engine.models("ours/small-7b") == ()
        assert shared.asked == [200, 304], "not asked again so soon"
        await clock.sleep(301)
        assert [s.value for s in await engine.models("ours/small-7b")] == ["ours/small-7b"]


async def test_a_list_is_kept_while_the_engine_is_down() -> None:
    shared, clock = Shared(create_app(load_data())), Hands()
    transport = httpx.ASGITransport(shared)
    async with httpx.AsyncClient(transport=transport, base_url="http://engine") as client:
        engine = HttpRouteEngine(client, clock)
        known = await engine.hardware("l4")
        shared.app = None
        await clock.sleep(301)
        assert await engine.hardware("l4") == known
        assert shared.asked == [200, 503]
