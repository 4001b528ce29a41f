"""Budgets are watched: at 50, 80 and 100 per cent who answers for them is told, once per period.

Nothing is remembered but the marks that were told: a look that is repeated, late or doubled tells
nothing twice, and what a night held back is told by the first look of the morning.
"""

from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import structlog

from bot.cards.gpu_admin import budget_card
from bot.cards.gpu_unpriced import unpriced_card
from bot.clock import Clock
from bot.domain.alerts import AlertKind, quiet_until
from bot.domain.budgets import SPENT, Limit, Saying, over_budget, sayings
from bot.domain.delivery import ClaimedDue, Due, DueKind, digest_of
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.moments import is_waited_for
from bot.domain.personal import Mute
from bot.domain.watch import MARKS, Budget, BudgetScope, mark_key
from bot.domain.workspace import Person
from bot.ports import Store, UnitOfWork
from bot.services.gpu.ending import EndGpu
from bot.services.gpu.letters import post_letter, take_back
from bot.services.gpu.limits import FindLimits
from bot.services.gpu.readers import FindReaders, places
from bot.services.gpu.telling import TellRun
from bot.services.gpu.watch import KeepWatch

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=5)

UNPRICED = "unpriced"


def budgets_row(team: TeamId, now: datetime) -> Due:
    """The row that a workspace's looks at its budgets hang on, for ever."""
    return Due(key=f"budgets:{team}", kind=DueKind.WATCH_BUDGETS, team=team, due_at=now)


