"""The shared route engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from engine.contract import (
    ConstraintCard,
    DecisionCard,
    EvidenceCheck,
    EvidenceRecord,
    FitReport,
    FitRequest,
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of a typeahead: what people read and what the card gets."""

    text: str
    value: str


class RouteEngine(Protocol):
    """The shared route engine, embedded or by URL: the caller cannot tell.

    Every method raises `EngineUnavailable` when it is down, slow or answers rubbish, and
    `EngineRefusedCard` when it finds the card invalid. `lang` is `en` or `zh_CN`.
    """

    async def decide(
        self, card: ConstraintCard, lang: str, *, within: timedelta | None = None
    ) -> DecisionCard:
        """The decision for a card; `within` shortens the usual time limit."""
        ...

    async def compare(
        self, card: ConstraintCard, lang: str, *, within: timedelta | None = None
    ) -> tuple[DecisionCard, ...]:
        """The decisions for the card on each of the five routes, in the order of `Route`."""
        ...

    async def fit(self, asked: FitRequest, lang: str) -> FitReport:
        """Whether a model fits in memory; `EngineRefusedCard` names what is wrong with `asked`."""
        ...

    async def check(self, record: EvidenceRecord, lang: str) -> EvidenceCheck:
        """What the nine fields of an experiment record lack, and what is wrong with them."""
        ...

    async def lesson(self, card: ConstraintCard) -> str:
        """The lesson's own JSON text for the card's first six fields."""
        ...

    async def models(self, query: str) -> Sequence[Suggestion]:
        """Catalogue models by name, family, size or licence, at most 20; exact names first."""
        ...

    async def hardware(self, query: str) -> Sequence[Suggestion]:
        """Known GPUs by any name drivers and providers give them, at most 20; exact ones first."""
        ...

    async def providers(self) -> Sequence[str]:
        """Whose machines the engine knows prices of, each provider once, in order."""
        ...

    async def ready(self) -> str:
        """One line on how the engine is, for the readiness body; never raises."""
        ...
