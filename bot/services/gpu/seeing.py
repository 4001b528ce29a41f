"""How a run looks just now: the plan in force, what is known of its provider, and its view."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cards.gpu_view import RunView
from bot.domain.alerts import morning_for
from bot.domain.costs import Accrual, Spent, spent
from bot.domain.gpu import GpuRun
from bot.domain.money import over
from bot.domain.shutdown import ShutdownPlan, plan_of
from bot.domain.watch import Account, Watching, cannot_write, in_trouble, listed_at
from bot.domain.workspace import Channel


@dataclass(frozen=True, slots=True)
class Seen:
    """What holds for a run now: its plan, and the workspace's settings."""

    plan: ShutdownPlan
    watching: Watching
    trouble: bool = False
    unheard: bool = False
    """Its orchestrator cannot be read just now."""
    shut: bool = False
    """Nothing can be ended there with the key there is."""
    listed_at: datetime | None = None
    """When its provider was last listed completely."""

    @property
    def writes(self) -> Watching:
        """The settings, on hold where nothing can be ended anyway."""
        return replace(self.watching, hold=self.watching.hold or self.shut)


def seen_of(run: GpuRun, watching: Watching, accounts: Sequence[Account], now: datetime) -> Seen:
    """What holds for a run, as its accounts stand."""
    trouble, shut = in_trouble(run.machine, accounts), cannot_write(run.machine, accounts)
    above = run.orchestrator
    unheard = above is not None and in_trouble(above.machine, accounts)
    hold = watching.hold or shut
    plan = plan_of(run, now, hold=hold, trouble=trouble, unheard=unheard)
    return Seen(plan, watching, trouble, unheard, shut, listed_at(run.machine, accounts))


def view_of(
    run: GpuRun,
    seen: Seen,
    accruals: Sequence[Accrual],
    experiment: str | None,
    zone: str,
    now: datetime,
    here: Channel | None,
) -> RunView:
    """A run of a channel for one reader; of `accruals` those of its present start count."""
    until, price = morning_for(here, zone, now), run.price_per_hour
    mine = [a for a in accruals if a.generation == run.generation]
    return RunView(
        run=run,
        plan=seen.plan,
        now=now,
        zone=zone,
        spent=_cost(mine, run.ended_at or now, estimated=seen.trouble),
        experiment=experiment,
        hold=seen.watching.hold,
        shut=seen.shut,
        unread=seen.trouble,
        projected=over(price, until - now) if price is not None else None,
        projected_to=until,
    )


def _cost(accruals: Sequence[Accrual], now: datetime, *, estimated: bool) -> Spent:
    """What was spent; `estimated` while nobody can say whether it still runs."""
    found = spent(accruals, now)
    return replace(found, estimated=found.estimated or estimated)