class WatchBudgets:
    """One look at all budgets of a workspace."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        keep: KeepWatch,
        tell: TellRun,
        readers: FindReaders,
        end: EndGpu,
    ) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep
        self._tell = tell
        self._readers = readers
        self._end = end
        self._limits = FindLimits()

    async def __call__(self, row: ClaimedDue) -> None:
        """Tell what is new, end what is to be ended, and move the row on.

        What was told before is known with one query; one thing that fails keeps back no other.
        """
        now, team = self._clock.now(), row.due.team
        async with self._store(read_only=True) as uow:
            limits = await self._limits(uow, team, now)
            admins = await uow.watch.admins(team)
            answering = await _answering(uow, team, limits)
            due = [s for x in limits for s in sayings(x, answering[x.budget] or admins)]
            odd = {user: _unpriced(limits, user) for user in admins}
            marks = [s.mark for s in due] + [mark for of in odd.values() for mark in of]
            told = await uow.watch.told(marks)
        for saying in due:
            if saying.mark not in told:
                await self._guarded(saying.limit.budget.subject, self._said(saying, now))
        for user, runs in odd.items():
            new = [run for mark, run in runs.items() if mark not in told]
            if new:
                await self._guarded(UNPRICED, self._no_price(team, user, new, now))
        async with self._store() as uow:
            await uow.due.defer(row, now + EVERY)
            await uow.commit()

    async def _guarded(self, subject: str, said: Awaitable[None]) -> None:
        try:
            await said
        except Exception:  # a guard per cap: the next look tries this one again
            log.exception("gpu.budget_failed", subject=subject)

    def _waits(self, person: Person | None, now: datetime) -> bool:
        """Whether somebody sleeps, or wants to hear only of what is spent."""
        if person is not None and not person.hears(Mute.GPUS):
            return True
        return quiet_until(person, self._keep.rules.quiet, now) is not None

    async def _said(self, saying: Saying, now: datetime) -> None:
        if saying.user is not None:
            await self._told(saying, saying.user, now)
        if saying.run is not None:
            await self._spent(saying, saying.run, now)

    async def _told(self, saying: Saying, user: UserId, now: datetime) -> None:
        """Once per period, cap and mark; at night only that it is spent."""
        limit, budget = saying.limit, saying.limit.budget
        reached = limit.reached
        async with self._store() as uow:
            person = await uow.people.get(budget.team, user)
            if reached < SPENT and self._waits(person, now):
                return
            marks = [m for m in MARKS if m <= reached]
            new = [await uow.watch.mark(budget, saying.period, m, now) for m in marks]
            if not new[-1] or not await self._say(uow, limit, user, person, reached, now):
                return
            await uow.commit()
        log.info("gpu.budget_told", scope=budget.scope.value, mark=reached)

    async def _say(
        self,
        uow: UnitOfWork,
        limit: Limit,
        user: UserId,
        person: Person | None,
        reached: int,
        now: datetime,
    ) -> bool:
        """On the card of the newest run, or by itself; False where nothing runs that has a card."""
        budget, place = limit.budget, ChannelId(user)
        if limit.is_of_runs:
            newest = next(iter(limit.live), None)
            run = await uow.gpus.taken(budget.team, newest.id) if newest else None
            if run is None:
                return False
            key = _key(limit, reached)
            await self._tell.alert(uow, run, AlertKind.BUDGET, place, key, now, number=reached)
            return True
        lang = person.language if person else "en"
        card = budget_card(budget, limit.spent, reached, limit.label, lang)
        for lower in (m for m in MARKS if m < reached):  # one stands
            await take_back(uow, budget.team, place, f"{_key(limit, lower)}:{user}", now)
        subject = f"{_key(limit, reached)}:{user}"
        await post_letter(uow, budget.team, place, subject, card, now)
        return True

    async def _spent(self, saying: Saying, run: GpuRun, now: datetime) -> None:
        """Of each start of a run once: its snooze ends, people are told, and it is ended if chosen.

        What is started when nothing is left is no exception.
        """
        limit, budget = saying.limit, saying.limit.budget
        async with self._store() as uow:
            known = await uow.gpus.taken(run.team, run.id)
            if known is None or known.generation != run.generation or not is_waited_for(known):
                return
            if not await uow.watch.mark(budget, saying.period, SPENT, now):
                return
            who = await self._readers.of(uow, known)
            where = places(sorted(who.warned))
            after = await self._acted(uow, budget, known, where, now)
            key = f"{_key(limit, SPENT)}:{saying.period}"
            for place in where:
                await self._tell.alert(
                    uow,
                    after,
                    AlertKind.BUDGET,
                    place,
                    key,
                    now,
                    number=SPENT,
                    counted=False,
                    fallback=who.instead(place),
                )
            await uow.commit()
        log.info("gpu.budget_spent", gpu=run.id, stops=budget.stops)

    async def _acted(
        self,
        uow: UnitOfWork,
        budget: Budget,
        run: GpuRun,
        where: Sequence[ChannelId],
        now: datetime,
    ) -> GpuRun:
        if budget.stops and run.ends_by_itself:
            await uow.audit.add(None, run.team, "gpu.budget_stop", run.audited, now)
            return await self._end.intend(uow, run, run.ending, StopReason.BUDGET, now) or run
        return await self._keep.keep(uow, run, over_budget(run, at=now), now, drawn=where) or run

    async def _no_price(
        self, team: TeamId, user: UserId, runs: Sequence[GpuRun], now: datetime
    ) -> None:
        """An admin is told once of each start that no budget can count."""
        what = _no_budget(team)
        async with self._store() as uow:
            person = await uow.people.get(team, user)
            if self._waits(person, now):
                return
            new = [r for r in runs if await uow.watch.mark(what, _start(r, user), 0, now)]
            if not new:
                return
            card = unpriced_card(new, person.language if person else "en")
            subject = f"unpriced:{digest_of(*(_start(r, user) for r in new))}"
            await post_letter(uow, team, ChannelId(user), subject, card, now)
            await uow.commit()


async def _answering(
    uow: UnitOfWork, team: TeamId, limits: Sequence[Limit]
) -> dict[Budget, tuple[UserId, ...]]:
    """The experiment's owner or the channel's lead, if still here; nobody for the workspace's."""
    capped = {x.budget.subject for x in limits if x.budget.scope is BudgetScope.CHANNEL}
    channels = await uow.channels.of(team, [ChannelId(name) for name in sorted(capped)])
    leads = {str(name): channel.lead for name, channel in channels.items()}
    users = {x.budget: leads.get(x.budget.subject) or x.owner for x in limits}
    known = await uow.people.of(team, {u for u in users.values() if u is not None})
    gone = {user for user, person in known.items() if not person.is_full_member}
    return {b: () if u is None or u in gone else (u,) for b, u in users.items()}


def _no_budget(team: TeamId) -> Budget:
    return Budget(team, BudgetScope.WORKSPACE, UNPRICED, Decimal(1))


def _start(run: GpuRun, user: UserId) -> str:
    return f"gpu{run.id}:{run.generation}:{user}"


def _unpriced(limits: Sequence[Limit], user: UserId) -> dict[str, GpuRun]:
    """What no budget can count, by the marks with which somebody is told of it."""
    runs = {r.id: r for x in limits for r in x.live if r.price_per_hour is None}
    return {mark_key(_no_budget(r.team), _start(r, user), 0): r for r in runs.values()}


def _key(limit: Limit, mark: int) -> str:
    budget = limit.budget
    about = f"{budget.scope.value}:{budget.subject}:{limit.period.name}"
    return f"gpu_budget:{budget.team}:{about}:{budget.cap}:{mark}"
