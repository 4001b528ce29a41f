"""The workspace's settings: an admin's, and what a change brings with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cards import workspace as cards
from bot.cards import workspace_prices as price_cards
from bot.cards.gpu_say import PROVIDERS
from bot.cards.workspace import Settled
from bot.clock import Clock
from bot.domain.audit import differing
from bot.domain.delivery import Message, Op, Outgoing
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.watch import Budget, BudgetScope, SetPrice, gpu_key, monthly
from bot.domain.workspace import Actor, Person
from bot.errors_settings import AdminGone, LastAdmin
from bot.ports import Store, UnitOfWork
from bot.services.gpu.holding import look_again
from bot.services.people import FOR_RIGHTS, Rights

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenWorkspace:
    """The settings before an admin."""

    held: Settled
    person: Person


class ChangeWorkspace:
    """Change what holds in a workspace."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights

    async def look(self, actor: Actor) -> OpenWorkspace:
        """The settings, for an admin; else `AdminOnly`."""
        person = await self._rights.require_admin(actor)
        async with self._store(read_only=True) as uow:
            return OpenWorkspace(await _settled(uow, actor.team), person)

    async def prices(self, actor: Actor) -> price_cards.Prices:
        """What is set for GPUs without a price, and what runs without one; else `AdminOnly`."""
        await self._rights.require_admin(actor)
        async with self._store(read_only=True) as uow:
            held = await uow.watch.prices(actor.team)
            runs = await uow.gpus.watched(actor.team)
        kinds = {
            (run.machine.provider, gpu_key(run.gpu)): run.gpu
            for run in runs
            if run.gpu and run.price_per_hour is None and run.machine.provider in PROVIDERS
        }
        set_ = {price.key for price in held}
        lacking = [(kind[0], gpu) for kind, gpu in sorted(kinds.items()) if kind not in set_]
        return price_cards.Prices(held, lacking)

    async def __call__(
        self, actor: Actor, edit: Mapping[str, str], delivery: str
    ) -> tuple[Settled, Settled]:
        """Make an edit, and say so in the ops channel; the same again changes nothing.

        Returns what held before and what holds now. What somebody else saved meanwhile stays, save
        for the fields of the edit; hold is a switch of its own. Raises `AdminOnly`, `AdminGone`,
        `LastAdmin`, and `CannotCheck` where Slack does not say who somebody is.
        """
        now, opened = self._clock.now(), await self.look(actor)
        wanted = cards.applied(opened.held, edit)
        for user in sorted(set(wanted.admins) - set(opened.held.admins)):
            await self._may_administer(actor.team, user)
        async with self._store() as uow:
            await uow.watch.taken(actor.team)
            before = await _settled(uow, actor.team)
            after = cards.applied(before, edit)
            if not await uow.inbound.first_time(delivery, now) or after == before:
                return before, before
            await self._save(uow, actor, before, after, now)
            found = cards.changes(before, after, "en")
            if found:
                lang = await _language(uow, opened.person, before, after)
                note = cards.changed_note(opened.person.user, before, after, lang)
                await _announce(uow, opened.person, before, after, note, delivery, now)
            old, new = differing(cards.typed(before), cards.typed(after), cards.READ_AS_ONE)
            team = actor.team
            await uow.audit.add(actor, team, "workspace.settings", team, now, before=old, after=new)
            await uow.commit()
        self._rights.know.forget(actor.team, *before.admins, *after.admins)
        log.info("workspace.settings", changed=[name for name, _, _ in found])
        return before, after

    async def price(self, actor: Actor, price: SetPrice, delivery: str) -> None:
        """Set, change or remove (zero) the price of a kind of GPU. Raises `AdminOnly`."""
        now, opened = self._clock.now(), await self.look(actor)
        async with self._store() as uow:
            await uow.watch.taken(actor.team)
            known = {p.key: p for p in await uow.watch.prices(actor.team)}.get(price.key)
            unchanged = price.price == (known.price if known else 0)
            if not await uow.inbound.first_time(delivery, now) or unchanged:
                return
            mine = SetPrice(price.provider, price.gpu, price.price, actor.user, now)
            await uow.watch.put_price(actor.team, mine)
            held = opened.held
            lang = await _language(uow, opened.person, held, held)
            note = price_cards.price_note(actor.user, known, mine, lang)
            await _announce(uow, opened.person, held, held, note, delivery, now)
            old, new = (format(p.price, "f") if p and p.price else "" for p in (known, mine))
            subject = f"{price.provider.value} {price.gpu}"
            await uow.audit.add(
                actor, actor.team, "workspace.price", subject, now, before=old, after=new
            )
            await uow.commit()
        log.info("workspace.price", provider=price.provider.value)

    async def _may_administer(self, team: TeamId, user: UserId) -> None:
        person = await self._rights.know.surely(team, user, FOR_RIGHTS)
        if person is None or not person.is_full_member:
            raise AdminGone

    async def _save(
        self, uow: UnitOfWork, actor: Actor, before: Settled, after: Settled, now: datetime
    ) -> None:
        await uow.watch.put(after.watching)
        if after.watching.ops != before.watching.ops:
            await uow.digests.look_again(actor.team, None)
        if after.admins != before.admins:
            await uow.people.name(actor.team, after.admins)
            if not await uow.watch.admins(actor.team):
                raise LastAdmin
            concerned = {*before.admins} ^ {*after.admins}
            uow.homes.changed(actor.team, now, users=concerned)
        if after.cap != before.cap:
            scope, cap = BudgetScope.WORKSPACE, after.cap
            budget = Budget(actor.team, scope, "", cap.cap, cap.stops, actor.user, now)
            await uow.watch.put_budget(budget)
        if after.watching.default_stop != before.watching.default_stop:
            await look_again(uow, actor.team, now)


async def _settled(uow: UnitOfWork, team: TeamId) -> Settled:
    cap = monthly(await uow.watch.budgets(team), BudgetScope.WORKSPACE, "")
    return Settled(await uow.watch.settings(team), cap, tuple(await uow.people.named(team)))


def _ops(before: Settled, after: Settled) -> ChannelId | None:
    """The ops channel, the new one where it was changed; without one the audit has it."""
    return after.watching.ops or before.watching.ops


async def _language(uow: UnitOfWork, person: Person, before: Settled, after: Settled) -> str:
    ops = _ops(before, after)
    own = (await uow.channels.get(person.team, ops)).language if ops else None
    return own or person.language


async def _announce(
    uow: UnitOfWork,
    person: Person,
    before: Settled,
    after: Settled,
    note: Message,
    delivery: str,
    now: datetime,
) -> None:
    ops = _ops(before, after)
    if ops is None:
        return
    out = Outgoing(
        key=f"post:{delivery}",
        team=person.team,
        channel=ops,
        op=Op.POST,
        subject=delivery,
        message=note,
        fallback=person.user,
    )
    await uow.outbox.add(out, now)
