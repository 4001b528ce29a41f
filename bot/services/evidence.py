"""Evidence, put down and judged: one path for people, for pasted captures and for machines."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.cards import evidence as cards
from bot.clock import Clock
from bot.domain.delivery import Message
from bot.domain.evidence import Entry, Evidence, EvidenceState, changed, progress
from bot.domain.evidence_fields import bares, lacks
from bot.domain.ids import ExperimentId, TeamId, UserId
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private
from bot.domain.workspace import Act, Actor
from bot.errors import ChangedMeanwhile, NoSuchItem, NotFound, NothingClaimed, NowPrivate
from bot.ports import Store, UnitOfWork
from bot.services.people import Rights
from bot.services.reminders import KeepReminders
from bot.services.shows import language_of_card, note, show_plan

log = structlog.get_logger(__name__)

TRIES = 5
"""So often a change is made again on what somebody else has just written; then it is given up."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an act makes of a checklist: the items that differ, and what the thread keeps of it.

    `action` is its name in the audit; `people` says that somebody has put something down, which
    starts a plan that says Go.
    """

    action: str
    items: Sequence[Evidence]
    words: Callable[[Experiment, str], Message]
    entries: Sequence[Entry] = ()
    people: bool = False


Checklist = tuple[Evidence, ...]

Also = Callable[[UnitOfWork, datetime], Awaitable[None]]
"""What belongs to the same transaction, e.g. a token's use; what it raises undoes the change."""


class ChangeEvidence:
    """Make a change to a checklist, with its entries, audit, card, history and reminder, in one go.

    Two people at the same moment are both heard: who comes second changes what the first has left.
    """

    def __init__(self, *, store: Store, clock: Clock, reminders: KeepReminders) -> None:
        self._store = store
        self._clock = clock
        self._reminders = reminders

    async def __call__(
        self,
        actor: Actor | None,
        team: TeamId,
        experiment: ExperimentId,
        delivery: str,
        change: Callable[[Experiment, Checklist, datetime], Change],
        also: Also | None = None,
    ) -> Experiment:
        """The experiment afterwards; the same delivery again changes nothing.

        Raises what `change` and `also` raise, `NotFound`, `WrongState`, `ChangedMeanwhile`.
        """
        for _ in range(TRIES):
            made = await self._tried(actor, team, experiment, delivery, change, also)
            if made is not None:
                return made
        raise ChangedMeanwhile(f"#{experiment}")

    async def _tried(
        self,
        actor: Actor | None,
        team: TeamId,
        experiment: ExperimentId,
        delivery: str,
        change: Callable[[Experiment, Checklist, datetime], Change],
        also: Also | None,
    ) -> Experiment | None:
        """One transaction; None when somebody else wrote the experiment in the meantime."""
        now = self._clock.now()
        async with self._store() as uow:
            x = await uow.plans.by_id(team, experiment)
            if x is None:
                raise NotFound(f"#{experiment}")
            if not await uow.inbound.first_time(delivery, now):
                return x
            if also is not None:
                await also(uow, now)
            have = await uow.evidence.of(x.id)
            made = change(x, have, now)
            items = changed(have, made.items)
            after = x.evidenced(open_items=progress(items).open, at=now, by_people=made.people)
            if not await uow.plans.save(after):
                return None
            for entry in made.entries:
                await uow.evidence.note(x.id, entry)
            await uow.evidence.replace(x.id, items)
            await show_plan(uow, after, now)
            await note(uow, after, made.words(after, await language_of_card(uow, after)), now)
            await self._reminders.after(uow, after, now)
            for item in made.items:
                before = next(e.state.value for e in have if e.item == item.item)
                subject = f"{x.label} {item.item}"
                await uow.audit.add(
                    actor, team, made.action, subject, now, before=before, after=item.state.value
                )
            await uow.commit()
        log.info(made.action, plan=x.label, items=[e.item for e in made.items])
        return after


class AttachEvidence:
    """Put something down for items of an experiment. Any full member may."""

    def __init__(self, *, change: ChangeEvidence, rights: Rights) -> None:
        self._change = change
        self._rights = rights

    async def __call__(
        self, actor: Actor, experiment: ExperimentId, entries: Sequence[Entry], delivery: str
    ) -> Experiment:
        """Keep the entries; what is captured stays a claim. Raises `NoSuchItem` for other items."""
        await self._rights.require_member(actor)
        return await self._change(
            actor,
            actor.team,
            experiment,
            delivery,
            lambda x, have, _: attached(x, have, entries, by=actor.user),
        )


