"""The service against its own OpenAPI document: requests made up by schemathesis, and real ones."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance

from engine.app import create_app
from engine.contract import (
    ConstraintCard,
    FitRequest,
    HardwareSpec,
    KvDtype,
    Lang,
    Phase,
    ProblemCode,
)
from engine.load import EngineData, load_data
from tests.engine.cards import DATA, TODAY, any_card
from tests.engine.overlays import OURS, written

APP = create_app(DATA, today=lambda: TODAY)
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)

SOME = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

BEYOND_A_SCHEMA: list[schemathesis.CheckFunction] = [positive_data_acceptance]
"""Some of what is refused no schema can say: a cursor of no page, a task of spaces, 0 hours."""


@schema.parametrize()
@SOME
def test_every_operation_keeps_its_schema(case: schemathesis.Case[Any]) -> None:
    """Valid and invalid data: no 5xx, documented statuses and types, bodies as described."""
    case.call_and_validate(excluded_checks=BEYOND_A_SCHEMA)


@SOME
@given(any_card(), st.sampled_from(Lang), st.sampled_from(["plans", "plans/compare"]))
def test_every_decision_keeps_its_schema(card: ConstraintCard, lang: Lang, path: str) -> None:
    operation = schema[f"/v1/{path}"]["POST"]
    case = operation.Case(body=card.model_dump(mode="json"), query={"lang": lang.value})
    assert case.call_and_validate().status_code == 200


RUNTIMES = DATA.rules[Lang.en].runtimes.runtimes
FORMATS = [(name, scheme) for name, runtime in RUNTIMES.items() for scheme in runtime.schemes]
SHAPES = [model.architecture for model in DATA.catalog.models.models.values()]


@st.composite
def fits(draw: st.DrawFn) -> FitRequest:
    """A memory question about any shape, in any format, on any machine or none."""
    runtime, scheme = draw(st.sampled_from(FORMATS))
    gpus = st.builds(
        HardwareSpec,
        gpu_id=st.sampled_from([None, *DATA.catalog.hardware.hardware]),
        gpu_count=st.integers(1, 64),
    )
    return FitRequest(
        architecture=draw(st.sampled_from(SHAPES)),
        runtime=runtime,
        scheme=scheme,
        context_tokens=draw(st.integers(1, 16_777_216)),
        concurrency=draw(st.integers(1, 4096)),
        kv_dtype=draw(st.sampled_from(KvDtype)),
        phase=draw(st.sampled_from(Phase)),
        hardware=draw(st.none() | gpus),
    )


@SOME
@given(fits())
def test_every_report_keeps_its_schema(asked: FitRequest) -> None:
    case = schema["/v1/fit"]["POST"].Case(body=asked.model_dump(mode="json"))
    assert case.call_and_validate().status_code == 200


def document(data: EngineData, token: str | None = None) -> Any:
    """What the service says of itself."""

    async def read() -> Any:
        transport = httpx.ASGITransport(create_app(data, token=token))
        async with httpx.AsyncClient(transport=transport, base_url="http://engine") as http:
            answer = await http.get("/openapi.json")
        assert answer.status_code == 200, answer.text
        return answer.json()

    return asyncio.run(read())


@pytest.fixture(scope="module")
def spec() -> Any:
    return document(DATA, token="closed")


def operations(spec: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_document_holds_together(spec: Any) -> None:
    assert spec["openapi"].startswith("3.1")
    schemas = spec["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    used = {part.partition('"')[0] for part in json.dumps(spec).split('"#/components/schemas/')[1:]}
    assert used <= schemas.keys()
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()
    assert all(schema.get("description") for schema in schemas.values() if "enum" in schema)


def test_every_operation_is_explained_with_examples_that_are_valid(spec: Any) -> None:
    names = [operation["operationId"] for _, operation in operations(spec)]
    assert len(names) == len(set(names)) == 14
    for name, operation in operations(spec):
        assert operation["summary"], name
        assert operation["description"], name
        assert {tag["name"] for tag in spec["tags"]} >= set(operation["tags"])
        assert all(q.get("description") for q in operation["parameters"]), name
        answers = [r["content"] for r in operation["responses"].values() if "content" in r]
        body = [operation["requestBody"]["content"]] if "requestBody" in operation else []
        for content in (*body, *answers):
            for media in content.values():
                _check(media, spec, name)


def _check(media: Any, spec: Any, name: str) -> None:
    shape = media["schema"] | {"components": spec["components"]}
    examples = media.get("examples", {})
    assert examples or name == "GET /v1/plans/{plan_id}", name
    for example in examples.values():
        jsonschema.Draft202012Validator(shape).validate(example["value"])


def test_problems_are_documented_as_problem_documents(spec: Any) -> None:
    codes: set[str] = set()
    for name, operation in operations(spec):
        responses = operation["responses"]
        assert "500" in responses, name
        assert ("401" in responses) == name.partition(" ")[2].startswith("/v1/"), name
        assert ("304" in responses) == name.startswith("GET"), name
        for status in responses.keys() - {"200", "304"}:
            (media,) = responses[status]["content"].items()
            assert media[0] == "application/problem+json"
            assert all(str(e["value"]["status"]) == status for e in media[1]["examples"].values())
            codes |= media[1]["examples"].keys()
    of_no_operation = {"NOT_FOUND", "METHOD_NOT_ALLOWED", "DATA_NOT_READY"}
    assert codes == {code.value for code in ProblemCode} - of_no_operation


@pytest.mark.parametrize("model", [ConstraintCard, FitRequest, HardwareSpec])
def test_every_field_of_a_request_is_described(spec: Any, model: type[Any]) -> None:
    fields = spec["components"]["schemas"][model.__name__]["properties"]
    assert fields.keys() == model.model_fields.keys()
    assert [name for name, field in fields.items() if not field.get("description")] == []


def test_a_team_that_takes_the_models_of_the_examples_away_still_gets_a_document(
    tmp_path: Path,
) -> None:
    gone = "models:\n  - {repo: Qwen/Qwen3-8B, disabled: true}\n"
    data = load_data(overlay=written(tmp_path, {OURS: gone}))
    assert data.overlay is not None
    assert not data.overlay.problems
    fit = document(data)["paths"]["/v1/fit"]["post"]
    assert "examples" not in fit["responses"]["200"]["content"]["application/json"]


def test_decimals_are_text_in_the_document(spec: Any) -> None:
    assert '"number"' not in json.dumps(spec["components"]["schemas"])
