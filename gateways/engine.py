"""The route engine over httpx: embedded by ASGI, or at a URL. The caller cannot tell which.

The engine may be down, slow, another version, or not an engine at all: whatever is not a decision
of the contract becomes `EngineUnavailable`, an invalid card `EngineRefusedCard`.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from bot.clock import Clock, SystemClock
from bot.errors import EngineRefusedCard, EngineUnavailable
from bot.ports import Suggestion
from engine.contract import (
    CompareResponse,
    ConstraintCard,
    DecisionCard,
    EvidenceCheck,
    EvidenceRecord,
    FitReport,
    FitRequest,
    HardwareItem,
    ModelItem,
    OfferItem,
    Page,
    Route,
    Wire,
)
from gateways import catalogue
from gateways.catalogue import Known, matching

PATIENCE = timedelta(seconds=8)
CHECK_PATIENCE = timedelta(seconds=2)
"""Somebody waits for the record that is checked."""

MAX_BYTES = 2_000_000
FRESH = timedelta(minutes=5)
"""How long a list of the catalogue is used before the engine is asked whether it still holds."""
GLANCE = timedelta(seconds=1)
"""How long that question may take: somebody is typing."""
_PAGE = {"limit": "200"}
_MOST_PAGES = 50
_Answer = TypeVar("_Answer", bound=Wire)
_LANG = {"en": "en", "zh_CN": "zh"}


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list of the catalogue as it was read, and when the engine was last asked for it."""

    known: Sequence[Known]
    etag: str
    asked_at: datetime


class HttpRouteEngine:
    """`RouteEngine` over one long-lived client whose base URL is the engine's."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock | None = None) -> None:
        self._client = client
        self._clock = clock or SystemClock()
        self._lists: dict[str, _Listed] = {}

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

    async def check(self, record: EvidenceRecord, lang: str) -> EvidenceCheck:
        """POST /v1/evidence/validate."""
        text = await self._post("/v1/evidence/validate", record, _in(lang), CHECK_PATIENCE)
        return _read(text, EvidenceCheck, "not_a_check")

    async def lesson(self, card: ConstraintCard) -> str:
        """POST /v1/plans?view=lesson: the lesson's own JSON text."""
        return await self._post("/v1/plans", card, {"view": "lesson"}, PATIENCE)

    async def models(self, query: str) -> Sequence[Suggestion]:
        """GET /v1/models, filtered here: the list is small and seldom changes."""
        return matching(await self._listed("/v1/models", Page[ModelItem], catalogue.model), query)

    async def hardware(self, query: str) -> Sequence[Suggestion]:
        """GET /v1/hardware, filtered here."""
        found = await self._listed("/v1/hardware", Page[HardwareItem], catalogue.gpu)
        return matching(found, query)

    async def providers(self) -> Sequence[str]:
        """GET /v1/offers: each of their providers."""
        found = await self._listed("/v1/offers", Page[OfferItem], catalogue.offer)
        return sorted({known.offered.value for known in found})

    async def items(self, path: str, shape: type[Page[_Answer]]) -> tuple[_Answer, ...]:
        """GET a list of the catalogue, all its pages; one without end is no catalogue."""
        return (await self._read_list(path, shape))[0]

    async def _listed(
        self, path: str, shape: type[Page[_Answer]], made: Callable[[_Answer], Known]
    ) -> Sequence[Known]:
        """A list as it was some minutes ago at most; an older one while the engine says nothing."""
        now, last = self._clock.now(), self._lists.get(path)
        if last is not None:
            if now - last.asked_at < FRESH:
                return last.known
            self._lists[path] = replace(last, asked_at=now)  # one asks, the others need not wait
        try:
            if last is not None and await self._is_as_it_was(path, last.etag):
                return last.known
            items, etag = await self._read_list(path, shape)
        except EngineUnavailable:
            if last is None:
                raise
            return last.known
        self._lists[path] = _Listed(tuple(map(made, items)), etag, now)
        return self._lists[path].known

    async def _is_as_it_was(self, path: str, etag: str) -> bool:
        """Whether the first page, which names the digest of all the data, has not changed."""
        headers = {"if-none-match": etag}
        answer = await self._request("GET", path, GLANCE, params=_PAGE, headers=headers)
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise EngineUnavailable(f"http_{answer.status_code}")
        return answer.status_code == httpx.codes.NOT_MODIFIED

    async def _read_list(
        self, path: str, shape: type[Page[_Answer]]
    ) -> tuple[tuple[_Answer, ...], str]:
        """All items, and the ETag of the first page."""
        found: tuple[_Answer, ...] = ()
        cursor: dict[str, str] = {}
        etag: str | None = None
        for _ in range(_MOST_PAGES):
            answer = await self._request("GET", path, PATIENCE, params={**_PAGE, **cursor})
            if not answer.is_success:
                raise EngineUnavailable(f"http_{answer.status_code}")
            etag = answer.headers.get("etag", "") if etag is None else etag
            page = _read(answer.text, shape, "not_a_catalogue")
            found += page.items
            if page.next is None:
                return found, etag
            cursor = {"cursor": page.next}
        raise EngineUnavailable("not_a_catalogue")

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
