"""Evidence, put down and judged: one path for people, for pasted captures and for machines."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.cards import evidence as cards
from bot.clock import Clock
from bot.domain.captured import BASELINE, is_baseline
from bot.domain.delivery import Message
from bot.domain.evidence import Entry, Evidence, changed, progress
from bot.domain.evidence_fields import bares, lacks
from bot.domain.ids import ExperimentId, TeamId, UserId
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private
from bot.domain.workspace import Actor
from bot.errors import (
    ChangedMeanwhile,
    NoSuchItem,
    NowPrivate,
)
from bot.ports import Store, UnitOfWork
from bot.services.people import Rights
from bot.services.plans import existing
from bot.services.reminders import KeepReminders
from bot.services.shows import language_of_card, note, show_plan

log = structlog.get_logger(__name__)

TRIES = 5
"""So often a change is made again on what somebody else has just written; then it is given up."""


def _state(item: Evidence) -> str:
    return item.state.value


@dataclass(frozen=True, slots=True)
class Change:
    """What an act makes of a checklist: the items that differ, and what the thread keeps of it.

    `action` is its name in the audit, which keeps what is `audited` of an item before and after.
    `people` says that somebody has put something down, which starts a plan that says Go.
    """

    action: str
    items: Sequence[Evidence]
    words: Callable[[Experiment, str], Message]
    entries: Sequence[Entry] = ()
    people: bool = False
    audited: Callable[[Evidence], str] = _state


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
            x = await existing(uow, team, experiment)
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
            uow.homes.changed(team, now, users=[e.assignee for e in have])
            await note(uow, after, made.words(after, await language_of_card(uow, after)), now)
            await self._reminders.after(uow, after, now)
            for item in made.items:
                before = next(made.audited(e) for e in have if e.item == item.item)
                what, then = f"{x.label} {item.item}", made.audited(item)
                await uow.audit.add(actor, team, made.action, what, now, before=before, after=then)
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
        lambda after, lang: cards.attached_note(after, items, by, lang, entries=fitting),
        entries=fitting,
        people=True,
    )


def completed(entry: Entry, item: Evidence, x: Experiment) -> Entry:
    """The entry, marked as whole where with what stays below it no field is empty.

    A table of cases must be a baseline, whoever gives it.
    """
    known = {**item.basis(entry), **entry.content}
    lacking = lacks(entry.item, known, private=is_private(x))
    short = entry.item == BASELINE and not is_baseline(known)
    return replace(entry, whole=entry.whole and not lacking and not short)
