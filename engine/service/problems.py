"""Every error of the service as RFC 9457 problem details, in the caller's language."""

import secrets
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from engine.canonical import canonical
from engine.contract import Lang, Problem, ProblemCode, ProblemItem
from engine.service.problem_texts import ProblemsFile

log = structlog.get_logger(__name__)

_BY_STATUS = {
    401: ProblemCode.UNAUTHORIZED,
    404: ProblemCode.NOT_FOUND,
    405: ProblemCode.METHOD_NOT_ALLOWED,
}
_PLANS, _FIT = "/v1/plans", "/v1/fit"


class Defect(NamedTuple):
    """One thing that is wrong: where, a stable code, and the names that may have been meant.

    `values` fill the sentence of its kind.
    """

    pointer: str
    code: str
    near: Sequence[str] = ()
    values: Mapping[str, str] = MappingProxyType({})


class Unanswerable(Exception):
    """A request this service answers with a problem."""

    def __init__(self, code: ProblemCode, *errors: Defect) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


def language(request: Request) -> Lang:
    """The language asked for; English when it is none of ours."""
    asked = request.query_params.get("lang")
    return Lang(asked) if asked in set(Lang) else Lang.en


def install(app: FastAPI, words: Mapping[Lang, ProblemsFile]) -> None:
    """Answer every error of this application with a problem document."""

    @app.exception_handler(Unanswerable)
    async def unanswerable(request: Request, error: Unanswerable) -> Response:
        texts = words[language(request)]
        items = tuple(texts.near(*defect) for defect in error.errors)
        closed = error.code is ProblemCode.UNAUTHORIZED
        headers = {"www-authenticate": "Bearer"} if closed else None
        return _respond(texts.problem(error.code, items), headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        texts = words[language(request)]
        items = tuple(_item(defect, texts) for defect in error.errors())
        return _respond(texts.problem(_code(request, error.errors()), items))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.status_code, ProblemCode.REQUEST_INVALID)
        return _respond(words[language(request)].problem(code), error.headers)

    @app.exception_handler(Exception)
    async def internal(request: Request, error: Exception) -> Response:
        reference = secrets.token_hex(6)
        log.error("engine.failed", reference=reference, path=request.url.path, exc_info=error)
        texts = words[language(request)]
        return _respond(texts.problem(ProblemCode.INTERNAL, reference=reference))


def _respond(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    body = canonical(problem.model_dump(mode="json", exclude_none=True))
    return Response(body, problem.status, headers, media_type="application/problem+json")


def _code(request: Request, defects: Sequence[Mapping[str, Any]]) -> ProblemCode:
    if request.url.path == _FIT:
        return ProblemCode.FIT_REQUEST_INVALID
    if not request.url.path.startswith(_PLANS) or all(d["loc"][0] != "body" for d in defects):
        return ProblemCode.REQUEST_INVALID
    if any(_is_unknown_route(defect) for defect in defects):
        return ProblemCode.UNKNOWN_ROUTE
    return ProblemCode.CARD_INVALID


def _is_unknown_route(defect: Mapping[str, Any]) -> bool:
    return (*defect["loc"], defect["type"]) == ("body", "available_route", "enum")


def _item(defect: Mapping[str, Any], texts: ProblemsFile) -> ProblemItem:
    place = defect["loc"][1:] if defect["type"] != "json_invalid" else ()
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in place)
    code = "UNKNOWN_ROUTE" if _is_unknown_route(defect) else str(defect["type"])
    kind = "enum" if code == "UNKNOWN_ROUTE" else code
    item = texts.defect("".join(f"/{part}" for part in parts), kind, defect.get("ctx") or {})
    return item.model_copy(update={"code": code})
