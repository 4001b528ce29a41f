"""The default stop of a workspace, kept in step with each run."""

from dataclasses import replace
from datetime import datetime

from bot.domain.default_stop import is_default, proposed
from bot.domain.gpu import GpuRun
from bot.domain.shutdown import ShutdownPlan, in_charge, plan_of
from bot.domain.watch import Watching
from bot.ports import UnitOfWork


async def planned(
    uow: UnitOfWork,
    run: GpuRun,
    watching: Watching,
    now: datetime,
    *,
    trouble: bool,
    unheard: bool = False,
) -> tuple[GpuRun, ShutdownPlan]:
    """The run as the plan in force has it, with a default stop if it is to have one; and the plan.

    A run whose stop time changes by that is planned anew: what was armed before is void.
    """
    run = await _with_default_stop(uow, run, watching, now, trouble=trouble)
    plan = plan_of(run, now, hold=watching.hold, trouble=trouble, unheard=unheard)
    return in_charge(run, plan, now), plan


async def _with_default_stop(
    uow: UnitOfWork, run: GpuRun, watching: Watching, now: datetime, *, trouble: bool
) -> GpuRun:
    if watching.default_stop is None and not is_default(run.deadline):
        return run
    bare = replace(run, deadline=None) if is_default(run.deadline) else run
    others = plan_of(bare, now, hold=watching.hold, trouble=trouble)
    deadline = proposed(run, others, watching, await _zone(uow, run), now)
    if deadline == run.deadline:
        return run
    anew = run.replanned(now, deadline=deadline)
    return replace(anew, version=run.version)  # one write, with what its caller changes


async def _zone(uow: UnitOfWork, run: GpuRun) -> str:
    """Whose hours count: its owner's, else its channel's."""
    owner = await uow.people.get(run.team, run.owner) if run.owner else None
    if owner is not None and owner.zone:
        return owner.zone
    return (await uow.channels.get(run.team, run.channel)).tz if run.channel else "UTC"
