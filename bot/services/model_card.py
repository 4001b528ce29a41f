"""The model card: read on the hub, shown to a person, kept as evidence once they confirm it."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.cards import model_card as cards
from bot.domain.evidence import Entry, Source
from bot.domain.hub import Found, Unreachable
from bot.domain.ids import ExperimentId
from bot.domain.model_card import ITEM, CardAnswer, ModelCard
from bot.domain.plans import TAKES_EVIDENCE, Experiment
from bot.domain.workspace import Actor
from bot.errors import WrongState
from bot.ports import ModelCards, ModelHub, Store
from bot.services.evidence import Change, ChangeEvidence, Checklist, attached
from bot.services.plans import FindPlan
from bot.services.shows import language_of_card

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was asked for, and what the hub said."""

    experiment: Experiment
    repo: str
    revision: str | None
    answer: CardAnswer


class LookUpModelCard:
    """Ask the hub about a repository. Any full member may; nothing is written."""

    def __init__(self, *, find: FindPlan, cards: ModelCards, hub: ModelHub) -> None:
        self._find = find
        self._cards = cards
        self._hub = hub

    async def taking(self, actor: Actor, experiment: ExperimentId) -> Experiment:
        """The experiment, if it still takes evidence; `NotMember`, `NotFound`, `WrongState`."""
        x = await self._find(actor, experiment)
        if x.state not in TAKES_EVIDENCE:
            raise WrongState(x.label, x.state.value)
        return x

    async def __call__(
        self, actor: Actor, experiment: ExperimentId, repo: str, revision: str | None
    ) -> Looked:
        """The card at the revision named, else at the one the decision runs, else the newest."""
        x = await self.taking(actor, experiment)
        revision = revision or cards.pinned(x, repo)
        answer = await self._cards.card(repo, revision)
        if isinstance(answer, Unreachable):
            log.warning("hub.unreachable", reason=answer.reason)
        if isinstance(answer, ModelCard):
            answer = await self._completed(answer)
        return Looked(x, repo, revision, answer)

    async def _completed(self, card: ModelCard) -> ModelCard:
        """Context length and size from the configuration, where the card has none."""
        if card.gated or (card.context_length and card.parameters):
            return card
        answer = await self._hub.facts(card.repo, card.revision)
        shape = answer.facts.architecture if isinstance(answer, Found) else None
        if shape is None:
            return card
        return replace(
            card,
            context_length=card.context_length or shape.native_context,
            parameters=card.parameters or shape.params_total,
        )


class KeepModelCard:
    """What a person has confirmed fills the item: read by owroute, vouched for by them."""

    def __init__(self, *, store: Store, find: FindPlan, change: ChangeEvidence) -> None:
        self._store = store
        self._find = find
        self._change = change

    async def __call__(
        self, actor: Actor, experiment: ExperimentId, card: ModelCard, delivery: str
    ) -> Experiment:
        """Keep repository, revision, licence and allowed use; the thread keeps a difference.

        Raises `NotMember`, `NotFound`, `WrongState`, `NoSuchItem`.
        """
        x = await self._find(actor, experiment)
        async with self._store(read_only=True) as uow:
            lang = await language_of_card(uow, x)

        def change(x: Experiment, have: Checklist, now: datetime) -> Change:
            item = next((e for e in have if e.item == ITEM), None)
            entry = Entry(
                key=f"hub:{delivery}",
                item=ITEM,
                source=Source.DERIVED,
                content=cards.content(x, card, item.content if item else {}, lang),
                at=now,
                by=actor.user,
                link=card.page,
            )
            made = attached(x, have, [entry], by=actor.user)
            return replace(
                made, words=lambda after, lang: cards.kept_note(after, card, actor.user, lang)
            )

        return await self._change(actor, actor.team, experiment, delivery, change)
