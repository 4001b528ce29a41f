"""Providers are asked for their machines, each account on its own beat.

The due row of an account is moved on before the provider is asked: a slow one holds up nobody, a
crash loses one listing and no beat. What fails is noted, and closes nothing.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, Due, DueKind
from bot.domain.fleet import Listing, Problem, Provider, Scope
from bot.domain.ids import TeamId
from bot.domain.troubles import by_account, polled
from bot.domain.watch import Account
from bot.ports import Fleet, Store, UnitOfWork
from bot.services.background import Background
from bot.services.gpu.holding import look_at
from bot.services.gpu.reconciling import Reconcile
from bot.services.gpu.troubles import TellTroubles
from bot.services.gpu.watch import KeepWatch

log = structlog.get_logger(__name__)

LISTING_SECONDS = 65.0
"""A whole listing takes 60 s at most; this is the last guard."""


def poll_key(fleet: Fleet) -> str:
    """The name of an account's beat."""
    return f"fleet_poll:{fleet.provider.value}:{fleet.account}"


def poll_row(team: TeamId, fleet: Fleet, now: datetime) -> Due:
    """The row that an account's polls hang on, for ever."""
    return poll_row_of(team, Scope(fleet.provider, fleet.account), now)


def poll_row_of(team: TeamId, scope: Scope, now: datetime) -> Due:
    """The same by what its listings are about."""
    key = f"fleet_poll:{scope.provider.value}:{scope.account}"
    return Due(key=key, kind=DueKind.POLL_FLEET, team=team, due_at=now)


class PollFleet:
    """List one account and bring its runs in line."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        fleets: Sequence[Fleet],
        reconcile: Reconcile,
        keep: KeepWatch,
        troubles: TellTroubles,
        background: Background,
    ) -> None:
        self._store = store
        self._clock = clock
        self._fleets = {poll_key(fleet): fleet for fleet in fleets}
        self._reconcile = reconcile
        self._keep = keep
        self._troubles = troubles
        self._background = background
        self._asked: set[str] = set()
        self._met: set[str] = set()

    async def __call__(self, row: ClaimedDue) -> None:
        """Move the row to the next beat, then ask beside the tick."""
        now, team = self._clock.now(), row.due.team
        fleet = self._fleets.get(row.due.key)
        async with self._store() as uow:
            await uow.due.defer(row, now + self._keep.rules.poll_every)
            await uow.commit()
        if fleet is None:  # its key is gone from the settings, and may come back
            await self._forsaken(team, row.due.key)
            return
        if row.due.key not in self._asked:
            self._asked.add(row.due.key)
            self._background(row.due.key, lambda: self.now(team, fleet))

    async def now(self, team: TeamId, fleet: Fleet) -> None:
        """Ask at once. One listing that cannot be worked in holds up no other."""
        key, begun = poll_key(fleet), self._clock.now()
        try:
            async with asyncio.timeout(LISTING_SECONDS):
                listings = await fleet.listings()
        except TimeoutError:
            listings = (_unread(key, Problem.NETWORK),)
        finally:
            self._asked.discard(key)
        if key not in self._met:
            await self._meet(team, fleet)
        skipped = set()
        for listing in listings:
            try:
                if listing.instances or listing.complete:
                    await self._reconcile(team, listing, begun)
            except Exception:  # the guard of one listing: the next poll brings it again
                log.exception("fleet.not_reconciled", account=key, region=listing.scope.region)
                skipped.add(listing.scope.region)
        heard = [one for one in listings if one.scope.region not in skipped]
        await self._note(team, Scope(fleet.provider, fleet.account), heard, skipped)

    async def _forsaken(self, team: TeamId, key: str) -> None:
        """Without a key nobody sees what runs there: said where something did when it went."""
        unread = _unread(key, Problem.AUTH)
        scope = unread.scope
        async with self._store(read_only=True) as uow:
            live = await self._live(uow, team, scope)
        if live:
            await self._note(team, scope, [unread])

    async def _live(self, uow: UnitOfWork, team: TeamId, scope: Scope) -> set[str]:
        """Regions of an account in which something runs, as far as is known."""
        runs = await uow.gpus.of_account(team, scope.provider, scope.account)
        return {run.machine.region for run in runs if run.is_live}

    async def _meet(self, team: TeamId, fleet: Fleet) -> None:
        """A new process may have a new key: what the old one might not do is forgotten."""
        now = self._clock.now()
        async with self._store() as uow:
            for run in await uow.gpus.of_account(team, fleet.provider, fleet.account):
                if not run.may_stop:
                    await self._keep.keep(uow, run, run.changed(now, may_stop=True), now)
            for account in await uow.watch.accounts(team):
                ours = (account.scope.provider, account.scope.account)
                if ours == (fleet.provider, fleet.account) and account.may_stop is False:
                    await uow.watch.put_account(replace(account, may_stop=None))
            await uow.commit()
        self._met.add(poll_key(fleet))

    async def _note(
        self,
        team: TeamId,
        scope: Scope,
        listings: Sequence[Listing],
        skipped: Collection[str] = (),
    ) -> None:
        """How it went; runs are looked at anew when an account falls silent or speaks again."""
        now = self._clock.now()
        async with self._store() as uow:
            before = by_account(await uow.watch.accounts(team)).get(scope, ())
            refused = any(one.problem is Problem.AUTH for one in listings)
            live = await self._live(uow, team, scope) if refused else ()
            after = polled(team, before, listings, now, live=live, untouched=skipped)
            if after:
                after = list(await self._troubles.tell(uow, before, after, now))
            for row in after:
                if row not in before:
                    await uow.watch.put_account(row)
            if _silent(before) != _silent(after):
                await look_at(uow, team, scope.provider, scope.account, now)
            wishes = [one.retry_after for one in listings if one.retry_after is not None]
            if wishes:
                wait = max(*wishes, self._keep.rules.poll_every)
                await uow.due.arm(poll_row_of(team, scope, now + wait))
            await uow.commit()
        _log(scope, listings)


def _log(scope: Scope, listings: Sequence[Listing]) -> None:
    for listing in listings:
        if listing.problem is not None:
            log.warning(
                "fleet.not_listed",
                provider=scope.provider.value,
                region=listing.scope.region,
                problem=listing.problem.value,
            )


def _silent(rows: Sequence[Account]) -> set[Scope]:
    return {row.scope for row in rows if row.is_trouble}


def _unread(key: str, problem: Problem) -> Listing:
    """Nothing was said of an account, whose poll has this key."""
    provider, _, account = key.partition(":")[2].partition(":")
    return Listing(Scope(Provider(provider), account), problem=problem)
