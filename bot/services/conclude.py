"""The end of an experiment: what somebody decided about it, once the evidence allows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cards import decide as cards
from bot.clock import Clock
from bot.domain.evidence import Evidence, progress
from bot.domain.gate import barred
from bot.domain.ids import ExperimentId
from bot.domain.plans import GATED, TAKES_EVIDENCE, Conclusion, Experiment
from bot.domain.replanning import after_lora
from bot.domain.workspace import Act, Actor
from bot.errors import (
    ChangedMeanwhile,
    DecidedMeanwhile,
    NotDecidable,
    NotRun,
    StillDeciding,
    WrongState,
)
from bot.ports import Store, UnitOfWork
from bot.services.people import Rights
from bot.services.plans import existing
from bot.services.reminders import KeepReminders
from bot.services.shows import language_of_card, note, show_plan

log = structlog.get_logger(__name__)

TRIES = 5
"""So often a decision is made again on what somebody else has just written."""


@dataclass(frozen=True, slots=True)
class Decidable:
    """An experiment that can be decided, with the checklist that the gate looks at."""

    x: Experiment
    items: Sequence[Evidence]


class DecidePlan:
    """Decide an experiment: owner, lead, admin. *Stop* always; *keep* and *LoRA* by the gate."""

    def __init__(
        self, *, store: Store, clock: Clock, rights: Rights, reminders: KeepReminders
    ) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._reminders = reminders

    async def look(self, actor: Actor, experiment: ExperimentId) -> Decidable:
        """What is there to decide on. Raises `NotFound`, `NotAllowed`, `WrongState`."""
        async with self._store(read_only=True) as uow:
            x = await existing(uow, actor.team, experiment)
            items = await uow.evidence.of(x.id)
        await self._rights.require(actor, Act.STEER, x)
        if x.state not in TAKES_EVIDENCE:
            raise WrongState(x.label, x.state.value)
        return Decidable(x, items)

    async def __call__(
        self,
        actor: Actor,
        experiment: ExperimentId,
        conclusion: Conclusion,
        delivery: str,
        *,
        seen: Conclusion | None = None,
    ) -> Experiment:
        """The experiment afterwards; the same delivery again changes nothing.

        `seen` is what was decided when the person looked. Raises `NotDecidable` where the gate
        bars it, `DecidedMeanwhile` when somebody else was first, and what `look` raises.
        """
        await self.look(actor, experiment)
        for _ in range(TRIES):
            made = await self._tried(actor, experiment, conclusion, delivery, seen)
            if made is not None:
                return made
        raise ChangedMeanwhile(f"#{experiment}")

    async def _tried(
        self,
        actor: Actor,
        experiment: ExperimentId,
        conclusion: Conclusion,
        delivery: str,
        seen: Conclusion | None,
    ) -> Experiment | None:
        """One transaction; None when somebody else wrote the experiment in the meantime."""
        now = self._clock.now()
        async with self._store() as uow:
            x = await existing(uow, actor.team, experiment)
            if not await uow.inbound.first_time(delivery, now):
                return x
            have = await uow.evidence.of(x.id)
            lead = (await uow.channels.get(x.team, x.channel)).lead
            _may_be(conclusion, x, have, seen, led=lead is not None)
            after = x.concluded(conclusion, by=actor.user, at=now)
            items = await _asked_for(uow, after, have, now)
            after = after.with_open(progress(items).open)
            if not await uow.plans.save(after):
                return None
            await uow.evidence.replace(x.id, items)
            await self._tell(uow, after, actor, now, before=x.conclusion)
            await uow.commit()
        log.info("plan.concluded", plan=x.label, conclusion=conclusion.value)
        return after

    async def _tell(
        self,
        uow: UnitOfWork,
        x: Experiment,
        actor: Actor,
        now: datetime,
        before: Conclusion | None,
    ) -> None:
        """Card, history, reminder and audit of a decision."""
        await show_plan(uow, x, now)
        words = cards.concluded_note(x, actor.user, await language_of_card(uow, x))
        await note(uow, x, words, now)
        await self._reminders.after(uow, x, now)
        after = x.conclusion.value if x.conclusion else ""
        await uow.audit.add(
            actor, x.team, "plan.concluded", x.label, now, before=before or "", after=after
        )


def _may_be(
    conclusion: Conclusion,
    x: Experiment,
    have: Sequence[Evidence],
    seen: Conclusion | None,
    *,
    led: bool,
) -> None:
    """Raise unless the gate and what the person saw allow the conclusion."""
    if x.conclusion is not seen:
        raise DecidedMeanwhile(x.label, x.conclusion.value if x.conclusion else "")
    if conclusion in GATED and x.state in TAKES_EVIDENCE:
        if not x.has_run:
            raise NotRun(x.label)
        if x.is_deciding:
            raise StillDeciding(x.label)
    bar = barred(conclusion, have)
    if bar is not None:
        raise NotDecidable(x.label, bar.missing, bar.no_failures, led=led)


async def _asked_for(
    uow: UnitOfWork, x: Experiment, have: Sequence[Evidence], now: datetime
) -> tuple[Evidence, ...]:
    """The checklist: after LoRA it asks for the evaluation before and after, and the adapter."""
    if x.conclusion is not Conclusion.LORA:
        return tuple(have)
    return after_lora(have, now, cards.lora_items(await language_of_card(uow, x)))
