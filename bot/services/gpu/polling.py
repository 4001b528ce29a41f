"""Providers are asked for their machines, each account on its own beat.

The due row of an account is moved on before the provider is asked: a slow one holds up nobody, a
crash loses one listing and no beat. What fails is noted, and closes nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, Due, DueKind
from bot.domain.fleet import Listing, Problem, Provider, Scope
from bot.domain.ids import TeamId
from bot.domain.watch import Account
from bot.ports import Fleet, Store
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
        for listing in listings:
            try:
                if listing.instances or listing.complete:
                    await self._reconcile(team, listing, begun)
            except Exception:  # the guard of one listing: the next poll brings it again
                log.exception("fleet.not_reconciled", account=key, region=listing.scope.region)
                continue
            await self._note(team, listing)

    async def _forsaken(self, team: TeamId, key: str) -> None:
        """Without a key nobody sees what runs there: said where something did when it went."""
        unread = _unread(key, Problem.AUTH)
        scope = unread.scope
        async with self._store(read_only=True) as uow:
            known = await uow.gpus.of_account(team, scope.provider, scope.account)
        if any(run.is_live for run in known):
            await self._note(team, unread)

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

    async def _note(self, team: TeamId, listing: Listing) -> None:
        """How it went; runs are looked at anew when an account falls silent or speaks again."""
        now, scope = self._clock.now(), listing.scope
        async with self._store() as uow:
            before = await uow.watch.account(team, scope)
            after = _noted(before, listing, now)
            if after != before:
                after = await self._troubles.tell(uow, before, after, now)
                await uow.watch.put_account(after)
            if before.is_trouble != after.is_trouble:
                await look_at(uow, team, scope.provider, scope.account, now)
            if listing.retry_after is not None:
                wait = max(listing.retry_after, self._keep.rules.poll_every)
                await uow.due.arm(replace(poll_row_of(team, scope, now), due_at=now + wait))
            await uow.commit()
        if listing.problem is not None:
            log.warning(
                "fleet.not_listed",
                provider=scope.provider.value,
                region=scope.region,
                problem=listing.problem.value,
                failures=after.failures,
            )


def _unread(key: str, problem: Problem) -> Listing:
    """Nothing was said of an account, whose poll has this key."""
    provider, _, account = key.partition(":")[2].partition(":")
    return Listing(Scope(Provider(provider), account), problem=problem)


def _noted(account: Account, listing: Listing, now: datetime) -> Account:
    if listing.problem is None:
        return Account(account.team, account.scope, complete_at=now, may_stop=account.may_stop)
    same = account.problem is listing.problem
    return replace(
        account,
        problem=listing.problem,
        since=account.since if account.problem else now,
        failures=account.failures + 1,
        told=account.told and same,
    )
