"""Who is told that a provider cannot be read: the admins, each once, and once when it is over.

One message per account and problem, edited when other regions have it too. Owners never hear of it:
it says nothing about their machines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.cards import gpu_admin as cards
from bot.clock import Clock
from bot.domain.alerts import BREAKS_QUIET, quiet_until
from bot.domain.delivery import ClaimedDue, Due, DueKind
from bot.domain.fleet import Problem, Scope
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.money import over
from bot.domain.troubles import Trouble, alarming, by_account, troubles
from bot.domain.watch import Account, WatchRules, in_trouble
from bot.domain.workspace import Person
from bot.ports import Store, UnitOfWork
from bot.services.gpu.letters import edit_letter, post_letter, take_back


@dataclass(frozen=True, slots=True)
class _Told:
    """What one admin is told of one account's troubles that began at one time."""

    team: TeamId
    user: UserId
    name: str
    rows: Sequence[Account]
    began: int
    person: Person | None

    @property
    def place(self) -> ChannelId:
        """Where: a direct message."""
        return ChannelId(self.user)

    @property
    def lang(self) -> str:
        """In which language."""
        return self.person.language if self.person else "en"

    @property
    def now(self) -> list[Trouble]:
        """Those that still last."""
        return [t for t in troubles(self.rows) if _second(t.since) == self.began]

    def subject(self, problem: Problem) -> str:
        """The message of one problem."""
        return f"{self.name}:{self.began}:{problem.value}:{self.user}"


class TellTroubles:
    """Tells the admins, each when it is day for them, or when the night would cost too much."""

    def __init__(self, *, store: Store, clock: Clock, rules: WatchRules) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules

    async def tell(
        self,
        uow: UnitOfWork,
        before: Sequence[Account],
        after: Sequence[Account],
        now: datetime,
    ) -> Sequence[Account]:
        """Arm what admins should hear of one account; its rows with what was told noted."""
        old, new = troubles(before), troubles(after)
        known = alarming(after)
        is_over = bool(alarming(before)) and not known
        if not is_over and old == new and all(t.told for t in new):
            return after
        team, scope = after[0].team, after[0].scope
        began = min(_second(row.since) for row in known or alarming(before))
        admins = await uow.watch.admins(team)
        for user in admins:
            key = f"{_name(scope)}:{began}:{_second(now)}:{user}"
            await uow.due.add(Due(key=key, kind=DueKind.TELL_TROUBLE, team=team, due_at=now))
        told = {t.problem for t in new} if admins else set()
        return [row.noted() if row in known and row.problem in told else row for row in after]

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-read: what has changed since is not told; what was never told is not taken back."""
        now = self._clock.now()
        async with self._store() as uow:
            told = await _found(uow, row)
            until = await self._brought(uow, told, now) if told is not None else None
            if until is not None:
                await uow.due.defer(row, until)
            else:
                await uow.due.settle(row, now)
            await uow.commit()

    async def _brought(self, uow: UnitOfWork, told: _Told, now: datetime) -> datetime | None:
        """What stands is as things are; until when it waits, or None: it was told, or is over."""
        left = alarming(told.rows)
        if any(_second(row.since) == told.began for row in left):
            return await self._troubles(uow, told, now)
        return await self._over(uow, told, now, again=bool(left))

    async def _troubles(self, uow: UnitOfWork, told: _Told, now: datetime) -> datetime | None:
        """One message per problem that lasts; what it was before goes."""
        version, lasting = _second(now) - told.began, told.now
        fresh = []
        for trouble in lasting:
            subject = told.subject(trouble.problem)
            if not await _stands(uow, told.team, subject):
                fresh.append(trouble)
                continue
            card = cards.trouble_card(trouble, told.lang)
            await edit_letter(uow, told.team, told.place, subject, card, version, now)
        until = quiet_until(told.person, self._rules.quiet, now) if fresh else None
        if until is not None and not await self._wakes(uow, told, until, now):
            return until
        gone = set(Problem) - {t.problem for t in lasting} if lasting else set()
        for problem in sorted(gone):
            await take_back(uow, told.team, told.place, told.subject(problem), now)
        for trouble in fresh:
            card = cards.trouble_card(trouble, told.lang)
            subject = told.subject(trouble.problem)
            await post_letter(uow, told.team, told.place, subject, card, now)
        return None

    async def _over(
        self, uow: UnitOfWork, told: _Told, now: datetime, *, again: bool
    ) -> datetime | None:
        """Who was told hears of the end, in place of what was said; not where it is on `again`."""
        subjects = [told.subject(problem) for problem in Problem]
        known = [s for s in subjects if await uow.outbox.where(told.team, s) is not None]
        wanted = bool(known) and not again
        until = quiet_until(told.person, self._rules.quiet, now) if wanted else None
        if until is not None:
            return until
        if wanted:
            card = cards.recovered_card(told.rows, told.lang)
            subject = f"over:{told.name}:{told.began}:{told.user}"
            await post_letter(uow, told.team, told.place, subject, card, now)
        for subject in subjects:
            await take_back(uow, told.team, told.place, subject, now)
        return None

    async def _wakes(self, uow: UnitOfWork, told: _Told, until: datetime, now: datetime) -> bool:
        """Whether what runs there may cost too much until the night is over."""
        scope, left = told.rows[0].scope, alarming(told.rows)
        runs = await uow.gpus.of_account(told.team, scope.provider, scope.account)
        live = (run for run in runs if run.is_live and in_trouble(run.machine, left))
        prices = (run.price_per_hour or Decimal(0) for run in live)
        return over(sum(prices, Decimal(0)), until - now) > BREAKS_QUIET


async def _found(uow: UnitOfWork, row: ClaimedDue) -> _Told | None:
    """Whom a row is for, and how the account it names stands now."""
    name, began, _, user = row.due.key.rsplit(":", 3)
    known = by_account(await uow.watch.accounts(row.due.team))
    rows = next((mine for scope, mine in known.items() if _name(scope) == name), None)
    if rows is None:
        return None
    person = await uow.people.get(row.due.team, UserId(user))
    return _Told(row.due.team, UserId(user), name, rows, int(began), person)


async def _stands(uow: UnitOfWork, team: TeamId, subject: str) -> bool:
    """Whether it was posted, or will be."""
    posted = await uow.outbox.where(team, subject) is not None
    return posted or await uow.outbox.is_open(team, subject)


def _name(scope: Scope) -> str:
    return f"trouble:{scope.provider.value}:{scope.account}"


def _second(at: datetime | None) -> int:
    return int(at.timestamp()) if at is not None else 0
