"""Asking the engine and publishing what it decided. One path, fast and recovery."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.cards.decide import lora_items
from bot.cards.derived import derived
from bot.cards.history import difference, hub_note, together
from bot.cards.hub import explained
from bot.clock import Clock
from bot.crash import crash_point
from bot.domain.delivery import LEASE, ClaimedDue, Due, DueKind, Message
from bot.domain.evidence import Content, Entry, Evidence, progress
from bot.domain.plans import ARCHIVE_AFTER, ASK_AFTER, Conclusion, Experiment, State
from bot.domain.privacy import is_private
from bot.domain.replanning import (
    after_lora,
    derivations,
    doubted,
    reconciled,
    rederived,
    runs_elsewhere,
)
from bot.domain.sealing import sealed_entries, sealed_items
from bot.errors import EngineRefusedCard, EngineUnavailable
from bot.ports import RouteEngine, Store, UnitOfWork
from bot.services.facts import DecideCard, Decided
from bot.services.plans import publish_key
from bot.services.reminders import KeepReminders
from bot.services.shows import card_subject, language_of_card, note, record_subject, show_plan
from engine.contract import ConstraintCard, DecisionCard

log = structlog.get_logger(__name__)

RETRY_AT_MOST = timedelta(minutes=5)
"""The longest wait between two questions to an engine that is down."""


@dataclass(frozen=True, slots=True)
class Question:
    """What goes to the engine: the submitted card with what only the bot knows filled in."""

    x: Experiment
    card: ConstraintCard
    lang: str


class PublishPlan:
    """Decide an experiment's newest card, save the decision and its evidence, queue the card."""

    def __init__(
        self, *, store: Store, decide: DecideCard, clock: Clock, reminders: KeepReminders
    ) -> None:
        self._store = store
        self._decide = decide
        self._clock = clock
        self._reminders = reminders

    async def now(self, x: Experiment) -> None:
        """The fast path: take the due row as the tick would, unless somebody has it already."""
        async with self._store() as uow:
            row = await uow.due.claim_key(publish_key(x), self._clock.now(), LEASE)
            await uow.commit()
        if row is not None:
            await self(row)

    async def __call__(self, row: ClaimedDue) -> None:
        """Carry out a claimed row. No transaction is open while engine and hub are asked."""
        crash_point("publish.after_claim")
        question = await self._question(row)
        if question is None:
            return
        try:
            decided = await self._decide(question.card, question.lang)
        except EngineUnavailable as error:
            log.warning("plan.engine_unavailable", plan=question.x.label, reason=error.reason)
            await self._wait(row, question.x)
            return
        except EngineRefusedCard as error:
            log.warning("plan.engine_refused_card", plan=question.x.label, fields=error.fields)
            await self._save_problem(row, question.x, error)
            return
        crash_point("publish.after_decide")
        await self._save(row, question, decided)

    async def _question(self, row: ClaimedDue) -> Question | None:
        async with self._store() as uow:
            x = await uow.plans.by_id(row.due.team, row.due.experiment)
            if x is None or not x.is_deciding or x.latest.number != row.due.revision:
                await uow.due.settle(row, self._clock.now())  # decided or re-planned since
                await uow.commit()
                return None
            card = await filled_in(uow, x, self._clock.now())
            lang = await language_of_card(uow, x)
        return Question(x, card, lang)

    async def _save(self, row: ClaimedDue, question: Question, decided: Decided) -> None:
        now, decision = self._clock.now(), decided.decision
        decision = explained(decision, question.card, decided.said, question.lang)
        x = question.x.decided(decision, at=now, facts=decided.facts)
        known = derived(x, decision, question.lang, now)
        async with self._store() as uow:
            have = await _kept(uow, x)
            before = derivations(await uow.evidence.entries(x.id))
            items = _checklist(question, have, before, decision, known, now)
            x = x.with_open(progress(items).open)
            if not (await uow.due.settle(row, now) and await uow.plans.save(x)):
                return  # the lease ran out or somebody changed the plan: the row comes again
            for entry in known:
                await uow.evidence.note(x.id, entry)
            await uow.evidence.replace(x.id, items)
            await show_plan(uow, x, now)
            if said := _history(question, x, decided):
                await note(uow, x, together(said), now)
            await _arm(uow, x, now)
            await self._reminders.after(uow, x, now)
            await uow.audit.add(None, x.team, "plan.decided", x.label, now, after=decision.status)
            crash_point("publish.before_commit")
            await uow.commit()
        crash_point("publish.after_commit")
        log.info("plan.decided", plan=x.label, status=decision.status, revision=x.latest.number)

    async def _save_problem(self, row: ClaimedDue, x: Experiment, error: EngineRefusedCard) -> None:
        now = self._clock.now()
        x = x.undecidable(error.problem, at=now)
        async with self._store() as uow:
            if not (await uow.due.settle(row, now) and await uow.plans.save(x)):
                return
            if is_private(x):
                await uow.evidence.replace(x.id, await _kept(uow, x))
            await show_plan(uow, x, now)
            await _arm(uow, x, now)
            await uow.commit()

    async def _wait(self, row: ClaimedDue, x: Experiment) -> None:
        """Tell the person once that the card is saved, and come back later."""
        now = self._clock.now()
        pause = min(timedelta(seconds=10) * 2 ** min(row.attempts - 1, 5), RETRY_AT_MOST)
        async with self._store() as uow:
            if not await uow.due.defer(row, now + pause):
                return
            shown = await uow.outbox.where(x.team, card_subject(x))
            if shown is None or shown.version < x.version:
                await show_plan(uow, x, now)
            await uow.commit()


