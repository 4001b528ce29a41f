"""How a run stands, which is what the headline of its card says: one of these, whatever the alert.

A message about a run is edited when the run changes, so its words follow the run and not the alert.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.cards.gpu_view import RunView
from bot.domain.alerts import AlertKind
from bot.domain.fleet import Ending, Grade
from bot.domain.gpu import GpuRun, RunState
from bot.domain.shutdown import ShutdownPlan

OVERDUE = timedelta(minutes=2)
"""So long after its time an enforced stop is said to be late."""


class Standing(StrEnum):
    """What the headline says; words `head_*` of the `gpu` template."""

    STOPPED = "stopped"
    TERMINATED = "terminated"
    GONE = "gone"
    REPORTED = "reported"
    NOT_OURS = "not_ours"
    NOT_STOPPED = "not_stopped"
    UNPROVEN = "unproven"
    STOPPING = "stopping"
    TERMINATING = "terminating"
    UNCLAIMED = "unclaimed"
    CANNOT_STOP = "cannot_stop"
    GUARD_FAILED = "guard_failed"
    BUDGET = "budget"
    UNREADABLE = "unreadable"
    PROPOSAL = "proposal"
    ENFORCED = "enforced"
    DECLARED = "declared"
    SNOOZED = "snoozed"
    CONDITIONAL = "conditional"
    LATE = "late"
    BOOTS = "boots"
    NO_PLAN = "no_plan"


OVER = (Standing.STOPPED, Standing.TERMINATED, Standing.GONE, Standing.REPORTED)
ENDING = (Standing.STOPPING, Standing.TERMINATING, Standing.NOT_STOPPED, Standing.UNPROVEN)

SIGNS = {
    Standing.STOPPED: "white_check_mark",
    Standing.TERMINATED: "white_check_mark",
    Standing.GONE: "white_check_mark",
    Standing.REPORTED: "ballot_box_with_check",
    Standing.NOT_OURS: "no_entry_sign",
    Standing.NOT_STOPPED: "rotating_light",
    Standing.UNPROVEN: "warning",
    Standing.STOPPING: "hourglass_flowing_sand",
    Standing.TERMINATING: "hourglass_flowing_sand",
    Standing.UNCLAIMED: "question",
    Standing.CANNOT_STOP: "lock",
    Standing.GUARD_FAILED: "rotating_light",
    Standing.BUDGET: "moneybag",
    Standing.UNREADABLE: "warning",
    Standing.PROPOSAL: "alarm_clock",
    Standing.ENFORCED: "alarm_clock",
    Standing.DECLARED: "raised_hand",
    Standing.SNOOZED: "zzz",
    Standing.CONDITIONAL: "thinking_face",
    Standing.LATE: "money_with_wings",
    Standing.BOOTS: "hourglass",
    Standing.NO_PLAN: "money_with_wings",
}


def standing(view: RunView, kind: AlertKind) -> Standing:
    """How it stands now, as an alert of this kind says it."""
    run = view.run
    if not run.is_live:
        return _over(run)
    if run.disowned:
        return Standing.NOT_OURS
    if run.state is RunState.STOPPING:
        return _ending(view)
    return _asked(view, kind) or _planned(view)


def _over(run: GpuRun) -> Standing:
    if run.state is RunState.STOPPED:
        return Standing.STOPPED
    if not run.proven:
        return Standing.REPORTED
    if run.stopping is None:
        return Standing.GONE
    deleted = run.stopping.ending is Ending.TERMINATE
    return Standing.TERMINATED if deleted else Standing.STOPPED


def _ending(view: RunView) -> Standing:
    intent = view.run.stopping
    if intent is not None and intent.failed_at is not None:
        return Standing.UNPROVEN if view.unread else Standing.NOT_STOPPED
    deletes = intent is not None and intent.ending is Ending.TERMINATE
    return Standing.TERMINATING if deletes else Standing.STOPPING


def _asked(view: RunView, kind: AlertKind) -> Standing | None:
    """What this alert is about, as long as that is so."""
    run = view.run
    if kind is AlertKind.UNCLAIMED and run.owner is None:
        return Standing.UNCLAIMED
    if kind is AlertKind.CANNOT_STOP and not run.can_stop:
        return Standing.CANNOT_STOP
    if kind is AlertKind.GUARD_FAILED and run.guard_failed is not None:
        return Standing.GUARD_FAILED
    return Standing.BUDGET if kind is AlertKind.BUDGET else None


def _planned(view: RunView) -> Standing:
    plan = view.plan
    if plan.exists and plan.grade is not Grade.CONDITIONAL:
        return _timed(plan, view.now)
    if plan.grade is Grade.UNKNOWN:
        return Standing.UNREADABLE
    if view.run.is_snoozed(view.now):
        return Standing.SNOOZED
    if plan.grade is Grade.CONDITIONAL:
        return Standing.CONDITIONAL
    if promised_at(view) is not None:
        return Standing.LATE
    return Standing.BOOTS if view.run.state is RunState.STARTING else Standing.NO_PLAN


def _timed(plan: ShutdownPlan, now: datetime) -> Standing:
    if plan.stops_at is not None and now - plan.stops_at > OVERDUE:
        return Standing.LATE
    if plan.proposed:
        return Standing.PROPOSAL
    return Standing.ENFORCED if plan.grade is Grade.ENFORCED else Standing.DECLARED


def promised_at(view: RunView) -> datetime | None:
    """The newest time by which it should have been off."""
    own = view.run.deadline.at if view.run.deadline else None
    theirs = view.run.reading.stops_at
    passed = [at for at in (own, theirs, view.plan.stops_at) if at is not None and at <= view.now]
    return max(passed, default=None)
