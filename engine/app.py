"""The engine over HTTP, /v1 with OpenAPI 3.1: the same answers in process and on the wire.

Data is loaded before the application is made, never at start-up, so that an ASGI transport, which
runs no start-up events, meets a ready engine. The only clock of the engine is here: the UTC day for
cards that carry none.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from functools import cache
from hmac import compare_digest
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from fastapi.routing import APIRoute

from engine import __version__
from engine.canonical import canonical
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
    LessonDecision,
    Problem,
    ProblemCode,
    View,
)
from engine.decide import compare, decide
from engine.lesson import lesson_json
from engine.load import EngineData, load_data
from engine.records import check_record
from engine.service.answers import Unchanged, answer, tagged
from engine.service.counting import counted
from engine.service.fitting import answer_fit
from engine.service.lists import catalog_routes
from engine.service.openapi import document
from engine.service.problems import Defect, Unanswerable, install
from engine.service.shaping import check_shape

__all__ = ["create_app", "load_data"]

Language = Annotated[Lang, Query(description="Language of texts; codes and ids stay.")]
Shown = Annotated[View, Query(description="The decision card, or the lesson's own JSON.")]


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
        openapi_url=None,
        separate_input_output_schemas=False,
        generate_unique_id_function=_name,
        responses={500: {"model": Problem}},
    )
    app.add_middleware(Unchanged)
    install(app, data.problems)
    v1 = APIRouter(prefix="/v1", dependencies=[Depends(_bearer(token))] if token else [])
    v1.include_router(_plan_routes(data, today))
    v1.include_router(_fit_routes(data))
    v1.include_router(catalog_routes(data))
    app.include_router(v1)
    app.include_router(_service_routes(data, today))
    _describe(app, data, closed=token is not None)
    return app


def _name(route: APIRoute) -> str:
    return route.name


def _plan_routes(data: EngineData, today: Callable[[], date]) -> APIRouter:
    router = APIRouter(tags=["Decisions"])

    @router.post("/plans", response_model=DecisionCard | LessonDecision, summary="Decide")
    async def plan(
        card: ConstraintCard, view: Shown = View.full, lang: Language = Lang.en
    ) -> Response:
        """Where this should run, which model, with what, at what cost, and how it is stopped.

        A refusal is an answer: 200 with `status` refused. `lang` changes texts only. `view=lesson`
        answers with the lesson's own JSON, for the lesson's three routes.
        """
        check_shape(card.architecture, ProblemCode.CARD_INVALID)
        if view is View.lesson:
            return _lesson(card, data)
        return answer(decide(card, data, lang, today=today()))

    @router.post("/plans/compare", response_model=CompareResponse, summary="Compare routes")
    async def compare_routes(card: ConstraintCard, lang: Language = Lang.en) -> Response:
        """The same card decided for each of the five routes, in their order."""
        check_shape(card.architecture, ProblemCode.CARD_INVALID)
        return answer(CompareResponse(plans=compare(card, data, lang, today=today())))

    @router.get("/plans/{plan_id}", response_model=DecisionCard, summary="Read a stored plan")
    async def stored_plan(
        plan_id: Annotated[str, Path(description="`plan_id` of a decision card.")],
    ) -> Response:
        """This engine stores nothing: always 404. The same card gives the same decision again."""
        raise Unanswerable(ProblemCode.PLAN_NOT_FOUND)

    return router


def _fit_routes(data: EngineData) -> APIRouter:
    router = APIRouter()

    @router.post("/fit", response_model=FitReport, summary="Does it fit?", tags=["Memory"])
    async def fit(asked: FitRequest, lang: Language = Lang.en) -> Response:
        """Memory a model needs in a runtime, against hardware or a capacity.

        Without either, the verdict is `unknown` and the needs are still given.
        """
        return answer(answer_fit(asked, data, data.rules[lang]))

    @router.post(
        "/evidence/validate",
        response_model=EvidenceCheck,
        summary="Check an experiment record",
        tags=["Evidence"],
    )
    async def validate_evidence(record: EvidenceRecord, lang: Language = Lang.en) -> Response:
        """What a nine-field record lacks and what is wrong with it; both are answers, no errors."""
        return answer(check_record(record, data.rules[lang].evidence.record))

    return router


def _lesson(card: ConstraintCard, data: EngineData) -> Response:
    if card.available_route.value not in data.lesson.goals:
        defect = Defect("/available_route", "ROUTE_NOT_IN_LESSON")
        raise Unanswerable(ProblemCode.ROUTE_NOT_IN_LESSON, defect)
    return tagged(lesson_json(card.model_dump(mode="json"), data.lesson).encode("ascii"))


def _service_routes(data: EngineData, today: Callable[[], date]) -> APIRouter:
    router = APIRouter(tags=["Service"])
    overlay = data.overlay.state if data.overlay else None

    @router.get("/healthz", response_model=Health, summary="Is the process alive?")
    async def healthz() -> Response:
        """As `/readyz`: data is read before the service listens, so one implies the other."""
        return await readyz()

    @router.get("/readyz", response_model=Health, summary="Is the data loaded?")
    async def readyz() -> Response:
        """Entries by list, and prices that are stale or expired today; old prices never unready."""
        return answer(Health(ready=True, counts=counted(data, today()), overlay=overlay))

    return router


def _describe(app: FastAPI, data: EngineData, *, closed: bool) -> None:
    @cache
    def written() -> bytes:
        return canonical(document(app.routes, data, closed=closed))

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return tagged(written())


def _bearer(token: str) -> Callable[[Request], Awaitable[None]]:
    expected = f"Bearer {token}".encode()

    async def check(request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not compare_digest(given.encode("utf-8", "surrogateescape"), expected):
            raise Unanswerable(ProblemCode.UNAUTHORIZED)

    return check
