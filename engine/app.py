"""The engine over HTTP, /v1 with OpenAPI 3.1: the same answers in process and on the wire.

Data is loaded before the application is made, never at start-up, so that an ASGI transport, which
runs no start-up events, meets a ready engine. The only clock of the engine is here: the UTC day for
cards that carry none.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from hmac import compare_digest
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Response

from engine import __version__
from engine.answers import answer, tagged
from engine.catalog_api import catalog_routes
from engine.contract import (
    CompareResponse,
    ConstraintCard,
    DecisionCard,
    EvidenceCheck,
    EvidenceRecord,
    FitReport,
    FitRequest,
    Health,
    Lang,
    Problem,
    ProblemCode,
    View,
)
from engine.decide import compare, decide
from engine.fitting import answer_fit
from engine.lesson import lesson_json
from engine.load import EngineData, load_data
from engine.problems import Unanswerable, install
from engine.records import check_record

__all__ = ["create_app", "load_data"]

_PROBLEMS: dict[int | str, dict[str, object]] = {
    "4XX": {"model": Problem, "description": "A problem document"},
    "5XX": {"model": Problem, "description": "A problem document"},
}


def utc_today() -> date:
    """The day in UTC, on which prices and review dates are judged."""
    return datetime.now(tz=UTC).date()


def create_app(
    data: EngineData, *, today: Callable[[], date] = utc_today, token: str | None = None
) -> FastAPI:
    """The service over loaded data; with a token, /v1 answers only to its bearer."""
    app = FastAPI(
        title="owroute route engine",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        responses=_PROBLEMS,
    )
    install(app, data.problems)
    v1 = APIRouter(prefix="/v1", dependencies=[Depends(_bearer(token))] if token else [])
    v1.include_router(_plan_routes(data, today))
    v1.include_router(catalog_routes(data))
    app.include_router(v1)
    app.include_router(_health_routes(data))
    return app


def _plan_routes(data: EngineData, today: Callable[[], date]) -> APIRouter:
    router = APIRouter()

    @router.post("/plans", response_model=DecisionCard)
    async def plan(card: ConstraintCard, view: View = View.full, lang: Lang = Lang.en) -> Response:
        if view is View.lesson:
            return _lesson(card, data)
        return answer(decide(card, data, lang, today=today()))

    @router.post("/plans/compare", response_model=CompareResponse)
    async def plans(card: ConstraintCard, lang: Lang = Lang.en) -> Response:
        return answer(CompareResponse(plans=compare(card, data, lang, today=today())))

    @router.post("/fit", response_model=FitReport)
    async def fit(asked: FitRequest, lang: Lang = Lang.en) -> Response:
        return answer(answer_fit(asked, data, data.rules[lang]))

    @router.get("/plans/{plan_id}", response_model=DecisionCard)
    async def stored(plan_id: str) -> Response:
        raise Unanswerable(ProblemCode.PLAN_NOT_FOUND)

    @router.post("/evidence/validate", response_model=EvidenceCheck)
    async def record(record: EvidenceRecord, lang: Lang = Lang.en) -> Response:
        return answer(check_record(record, data.rules[lang].evidence.record))

    return router


def _lesson(card: ConstraintCard, data: EngineData) -> Response:
    if card.available_route.value not in data.lesson.goals:
        raise Unanswerable(
            ProblemCode.ROUTE_NOT_IN_LESSON, ("/available_route", "ROUTE_NOT_IN_LESSON")
        )
    return tagged(lesson_json(card.model_dump(mode="json"), data.lesson).encode("ascii"))


def _health_routes(data: EngineData) -> APIRouter:
    router = APIRouter()
    counts = {
        "families": len(data.rules[Lang.en].families.families),
        "hardware": len(data.catalog.hardware.hardware),
        "models": len(data.catalog.models.models),
        "rules": len(data.rules[Lang.en].conflicts.rules),
    }

    overlay = data.overlay.state if data.overlay else None

    @router.get("/healthz", response_model=Health)
    @router.get("/readyz", response_model=Health)
    async def health() -> Response:
        return answer(Health(ready=True, counts=counts, overlay=overlay))

    return router


def _bearer(token: str) -> Callable[[str], Awaitable[None]]:
    expected = f"Bearer {token}".encode()

    async def check(authorization: Annotated[str, Header()] = "") -> None:
        if not compare_digest(authorization.encode("utf-8", "surrogateescape"), expected):
            raise Unanswerable(ProblemCode.UNAUTHORIZED)

    return check