def attached(
    x: Experiment, have: Checklist, entries: Sequence[Entry], *, by: UserId | None
) -> Change:
    """The change that new entries make; entries for items that are not asked for are left out.

    Raises `NoSuchItem` when none of them is for an item of this experiment, `NowPrivate` when they
    hold words that it must not keep.
    """
    by_item = {e.item: e for e in have if e.can_be_given}
    if is_private(x) and any(bares(e.item, e.content) for e in entries):
        raise NowPrivate(x.label)
    fitting = [completed(e, by_item[e.item], x) for e in entries if e.item in by_item]
    if not fitting:
        raise NoSuchItem(x.label)
    items = [by_item[e.item].with_entry(e) for e in fitting]
    return Change(
        "evidence.attached",
        items,
        lambda after, lang: cards.attached_note(after, items, by, lang),
        entries=fitting,
        people=True,
    )


def completed(entry: Entry, item: Evidence, x: Experiment) -> Entry:
    """The entry, marked as whole where with what is known already no field stays empty."""
    known = {**item.content, **entry.content}
    lacking = lacks(entry.item, known, private=is_private(x))
    return replace(entry, whole=entry.whole and not lacking)


class JudgeEvidence:
    """Accept, reject, assign: owner, lead, admin. Waive: lead and admin."""

    def __init__(self, *, store: Store, change: ChangeEvidence, rights: Rights) -> None:
        self._store = store
        self._change = change
        self._rights = rights

    async def may(self, actor: Actor, act: Act, x: Experiment) -> None:
        """Raise `NotAllowed` or `LeadOnly` before somebody is asked for a reason."""
        await self._rights.require(actor, act, x)

    async def accept(
        self, actor: Actor, experiment: ExperimentId, items: Sequence[str], delivery: str
    ) -> Experiment:
        """What was claimed for these items stands."""

        def change(x: Experiment, have: Checklist, now: datetime) -> Change:
            claims = [e for e in _named(x, have, items) if e.state is EvidenceState.CLAIMED]
            if not claims:
                raise NothingClaimed(x.label)
            accepted = [e.accepted(by=actor.user, at=now) for e in claims]
            return Change(
                "evidence.accepted",
                accepted,
                lambda after, lang: cards.accepted_note(after, accepted, actor.user, lang),
            )

        return await self._judge(Act.STEER, actor, experiment, delivery, change)

    async def reject(
        self, actor: Actor, experiment: ExperimentId, item: str, reason: str, delivery: str
    ) -> Experiment:
        """What was put down does not do; the reason is shown."""

        def change(x: Experiment, have: Checklist, now: datetime) -> Change:
            (found,) = _named(x, have, [item])
            rejected = found.rejected(reason, by=actor.user, at=now)
            return Change(
                "evidence.rejected",
                [rejected],
                lambda after, lang: cards.rejected_note(after, rejected, actor.user, lang),
            )

        return await self._judge(Act.STEER, actor, experiment, delivery, change)

    async def waive(
        self, actor: Actor, experiment: ExperimentId, item: str, reason: str, delivery: str
    ) -> Experiment:
        """Nobody needs to give the item any more; for the channel's lead or an admin."""

        def change(x: Experiment, have: Checklist, now: datetime) -> Change:
            (found,) = _named(x, have, [item])
            waived = found.waived(reason, by=actor.user, at=now)
            return Change(
                "evidence.waived",
                [waived],
                lambda after, lang: cards.waived_note(after, waived, actor.user, lang),
            )

        return await self._judge(Act.LEAD, actor, experiment, delivery, change)

    async def assign(
        self, actor: Actor, experiment: ExperimentId, item: str, to: UserId, delivery: str
    ) -> Experiment:
        """Somebody else is asked for the item from now on."""
        await self._rights.require_owner(actor.team, to)

        def change(x: Experiment, have: Checklist, now: datetime) -> Change:
            (found,) = _named(x, have, [item])
            assigned = found.assigned(to if to != x.owner else None)
            return Change(
                "evidence.assigned",
                [assigned],
                lambda after, lang: cards.assigned_note(after, assigned, to, actor.user, lang),
            )

        return await self._judge(Act.STEER, actor, experiment, delivery, change)

    async def _judge(
        self,
        act: Act,
        actor: Actor,
        experiment: ExperimentId,
        delivery: str,
        change: Callable[[Experiment, Checklist, datetime], Change],
    ) -> Experiment:
        async with self._store(read_only=True) as uow:
            x = await uow.plans.by_id(actor.team, experiment)
        if x is None:
            raise NotFound(f"#{experiment}")
        await self._rights.require(actor, act, x)
        return await self._change(actor, actor.team, experiment, delivery, change)


def _named(x: Experiment, have: Checklist, items: Sequence[str]) -> list[Evidence]:
    found = [e for e in have if e.item in items and e.can_be_given]
    if not found:
        raise NoSuchItem(x.label)
    return found
