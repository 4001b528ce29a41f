"""A GPU run: one machine that somebody pays for, through all its generations, and whose it is.

starting -> running -> stopping -> stopped or ended. A machine that is started again is the same run
in a new generation, to which no earlier plan, snooze or stop belongs.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.fleet import Billing, Ending, Machine, PlanReading, PriceSource, Provider
from bot.domain.gpu_parts import Claim, Deadline, Idle, Orchestrator, Stopping, StopReason
from bot.domain.ids import ChannelId, ExperimentId, GpuId, TeamId, UserId

HEARTBEAT = timedelta(minutes=10)
"""A guard that was silent for longer enforces nothing any more."""


class RunState(StrEnum):
    """What a run is doing, by the newest proof there is."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    ENDED = "ended"


LIVE = (RunState.STARTING, RunState.RUNNING, RunState.STOPPING)
"""Runs that may cost GPU time and are watched."""


@dataclass(frozen=True, slots=True)
class GpuRun:
    """A GPU run as it stands. `version` rises with every write that anybody could notice.

    Prices are USD per hour for the whole machine, None where unknown. `planless_since` is since
    when nothing ends it. `plan_version` fences pings and warnings; `pings` counts those that nobody
    answered.
    """

    id: GpuId
    team: TeamId
    machine: Machine
    generation: int
    state: RunState
    billing: Billing
    first_seen: datetime
    last_seen: datetime
    started_at: datetime
    changed_at: datetime
    version: int = 0
    unclear: bool = False
    raw_status: str | None = None
    name: str | None = None
    gpu: str | None = None
    gpu_count: int = 1
    vram_bytes: int | None = None
    tier: str | None = None
    price_per_hour: Decimal | None = None
    price_source: PriceSource | None = None
    storage_per_hour: Decimal | None = None
    volume_gb: int | None = None
    created_at: datetime | None = None
    provider_start: datetime | None = None
    absent_since: datetime | None = None
    ended_at: datetime | None = None
    owner: UserId | None = None
    claim: Claim | None = None
    owner_hint: str | None = None
    experiment: ExperimentId | None = None
    channel: ChannelId | None = None
    disowned: bool = False
    reading: PlanReading = field(default_factory=PlanReading)
    deadline: Deadline | None = None
    keep: bool = False
    """Somebody pressed Keep: the default stop proposes nothing any more."""
    guard_seen: datetime | None = None
    guard_failed: datetime | None = None
    """Since when the guard says that its command does not end the machine."""
    may_stop: bool = True
    refused: bool = False
    """The provider would not end it (a lock, a cluster): owroute does not try again by itself."""
    ways: frozenset[Ending] = frozenset()
    """The ways of ending it that its provider offers while it runs."""
    endings: frozenset[Ending] = frozenset()
    locked: bool = False
    cluster: str | None = None
    planless_since: datetime | None = None
    plan_version: int = 0
    snoozed_until: datetime | None = None
    pings: int = 0
    pinged_at: datetime | None = None
    stopping: Stopping | None = None
    proven: bool = False
    """Whether its end was seen at the provider, rather than told by a person."""
    idle: Idle | None = None
    sampled_at: datetime | None = None
    """When its use was last looked at; `gpu_util` is what was seen then, per GPU in per cent."""
    gpu_util: tuple[int, ...] | None = None
    orchestrator: Orchestrator | None = None
    below: Machine | None = None
    """The machine at its provider, for an orchestrator's run."""
    merged_into: GpuId | None = None
    console_url: str | None = None
    stop_command: str | None = None

    @property
    def label(self) -> str:
        """What people call it: its name, else the provider's id."""
        return self.name or self.machine.instance_id

    @property
    def audited(self) -> str:
        """What the audit calls it: the provider's machine, which start of it, and its name."""
        machine = f"{self.machine.provider.value}:{self.machine.instance_id}:{self.generation}"
        return f"{machine} {self.name}" if self.name else machine

    @property
    def is_live(self) -> bool:
        """Whether it may cost GPU time now."""
        return self.state in LIVE

    @property
    def is_manual(self) -> bool:
        """Whether only people know of it."""
        return self.machine.provider is Provider.MANUAL

    @property
    def can_stop(self) -> bool:
        """Whether owroute itself could end it, as far as is known."""
        return self.may_stop and not self.locked and bool(self.endings) and not self.cluster

    @property
    def ends_by_itself(self) -> bool:
        """Whether owroute may try to end it without somebody pressing a button.

        Never by deleting what may yet turn out to be stoppable.
        """
        deletes = self.ending is Ending.TERMINATE and Ending.TERMINATE not in self.ways
        return self.can_stop and not self.refused and not deletes

    @property
    def ending(self) -> Ending:
        """What *Stop now* does here: stop where the provider has it, else the only way there is."""
        for way in (Ending.STOP, Ending.END_RUN, Ending.TERMINATE):
            if way in (self.ways or self.endings):
                return way
        return Ending.STOP

    @property
    def also_terminates(self) -> bool:
        """Whether deleting is another act than stopping."""
        return Ending.TERMINATE in self.endings and self.ending is not Ending.TERMINATE

    def age(self, now: datetime) -> timedelta:
        """How long it runs; never negative, whatever clocks say."""
        return max(timedelta(0), (self.ended_at or now) - self.started_at)

    def is_guarded(self, now: datetime) -> bool:
        """Whether a guard on the machine was heard of lately, and can end it."""
        seen = self.guard_seen
        return seen is not None and now - seen < HEARTBEAT and self.guard_failed is None

    def is_snoozed(self, now: datetime) -> bool:
        """Whether somebody wants quiet about it just now."""
        return self.snoozed_until is not None and now < self.snoozed_until

    def numbered(self, gpu: GpuId) -> "GpuRun":
        """The run with the number that its store gave it."""
        return replace(self, id=gpu)

    def changed(self, at: datetime, **changes: object) -> "GpuRun":
        """The run after a change."""
        return replace(self, version=self.version + 1, changed_at=at, **changes)  # type: ignore[arg-type]  # names are checked by replace itself

    def replanned(self, at: datetime, **changes: object) -> "GpuRun":
        """After a change of what ends it or who is asked: earlier pings and warnings are void."""
        version = self.plan_version + 1
        return self.changed(at, plan_version=version, pings=0, pinged_at=None, **changes)

    def owned_by(self, owner: UserId | None, claim: Claim, *, at: datetime) -> "GpuRun":
        """In somebody's hands."""
        return self.replanned(at, owner=owner, claim=claim, disowned=False, snoozed_until=None)

    def not_ours(self, *, at: datetime) -> "GpuRun":
        """A lead says it is none of this workspace's business."""
        return self.replanned(at, disowned=True, owner=None)

    def due_to_stop(self, deadline: Deadline | None, *, at: datetime) -> "GpuRun":
        """With another stop time, or none."""
        return self.replanned(at, deadline=deadline, snoozed_until=None, refused=False)

    def snoozed(self, until: datetime | None, *, at: datetime) -> "GpuRun":
        """Quiet until then; None ends it."""
        return self.replanned(at, snoozed_until=until)

    def pinged(self, *, at: datetime) -> "GpuRun":
        """People were asked once more what is to become of it; an idle spell was said with it."""
        idle = replace(self.idle, told=True) if self.idle and self.idle.is_spell else self.idle
        return self.changed(at, pings=self.pings + 1, pinged_at=at, idle=idle)

    def being_stopped(self, intent: Stopping) -> "GpuRun":
        """Somebody's intent to end it was accepted."""
        return self.replanned(intent.at, state=RunState.STOPPING, stopping=intent)

    def not_stopped(self, *, at: datetime) -> "GpuRun":
        """It should have ended by now and has not."""
        intent = replace(self.stopping, failed_at=at) if self.stopping else None
        return self.changed(at, stopping=intent)

    def asked_to_stop(self, *, at: datetime) -> "GpuRun":
        """The provider took the order: this key may give it, and patience begins anew."""
        intent = replace(self.stopping, failed_at=None) if self.stopping else None
        return self.changed(at, stopping=intent, may_stop=True)

    def not_stopping(self, *, at: datetime, may_stop: bool = True) -> "GpuRun":
        """The intent came to nothing: the provider refuses it, so it goes on as before.

        A stop time that has passed is over with it: nobody would keep it.
        """
        state = RunState.RUNNING if self.ended_at is None else RunState.STOPPED
        kept = self.deadline if self.deadline and self.deadline.at > at else None
        return self.replanned(
            at, state=state, stopping=None, may_stop=may_stop, refused=may_stop, deadline=kept
        )

    def reported_stopped(self, *, at: datetime, by: UserId) -> "GpuRun":
        """A person says that it is off; nothing proves it."""
        return self.changed(
            at,
            stopping=Stopping(self.ending, StopReason.PERSON, at, by),
            state=RunState.ENDED,
            billing=Billing.UNKNOWN,
            ended_at=at,
            proven=False,
            snoozed_until=None,
        )
