"""The OpenAPI document: what FastAPI finds in the code, with examples, problems and plain decimals.

Examples of answers are made by the engine itself from the loaded data, so none is ever out of date.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from engine import __version__
from engine.contract import Lang, ProblemCode
from engine.load import EngineData
from engine.service.examples import answers, problem_example, requests
from engine.service.words import DESCRIPTION, FIELDS, SUMMARY, TAGS, TITLE

Schema = dict[str, Any]

PROBLEM = {"$ref": "#/components/schemas/Problem"}
_CARD = (ProblemCode.CARD_INVALID, ProblemCode.UNKNOWN_ROUTE)
_OTHER = (ProblemCode.REQUEST_INVALID,)
_SERVICE = frozenset({"healthz", "readyz"})
INVALID: Mapping[str, Sequence[ProblemCode]] = {
    "plan": (*_CARD, ProblemCode.ROUTE_NOT_IN_LESSON, *_OTHER),
    "compare_routes": (*_CARD, *_OTHER),
    "fit": (ProblemCode.FIT_REQUEST_INVALID,),
    "stored_plan": (),
}
"""Codes of an operation's 422; of any other, the request is invalid."""

BOUNDS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
FROM_ZERO = r"^[0-9]{1,15}(\.[0-9]{1,9})?$"
DECIMAL = r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$"


def document(routes: Sequence[BaseRoute], data: EngineData, *, closed: bool) -> Schema:
    """The document of a service over this data; `closed` says that it wants a token."""
    spec = get_openapi(
        title=TITLE,
        version=__version__,
        summary=SUMMARY,
        description=DESCRIPTION,
        routes=routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        license_info={"name": "MIT", "identifier": "MIT"},
        separate_input_output_schemas=False,
    )
    schemas = spec["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas = {name: _described(name, _plain(schema)) for name, schema in schemas.items()}
    _close(schemas["FitRequest"]["properties"], data)
    spec["components"]["schemas"] = schemas
    shown = answers(data)
    for operation in _operations(spec):
        _complete(operation, shown[operation["operationId"]], data, closed=closed)
    if closed:
        spec["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return spec


def _operations(spec: Schema) -> Iterator[Schema]:
    for methods in spec["paths"].values():
        yield from methods.values()


def _complete(operation: Schema, answer: Any, data: EngineData, *, closed: bool) -> None:
    """Examples both ways, the ETag, and every problem that can come back."""
    name, reads = operation["operationId"], "requestBody" not in operation
    operation["parameters"] = [_plain(p) for p in operation.get("parameters", ())]
    if name in requests():
        content = operation["requestBody"]["content"]["application/json"]
        content["examples"] = {n: {"value": v} for n, v in requests()[name].items()}
    found = operation["responses"]["200"]
    found["description"] = "The answer, as canonical JSON"
    found["headers"] = {"ETag": _etag("Quoted sha256 of the body.")}
    if answer is not None:
        found["content"]["application/json"]["examples"] = {"answer": {"value": answer}}
    operation["responses"] = {"200": found, **_problems(name, data, closed=closed)}
    if reads:
        operation["parameters"].append(_if_none_match())
        operation["responses"]["304"] = {"description": "Unchanged: the ETag was the one named"}
    if closed and name not in _SERVICE:
        operation["security"] = [{"token": []}]


def _problems(name: str, data: EngineData, *, closed: bool) -> Schema:
    invalid = INVALID.get(name, () if name in _SERVICE else _OTHER)
    by_status = {
        "401": (ProblemCode.UNAUTHORIZED,) if closed and name not in _SERVICE else (),
        "404": (ProblemCode.PLAN_NOT_FOUND,) if name == "stored_plan" else (),
        "422": invalid,
        "500": (ProblemCode.INTERNAL,),
    }
    return {status: _problem(codes, data) for status, codes in by_status.items() if codes}


def _problem(codes: Sequence[ProblemCode], data: EngineData) -> Schema:
    texts = data.problems[Lang.en]
    examples = {code.value: {"value": problem_example(code, texts)} for code in codes}
    return {
        "description": "; ".join(texts.problems[code].title for code in codes),
        "content": {"application/problem+json": {"schema": PROBLEM, "examples": examples}},
    }


def _etag(text: str) -> Schema:
    return {"description": text, "schema": {"type": "string"}}


def _if_none_match() -> Schema:
    text = "ETags that the caller has; 304 when the answer is one of them."
    return {"name": "If-None-Match", "in": "header", "required": False, **_etag(text)}


def _described(name: str, schema: Schema) -> Schema:
    """A schema whose fields say what they mean, where the code does not."""
    for field, text in FIELDS.get(name, {}).items():
        found = schema["properties"][field]
        said = f"{text} {found['description']}" if "description" in found else text
        schema["properties"][field] = {**found, "description": said}
    return schema


def _close(fields: Schema, data: EngineData) -> None:
    """The choices of a memory question that the data close."""
    runtimes = data.rules[Lang.en].runtimes.runtimes
    schemes = {scheme: None for runtime in runtimes.values() for scheme in runtime.schemes}
    fields["runtime"]["enum"] = list(runtimes)
    fields["scheme"]["enum"] = list(schemes)


def _plain(schema: Any) -> Any:
    """The schema with decimals as the strings they travel as, and whole bounds without a point."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if isinstance(schema, float) and schema.is_integer():
        return int(schema)
    if not isinstance(schema, dict):
        return schema
    found = {name: _plain(each) for name, each in schema.items()}
    options = found.get("anyOf")
    if isinstance(options, list) and _number_and_text(options):
        return _decimal(found, options)
    return found


def _number_and_text(options: Sequence[Any]) -> bool:
    return {"number", "string"} <= {option.get("type") for option in options}


def _decimal(schema: Schema, options: Sequence[Schema]) -> Schema:
    """A JSON string; its bounds, which a schema of a string cannot hold, in words."""
    bounds = {name: schema.pop(name) for name in BOUNDS if name in schema}
    said = ", ".join(f"{BOUNDS[name]} {bound}" for name, bound in bounds.items())
    text = {
        "type": "string",
        "pattern": FROM_ZERO if {"gt", "ge"} & bounds.keys() else DECIMAL,
        "description": f"A decimal number as text{f', {said}' if said else ''}.",
    }
    rest = [o for o in options if o.get("type") not in ("number", "string")]
    del schema["anyOf"]
    return {**schema, "anyOf": [text, *rest]} if rest else {**schema, **text}
