"""Who is told that a provider cannot be read: the admins, each once, and once when it is over.

Owners never hear of it: it says nothing about their machines.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import structlog

from bot.cards import gpu_admin as cards
from bot.clock import Clock
from bot.domain.alerts import BREAKS_QUIET, quiet_until
from bot.domain.delivery import ClaimedDue, Due, DueKind
from bot.domain.fleet import Problem
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.money import over
from bot.domain.watch import Account, WatchRules
from bot.domain.workspace import Person
from bot.ports import Store, UnitOfWork
from bot.services.gpu.letters import post_letter, take_back

log = structlog.get_logger(__name__)

OVER = "over:"
"""What a row begins with that tells of the end of a trouble."""


class TellTroubles:
    """Tells the admins, each when it is day for them, or when the night would cost too much."""

    def __init__(self, *, store: Store, clock: Clock, rules: WatchRules) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules

    async def tell(
        self, uow: UnitOfWork, before: Account, after: Account, now: datetime
    ) -> Account:
        """Arm what they should hear; the account with what was told noted."""
        admins = await uow.watch.admins(after.team)
        if before.is_trouble and not after.is_trouble:
            await _arm(uow, after.team, [f"{OVER}{_name(before, u)}" for u in admins], now)
        if not after.wants_telling or not admins:
            return after
        await _arm(uow, after.team, [_name(after, user) for user in admins], now)
        return after.noted()

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-read: what has changed since is not told; what was never told is not taken back."""
        now, user = self._clock.now(), UserId(row.due.key.rpartition(":")[2])
        async with self._store() as uow:
            person = await uow.people.get(row.due.team, user)
            known = await uow.watch.accounts(row.due.team)
            if row.due.key.startswith(OVER):
                account = next((a for a in known if _is_of(row.due.key, a)), None)
                told = await self._over(uow, row, account, person, now)
            else:
                account = next((a for a in known if _name(a, user) == row.due.key), None)
                told = await self._trouble(uow, row, account, person, now)
            if told is not None:
                await uow.due.defer(row, told)
            else:
                await uow.due.settle(row, now)
            await uow.commit()

    async def _trouble(
        self,
        uow: UnitOfWork,
        row: ClaimedDue,
        account: Account | None,
        person: Person | None,
        now: datetime,
    ) -> datetime | None:
        """Until when it waits; None: it was told, or is over."""
        if account is None or not account.is_trouble:
            return None
        until = quiet_until(person, self._rules.quiet, now)
        if until is not None and not await self._wakes(uow, account, until, now):
            return until
        place = ChannelId(row.due.key.rpartition(":")[2])
        for other in _others(row.due.key):  # what it was before
            await take_back(uow, row.due.team, place, other, now)
        card = cards.trouble_card(account, person.language if person else "en")
        await post_letter(uow, row.due.team, place, row.due.key, card, now)
        return None

    async def _over(
        self,
        uow: UnitOfWork,
        row: ClaimedDue,
        account: Account | None,
        person: Person | None,
        now: datetime,
    ) -> datetime | None:
        """Who was told hears that it is over, in place of what was said."""
        if account is None or account.is_trouble:
            return None
        team, place = row.due.team, ChannelId(row.due.key.rpartition(":")[2])
        said = row.due.key.removeprefix(OVER)
        known = [s for s in (said, *_others(said)) if await uow.outbox.where(team, s) is not None]
        until = quiet_until(person, self._rules.quiet, now) if known else None
        if until is not None:
            return until
        if known:
            card = cards.recovered_card(account, person.language if person else "en")
            await post_letter(uow, team, place, row.due.key, card, now)
        for subject in (said, *_others(said)):
            await take_back(uow, team, place, subject, now)
        return None

    async def _wakes(
        self, uow: UnitOfWork, account: Account, until: datetime, now: datetime
    ) -> bool:
        """Whether what runs there may cost too much until the night is over."""
        scope = account.scope
        runs = await uow.gpus.of_account(account.team, scope.provider, scope.account)
        prices = (r.price_per_hour or Decimal(0) for r in runs if r.is_live)
        return over(sum(prices, Decimal(0)), until - now) > BREAKS_QUIET


async def _arm(uow: UnitOfWork, team: TeamId, keys: Iterable[str], now: datetime) -> None:
    for key in keys:
        await uow.due.add(Due(key=key, kind=DueKind.TELL_TROUBLE, team=team, due_at=now))


def _scope(account: Account) -> str:
    scope = account.scope
    return f"trouble:{scope.provider.value}:{scope.account}:{scope.region}:"


def _name(account: Account, user: UserId) -> str:
    """One trouble as one admin is told of it: where, since when, what."""
    since = int(account.since.timestamp()) if account.since else 0
    problem = account.problem.value if account.problem else ""
    return f"{_scope(account)}{since}:{problem}:{user}"


def _is_of(key: str, account: Account) -> bool:
    return key.startswith(f"{OVER}{_scope(account)}")


def _others(key: str) -> list[str]:
    """The same trouble with another problem."""
    head, problem, user = key.rsplit(":", 2)
    return [f"{head}:{p.value}:{user}" for p in Problem if p.value != problem]
