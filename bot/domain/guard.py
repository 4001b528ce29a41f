"""What a guard on a machine says, and what it changes of the run it guards.

It tells the time that was typed there and is told the one that holds: Slack's, where somebody has
set one since, else its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.domain.gpu import HEARTBEAT, GpuRun
from bot.domain.gpu_parts import Deadline, DeadlineKind

LONGEST = timedelta(days=31)
"""A stop time further ahead than this is none."""

_AGES = 10 * 366 * 86_400


class Beat(BaseModel):
    """One heartbeat: which run, the time typed on the machine, and how many seconds ago.

    `failed`: the command was tried and does not end the machine.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    v: Literal[1]
    experiment: Annotated[str, Field(pattern=r"^(OW|GPU)-[1-9][0-9]{0,8}$")]
    until: AwareDatetime
    age: Annotated[int, Field(ge=0, le=_AGES)]
    failed: bool


@dataclass(frozen=True, slots=True)
class BadBeat:
    """What is wrong with a body: the name of a field, or nothing to name."""

    where: str = ""


def parse_beat(body: bytes, now: datetime) -> Beat | BadBeat:
    """The heartbeat in a body; nothing else is taken for one."""
    try:
        beat = Beat.model_validate_json(body)
    except ValidationError as error:
        return BadBeat(".".join(str(part) for part in error.errors()[0]["loc"])[:100])
    return beat if beat.until <= now + LONGEST else BadBeat("until")


def heard(run: GpuRun, beat: Beat, now: datetime) -> GpuRun:
    """The run after its guard was heard; planned anew only where that changes anything."""
    deadline = _deadline(run, beat, now)
    failed = (run.guard_failed or now) if beat.failed else None
    was_heard = run.guard_seen is not None and now - run.guard_seen < HEARTBEAT
    same = was_heard and deadline == run.deadline and (failed is None) == (run.guard_failed is None)
    change = run.changed if same else run.replanned
    return change(now, guard_seen=now, guard_failed=failed, deadline=deadline)


def _deadline(run: GpuRun, beat: Beat, now: datetime) -> Deadline | None:
    """A person's time holds, unless it had passed when the guard started; else the guard's own."""
    known = run.deadline
    began = now - timedelta(seconds=beat.age)
    if known is not None and known.kind is DeadlineKind.PERSON and known.at > began:
        return known
    if beat.until <= now:
        return known
    if known is not None and known.kind is DeadlineKind.GUARD and known.at == beat.until:
        return known
    return Deadline(beat.until, DeadlineKind.GUARD, now)
