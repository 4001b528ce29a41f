"""What waits for a run: its next ping, the warnings before its end, and the end itself.

Each is an occurrence with a key of its own, fenced by generation and plan version: what was decided
since makes earlier ones void.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.delivery import DueKind
from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun, RunState
from bot.domain.shutdown import (
    BOOTS,
    DECLARED_BEFORE,
    SOFT_NOTE_AFTER,
    WARN_BEFORE,
    ShutdownPlan,
)
from bot.domain.watch import WatchRules

DAILY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


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
    return anchor


def ping_slots(run: GpuRun, rules: WatchRules, now: datetime) -> Iterator[Moment]:
    """Its pings from the newest slot on: what was missed meanwhile is one ping, never a burst."""
    anchor = ping_anchor(run, rules)
    if anchor is None:
        return
    slot = max(0, (now - anchor) // rules.ping_every)
    while True:
        at = max(anchor + slot * rules.ping_every, run.snoozed_until or anchor)
        yield Moment(DueKind.PING_GPU, f"gpu_ping:{_fence(run)}:{slot}", at, slot)
        slot += 1


def soft_notes(run: GpuRun, now: datetime) -> Iterator[Moment]:
    """The notes about a condition that may never come: after twelve hours, then daily."""
    number = max(0, (now - run.started_at - SOFT_NOTE_AFTER) // DAILY)
    while True:
        at = max(run.started_at + SOFT_NOTE_AFTER + number * DAILY, run.snoozed_until or now)
        yield Moment(DueKind.PING_GPU, f"gpu_note:{_fence(run)}:{number}", at, number)
        number += 1


def ahead(run: GpuRun, plan: ShutdownPlan) -> tuple[Moment, ...]:
    """The warnings before its stop time and the time itself."""
    at = plan.stops_at
    if at is None:
        return ()
    before = (DECLARED_BEFORE,) if plan.grade is Grade.DECLARED else WARN_BEFORE
    warnings = tuple(
        Moment(DueKind.WARN_STOP, f"stop_warn:{_fence(run)}:{b // MINUTE}", at - b, b // MINUTE)
        for b in before
    )
    return (*warnings, Moment(DueKind.STOP_TIME, f"stop_time:{_fence(run)}", at, 0))


def is_waited_for(run: GpuRun) -> bool:
    """Whether anything about it can fall due at all."""
    ours = not run.disowned and run.merged_into is None
    return run.is_live and ours and run.stopping is None


def _fence(run: GpuRun) -> str:
    return f"{run.id}:{run.generation}:{run.plan_version}"
