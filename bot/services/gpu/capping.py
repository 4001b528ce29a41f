"""*Budget...*: what an experiment may spend on GPUs in all, and what follows when it is spent."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cards import gpu_notes as cards
from bot.cards.forms.budget import typed_budget
from bot.clock import Clock
from bot.domain.audit import kept
from bot.domain.budgets import counts
from bot.domain.costs import Spent, spent
from bot.domain.delivery import Op, Outgoing
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, ExperimentId, GpuId
from bot.domain.plans import Experiment
from bot.domain.watch import Budget, BudgetScope, MonthlyCap
from bot.domain.workspace import Act, Actor
from bot.errors import NoSuchGpu, NotFound
from bot.ports import Store, UnitOfWork
from bot.services.gpu.budgets import budgets_row
from bot.services.gpu.holding import look_at_runs_of
from bot.services.gpu.limits import set_cap
from bot.services.people import Rights
from bot.services.shows import card_subject, language_of_card

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenBudget:
    """An experiment's budget, and what of it is spent."""

    experiment: Experiment
    cap: MonthlyCap
    spent: Spent


class CapExperiment:
    """Change what an experiment may spend: its owner, the lead of its channel, admins."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights

    async def of_run(self, actor: Actor, gpu: GpuId, place: ChannelId | None) -> OpenBudget:
        """The budget that a run counts for, for somebody who may change it.

        Raises `NotAllowed`, and `NoSuchGpu` where neither it nor its experiment is theirs to see.
        """
        async with self._store(read_only=True) as uow:
            run = await uow.gpus.by_id(actor.team, gpu)
            x = (
                await uow.plans.by_id(actor.team, run.experiment)
                if run and run.experiment
                else None
            )
        if run is None or x is None:
            await self._rights.require_member(actor)
            raise NoSuchGpu
        if not await self._shows(actor, run, x, place):
            await self._rights.know.refused(actor, run.audited)
            raise NoSuchGpu
        return await self.look(actor, x.id)

    async def look(self, actor: Actor, experiment: ExperimentId) -> OpenBudget:
        """The budget of an experiment. Raises `NotMember`, `NotFound` and `NotAllowed`."""
        async with self._store(read_only=True) as uow:
            x = await uow.plans.by_id(actor.team, experiment)
        if x is None:
            await self._rights.require_member(actor)
            raise NotFound("")
        await self._rights.require(actor, Act.STEER, x)
        async with self._store(read_only=True) as uow:
            return OpenBudget(x, await set_cap(uow, x.team, x.id), await self._spent(uow, x))

    async def __call__(
        self, actor: Actor, experiment: ExperimentId, cap: MonthlyCap, delivery: str
    ) -> OpenBudget:
        """Save, and say so in the experiment's thread; the same again changes nothing.

        All budgets are looked at soon after, and the cards of its runs are drawn anew.
        """
        now, opened = self._clock.now(), await self.look(actor, experiment)
        x = opened.experiment
        async with self._store() as uow:
            await uow.watch.taken(x.team)
            before = await set_cap(uow, x.team, x.id)
            if not await uow.inbound.first_time(delivery, now) or cap == before:
                return OpenBudget(x, before, opened.spent)
            scope, subject = BudgetScope.EXPERIMENT, str(x.id)
            budget = Budget(x.team, scope, subject, cap.cap, cap.stops, actor.user, now)
            await uow.watch.put_budget(budget)
            await uow.audit.add(
                actor,
                x.team,
                "experiment.budget",
                x.label,
                now,
                before=_read(before),
                after=_read(cap),
            )
            await self._note(uow, actor, x, cap, delivery, now)
            await uow.due.arm(budgets_row(x.team, now))
            await look_at_runs_of(uow, x.team, x.id, now)
            await uow.commit()
        log.info("experiment.budget", plan=x.label, stops=cap.stops)
        return OpenBudget(x, cap, opened.spent)

    async def _shows(
        self, actor: Actor, run: GpuRun, x: Experiment, place: ChannelId | None
    ) -> bool:
        """Whether somebody is shown the run there, or steers its experiment from anywhere."""
        if await self._rights.allows(actor, Act.STEER, x):
            return True
        return run.id in await self._rights.over_gpus(actor, [run], place)

    async def _spent(self, uow: UnitOfWork, x: Experiment) -> Spent:
        runs = [r.id for r in await uow.gpus.of_experiments([x.id]) if counts(r)]
        return spent(await uow.accruals.of(runs), self._clock.now())

    async def _note(
        self,
        uow: UnitOfWork,
        actor: Actor,
        x: Experiment,
        cap: MonthlyCap,
        delivery: str,
        now: datetime,
    ) -> None:
        lang = await language_of_card(uow, x)
        out = Outgoing(
            key=f"post:{delivery}",
            team=x.team,
            channel=x.channel,
            op=Op.POST,
            subject=delivery,
            message=cards.budget_note(x.label, cap, actor.user, lang),
            thread=card_subject(x),
        )
        await uow.outbox.add(out, now)


def _read(cap: MonthlyCap) -> str:
    """As the audit keeps it."""
    return kept(typed_budget(cap)) if cap.cap else ""
