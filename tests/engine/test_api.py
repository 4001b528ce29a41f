"""The service: equal bytes in process and on the wire, a problem document for every error."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import httpx
import jsonschema
import pytest
import structlog.testing
import uvicorn
from fastapi import FastAPI

from engine.app import create_app
from engine.contract import ConstraintCard, DecisionCard, Problem, ProblemCode, Route
from engine.decide import decide
from tests.engine.cards import DATA, SCENARIOS, TODAY, card

CARD: dict[str, Any] = card(available_route="free_colab").model_dump(mode="json")
BARE = {name: value for name, value in CARD.items() if name != "as_of"}
FIT: dict[str, Any] = {
    "model_repo": "Qwen/Qwen3-8B",
    "scheme": "BF16",
    "runtime": "vllm",
    "context_tokens": 8192,
    "hardware": {"gpu_id": "l4"},
}
LISTS = ("families", "models", "hardware", "offers", "licenses", "runtimes", "rules")


def app(**options: Any) -> FastAPI:
    return create_app(DATA, today=lambda: TODAY, **options)


def client(application: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://engine")


@asynccontextmanager
async def served(application: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The application behind a real loopback socket."""
    config = uvicorn.Config(application, host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as found:
        yield found
    server.should_exit = True
    await task


REQUESTS: list[tuple[str, str, Any]] = [
    *(("POST", "/v1/plans?lang=zh", c.model_dump(mode="json")) for c in SCENARIOS.values()),
    ("POST", "/v1/plans?view=lesson", CARD),
    ("POST", "/v1/plans", CARD | {"task": ""}),
    ("POST", "/v1/plans/compare", CARD),
    ("POST", "/v1/evidence/validate", {"decision": "stop"}),
    ("POST", "/v1/fit", FIT),
    *(("GET", f"/v1/{name}?lang=zh", None) for name in LISTS),
    *(("GET", f"/v1/{name}", None) for name in ("nothing", "plans/abc")),
    ("GET", "/healthz", None),
    ("GET", "/readyz", None),
    ("GET", "/openapi.json", None),
]


async def test_in_process_and_on_the_wire_are_equal_byte_for_byte() -> None:
    application = app()
    async with client(application) as inside, served(application) as outside:
        for method, path, body in REQUESTS:
            here = await inside.request(method, path, json=body)
            there = await outside.request(method, path, json=body)
            assert (here.status_code, here.content) == (there.status_code, there.content), path
            assert here.headers.get("etag") == there.headers.get("etag")
            assert here.headers["content-type"] == there.headers["content-type"]


async def test_a_decision_is_canonical_json_with_its_digest_as_etag() -> None:
    async with client(app()) as http:
        first = await http.post("/v1/plans", json=CARD)
        again = await http.post("/v1/plans", json=dict(reversed(CARD.items())))
    assert first.status_code == 200
    canonical = json.dumps(first.json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert first.text == f"{canonical}\n"
    assert first.headers["etag"].strip('"').isalnum()
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
    made = decide(ConstraintCard.model_validate(CARD), DATA)
    assert DecisionCard.model_validate_json(first.text) == made


async def test_the_day_is_filled_in_where_the_card_has_none() -> None:
    async with client(app()) as http:
        decision = (await http.post("/v1/plans", json=BARE)).json()
        dated = (await http.post("/v1/plans", json=BARE | {"as_of": "2026-01-02"})).json()
    assert decision["inputs"]["as_of"] == TODAY.isoformat()
    assert decision["inputs"]["origins"]["as_of"] == "derived"
    assert dated["inputs"]["as_of"] == "2026-01-02"
    assert dated["inputs"]["origins"]["as_of"] == "card"


async def test_the_day_is_todays_without_a_clock_of_the_callers() -> None:
    async with client(create_app(DATA)) as http:
        decision = (await http.post("/v1/plans", json=BARE)).json()
    assert date.fromisoformat(decision["inputs"]["as_of"]) > date(2025, 1, 1)


async def test_a_refusal_is_an_answer() -> None:
    async with client(app()) as http:
        refused = await http.post("/v1/plans", json=CARD | {"privacy": "regulated"})
    assert (refused.status_code, refused.json()["status"]) == (200, "refused")


async def test_compare_answers_every_route() -> None:
    async with client(app()) as http:
        plans = (await http.post("/v1/plans/compare", json=CARD)).json()["plans"]
    assert [plan["route"]["route"] for plan in plans] == [route.value for route in Route]


async def test_the_lesson_view_is_the_lessons_own_json() -> None:
    async with client(app()) as http:
        answer = await http.post("/v1/plans?view=lesson", json=CARD)
    assert answer.text.startswith('{\n  "project": "course Q&A assistant",\n  "route": {')
    assert not answer.text.endswith("\n")


Call = tuple[str, str, dict[str, Any]]
PROBLEMS: list[tuple[Call, int, ProblemCode, str | None]] = [
    (
        ("POST", "/v1/plans", {"json": CARD | {"task": "ab"}}),
        422,
        ProblemCode.CARD_INVALID,
        "/task",
    ),
    (("POST", "/v1/plans", {"json": {}}), 422, ProblemCode.CARD_INVALID, "/task"),
    (
        ("POST", "/v1/plans/compare", {"json": CARD | {"hardware": {"gpu_count": 0}}}),
        422,
        ProblemCode.CARD_INVALID,
        "/hardware/gpu_count",
    ),
    (("POST", "/v1/plans", {"json": CARD | {"a/b~": 1}}), 422, ProblemCode.CARD_INVALID, "/a~1b~0"),
    (("POST", "/v1/plans", {"json": [1]}), 422, ProblemCode.CARD_INVALID, ""),
    (
        ("POST", "/v1/plans", {"json": CARD | {"available_route": "something_else"}}),
        422,
        ProblemCode.UNKNOWN_ROUTE,
        "/available_route",
    ),
    (
        ("POST", "/v1/plans?view=lesson", {"json": CARD | {"available_route": "private_gpu"}}),
        422,
        ProblemCode.ROUTE_NOT_IN_LESSON,
        "/available_route",
    ),
    (("POST", "/v1/plans?lang=fr", {"json": CARD}), 422, ProblemCode.REQUEST_INVALID, "/lang"),
    (("POST", "/v1/plans?view=odd", {"json": CARD}), 422, ProblemCode.REQUEST_INVALID, "/view"),
    (("POST", "/v1/fit", {"json": {}}), 422, ProblemCode.FIT_REQUEST_INVALID, "/scheme"),
    (("GET", "/v1/models?limit=201", {}), 422, ProblemCode.REQUEST_INVALID, "/limit"),
    (("GET", "/v1/models?limit=many", {}), 422, ProblemCode.REQUEST_INVALID, "/limit"),
    (("GET", "/v1/offers?gpu=l4", {}), 422, ProblemCode.REQUEST_INVALID, "/gpu"),
    (("GET", "/v1/models?gated=perhaps", {}), 422, ProblemCode.REQUEST_INVALID, "/gated"),
    (("GET", "/v1/rules?cursor=nowhere", {}), 422, ProblemCode.REQUEST_INVALID, "/cursor"),
    (
        ("POST", "/v1/evidence/validate", {"json": {"mood": "good"}}),
        422,
        ProblemCode.REQUEST_INVALID,
        "/mood",
    ),
    (("GET", "/v1/plans/abc", {}), 404, ProblemCode.PLAN_NOT_FOUND, None),
    (("GET", "/v2/plans", {}), 404, ProblemCode.NOT_FOUND, None),
    (("DELETE", "/v1/plans", {}), 405, ProblemCode.METHOD_NOT_ALLOWED, None),
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("call", "status", "code", "pointer"), PROBLEMS)
async def test_every_error_is_a_problem_document(
    call: Call, status: int, code: ProblemCode, pointer: str | None, lang: str
) -> None:
    method, path, body = call
    query = {} if "lang=" in path else {"lang": lang}
    async with client(app()) as http:
        answer = await http.request(method, httpx.URL(path).copy_merge_params(query), **body)
    problem = Problem.model_validate_json(answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem.status, problem.code) == (status, status, code)
    assert pointer is None or pointer in [e.pointer for e in problem.errors]
    assert problem.title.isascii() == (query.get("lang") != "zh")
    assert all(error.detail and "{" not in error.detail for error in problem.errors)


BODIES = [
    b"",
    b"{",
    b"null",
    b"\xff\xfe",
    b'"text"',
    b"[" * 50_000,
    b'{"context_tokens": ' + b"9" * 5_000 + b"}",
    b'{"max_hourly": NaN, "max_monthly": 1e999}',
    b'{"\\ud800": "\\udfff", "task": "\\ud800\\ud800\\ud800"}',
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_rubbish_is_turned_away_in_words(body: bytes) -> None:
    headers = {"content-type": "application/json"}
    async with client(app()) as http:
        answer = await http.post("/v1/plans", content=body, headers=headers)
    problem = Problem.model_validate_json(answer.content)
    assert answer.status_code == 422
    assert problem.code in {ProblemCode.CARD_INVALID, ProblemCode.REQUEST_INVALID}


async def test_a_fault_of_the_engine_gives_a_reference_and_no_stack() -> None:
    def broken_clock() -> date:
        raise RuntimeError("the clock fell off the wall")

    async with client(create_app(DATA, today=broken_clock)) as http:
        with structlog.testing.capture_logs() as logged:
            answer = await http.post("/v1/plans", json=CARD)
    problem = Problem.model_validate_json(answer.text)
    assert (answer.status_code, problem.code) == (500, ProblemCode.INTERNAL)
    assert problem.reference
    assert "wall" not in answer.text
    assert [(e["event"], e["reference"]) for e in logged] == [("engine.failed", problem.reference)]


async def test_with_a_token_only_its_bearer_is_answered() -> None:
    async with client(app(token="s3cret")) as http:
        for header in ("", "Bearer", "Bearer wrong", "Basic s3cret", "bearer s3cret", "s3cret"):
            refused = await http.post("/v1/plans", json=CARD, headers={"authorization": header})
            assert refused.status_code == 401, header
            assert refused.json()["code"] == "UNAUTHORIZED"
            assert refused.headers["www-authenticate"] == "Bearer"
        headers = {"authorization": "Bearer s3cret"}
        assert (await http.get("/v1/models", headers=headers)).status_code == 200
        assert (await http.get("/v1/models")).status_code == 401
        assert (await http.get("/healthz")).status_code == 200


async def test_a_decision_is_always_sent_and_an_error_never_unchanged() -> None:
    async with client(app()) as http:
        etag = (await http.post("/v1/plans", json=CARD)).headers["etag"]
        again = await http.post("/v1/plans", json=CARD, headers={"if-none-match": etag})
        missing = await http.get("/v1/plans/abc", headers={"if-none-match": "*"})
    assert (again.status_code, missing.status_code) == (200, 404)


async def test_every_answer_is_canonical_json() -> None:
    async with client(app()) as http:
        for method, path, body in REQUESTS:
            if "view=lesson" in path:
                continue
            text = (await http.request(method, path, json=body)).text
            plain = json.dumps(
                json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":")
            )
            assert text == f"{plain}\n", path


async def test_the_language_changes_texts_only() -> None:
    texts = {"text", "change", "reason", "label", "template", "note", "goal", "why"}

    def codes(value: Any) -> Any:
        """All but what is said in a language: keys, and what has no Chinese in either."""
        if isinstance(value, dict):
            return {k: codes(v) for k, v in value.items() if k not in texts}
        if isinstance(value, list):
            return [codes(each) for each in value]
        return value

    body = SCENARIOS["lesson_card"].model_dump(mode="json")
    async with client(app()) as http:
        en, zh = [
            (await http.post("/v1/plans", params={"lang": lang}, json=body)).json()
            for lang in ("en", "zh")
        ]
    assert en != zh
    for part in ("plan_id", "status", "model", "offer", "applied_rules", "inputs", "conflicts"):
        assert codes(en[part]) == codes(zh[part]), part


async def test_openapi_describes_requests_answers_and_problems() -> None:
    async with client(app()) as http:
        spec = (await http.get("/openapi.json")).json()
        decision = (await http.post("/v1/plans", json=CARD)).json()
    assert spec["openapi"].startswith("3.1")
    schemas = spec["components"]["schemas"]
    assert {"ConstraintCard", "DecisionCard", "Problem", "CompareResponse"} <= schemas.keys()
    shape = {"$ref": "#/components/schemas/DecisionCard", "components": spec["components"]}
    jsonschema.Draft202012Validator(shape).validate(decision)
