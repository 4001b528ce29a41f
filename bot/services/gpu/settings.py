"""The workspace's settings of the GPU watch: an admin's, and what a change brings with it."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cards import workspace as cards
from bot.clock import Clock
from bot.domain.delivery import Op, Outgoing
from bot.domain.ids import TeamId
from bot.domain.watch import Budget, BudgetScope, MonthlyCap, Watching, monthly
from bot.domain.workspace import Actor, Person
from bot.ports import Store, UnitOfWork
from bot.services.gpu.holding import look_again
from bot.services.people import Rights

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenWatch:
    """The settings before an admin."""

    watching: Watching
    cap: MonthlyCap
    person: Person


class ChangeWatch:
    """Change what holds for the GPUs of a workspace."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights

    async def look(self, actor: Actor) -> OpenWatch:
        """The settings, for an admin; else `AdminOnly`."""
        person = await self._rights.require_admin(actor)
        async with self._store(read_only=True) as uow:
            watching = await uow.watch.settings(actor.team)
            return OpenWatch(watching, await _cap(uow, actor.team), person)

    async def __call__(
        self, actor: Actor, wanted: Watching, cap: MonthlyCap, delivery: str
    ) -> Watching:
        """Save, and say so in the ops channel; the same again changes nothing.

        Hold is not touched, whoever changes it meanwhile. Raises `AdminOnly`.
        """
        now, opened = self._clock.now(), await self.look(actor)
        async with self._store() as uow:
            known = await uow.watch.taken(actor.team)
            before = known, await _cap(uow, actor.team)
            after = known.settled(wanted), cap
            if not await uow.inbound.first_time(delivery, now) or after == before:
                return known
            await self._save(uow, actor, before, after, now)
            await _announce(uow, opened.person, before, after, delivery, now)
            changes = cards.changes(before, after, "en")
            await uow.audit.add(
                actor,
                actor.team,
                "workspace.settings",
                actor.team,
                now,
                before="; ".join(f"{name}={old}" for name, old, _ in changes),
                after="; ".join(f"{name}={new}" for name, _, new in changes),
            )
            await uow.commit()
        log.info("workspace.settings", changed=[name for name, _, _ in changes])
        return after[0]

    async def _save(
        self,
        uow: UnitOfWork,
        actor: Actor,
        before: cards.Settled,
        after: cards.Settled,
        now: datetime,
    ) -> None:
        watching, cap = after
        await uow.watch.put(watching)
        if cap != before[1]:
            scope = BudgetScope.WORKSPACE
            budget = Budget(actor.team, scope, "", cap.cap, cap.stops, actor.user, now)
            await uow.watch.put_budget(budget)
        if watching.default_stop != before[0].default_stop:
            await look_again(uow, actor.team, now)


async def _cap(uow: UnitOfWork, team: TeamId) -> MonthlyCap:
    return monthly(await uow.watch.budgets(team), BudgetScope.WORKSPACE, "")


async def _announce(
    uow: UnitOfWork,
    person: Person,
    before: cards.Settled,
    after: cards.Settled,
    delivery: str,
    now: datetime,
) -> None:
    """In the ops channel, the new one where it was changed; without one the audit has it."""
    ops = after[0].ops or before[0].ops
    if ops is None:
        return
    lang = (await uow.channels.get(person.team, ops)).language or person.language
    out = Outgoing(
        key=f"post:{delivery}",
        team=person.team,
        channel=ops,
        op=Op.POST,
        subject=delivery,
        message=cards.changed_note(person.user, before, after, lang),
        fallback=person.user,
    )
    await uow.outbox.add(out, now)
