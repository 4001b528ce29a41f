"""What a provider's listing makes of the runs we know: adopted, changed, restarted, gone.

Pure. Absence closes a run only when two complete listings, a minute apart, agree on it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.fleet import (
    SKEW,
    Billing,
    Ending,
    Grade,
    Instance,
    MachineState,
    PlanReading,
    PriceSource,
)
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import Idle, Orchestrator
from bot.domain.ids import GpuId, TeamId
from bot.domain.shutdown import BOOTS

ABSENT = timedelta(seconds=60)
"""Two complete listings without a machine lie at least this far apart before it counts as gone."""

SAMPLE_EVERY = timedelta(minutes=10)
GRACE = timedelta(minutes=15)
IDLE_PERCENT = 5

_STATES = {
    MachineState.STARTING: RunState.STARTING,
    MachineState.RUNNING: RunState.RUNNING,
    MachineState.STOPPING: RunState.STOPPING,
    MachineState.STOPPED: RunState.STOPPED,
    MachineState.GONE: RunState.ENDED,
}


_RUNS = (RunState.STARTING, RunState.RUNNING)
_UNTIL = {
    Ending.STOP: _RUNS,
    Ending.END_RUN: _RUNS,
    Ending.TERMINATE: (*_RUNS, RunState.STOPPED),
}
"""States in which an order to end it is not carried out yet."""


def worth_adopting(instance: Instance) -> bool:
    """Whether a machine that we do not know costs anything, or may."""
    if instance.state in (MachineState.STOPPED, MachineState.GONE):
        return instance.billing is Billing.STORAGE and instance.storage_per_hour is not None
    return True


def adopted(team: TeamId, instance: Instance, now: datetime) -> GpuRun:
    """A run for a machine that nobody has told us of; its id comes from the store."""
    began = _began(instance, now)
    run = GpuRun(
        id=GpuId(0),
        team=team,
        machine=instance.machine,
        generation=1,
        state=_STATES.get(instance.state, RunState.RUNNING),
        billing=instance.billing,
        first_seen=now,
        last_seen=now,
        started_at=began,
        changed_at=now,
    )
    return _told(run, instance, now)


def updated(run: GpuRun, instance: Instance, now: datetime) -> GpuRun:
    """The run as a listing shows it now; the very same value where nothing has changed."""
    if _restarted(run, instance, now):
        return _told(_next_generation(run, instance, now), instance, now)
    state = _STATES.get(instance.state, run.state)
    if instance.state is MachineState.ERROR and instance.billing is Billing.COMPUTE:
        state = RunState.RUNNING
    if run.stopping is not None and run.is_live and state in _UNTIL[run.stopping.ending]:
        state = RunState.STOPPING
    after = _told(replace(run, state=state, absent_since=None), instance, now)
    if run.is_live and not after.is_live:
        after = replace(
            after, ended_at=run.ended_at or _stopped_at(instance, run, now), proven=True
        )
        if after.state is RunState.STOPPED:
            after = replace(after, snoozed_until=None)
    if after == run:
        return run
    fenced = _is_another(run.reading, after.reading) or (run.is_live and not after.is_live)
    change = after.replanned if fenced else after.changed
    return change(now, last_seen=now)


def absent(run: GpuRun, now: datetime) -> GpuRun:
    """The run after a complete listing without it."""
    if run.absent_since is None:
        return run.changed(now, absent_since=now)
    if now - run.absent_since < ABSENT:
        return run
    return vanished(run, run.absent_since, now)


def vanished(run: GpuRun, since: datetime, now: datetime) -> GpuRun:
    """The provider has it no more: seen so twice, or asked for directly."""
    return run.replanned(
        now,
        state=RunState.ENDED,
        billing=Billing.NONE,
        ended_at=run.ended_at or since,
        absent_since=run.absent_since or since,
        snoozed_until=None,
        proven=True,
    )


def orchestrated(run: GpuRun, instance: Instance, now: datetime) -> GpuRun:
    """The provider's machine with what the orchestrator says of its run on it."""
    said = Orchestrator(
        instance.machine, instance.name, instance.owner_hint, instance.plan, seen_at=now
    )
    known = run.orchestrator
    if known is not None and replace(known, seen_at=now) == said:
        return run
    fenced = known is None or _is_another(known.plan, said.plan)
    after = run.replanned if fenced else run.changed
    return after(now, orchestrator=said, name=run.name or instance.name)


def orphaned(run: GpuRun, now: datetime) -> GpuRun:
    """The orchestrator knows nothing of the machine any more: seen so twice."""
    known = run.orchestrator
    if known is None:
        return run
    if known.absent_since is None:
        return run.changed(now, orchestrator=replace(known, absent_since=now))
    return run if now - known.absent_since < ABSENT else run.replanned(now, orchestrator=None)


def _is_another(old: PlanReading, new: PlanReading) -> bool:
    """Whether what ends it was changed. A plan that cannot be read just now was not.

    So nobody is asked anew, and the count of unanswered pings goes on.
    """
    unread = {old.grade, new.grade} <= {Grade.NONE, Grade.UNKNOWN}
    return old != new and not unread


