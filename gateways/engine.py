"""The route engine over httpx: embedded by ASGI, or at a URL. The caller cannot tell which.

The engine may be down, slow, another version, or not an engine at all: whatever is not a decision
of the contract becomes `EngineUnavailable`, an invalid card `EngineRefusedCard`.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
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
    EvidenceCheck,
    EvidenceRecord,
    FitReport,
    FitRequest,
    HardwareItem,
    ModelItem,
    Page,
    Route,
    Wire,
)

PATIENCE = timedelta(seconds=8)
CHECK_PATIENCE = timedelta(seconds=2)
"""Somebody waits for the record that is checked."""

MAX_BYTES = 2_000_000
SUGGESTIONS = 20
_MOST_PAGES = 50
_Answer = TypeVar("_Answer", bound=Wire)
_LANG = {"en": "en", "zh_CN": "zh"}


@dataclass(frozen=True, slots=True)
class _Known:
    """An entry of the catalogue: what is offered, and all the names it goes by, folded."""

    offered: Suggestion
    names: tuple[str, ...]


class HttpRouteEngine:
    """`RouteEngine` over one long-lived client whose base URL is the engine's."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._models: Sequence[_Known] = ()
        self._hardware: Sequence[_Known] = ()

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
        """GET /v1/models, filtered here: the list is small and does not change while we run."""
        if not self._models:
            self._models = tuple(map(_model, await self.items("/v1/models", Page[ModelItem])))
        return _matching(self._models, query)

    async def hardware(self, query: str) -> Sequence[Suggestion]:
        """GET /v1/hardware, filtered here."""
        if not self._hardware:
            self._hardware = tuple(map(_gpu, await self.items("/v1/hardware", Page[HardwareItem])))
        return _matching(self._hardware, query)

    async def items(self, path: str, shape: type[Page[_Answer]]) -> tuple[_Answer, ...]:
        """GET a list of the catalogue, all its pages; one without end is no catalogue."""
        found: tuple[_Answer, ...] = ()
        cursor: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            params = {"limit": "200", **cursor}
            answer = await self._request("GET", path, PATIENCE, params=params)
            if not answer.is_success:
                raise EngineUnavailable(f"http_{answer.status_code}")
            page = _read(answer.text, shape, "not_a_catalogue")
            found += page.items
            if page.next is None:
                return found
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


def _model(item: ModelItem) -> _Known:
    """`Qwen/Qwen3-8B · 8.2B · apache-2.0`."""
    size = f"{item.architecture.params_total / 10**9:.1f}B"
    offered = Suggestion(f"{item.repo} · {size} · {item.license_id}", item.repo)
    return _Known(offered, _folded(item.repo, item.family_id, size, item.license_id))


def _gpu(item: HardwareItem) -> _Known:
    """`L4 · 24 GB`; a name that ends with its memory does not say it twice."""
    memory = f"{item.nominal_gb} GB"
    text = item.name if item.name.endswith(memory) else f"{item.name} · {memory}"
    names = _folded(item.name, item.gpu_id, *item.aliases, memory)
    return _Known(Suggestion(text, item.gpu_id), names)


def _matching(known: Sequence[_Known], query: str) -> Sequence[Suggestion]:
    """Entries with a name that holds the query, or names that hold all its words; exact first."""
    (whole,) = _folded(query)
    words = [w for w in _folded(*query.split()) if w]
    found = [
        k
        for k in known
        if any(whole in n for n in k.names) or all(any(w in n for n in k.names) for w in words)
    ]
    found.sort(key=lambda k: whole not in k.names)
    return tuple(k.offered for k in found)[:SUGGESTIONS]


def _folded(*names: str) -> tuple[str, ...]:
    """`NVIDIA GeForce RTX 4090`, `RTX 4090` and `rtx-4090` are one name."""
    makers = r"\b(nvidia|geforce|tesla|quadro|amd|instinct)\b"
    return tuple(re.sub(r"[\W_]+", "", re.sub(makers, "", n.lower())) for n in names)


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