async def _kept(uow: UnitOfWork, x: Experiment) -> tuple[Evidence, ...]:
    """The checklist; once data are guarded, what was kept before of their words is sealed."""
    if not is_private(x):
        return await uow.evidence.of(x.id)
    await uow.evidence.seal(x.id, sealed_entries(await uow.evidence.entries(x.id)))
    await uow.outbox.drop_files(x.team, card_subject(x), subjects=record_subject(x))
    return sealed_items(await uow.evidence.of(x.id))


def _checklist(
    question: Question,
    have: Sequence[Evidence],
    before: Mapping[str, Content],
    decision: DecisionCard,
    known: Sequence[Entry],
    now: datetime,
) -> tuple[Evidence, ...]:
    """What the decision asks for, and what LoRA does, filled in with what owroute knows.

    `before` is what it knew by the decision that this one replaces.
    """
    asked = reconciled(have, decision.evidence, now)
    if question.x.conclusion is Conclusion.LORA:
        asked = after_lora(asked, now, lora_items(question.lang))
    if runs_elsewhere(question.x.decision, decision):
        asked = doubted(asked, now)
    return rederived(asked, known, before, now)


def _history(question: Question, x: Experiment, decided: Decided) -> list[Message]:
    """What the thread keeps of a decision: how it differs, and why the hub was no help."""
    before, said = question.x.current, []
    if before is not None and before.decision is not None:
        said.append(difference(x, before.card, before.decision, question.lang))
    if decided.said is not None:
        said.append(hub_note(question.card, decided.said, question.lang))
    return said


async def _arm(uow: UnitOfWork, x: Experiment, now: datetime) -> None:
    """A plan that nobody starts is asked about, and archives itself: rows for this revision."""
    if x.state not in (State.PLANNED, State.REFUSED):
        return
    if x.waits_since() is not None:
        asked = Due(
            key=f"not_started:{x.id}:{x.latest.number}", kind=DueKind.NOT_STARTED, team=x.team,
            subject=x.id, due_at=now + ASK_AFTER, revision=x.latest.number,
        )  # fmt: skip
        await uow.due.add(asked)
    archive = Due(
        key=f"archive_plan:{x.id}:{x.latest.number}", kind=DueKind.ARCHIVE_PLAN, team=x.team,
        subject=x.id, due_at=now + ARCHIVE_AFTER, revision=x.latest.number,
    )  # fmt: skip
    await uow.due.add(archive)


async def filled_in(uow: UnitOfWork, x: Experiment, now: datetime) -> ConstraintCard:
    """The newest card with what only the bot knows: the machine's name and today."""
    owner = await uow.people.get(x.team, x.owner)
    name = machine_name(x, owner.name if owner else "")
    return x.latest.card.model_copy(update={"machine_name": name, "as_of": now.date()})


def machine_name(x: Experiment, owner_name: str) -> str:
    """The name a rented machine gets, `ow-12-ada`: the join between a bill and an experiment."""
    who = re.sub(r"[^a-z0-9]+", "-", owner_name.lower()).strip("-") or x.owner.lower()
    return f"{x.label.lower()}-{who}"[:40].rstrip("-")


class AskStanding:
    """How an unfinished card stands, if the engine says so at once."""

    def __init__(self, *, engine: RouteEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def __call__(self, card: ConstraintCard, lang: str) -> DecisionCard | None:
        """The decision, or None when it takes longer than 300 ms: no line is better than a wait."""
        card = card.model_copy(update={"as_of": self._clock.now().date()})
        try:
            return await self._engine.decide(card, lang, within=timedelta(milliseconds=300))
        except (EngineUnavailable, EngineRefusedCard):
            return None