def sampled(run: GpuRun, instance: Instance, now: datetime) -> GpuRun:
    """The run with one more sample of its use, at most every ten minutes.

    Every GPU and its memory below five per cent is idle; what is missing counts as active.
    """
    last, use, held = run.sampled_at or run.started_at, instance.gpu_util, instance.gpu_mem
    if not run.is_live or now - run.started_at < GRACE or now - last < SAMPLE_EVERY:
        return run
    if use is None and run.sampled_at is None:
        return run  # this provider does not tell
    run = replace(run, sampled_at=now, gpu_util=use)
    idle = bool(use) and max(use or (100,)) < IDLE_PERCENT
    idle = idle and (held is None or max(held or (0,)) < IDLE_PERCENT)
    if not idle:
        return replace(run, idle=None)
    known = run.idle or Idle(0, now, now)
    return replace(
        run,
        idle=replace(
            known,
            samples=known.samples + 1,
            sampled_at=now,
            memory_known=held is not None,
            gpu_most=max((known.gpu_most, *(use or ()))),
            memory_most=max((known.memory_most, *(held or ()))),
        ),
    )


def _told(run: GpuRun, instance: Instance, now: datetime) -> GpuRun:
    """What the provider says of it; a price that an admin set stays, another until it tells one."""
    declared = run.price_source is PriceSource.DECLARED and instance.price_per_hour is None
    fixed = run.price_source is PriceSource.OVERRIDE or declared
    told = replace(
        run,
        machine=instance.machine,
        below=instance.at_provider,
        billing=instance.billing,
        unclear=instance.state in (MachineState.UNKNOWN, MachineState.ERROR),
        raw_status=instance.raw_status,
        name=instance.name or run.name,
        gpu=instance.gpu or run.gpu,
        gpu_count=instance.gpu_count,
        vram_bytes=instance.vram_bytes or run.vram_bytes,
        tier=instance.tier,
        price_per_hour=run.price_per_hour if fixed else instance.price_per_hour,
        price_source=run.price_source if fixed else instance.price_source,
        storage_per_hour=instance.storage_per_hour,
        volume_gb=instance.volume_gb,
        created_at=instance.created_at,
        provider_start=instance.started_at or run.provider_start,
        owner_hint=instance.owner_hint,
        reading=instance.plan,
        endings=instance.endings,
        ways=_ways(run, instance),
        locked=instance.locked,
        cluster=instance.cluster,
    )
    if instance.state is MachineState.UNKNOWN and instance.billing is Billing.UNKNOWN:
        told = replace(
            told,
            billing=run.billing,
            price_per_hour=run.price_per_hour,
            price_source=run.price_source,
        )
    return sampled(told, instance, now)


def _ways(run: GpuRun, instance: Instance) -> frozenset[Ending]:
    """What its provider offers while it is up: on its way to a stop, and off, some only delete."""
    if instance.state is MachineState.RUNNING and instance.endings:
        return instance.endings
    if instance.state is MachineState.STARTING:
        return run.ways | instance.endings
    return run.ways or (run.endings if run.state in _RUNS else frozenset())


def _next_generation(run: GpuRun, instance: Instance, now: datetime) -> GpuRun:
    return replace(
        run,
        generation=run.generation + 1,
        version=run.version + 1,
        plan_version=0,
        state=_STATES.get(instance.state, RunState.RUNNING),
        started_at=_anew(run, instance, now),
        last_seen=now,
        changed_at=now,
        may_stop=True,
        refused=False,
        merged_into=None,
        ended_at=None,
        absent_since=None,
        deadline=None,
        keep=False,
        guard_seen=None,
        guard_failed=None,
        planless_since=None,
        snoozed_until=None,
        pings=0,
        pinged_at=None,
        stopping=None,
        proven=False,
        idle=None,
        sampled_at=None,
        gpu_util=None,
    )


def _restarted(run: GpuRun, instance: Instance, now: datetime) -> bool:
    """Whether the machine was started again: by its state, or by the provider's start time."""
    if instance.state not in (MachineState.STARTING, MachineState.RUNNING):
        return False
    if not run.is_live:
        return True
    began, known = instance.started_at, run.provider_start
    if began is None or known is None or run.state is RunState.STARTING:
        return False
    return known + SKEW < began <= now + SKEW


def _began(instance: Instance, now: datetime) -> datetime:
    """The provider's start; never in the future, and ours where it says none.

    A machine is paid for while it boots: the first start counts from its making.
    """
    made, began = instance.created_at, instance.started_at or instance.created_at
    if began is None or began > now:
        return now
    booted = made is not None and timedelta(0) <= began - made <= BOOTS
    return made if booted and made is not None else began


def _anew(run: GpuRun, instance: Instance, now: datetime) -> datetime:
    """The start of a further generation: what it did not run in between is not paid for."""
    began = _began(instance, now)
    return now if run.ended_at is not None and began <= run.ended_at else began


def _stopped_at(instance: Instance, run: GpuRun, now: datetime) -> datetime:
    """The provider's own time if it gives one, else the listing's, at most one poll late."""
    at = instance.stopped_at
    return at if at is not None and run.started_at <= at <= now else now
