"""The shutdown plan of a GPU run: what will end it, how surely, and when.

Grades are of providers.md section 4: enforced, conditional, declared, none, unknown.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.fleet import Grade, PlanReading, strongest
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import DeadlineKind

BOOTS = timedelta(minutes=30)
"""A machine that starts for longer than this is looked at like one that runs."""

SOFT_NOTE_AFTER = timedelta(hours=12)
"""A condition may never come: its owner is told after so many hours, then daily."""

GRACE = timedelta(minutes=10)
"""So long after its time a guard or a provider may take until what it does is seen."""

DECLARED_BEFORE = timedelta(minutes=15)
WARN_BEFORE = (timedelta(minutes=30), timedelta(minutes=5))


class Enforcer(StrEnum):
    """Who ends it."""

    OWROUTE = "owroute"
    GUARD = "guard"
    PROVIDER = "provider"
    PERSON = "person"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ShutdownPlan:
    """What will end a run. `reason` is a key of the cards' words where the provider holds it."""

    grade: Grade
    stops_at: datetime | None = None
    by: Enforcer = Enforcer.NOBODY
    reason: str = ""
    proposed: bool = False
    """A default stop that nobody has confirmed or kept from."""

    @property
    def exists(self) -> bool:
        """Whether anybody is in charge of its end."""
        return self.grade in (Grade.ENFORCED, Grade.CONDITIONAL, Grade.DECLARED)


NO_PLAN = ShutdownPlan(Grade.NONE)


def plan_of(
    run: GpuRun, now: datetime, *, hold: bool, trouble: bool = False, unheard: bool = False
) -> ShutdownPlan:
    """The plan in force: the surest of the provider's, the orchestrator's and our own.

    `hold`: owroute writes to no provider. `trouble`: the provider cannot be read just now;
    `unheard`: its orchestrator cannot.
    """
    own = _own(run, now, hold=hold)
    theirs = [] if trouble else [_theirs(run.reading, now)]
    if run.orchestrator is not None and not unheard:
        theirs.append(_theirs(run.orchestrator.plan, now))
    found = strongest(tuple(PlanReading(p.grade, p.stops_at) for p in (own, *theirs)))
    unread = [p for p in theirs if p.grade is Grade.UNKNOWN]
    silent = trouble or (unheard and run.orchestrator is not None)
    if found.grade is Grade.NONE and (silent or unread):
        return unread[0] if unread else ShutdownPlan(Grade.UNKNOWN)
    return next(p for p in (own, *theirs) if (p.grade, p.stops_at) == (found.grade, found.stops_at))


def _own(run: GpuRun, now: datetime, *, hold: bool) -> ShutdownPlan:
    deadline = run.deadline
    if deadline is None:
        return NO_PLAN
    proposed = deadline.kind is DeadlineKind.DEFAULT
    if ends_it(run, hold=hold):
        return ShutdownPlan(Grade.ENFORCED, deadline.at, Enforcer.OWROUTE, proposed=proposed)
    if run.is_guarded(now) and now < deadline.at + GRACE:
        return ShutdownPlan(Grade.ENFORCED, deadline.at, Enforcer.GUARD)
    if deadline.at <= now or proposed:
        return NO_PLAN
    return ShutdownPlan(Grade.DECLARED, deadline.at, Enforcer.PERSON)


def ends_it(run: GpuRun, *, hold: bool) -> bool:
    """Whether owroute itself ends it at its stop time: never at one that a guard has named.

    A guard's token tells a time and opens nothing: nobody stops a machine with it.
    """
    deadline = run.deadline
    named = deadline is not None and deadline.kind is not DeadlineKind.GUARD
    return named and run.ends_by_itself and not hold


def _theirs(reading: PlanReading, now: datetime) -> ShutdownPlan:
    if reading.grade is Grade.DECLARED:
        if reading.stops_at is None or reading.stops_at <= now:
            return NO_PLAN
        return ShutdownPlan(Grade.DECLARED, reading.stops_at, Enforcer.PERSON, reading.reason)
    failed = reading.stops_at is not None and reading.stops_at + GRACE <= now
    if reading.grade is Grade.NONE or failed:
        return NO_PLAN
    return ShutdownPlan(reading.grade, reading.stops_at, Enforcer.PROVIDER, reading.reason)


def wants_ping(run: GpuRun, plan: ShutdownPlan, now: datetime) -> bool:
    """Whether it burns with nobody in charge: live, not being stopped, no plan, not snoozed."""
    if not run.is_live or run.disowned or run.stopping is not None:
        return False
    if run.state is RunState.STOPPING and now - run.changed_at < GRACE:
        return False  # somebody stops it at the provider's own console
    if run.is_snoozed(now) or plan.grade is not Grade.NONE:
        return False
    return run.state is not RunState.STARTING or run.age(now) >= BOOTS


def in_charge(run: GpuRun, plan: ShutdownPlan, now: datetime) -> GpuRun:
    """The run with `planless_since` as the plan in force has it."""
    since = nobody_since(run, plan, now)
    return run if since == run.planless_since else replace(run, planless_since=since)


def nobody_since(run: GpuRun, plan: ShutdownPlan, now: datetime) -> datetime | None:
    """Since when nobody is in charge of it as the plan in force has it; unknown changes nothing.

    A machine that nobody planned burns since it started, one whose promised time passed since then.
    """
    if plan.grade is Grade.UNKNOWN:
        return run.planless_since
    if plan.exists or not run.is_live or run.disowned:
        return None
    if run.planless_since is not None:
        return run.planless_since
    since = max((at for at in promised(run) if at is not None and at <= now), default=None)
    began = run.started_at if run.plan_version == 0 else now
    return since or began


def forsaken_since(run: GpuRun, plan: ShutdownPlan, now: datetime) -> datetime | None:
    """Since when a run that is this workspace's business costs with nobody in charge.

    That is `planless_since`, also where a promised time has passed and nobody wrote since then. So
    it is from a stop time that owroute itself let pass by more than `GRACE`: it was away.
    """
    if not run.is_live or run.disowned or run.merged_into is not None:
        return None
    late = plan.by is Enforcer.OWROUTE and run.stopping is None
    if late and plan.stops_at is not None and plan.stops_at + GRACE <= now:
        return plan.stops_at
    return nobody_since(run, plan, now)


def may_be_forsaken(run: GpuRun, now: datetime) -> bool:
    """Whether a stop time of it has passed: else `planless_since` says all there is to know."""
    return any(at is not None and at <= now for at in promised(run))


def promised(run: GpuRun) -> tuple[datetime | None, datetime | None]:
    """The times at which people or owroute, and its provider, said that it would be off."""
    return run.deadline.at if run.deadline else None, run.reading.stops_at
