"""The route engine over httpx: embedded by ASGI, or at a URL. The caller cannot tell which.

The engine may be down, slow, another version, or not an engine at all: whatever is not a decision
of the contract becomes `EngineUnavailable`, an invalid card `EngineRefusedCard`.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from bot.errors import EngineRefusedCard, EngineUnavailable
from bot.ports import Suggestion
from engine.contract import (
    CompareResponse,
    ConstraintCard,
    DecisionCard,
    FitReport,
    FitRequest,
    Page,
    Route,
    Wire,
)

PATIENCE = timedelta(seconds=8)
MAX_BYTES = 2_000_000
SUGGESTIONS = 20
_Answer = TypeVar("_Answer", bound=Wire)
_LANG = {"en": "en", "zh_CN": "zh"}


class HttpRouteEngine:
    """`RouteEngine` over one long-lived client whose base URL is the engine's."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._names: dict[str, Sequence[Suggestion]] = {}

    async def decide(
        self, card: ConstraintCard, lang: str, *, within: timedelta | None = None
    ) -> DecisionCard:
        """POST /v1/plans, the full view."""
        text = await self._post("/v1/plans", card, _in(lang), within or PATIENCE)
        return _read(text, DecisionCard, "not_a_decision")

    async def compare(
        self, card: ConstraintCard, lang: str, *, within: timedelta | None = None
    ) -> tuple[DecisionCard, ...]:
        """POST /v1/plans/compare: a decision for each route, or it is no comparison."""
        text = await self._post("/v1/plans/compare", card, _in(lang), within or PATIENCE)
        plans = _read(text, CompareResponse, "not_a_comparison").plans
        if [plan.route.route for plan in plans] != list(Route):
            raise EngineUnavailable("not_a_comparison")
        return plans

    async def fit(self, asked: FitRequest, lang: str) -> FitReport:
        """POST /v1/fit."""
        text = await self._post("/v1/fit", asked, _in(lang), PATIENCE)
        return _read(text, FitReport, "not_a_fit_report")

    async def lesson(self, card: ConstraintCard) -> str:
        """POST /v1/plans?view=lesson: the lesson's own JSON text."""
        return await self._post("/v1/plans", card, {"view": "lesson"}, PATIENCE)

    async def models(self, query: str) -> Sequence[Suggestion]:
        """GET /v1/models, filtered here: the list is small and does not change while we run."""
        return _matching(await self._list("/v1/models", "repo", "repo"), query)

    async def hardware(self, query: str) -> Sequence[Suggestion]:
        """GET /v1/hardware, filtered here."""
        return _matching(await self._list("/v1/hardware", "name", "gpu_id"), query)

    async def items(self, path: str, shape: type[Page[_Answer]]) -> tuple[_Answer, ...]:
        """GET a list of the catalogue, all its pages."""
        found: tuple[_Answer, ...] = ()
        cursor: dict[str, str] = {}
        while True:
            params = {"limit": "200", **cursor}
            answer = await self._request("GET", path, PATIENCE, params=params)
            if not answer.is_success:
                raise EngineUnavailable(f"http_{answer.status_code}")
            page = _read(answer.text, shape, "not_a_catalogue")
            found += page.items
            if page.next is None:
                return found
            cursor = {"cursor": page.next}

    async def ready(self) -> str:
        """The answer of /readyz in one word; never raises."""
        try:
            answer = await self._request("GET", "/readyz", timedelta(seconds=1))
        except EngineUnavailable as error:
            return error.reason
        return "ok" if answer.is_success else f"http_{answer.status_code}"

    async def _post(self, path: str, asked: Wire, params: dict[str, str], within: timedelta) -> str:
        body = asked.model_dump(mode="json")
        answer = await self._request("POST", path, within, params=params, json=body)
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise _refusal(answer)
        if not answer.is_success:
            raise EngineUnavailable(f"http_{answer.status_code}")
        return answer.text

    async def _list(self, path: str, text: str, value: str) -> Sequence[Suggestion]:
        if path not in self._names:
            answer = await self._request("GET", path, PATIENCE, params={"limit": "200"})
            try:
                items = answer.raise_for_status().json()["items"]
                found = tuple(Suggestion(str(i[text]), str(i[value])) for i in items)
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                raise EngineUnavailable("not_a_catalogue") from error
            self._names[path] = found
        return self._names[path]

    async def _request(
        self, method: str, path: str, within: timedelta, **arguments: Any
    ) -> httpx.Response:
        try:
            async with asyncio.timeout(within.total_seconds()):
                answer = await self._client.request(method, path, **arguments)
        except TimeoutError as error:
            raise EngineUnavailable("timeout") from error
        except httpx.HTTPError as error:
            raise EngineUnavailable(type(error).__name__) from error
        if len(answer.content) > MAX_BYTES:
            raise EngineUnavailable("too_large")
        return answer


def _in(lang: str) -> dict[str, str]:
    return {"lang": _LANG.get(lang, "en")}


def _read(text: str, shape: type[_Answer], otherwise: str) -> _Answer:
    """The answer in the contract's shape; without it the engine is unavailable for that reason."""
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        raise EngineUnavailable(otherwise) from error


def _matching(names: Sequence[Suggestion], query: str) -> Sequence[Suggestion]:
    words = query.lower().split()
    found = (n for n in names if all(w in n.text.lower() for w in words))
    return tuple(found)[:SUGGESTIONS]


def _refusal(answer: httpx.Response) -> EngineRefusedCard | EngineUnavailable:
    """The problem document's sentence and pointers; anything else is not an engine speaking."""
    try:
        problem = answer.json()
        errors = problem.get("errors") or ()
        fields = tuple(str(e["pointer"]).lstrip("/") for e in errors)
        detail = "; ".join(str(e["detail"]) for e in errors) or str(problem["detail"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return EngineUnavailable("not_a_problem_document")
    return EngineRefusedCard(detail[:500], fields)
