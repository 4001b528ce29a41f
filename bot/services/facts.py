"""The engine's decision, with facts from the model hub where the engine lacks them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import structlog

from bot.domain.hub import NO_FACTS, Facts, Found, HubAnswer, Lack, Refusal, Unreachable
from bot.errors import EngineRefusedCard, EngineUnavailable
from bot.ports import ModelHub, RouteEngine
from engine.contract import ConflictCode, ConstraintCard, DecisionCard

log = structlog.get_logger(__name__)

_OPEN_WHILE: Mapping[Lack, ConflictCode] = {
    Lack.GATED: ConflictCode.ARCH_UNSUPPORTED,
    Lack.CONFIG: ConflictCode.ARCH_UNSUPPORTED,
    Lack.COUNT: ConflictCode.ARCH_UNSUPPORTED,
    Lack.ATTENTION: ConflictCode.ARCH_UNSUPPORTED,
    Lack.LICENCE: ConflictCode.LICENSE_UNKNOWN,
    Lack.LICENCE_ID: ConflictCode.LICENSE_UNKNOWN,
    Lack.REVISION: ConflictCode.REVISION_NOT_PINNED,
}
"""A fact that nobody asks for is not missed."""

_UNUSABLE: Mapping[str, Lack] = {
    "architecture": Lack.CONFIG,
    "license_id": Lack.LICENCE_ID,
    "revision": Lack.REVISION,
}
"""What is wanting when the engine does not accept a fact of the hub."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, the facts that were put on its card, and what the hub said if it was no help."""

    decision: DecisionCard
    facts: Facts = NO_FACTS
    said: HubAnswer | None = None


class DecideCard:
    """Ask the engine; of a model outside its catalogue, ask the hub and then the engine again.

    Nothing is written: asked twice, it is the same answer or a newer one. Raises as
    `RouteEngine.decide` does, but never for what the hub said.
    """

    def __init__(self, *, engine: RouteEngine, hub: ModelHub) -> None:
        self._engine = engine
        self._hub = hub

    async def __call__(self, card: ConstraintCard, lang: str) -> Decided:
        """The decision for a card; the hub is given 5 s at most."""
        decision = await self._engine.decide(card, lang)
        if card.model_repo is None or not await self._is_unknown(card, decision):
            return Decided(decision)
        answer = await self._hub.facts(card.model_repo, card.revision)
        if isinstance(answer, Unreachable):
            log.warning("hub.unreachable", reason=answer.reason)
        if answer is Refusal.PRIVATE:
            log.warning("hub.unreachable", reason="not_public")
        if not isinstance(answer, Found):
            return Decided(decision, said=answer)
        while answer.facts != NO_FACTS:
            try:
                better = await self._engine.decide(answer.facts.on(card), lang)
            except EngineRefusedCard as error:
                log.warning("hub.facts_refused", fields=error.fields)
                answer = _without(answer, error.fields)
            else:
                return Decided(better, answer.facts, _still_lacking(answer, better))
        return Decided(decision, said=_still_lacking(answer, decision))

    async def _is_unknown(self, card: ConstraintCard, decision: DecisionCard) -> bool:
        """Whether facts are wanting that neither the card nor the reviewed catalogue has."""
        if card.architecture is not None or _spoken(decision).isdisjoint(_OPEN_WHILE.values()):
            return False
        try:
            reviewed = await self._engine.models(card.model_repo or "")
        except EngineUnavailable as error:
            log.warning("engine.models_unavailable", reason=error.reason)
            return True
        return card.model_repo not in {model.value for model in reviewed}


def _without(found: Found, pointers: Iterable[str]) -> Found:
    """What was found less the facts that these pointers name; all of them where they name none."""
    given = [name for name in _UNUSABLE if getattr(found.facts, name) is not None]
    named = {pointer.partition("/")[0] for pointer in pointers}
    dropped = [name for name in given if name in named] or given
    facts = replace(found.facts, **dict.fromkeys(dropped))
    lacks = [a for a in found.lacks if facts.architecture or a is not Lack.ATTENTION]
    return Found(facts, tuple(dict.fromkeys([*(_UNUSABLE[name] for name in dropped), *lacks])))


def _still_lacking(found: Found, decision: DecisionCard) -> Found | None:
    spoken = _spoken(decision)
    lacks = tuple(lack for lack in found.lacks if _OPEN_WHILE[lack] in spoken)
    return replace(found, lacks=lacks) if lacks else None


def _spoken(decision: DecisionCard) -> frozenset[ConflictCode]:
    return frozenset(conflict.code for conflict in (*decision.conflicts, *decision.warnings))
