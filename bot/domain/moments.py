"""What waits for a run: its next ping, the warnings before its end, and the end itself.

Each is an occurrence with a key of its own, fenced by generation and plan version: what was decided
since makes earlier ones void.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.delivery import DueKind
from bot.domain.fleet import Grade
from bot.domain.gpu import HEARTBEAT, GpuRun, RunState
from bot.domain.gpu_parts import DeadlineKind
from bot.domain.ids import UserId
from bot.domain.shutdown import (
    BOOTS,
    DECLARED_BEFORE,
    GRACE,
    SOFT_NOTE_AFTER,
    WARN_BEFORE,
    Enforcer,
    ShutdownPlan,
)
from bot.domain.watch import WatchRules

DAILY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

PING, LATER, NOTE, WARNING = "gpu_ping", "gpu_later", "gpu_note", "stop_warn"


@dataclass(frozen=True, slots=True)
class Moment:
    """One occurrence about a run; `number` is the slot, the note, or the minutes before a stop."""

    kind: DueKind
    key: str
    at: datetime
    number: int


def ping_anchor(run: GpuRun, rules: WatchRules) -> datetime | None:
    """When its first ping is due; None while somebody is in charge."""
    if run.planless_since is None:
        return None
    anchor = run.planless_since + rules.ping_after
    if run.state is RunState.STARTING:
        anchor = max(anchor, run.started_at + BOOTS)
    return max(anchor, run.snoozed_until or anchor)


def ping_slots(run: GpuRun, rules: WatchRules, now: datetime) -> Iterator[Moment]:
    """Its pings from the newest slot on: what was missed meanwhile is one ping, never a burst.

    Two are never closer than half the cadence. A new idle spell brings the next one forward.
    """
    anchor, every = ping_anchor(run, rules), rules.ping_every
    if anchor is None:
        return
    soonest = run.pinged_at + every / 2 if run.pinged_at else anchor
    slot = max(0, (now - anchor) // every, -(-(soonest - anchor) // every))
    is_idle = run.idle is not None and run.idle.is_spell and not run.idle.told
    while True:
        at = anchor + slot * every
        if is_idle:
            at, is_idle = min(at, max(now, soonest)), False
        yield Moment(DueKind.PING_GPU, f"{PING}:{fence_of(run)}:{slot}", at, slot)
        slot += 1


def later_ping(run: GpuRun, user: UserId, at: datetime) -> Moment:
    """The ping of somebody who slept when it went: one at their waking, however many there were."""
    stamp = int(at.timestamp())
    return Moment(DueKind.PING_GPU, f"{LATER}:{fence_of(run)}:{stamp}:{user}", at, run.pings)


def sleeper_of(key: str) -> UserId | None:
    """Whom a later ping is for; None for one that is for everybody concerned."""
    return UserId(key.rpartition(":")[2]) if key.startswith(f"{LATER}:") else None


def is_note(key: str) -> bool:
    """Whether a ping's row is a note about a condition that may never come."""
    return key.startswith(f"{NOTE}:")


def is_current(run: GpuRun, key: str) -> bool:
    """Whether what was armed under `key` belongs to this generation and plan, and not before."""
    return f"{key.partition(':')[2]}:".startswith(f"{fence_of(run)}:")


def soft_notes(run: GpuRun, now: datetime) -> Iterator[Moment]:
    """The notes about a condition that may never come: after twelve hours, then daily."""
    number = max(0, (now - run.started_at - SOFT_NOTE_AFTER) // DAILY)
    while True:
        at = max(run.started_at + SOFT_NOTE_AFTER + number * DAILY, run.snoozed_until or now)
        yield Moment(DueKind.PING_GPU, f"{NOTE}:{fence_of(run)}:{number}", at, number)
        number += 1


def ahead(run: GpuRun, plan: ShutdownPlan) -> tuple[Moment, ...]:
    """The warnings before its stop time and the time itself.

    Whoever sets a time that is nearer than a warning needs none.
    """
    at = plan.stops_at
    if at is None:
        return ()
    own = run.deadline
    known = own.known_since if own is not None and own.at == at else run.started_at
    before = (DECLARED_BEFORE,) if plan.grade is Grade.DECLARED else WARN_BEFORE
    warnings = tuple(
        Moment(DueKind.WARN_STOP, f"{WARNING}:{fence_of(run)}:{b // MINUTE}", at - b, b // MINUTE)
        for b in before
        if at - b > known
    )
    theirs = plan.by in (Enforcer.GUARD, Enforcer.PROVIDER)
    over = at + GRACE if theirs else at
    time = Moment(DueKind.STOP_TIME, f"stop_time:{fence_of(run)}", over, 0)
    return (*warnings, time, *(silence(run) if plan.by is Enforcer.GUARD else ()))


def silence(run: GpuRun) -> tuple[Moment, ...]:
    """When its guard will have been silent for too long; later with each time it is heard."""
    if run.guard_seen is None:
        return ()
    at = run.guard_seen + HEARTBEAT
    return (Moment(DueKind.GUARD_SILENT, f"guard_silent:{fence_of(run)}", at, 0),)


def proposal(run: GpuRun, rules: WatchRules) -> tuple[Moment, ...]:
    """When people are told of a default stop: when they would have been pinged."""
    made = run.deadline
    if made is None or made.kind is not DeadlineKind.DEFAULT:
        return ()
    at = max(made.known_since, run.started_at) + rules.ping_after
    return (Moment(DueKind.PROPOSE_STOP, f"propose_stop:{fence_of(run)}", at, 0),)


def upcoming(run: GpuRun, plan: ShutdownPlan, rules: WatchRules) -> tuple[Moment, ...]:
    """All that waits for a run that somebody or something is in charge of."""
    return (*ahead(run, plan), *proposal(run, rules))


def unclaimed(run: GpuRun, rules: WatchRules) -> Moment:
    """When a run that nobody has claimed by then is shown to all who might."""
    at = run.started_at + rules.ping_after
    return Moment(DueKind.UNCLAIMED_GPU, f"unclaimed:{run.id}:{run.generation}", at, 0)


def is_waited_for(run: GpuRun) -> bool:
    """Whether anything about it can fall due at all."""
    ours = not run.disowned and run.merged_into is None
    return run.is_live and ours and run.stopping is None


def fence_of(run: GpuRun) -> str:
    """Which plan of which start of it: in the keys of all that was armed for that."""
    return f"{run.id}:{run.generation}:{run.plan_version}"
