"""An experiment's life after its decision: started, dropped, handed over, archived."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cards import history as cards
from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, Message, Op, Outgoing
from bot.domain.ids import ExperimentId, UserId
from bot.domain.plans import ARCHIVE_AFTER, ASK_AFTER, Experiment, State
from bot.domain.workspace import Act, Actor
from bot.errors import ChangedMeanwhile
from bot.ports import Store, UnitOfWork
from bot.services.people import Rights
from bot.services.plans import FindPlan
from bot.services.reminders import KeepReminders
from bot.services.shows import card_subject, language_of_card, note, show_plan

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What a person can do to an experiment: its name in the audit, the change, the words of it."""

    action: str
    change: Callable[[Experiment, datetime], Experiment]
    words: Callable[[Experiment, UserId, str], Message]


START = Step("plan.started", lambda x, at: x.started(at=at), cards.started_note)
DROP = Step("plan.dropped", lambda x, at: x.dropped(at=at), cards.dropped_note)
ARCHIVE = Step("plan.archived", lambda x, at: x.archived(at=at), cards.archived_note)


def _owned_by(owner: UserId) -> Step:
    return Step("plan.owner_changed", lambda x, at: x.owned_by(owner, at=at), cards.owner_note)


class SteerPlan:
    """Change an experiment on behalf of a person: right, change, audit and card in one place."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        find: FindPlan,
        rights: Rights,
        reminders: KeepReminders,
    ) -> None:
        self._store = store
        self._clock = clock
        self._find = find
        self._rights = rights
        self._reminders = reminders

    async def start(self, actor: Actor, experiment: ExperimentId, delivery: str) -> Experiment:
        """*GPU started* or *I'm running it*: the run begins, and with it the reminders."""
        return await self._take(START, actor, experiment, delivery)

    async def begin(
        self, uow: UnitOfWork, actor: Actor, x: Experiment, now: datetime
    ) -> Experiment:
        """The same within a transaction of the caller, who has asked for the right."""
        return await self._step(uow, START, actor, x, now)

    async def drop(self, actor: Actor, experiment: ExperimentId, delivery: str) -> Experiment:
        """The plan will not be run."""
        return await self._take(DROP, actor, experiment, delivery)

    async def archive(self, actor: Actor, experiment: ExperimentId, delivery: str) -> Experiment:
        """Out of sight; the record stays."""
        return await self._take(ARCHIVE, actor, experiment, delivery)

    async def hand_over(
        self, actor: Actor, experiment: ExperimentId, owner: UserId, delivery: str
    ) -> Experiment:
        """Somebody else owns the experiment from now on, and is told by mention."""
        await self._rights.require_owner(actor.team, owner)
        return await self._take(_owned_by(owner), actor, experiment, delivery)

    async def _take(
        self, step: Step, actor: Actor, experiment: ExperimentId, delivery: str
    ) -> Experiment:
        now = self._clock.now()
        x = await self._find.to_do(actor, Act.STEER, experiment)
        async with self._store() as uow:
            if not await uow.inbound.first_time(delivery, now):
                return x
            changed = await self._step(uow, step, actor, x, now)
            await uow.commit()
        log.info(step.action, plan=x.label)
        return changed

    async def _step(
        self, uow: UnitOfWork, step: Step, actor: Actor, x: Experiment, now: datetime
    ) -> Experiment:
        changed = step.change(x, now)
        if not await uow.plans.save(changed):
            raise ChangedMeanwhile(x.label)
        await show_plan(uow, changed, now)
        uow.homes.changed(x.team, now, users=[x.owner])
        lang = await language_of_card(uow, changed)
        await note(uow, changed, step.words(changed, actor.user, lang), now)
        await self._reminders.after(uow, changed, now)
        handed = changed.owner != x.owner
        before, after = (e.owner if handed else e.state.value for e in (x, changed))
        await uow.audit.add(actor, x.team, step.action, x.label, now, before=before, after=after)
        return changed


class AskNotStarted:
    """Ask once, three days after its last change, whether a plan will be run.

    Every decided revision has its row; the question's own key keeps it to one per experiment.
    """

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-check first: settle silently what waits no longer, defer what changed since."""
        now = self._clock.now()
        async with self._store() as uow:
            x = await uow.plans.by_id(row.due.team, row.due.experiment)
            since = x.waits_since() if x and x.latest.number == row.due.revision else None
            if since is not None and now < since + ASK_AFTER:
                await uow.due.defer(row, since + ASK_AFTER)
                await uow.commit()
                return
            if x is not None and since is not None and await _burns(uow, x):
                await uow.due.defer(row, now + ASK_AFTER)
                await uow.commit()
                return
            if not await uow.due.settle(row, now):
                return
            if x is not None and since is not None:
                question = cards.not_started_question(x, await language_of_card(uow, x))
                await uow.outbox.add(_question(x, question), now)
            await uow.commit()


async def _burns(uow: UnitOfWork, x: Experiment) -> bool:
    """Whether its GPU runs: then its owner is asked about that, and not whether it is run."""
    return any(run.is_live for run in await uow.gpus.of_experiments([x.id]))


def _question(x: Experiment, message: Message) -> Outgoing:
    subject = f"not_started:{x.id}"
    return Outgoing(
        key=f"post:{subject}",
        team=x.team,
        channel=x.channel,
        op=Op.POST,
        subject=subject,
        message=message,
        thread=card_subject(x),
    )


class ArchiveStale:
    """Archive a plan that nobody started within fourteen days of its last decision."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-check first; a plan that was touched meanwhile gets its time again."""
        now = self._clock.now()
        async with self._store() as uow:
            x = await uow.plans.by_id(row.due.team, row.due.experiment)
            waits = x is not None and x.state in (State.PLANNED, State.REFUSED)
            if x is not None and waits and now < x.changed_at + ARCHIVE_AFTER:
                await uow.due.defer(row, x.changed_at + ARCHIVE_AFTER)
                await uow.commit()
                return
            if x is not None and waits and await _burns(uow, x):
                await uow.due.defer(row, now + ASK_AFTER)
                await uow.commit()
                return
            if not await uow.due.settle(row, now):
                return
            if x is not None and waits and x.latest.number == row.due.revision:
                archived = x.archived(at=now)
                if not await uow.plans.save(archived):
                    return
                await show_plan(uow, archived, now)
                words = cards.archived_note(archived, None, await language_of_card(uow, archived))
                await note(uow, archived, words, now)
                await uow.audit.add(None, x.team, "plan.archived", x.label, now)
            await uow.commit()
