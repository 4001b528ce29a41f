"""Evidence judged: accepted, rejected, waived, and asked of somebody else."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.cards import evidence as cards
from bot.domain.evidence import Entry, Evidence
from bot.domain.ids import ExperimentId, UserId
from bot.domain.plans import Experiment
from bot.domain.seen import seen_as
from bot.domain.vouched import vouched
from bot.domain.workspace import Act, Actor
from bot.errors import (
    AlreadySettled,
    NoSuchItem,
    NothingClaimed,
    NotRejectable,
    NotWhatWasSeen,
)
from bot.ports import UnitOfWork
from bot.services.evidence import Also, Change, ChangeEvidence, Checklist
from bot.services.people import Rights
from bot.services.plans import FindPlan


class JudgeEvidence:
    """Accept, reject, assign: owner, lead, admin. Waive: lead and admin."""

    def __init__(self, *, find: FindPlan, change: ChangeEvidence, rights: Rights) -> None:
        self._find = find
        self._change = change
        self._rights = rights

    async def may(self, actor: Actor, act: Act, x: Experiment) -> None:
        """Raise `NotAllowed` or `LeadOnly` before somebody is asked for a reason."""
        await self._rights.require(actor, act, x)

    async def accept(
        self,
        actor: Actor,
        experiment: ExperimentId,
        items: Sequence[str],
        delivery: str,
        *,
        seen: str,
    ) -> Experiment:
        """What was claimed for these items stands; `seen` is `seen_as` of those claims.

        Raises `NothingClaimed`, and `NotWhatWasSeen` when they are others by now.
        """

        def change(x: Experiment, have: Checklist, now: datetime) -> Change:
            claims = [e for e in have if e.item in items and e.waits]
            if not claims:
                raise NothingClaimed(x.label)
            if seen_as(claims) != seen:
                raise NotWhatWasSeen(x.label)
            accepted = [e.accepted(by=actor.user, at=now) for e in claims]
            return Change(
                "evidence.accepted",
                accepted,
                lambda after, lang: cards.accepted_note(after, accepted, actor.user, lang),
            )

        return await self._judge(Act.STEER, actor, experiment, delivery, change)

    async def reject(
        self,
        actor: Actor,
        experiment: ExperimentId,
        item: str,
        reason: str,
        delivery: str,
        *,
        seen: str,
    ) -> Experiment:
        """What was put down does not do; the reason is shown. `seen` is `seen_as` of the item.

        Raises `NotRejectable`, and `NotWhatWasSeen` when it is something else by now.
        """

        def change(x: Experiment, have: Checklist, now: datetime) -> Change:
            (found,) = _named(x, have, [item])
            if not found.can_be_rejected:
                raise NotRejectable(x.label)
            if seen_as([found]) != seen:
                raise NotWhatWasSeen(x.label)
            rejected, newer = found.rejected(reason, by=actor.user, at=now), bool(found.newer)
            return Change(
                "evidence.rejected",
                [rejected],
                lambda after, lang: cards.rejected_note(
                    after, rejected, reason, actor.user, lang, newer=newer
                ),
            )

        return await self._judge(Act.STEER, actor, experiment, delivery, change)

    async def waive(
        self, actor: Actor, experiment: ExperimentId, item: str, reason: str, delivery: str
    ) -> Experiment:
        """Nobody needs to give the item any more; for the channel's lead or an admin.

        What owroute or a person has put down for a part of it stays. Raises `AlreadySettled`
        where nobody needs to anyway.
        """
        entries: list[Entry] = []

        async def look(uow: UnitOfWork, now: datetime) -> None:
            entries[:] = await uow.evidence.entries(experiment)

        def change(x: Experiment, have: Checklist, now: datetime) -> Change:
            (found,) = _named(x, have, [item])
            if found.settled:
                raise AlreadySettled(x.label)
            waived = found.waived(reason, by=actor.user, at=now, left=vouched(found, entries))
            return Change(
                "evidence.waived",
                [waived],
                lambda after, lang: cards.waived_note(after, waived, actor.user, lang),
            )

        return await self._judge(Act.LEAD, actor, experiment, delivery, change, look)

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
                audited=lambda e: e.assignee or x.owner,
            )

        return await self._judge(Act.STEER, actor, experiment, delivery, change)

    async def _judge(
        self,
        act: Act,
        actor: Actor,
        experiment: ExperimentId,
        delivery: str,
        change: Callable[[Experiment, Checklist, datetime], Change],
        look: Also | None = None,
    ) -> Experiment:
        await self._find.to_do(actor, act, experiment)
        return await self._change(actor, actor.team, experiment, delivery, change, look)


def _named(x: Experiment, have: Checklist, items: Sequence[str]) -> list[Evidence]:
    found = [e for e in have if e.item in items and e.can_be_given]
    if not found:
        raise NoSuchItem(x.label)
    return found
