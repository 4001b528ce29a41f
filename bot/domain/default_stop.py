"""The default stop: a GPU that nobody planned is stopped at an hour of its owner's day.

It is a proposal: people are told in place of the ping, and *Keep* ends it. It is made only where
owroute itself can stop the machine, and gone as soon as it cannot, or as somebody plans.
"""

from datetime import datetime, time, timedelta

from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Deadline, DeadlineKind
from bot.domain.moments import is_waited_for
from bot.domain.schedule import DAY, local_to_utc, zone_of
from bot.domain.shutdown import ShutdownPlan
from bot.domain.watch import Watching

NOTICE = timedelta(hours=1)
"""People are told at least so long ahead: an hour that is nearer is the next day's."""


def is_default(deadline: Deadline | None) -> bool:
    """Whether a stop time is nobody's but the workspace's."""
    return deadline is not None and deadline.kind is DeadlineKind.DEFAULT


def next_default(hour: time, zone: str, now: datetime) -> datetime:
    """The next such hour there that leaves people time to say no."""
    day = now.astimezone(zone_of(zone)).date()
    while (at := local_to_utc(day, hour, zone)) < now + NOTICE:
        day += DAY
    return at


def proposed(
    run: GpuRun, others: ShutdownPlan, watching: Watching, zone: str, now: datetime
) -> Deadline | None:
    """The stop time that a run has here; `others` is its plan without a default stop."""
    known, hour = run.deadline, watching.default_stop
    may = run.ends_by_itself and is_waited_for(run) and not (watching.hold or run.keep)
    if hour is None or not may or others.exists:
        return None if is_default(known) else known
    if others.grade is Grade.UNKNOWN:
        return known
    if known is not None and is_default(known) and _stands(known, hour, zone):
        return known
    return Deadline(next_default(hour, zone, now), DeadlineKind.DEFAULT, now)


def _stands(known: Deadline, hour: time, zone: str) -> bool:
    """Whether it is still that hour's; one put off after an outage, to be warned of, is."""
    day = known.at.astimezone(zone_of(zone)).date()
    return known.at == local_to_utc(day, hour, zone) or known.at - known.known_since < NOTICE
