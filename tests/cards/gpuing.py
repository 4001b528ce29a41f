"""GPU runs to show: in every state, of every provider, for every alert about them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.cards import gpu
from bot.cards.gpu_view import RunView
from bot.domain.alerts import AlertKind, next_morning
from bot.domain.costs import Spent
from bot.domain.delivery import Message
from bot.domain.fleet import (
    Billing,
    Ending,
    Grade,
    Machine,
    PlanReading,
    PriceSource,
    Provider,
)
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import (
    Claim,
    Deadline,
    DeadlineKind,
    Idle,
    Orchestrator,
    Stopping,
    StopReason,
)
from bot.domain.ids import ExperimentId, GpuId, TeamId, UserId
from bot.domain.money import over
from bot.domain.shutdown import plan_of
from bot.domain.watch import MonthlyCap

ADA, LIN, GRACE = UserId("U0ADA00001"), UserId("U0LIN00001"), UserId("U0GRACE001")
TEAM = TeamId("T1")
NOW = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
"""14:30 in Berlin, on a Tuesday."""

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BERLIN = "Europe/Berlin"
BOTH = frozenset({Ending.STOP, Ending.TERMINATE})

POD = GpuRun(
    id=GpuId(7),
    team=TEAM,
    machine=Machine(Provider.RUNPOD, "default", "pod_run1", "US-KS-2"),
    generation=1,
    state=RunState.RUNNING,
    billing=Billing.COMPUTE,
    first_seen=NOW - 6 * HOUR,
    last_seen=NOW,
    started_at=NOW - 6 * HOUR,
    changed_at=NOW,
    name="ow-12-ada",
    gpu="RTX 4090",
    tier="secure",
    price_per_hour=Decimal("0.69"),
    price_source=PriceSource.INSTANCE,
    storage_per_hour=Decimal("500") * Decimal("0.20") / 730,
    volume_gb=500,
    owner=ADA,
    claim=Claim.NAME,
    experiment=ExperimentId(12),
    endings=BOTH,
)
BARE = replace(POD, storage_per_hour=None, volume_gb=None)
EC2 = replace(
    POD,
    machine=Machine(Provider.AWS, "default", "i-7c02aa58e0113666d", "us-east-1"),
    gpu="A10G", tier="on-demand", price_per_hour=Decimal("1.006"), price_source=PriceSource.TABLE,
    storage_per_hour=Decimal("0.0110"), volume_gb=100,
)  # fmt: skip
VAST = replace(
    POD,
    machine=Machine(Provider.VAST, "default", "312"), tier="community", name=None,
    storage_per_hour=Decimal("0.0021"), volume_gb=None, price_per_hour=Decimal("0.8021"),
)  # fmt: skip
DSTACK = replace(
    BARE,
    machine=Machine(Provider.DSTACK, "default", "42454b3a", "", "main"), name="llama-eval",
    tier=None, price_source=PriceSource.ORCHESTRATOR, endings=frozenset({Ending.END_RUN}),
)  # fmt: skip
ONLY_DELETES = replace(VAST, endings=frozenset({Ending.TERMINATE}), name="train-1")
MANUAL = replace(
    BARE,
    machine=Machine(Provider.MANUAL, "University cluster", "m1"), tier=None, name="gpu box *3*",
    gpu="H100", gpu_count=2, price_source=PriceSource.DECLARED, price_per_hour=Decimal("4.2"),
    endings=frozenset(), console_url="https://gpu.example.org/jobs?a=1&b=2",
    stop_command="scancel 4711",
)  # fmt: skip
READ_ONLY = replace(POD, may_stop=False)
UNPRICED = replace(POD, price_per_hour=None, price_source=None)
IDLE = Idle(6, NOW - 50 * MINUTE, NOW)
BY_ADA = Deadline(NOW + timedelta(hours=3, minutes=30), DeadlineKind.PERSON, NOW - 20 * MINUTE, ADA)
DEFAULT = Deadline(NOW + timedelta(hours=5, minutes=30), DeadlineKind.DEFAULT, NOW)
GUARD = replace(BY_ADA, kind=DeadlineKind.GUARD, by=None)
PASSED = replace(BY_ADA, at=NOW - HOUR, set_at=NOW - 5 * HOUR)


def view(run: GpuRun, *, trouble: bool = False, **changes: Any) -> RunView:
    """A run as Ada sees it, with what it has cost at its price since it started."""
    until, price = next_morning(BERLIN, NOW), run.price_per_hour
    age = run.age(NOW)
    unpriced = Spent(unpriced=age, unpriced_runs=1)
    plain = RunView(
        run=run,
        plan=plan_of(run, NOW, hold=changes.get("hold", False), trouble=trouble),
        now=NOW,
        zone=BERLIN,
        spent=Spent(over(price, age), estimated=trouble) if price is not None else unpriced,
        experiment="OW-12" if run.experiment else None,
        projected=over(price, until - NOW) if price is not None else None,
        projected_to=until,
        reader=ADA,
    )
    return replace(plain, **changes)


def card(
    run: GpuRun, kind: AlertKind = AlertKind.PING, number: int = 1, **changes: Any
) -> Callable[[str], Message]:
    """The card of a run, in a language to be given."""
    return lambda lang: gpu.run_card(view(run, **changes), kind, number, lang)


def stopping(
    run: GpuRun, why: StopReason = StopReason.PERSON, by: UserId | None = GRACE, **changes: Any
) -> GpuRun:
    """Somebody or something wants it stopped, seven minutes ago."""
    ending = changes.pop("ending", run.ending)
    return run.being_stopped(Stopping(ending, why, NOW - 7 * MINUTE, by, **changes))


def ended(run: GpuRun, state: RunState = RunState.STOPPED, **changes: Any) -> GpuRun:
    """It is off since five minutes, and a listing shows it."""
    left = Billing.STORAGE if run.storage_per_hour and state is RunState.STOPPED else Billing.NONE
    off: dict[str, Any] = {"state": state, "billing": left, "ended_at": NOW - 5 * MINUTE}
    return replace(run, **({"proven": True} | off | changes))


FAILED = NOW - 2 * MINUTE
REPORTED = ended(MANUAL, RunState.ENDED, billing=Billing.UNKNOWN, proven=False)
SAID = Stopping(Ending.STOP, StopReason.PERSON, NOW - 5 * MINUTE, ADA)
UNCLAIMED = replace(POD, owner=None, claim=None, experiment=None, name="llama-eval")

RUNS: dict[str, Callable[[str], Message]] = {
    "gpu_ping": card(POD),
    "gpu_ping_idle": card(replace(POD, idle=IDLE), number=2),
    "gpu_ping_nearly_idle": card(replace(BARE, idle=replace(IDLE, gpu_most=3, memory_most=1))),
    "gpu_ping_vast": card(replace(VAST, idle=replace(IDLE, memory_known=False))),
    "gpu_ping_aws": card(EC2, priced_on=date(2026, 9, 6)),
    "gpu_ping_dstack": card(DSTACK),
    "gpu_ping_lead": card(replace(POD, pings=3), number=3, reader=LIN),
    "gpu_ping_nobody": card(replace(UNCLAIMED, owner_hint="ada@example.org"), reader=LIN),
    "gpu_ping_unpriced": card(UNPRICED),
    "gpu_ping_only_deletes": card(ONLY_DELETES),
    "gpu_ping_manual": card(MANUAL),
    "gpu_ping_read_only": card(READ_ONLY),
    "gpu_ping_locked": card(replace(POD, locked=True)),
    "gpu_ping_cluster": card(replace(POD, cluster="cluster_abc123", endings=frozenset())),
    "gpu_ping_hold": card(POD, hold=True),
    "gpu_ping_cap": card(POD, cap=MonthlyCap(Decimal(10))),
    "gpu_ping_cap_stops": card(POD, cap=MonthlyCap(Decimal(20), stops=True)),
    "gpu_ping_in_use": card(replace(POD, gpu_count=2, gpu_util=(93, 12))),
    "gpu_ping_starting": card(replace(BARE, state=RunState.STARTING, started_at=NOW - 40 * MINUTE)),
    "gpu_ping_status_unknown": card(replace(POD, unclear=True, raw_status="MIGRATING")),
    "gpu_ping_aws_plans_denied": card(
        replace(EC2, reading=PlanReading(Grade.NONE, reason="aws.plans_denied"))
    ),
    "gpu_late": card(replace(READ_ONLY, deadline=PASSED)),
    "gpu_set": card(replace(POD, deadline=BY_ADA)),
    "gpu_set_hold": card(replace(POD, deadline=BY_ADA), hold=True),
    "gpu_set_read_only": card(replace(READ_ONLY, deadline=BY_ADA)),
    "gpu_set_manual": card(replace(MANUAL, deadline=BY_ADA)),
    "gpu_set_guard": card(replace(READ_ONLY, deadline=GUARD, guard_seen=NOW - 3 * MINUTE)),
    "gpu_guard_failed": card(
        replace(
            READ_ONLY,
            deadline=replace(GUARD, at=NOW - 5 * MINUTE),
            guard_seen=NOW - MINUTE,
            guard_failed=NOW - 3 * MINUTE,
        ),
        AlertKind.GUARD_FAILED,
    ),
    "gpu_set_guard_silent": card(replace(READ_ONLY, deadline=GUARD, guard_seen=NOW - HOUR)),
    "gpu_set_provider": card(
        replace(EC2, reading=PlanReading(Grade.ENFORCED, NOW + 2 * HOUR, "aws.schedule"))
    ),
    "gpu_snoozed": card(replace(POD, snoozed_until=NOW + HOUR)),
    "gpu_snoozed_tomorrow": card(replace(POD, snoozed_until=NOW + timedelta(hours=18, minutes=30))),
    "gpu_reassigned": card(replace(POD, owner=LIN, claim=Claim.PERSON)),
    "gpu_note": card(
        replace(
            POD,
            orchestrator=Orchestrator(
                DSTACK.machine,
                "llama-eval",
                "ada",
                PlanReading(Grade.CONDITIONAL, reason="dstack.utilization_policy"),
                NOW,
            ),
        ),
        AlertKind.NOTE,
    ),
    "gpu_promise": card(
        replace(READ_ONLY, deadline=replace(BY_ADA, at=NOW + 15 * MINUTE)), AlertKind.PROMISE, 15
    ),
    "gpu_warning": card(
        replace(POD, deadline=replace(BY_ADA, at=NOW + 30 * MINUTE)), AlertKind.WARNING, 30
    ),
    "gpu_warning_extended": card(
        replace(POD, deadline=replace(BY_ADA, at=NOW + 90 * MINUTE, by=LIN)), AlertKind.WARNING, 30
    ),
    "gpu_warning_provider": card(
        replace(EC2, reading=PlanReading(Grade.ENFORCED, NOW + 5 * MINUTE, "aws.schedule")),
        AlertKind.WARNING,
        5,
    ),
    "gpu_unclaimed": card(UNCLAIMED, AlertKind.UNCLAIMED, reader=None),
    "gpu_unclaimed_taken": card(
        replace(UNCLAIMED, owner=LIN, claim=Claim.PERSON), AlertKind.UNCLAIMED, reader=None
    ),
    "gpu_unclaimed_not_ours": card(
        replace(UNCLAIMED, disowned=True), AlertKind.UNCLAIMED, reader=None
    ),
    "gpu_proposal": card(replace(POD, deadline=DEFAULT), AlertKind.PROPOSAL),
    "gpu_proposal_kept": card(replace(POD, keep=True), AlertKind.PROPOSAL),
    "gpu_budget": card(POD, AlertKind.BUDGET, 80, cap=MonthlyCap(Decimal(5))),
    "gpu_cannot_stop": card(READ_ONLY, AlertKind.CANNOT_STOP),
    "gpu_cannot_stop_state": card(replace(EC2, endings=frozenset()), AlertKind.CANNOT_STOP),
    "gpu_unreadable": card(POD, AlertKind.UNREADABLE, trouble=True),
    "gpu_unreadable_aws": card(
        replace(EC2, reading=PlanReading(Grade.UNKNOWN, reason="aws.plans_unread")),
        AlertKind.UNREADABLE,
    ),
    "gpu_stopping": card(stopping(POD), AlertKind.STOPPING),
    "gpu_stopping_deadline": card(stopping(replace(POD, deadline=PASSED), StopReason.DEADLINE)),
    "gpu_stopping_default": card(stopping(POD, StopReason.DEFAULT, None)),
    "gpu_stopping_budget": card(stopping(POD, StopReason.BUDGET, None)),
    "gpu_stopping_hold": card(stopping(POD), hold=True),
    "gpu_stopping_elsewhere": card(replace(POD, state=RunState.STOPPING)),
    "gpu_terminating": card(stopping(POD, ending=Ending.TERMINATE)),
    "gpu_not_stopped": card(stopping(POD, failed_at=FAILED), AlertKind.NOT_STOPPED),
    "gpu_not_stopped_unpriced": card(stopping(UNPRICED, failed_at=FAILED), AlertKind.NOT_STOPPED),
    "gpu_stopped": card(ended(stopping(POD))),
    "gpu_stopped_deadline": card(
        ended(stopping(replace(POD, deadline=PASSED), StopReason.DEADLINE))
    ),
    "gpu_stopped_elsewhere": card(ended(POD)),
    "gpu_stopped_bare": card(ended(stopping(BARE))),
    "gpu_stopped_dstack": card(ended(stopping(DSTACK))),
    "gpu_stopped_disk_unknown": card(ended(stopping(BARE), billing=Billing.UNKNOWN)),
    "gpu_stopped_unpriced": card(ended(stopping(UNPRICED))),
    "gpu_stopped_estimated": card(ended(stopping(POD)), trouble=True),
    "gpu_terminated": card(ended(stopping(POD, ending=Ending.TERMINATE), RunState.ENDED)),
    "gpu_gone": card(ended(POD, RunState.ENDED, absent_since=NOW - 5 * MINUTE)),
    "gpu_reported": card(REPORTED),
    "gpu_reported_by": card(replace(REPORTED, stopping=SAID)),
}


def elements(message: Message) -> list[dict[str, Any]]:
    """Whatever can be pressed or chosen."""
    rows = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    return rows + [b["accessory"] for b in message.blocks if "accessory" in b]


def labels(message: Message) -> list[str]:
    """The buttons, and the lines of the menu."""
    found = elements(message)
    plain = [e["text"]["text"] for e in found if e["type"] == "button"]
    menus = [o["text"]["text"] for e in found if e["type"] == "overflow" for o in e["options"]]
    return plain + menus
