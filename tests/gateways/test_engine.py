"""The engine in this process and the engine at a URL: the same decisions, the same errors."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from bot.errors import EngineRefusedCard, EngineUnavailable
from engine.app import create_app, load_data
from engine.contract import AvailableRoute, FitRequest, ModelItem, Page, Route
from gateways.engine import MAX_BYTES, HttpRouteEngine
from owroute.engine_client import engine_client
from tests.engine.cards import SCENARIOS, card
from tests.gateways.conftest import Answer, StandIn, listening

WAYS = ("embedded", "by_url")
CARD = card()
PROBLEM = {
    "type": "about:blank", "title": "Invalid card", "status": 422, "detail": "Two fields are wrong",
    "code": "CARD_INVALID",
    "errors": [
        {"pointer": "/session_hours", "code": "too_long", "detail": "At most 744 hours"},
        {"pointer": "/max_hourly", "code": "negative", "detail": "Not below zero"},
    ],
}  # fmt: skip


@asynccontextmanager
async def reached(way: str, stand_in: StandIn) -> AsyncIterator[HttpRouteEngine]:
    """The gateway before a stand-in, without a socket or through one."""
    if way == "embedded":
        transport = httpx.ASGITransport(stand_in.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://engine") as client:
            yield HttpRouteEngine(client)
        return
    async with (
        listening(stand_in.app) as port,
        engine_client(f"http://127.0.0.1:{port}", None) as client,
    ):
        yield HttpRouteEngine(client)


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
async def test_both_ways_give_the_same_decisions(lang: str) -> None:
    async with (
        listening(create_app(load_data())) as port,
        engine_client(f"http://127.0.0.1:{port}", None) as remote,
        engine_client(None, None) as embedded,
    ):
        for name, asked in SCENARIOS.items():
            here = await HttpRouteEngine(embedded).decide(asked, lang)
            there = await HttpRouteEngine(remote).decide(asked, lang)
            assert here == there, name
        lesson = SCENARIOS["lesson_card"]
        here_too = await HttpRouteEngine(embedded).lesson(lesson)
        assert here_too == await HttpRouteEngine(remote).lesson(lesson)
        assert json.loads(here_too)["route"]["route"] == "rented_gpu"


async def a_decision() -> dict[str, object]:
    async with engine_client(None, None) as client:
        made = await HttpRouteEngine(client).decide(CARD, "en")
    written: dict[str, object] = made.model_dump(mode="json")
    return written


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer("boom", 500, "text/plain"), "http_500"),
        (Answer('{"detail": "who are you"}', 401), "http_401"),
        (Answer("<h1>It works!</h1>", 200, "text/html"), "not_a_decision"),
        (Answer('{"status": "ok", "conf'), "not_a_decision"),
        (Answer(b"\xff\xfe\x00"), "not_a_decision"),
        (Answer("", 307, headers={"location": "http://127.0.0.1:9/v1/plans"}), "http_307"),
        (Answer("<h1>422</h1>", 422, "text/html"), "not_a_problem_document"),
        (Answer('["not", "a", "problem"]', 422), "not_a_problem_document"),
        (Answer('{"errors": [{"pointer": "/task"}]}', 422), "not_a_problem_document"),
        (Answer('{"errors": 5, "detail": "x"}', 422), "not_a_problem_document"),
        (Answer(" " * (MAX_BYTES + 1)), "too_large"),
    ],
)
async def test_what_is_no_decision_is_an_engine_that_is_unavailable(
    way: str, answer: Answer, reason: str
) -> None:
    stand_in = StandIn(answer)
    async with reached(way, stand_in) as engine:
        with pytest.raises(EngineUnavailable) as refused:
            await engine.decide(CARD, "en")
    assert refused.value.reason == reason
    assert stand_in.asked == ["/v1/plans"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("missing", ["status", "evidence", "rejected_families"])
async def test_a_decision_that_lacks_a_field_is_not_shown(way: str, missing: str) -> None:
    whole = await a_decision()
    async with reached(way, StandIn(Answer(json.dumps(whole)))) as engine:
        assert (await engine.decide(CARD, "en")).model_dump(mode="json") == whole
    del whole[missing]
    async with reached(way, StandIn(Answer(json.dumps(whole)))) as engine:
        with pytest.raises(EngineUnavailable) as refused:
            await engine.decide(CARD, "en")
    assert refused.value.reason == "not_a_decision"


@pytest.mark.parametrize("way", WAYS)
async def test_a_slow_engine_is_given_up(way: str) -> None:
    async with reached(way, StandIn(Answer("{}", delay=0.6))) as engine:
        with pytest.raises(EngineUnavailable) as refused:
            await engine.decide(CARD, "en", within=timedelta(milliseconds=100))
    assert refused.value.reason == "timeout"


async def test_nobody_listens(closed_port: int) -> None:
    async with engine_client(f"http://127.0.0.1:{closed_port}", None) as client:
        engine = HttpRouteEngine(client)
        with pytest.raises(EngineUnavailable) as refused:
            await engine.decide(CARD, "en")
        assert refused.value.reason == "ConnectError"
        assert await engine.ready() == "ConnectError"


@pytest.mark.parametrize("way", WAYS)
async def test_a_problem_document_names_the_fields(way: str) -> None:
    answer = Answer(json.dumps(PROBLEM), 422, "application/problem+json")
    async with reached(way, StandIn(answer)) as engine:
        with pytest.raises(EngineRefusedCard) as refused:
            await engine.decide(CARD, "en")
    assert refused.value.fields == ("session_hours", "max_hourly")
    assert refused.value.problem == "At most 744 hours; Not below zero"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("body", ["<h1>It works!</h1>", "{}", '{"items": 5}', '{"items": [{}]}'])
async def test_what_is_no_catalogue_is_no_answer_and_not_remembered(way: str, body: str) -> None:
    stand_in = StandIn(Answer(body))
    whole = await a_list("/v1/models", "/v1/hardware")
    async with reached(way, stand_in) as engine:
        for path, asked in (("/v1/models", engine.models), ("/v1/hardware", engine.hardware)):
            stand_in.answer = Answer(body)
            with pytest.raises(EngineUnavailable):
                await asked("a")
            stand_in.answer = Answer(whole[path])
            assert await asked("a")
            stand_in.answer = Answer(body)
            assert await asked("a"), "the list is read once"


async def a_list(*paths: str) -> dict[str, str]:
    """The lists of the real catalogue, as they are served."""
    async with engine_client(None, None) as client:
        return {path: (await client.get(path, params={"limit": "200"})).text for path in paths}


FIT = FitRequest(model_repo="Qwen/Qwen3-8B", scheme="BF16", context_tokens=8192, runtime="vllm")


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
async def test_a_comparison_is_five_decisions_in_the_order_of_the_routes(lang: str) -> None:
    async with engine_client(None, None) as client:
        engine = HttpRouteEngine(client)
        plans = await engine.compare(CARD, lang)
        assert [plan.route.route for plan in plans] == list(Route)
        own = CARD.model_copy(update={"available_route": AvailableRoute.free_colab})
        assert plans[3] == await engine.decide(own, lang)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer("boom", 500, "text/plain"), "http_500"),
        (Answer("<h1>It works!</h1>", 200, "text/html"), "not_a_"),
        (Answer("{}"), "not_a_"),
        (Answer('{"plans": []}'), "not_a_"),
        (Answer('["no", "problem"]', 422), "not_a_problem_document"),
        (Answer("{}", delay=0.6), "timeout"),
    ],
)
async def test_what_is_no_comparison_is_an_engine_that_is_unavailable(
    way: str, answer: Answer, reason: str
) -> None:
    stand_in = StandIn(answer)
    async with reached(way, stand_in) as engine:
        with pytest.raises(EngineUnavailable) as refused:
            await engine.compare(CARD, "en", within=timedelta(milliseconds=300))
        assert refused.value.reason.startswith(reason)
        if answer.delay:
            return
        with pytest.raises(EngineUnavailable) as refused:
            await engine.fit(FIT, "en")
        assert refused.value.reason.startswith(reason)
    assert stand_in.asked == ["/v1/plans/compare", "/v1/fit"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_comparison_that_lacks_a_route_is_not_shown(way: str) -> None:
    plans = [await a_decision()] * 5
    async with reached(way, StandIn(Answer(json.dumps({"plans": plans})))) as engine:
        with pytest.raises(EngineUnavailable) as refused:
            await engine.compare(CARD, "en")
    assert refused.value.reason == "not_a_comparison"


@pytest.mark.parametrize("way", WAYS)
async def test_a_refused_question_names_its_fields(way: str) -> None:
    answer = Answer(json.dumps(PROBLEM), 422, "application/problem+json")
    async with reached(way, StandIn(answer)) as engine:
        for question in (engine.compare(CARD, "en"), engine.fit(FIT, "en")):
            with pytest.raises(EngineRefusedCard) as refused:
                await question
            assert refused.value.fields == ("session_hours", "max_hourly")


async def test_the_lists_of_the_catalogue_are_read_to_their_end() -> None:
    async with engine_client(None, None) as client:
        models = await HttpRouteEngine(client).items("/v1/models", Page[ModelItem])
    assert len({m.repo for m in models}) == len(models) > 20


@pytest.mark.parametrize(
    "body", ["<h1>It works!</h1>", "{}", '{"items": 5}', '{"items": [], "next": "again"}']
)
async def test_what_is_no_list_is_an_engine_that_is_unavailable(body: str) -> None:
    async with reached("embedded", StandIn(Answer(body))) as engine:
        with pytest.raises(EngineUnavailable) as refused:
            await engine.items("/v1/models", Page[ModelItem])
    assert refused.value.reason == "not_a_catalogue"
