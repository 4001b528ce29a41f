"""Weekly digests to show: of a channel and of a workspace, in every kind of week."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.cards.digest import digest_message
from bot.cards.digest_details import digest_details
from bot.cards.tables import Rung
from bot.domain.costs import Accrual
from bot.domain.delivery import Message
from bot.domain.digest import Digest, summary
from bot.domain.digest_facts import (
    DecidedFacts,
    DigestFacts,
    EvidenceFacts,
    ExperimentFacts,
    ProvenStop,
    RunFacts,
)
from bot.domain.digest_week import Span, Week
from bot.domain.fleet import Billing, Machine, Provider
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import ChannelId, ExperimentId, GpuId, UserId
from bot.domain.plans import Conclusion
from bot.domain.watch import MonthlyCap
from tests.cards.gpuing import ADA, BERLIN, GRACE, LIN, POD, TEAM

WEEK = Week(2026, 47, BERLIN)
"""16 to 22 November."""

MONDAY = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)
"""Four minutes past nine in Berlin: when its digest is written."""

PLACE, OTHER, PRIVATE = ChannelId("C0MLLAB0001"), ChannelId("C0COURSE001"), ChannelId("C0SECRET001")
NAMES = {ADA: "Ada", LIN: "林 <!channel>", GRACE: "grace_h"}
TASKS = {
    12: "course Q&A assistant",
    14: "nightly summaries",
    15: "五个案例的评测",
    19: "rerank *the* docs",
    21: "translate release notes",
    23: "LoRA on support tickets",
    24: "embed the wiki",
}
EXPERIMENTS = {ExperimentId(n): ExperimentFacts(f"OW-{n}", task) for n, task in TASKS.items()}


def at(day: int, hour: float = 0) -> datetime:
    """An hour of a day of November in Berlin."""
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour - 1)


def run(n: int, **changes: Any) -> GpuRun:
    """A machine of Ada's for OW-12 in the lab's channel, stopped, with no disk left."""
    plain = replace(
        POD,
        id=GpuId(n),
        name=f"ow-12-ada-{n}",
        machine=replace(POD.machine, instance_id=f"pod_{n}"),
        state=RunState.ENDED,
        billing=Billing.NONE,
        storage_per_hour=None,
        channel=PLACE,
    )
    return replace(plain, **changes)


def ran(
    of: GpuRun,
    start: datetime,
    end: datetime | None,
    price: str | None = "2.40",
    kind: Billing = Billing.COMPUTE,
) -> Accrual:
    """What a machine cost in one stretch."""
    usd = None if price is None else Decimal(price)
    return Accrual(of.id, of.generation, kind, usd, of.price_source, start, end)


def daily(of: GpuRun, hours: Mapping[int, float], price: str | None = "2.40") -> RunFacts:
    """A machine that ran from nine in the morning on some days of November, for so many hours."""
    spans = [(at(day, 9), at(day, 9 + long)) for day, long in hours.items()]
    return RunFacts(of, tuple(ran(of, *span, price) for span in spans))


def facts(*runs: RunFacts, **changes: Any) -> DigestFacts:
    """What is known of the lab's channel."""
    plain = DigestFacts(TEAM, PLACE, WEEK, MONDAY, runs, experiments=EXPERIMENTS, names=NAMES)
    return replace(plain, **changes)


BURNT = run(1, name="ow-12-ada", state=RunState.RUNNING, billing=Billing.COMPUTE)
STOPPED = run(
    2, name="ow-14-lin", owner=LIN, experiment=ExperimentId(14), gpu="H100", state=RunState.STOPPED,
    billing=Billing.STORAGE, storage_per_hour=Decimal("0.137"),
)  # fmt: skip
EC2 = run(
    3, name="eval-box", owner=GRACE, experiment=ExperimentId(15), gpu="A10G",
    machine=Machine(Provider.AWS, "default", "i-7c02aa58e0113666d", "us-east-1"),
)  # fmt: skip
BY_HAND = run(
    4, name="gpu box *3*", owner=None, experiment=None, gpu=None,
    machine=Machine(Provider.MANUAL, "University cluster", "m1"),
)  # fmt: skip


def busy_runs() -> list[RunFacts]:
    """Seven experiments; one machine forgotten over the weekend, one stopped in time."""
    burnt = RunFacts(
        BURNT,
        (ran(BURNT, at(20, 10), None, "1.90"), ran(BURNT, at(11, 9), at(11, 17), "1.90")),
        unattended=(Span(at(20, 18)),),
    )
    kept = RunFacts(
        STOPPED,
        (
            *daily(STOPPED, {16: 8, 17: 9.5, 18: 7, 19: 10.25}, "2.99").accruals,
            ran(STOPPED, at(19, 19.25), None, "0.137", Billing.STORAGE),
        ),
        stop=ProvenStop(at(19, 19.25), StopReason.PERSON, LIN),
    )
    small: dict[int, dict[int, float]] = {
        15: {17: 6, 18: 6},
        19: {16: 2},
        21: {18: 3, 20: 4},
        23: {19: 5},
        24: {22: 1.5},
    }
    others = [
        daily(replace(EC2, id=GpuId(10 + n), experiment=ExperimentId(n)), days, "1.006")
        for n, days in small.items()
    ]
    before = daily(run(30, name="ow-12-old"), {9: 10, 10: 9, 12: 11}, "1.90")
    return [burnt, kept, *others, before, daily(BY_HAND, {16: 4}, "0.0004")]


def busy(**changes: Any) -> DigestFacts:
    """A week with everything in it."""
    known: dict[str, Any] = {
        "evidence": (
            EvidenceFacts(ExperimentId(12), closed=4, overdue=3),
            EvidenceFacts(ExperimentId(14), closed=5),
            EvidenceFacts(ExperimentId(15), overdue=1),
        ),
        "decided": (
            DecidedFacts(ExperimentId(14), Conclusion.KEEP, at(19, 20), LIN),
            DecidedFacts(ExperimentId(19), Conclusion.SWITCH_MODEL, at(17, 11), ADA),
        ),
        "cap": MonthlyCap(Decimal(500)),
    }
    return facts(*busy_runs(), **known | changes)


def unpriced() -> DigestFacts:
    """Some of it has no price."""
    lost = replace(EC2, id=GpuId(5), name="mystery", experiment=ExperimentId(21), price_source=None)
    return facts(
        daily(run(6), {16: 4, 17: 4}, "0.69"),
        daily(lost, {18: 20, 19: 11}, None),
        daily(replace(lost, id=GpuId(7), name="mystery-2"), {16: 0.04}, None),
    )


def all_unpriced() -> DigestFacts:
    """No price at all."""
    lost = replace(EC2, name="mystery", price_source=None)
    stretch = daily(lost, {18: 20, 19: 11}, None)
    return facts(replace(stretch, unattended=(Span(at(18, 9), at(19, 5)),)))


def quiet(**changes: Any) -> DigestFacts:
    """Nothing ran; the week before something did."""
    return facts(daily(run(30), {9: 10, 10: 9, 12: 11}, "1.90"), **changes)


def workspace() -> DigestFacts:
    """All channels of the workspace, one of them private, and a machine of none."""
    places = {12: PLACE, 14: OTHER, 15: PRIVATE, 19: OTHER, 21: ChannelId("D0ADA00001")}
    runs = [
        replace(r, run=replace(r.run, channel=places.get(r.run.experiment or 0)))
        for r in busy_runs()
    ]
    return busy(channel=None, runs=tuple(runs), cap=MonthlyCap(Decimal(300)))


def crowd(channel: ChannelId | None = PLACE, size: int = 500) -> DigestFacts:
    """Five hundred experiments, with the longest of everything."""
    long, many = "<&> *very* _long_ `name` 名字 " * 9, range(1, size + 1)
    users = [UserId(f"U{n:09d}") for n in many]
    runs = [
        daily(
            run(
                n,
                name=f"{n} {long}",
                owner=users[n - 1],
                experiment=ExperimentId(n),
                gpu=long,
                channel=ChannelId(f"C{n:09d}"),
                machine=Machine(Provider.MANUAL, f"{n}{long}", f"{n}"),
            ),
            {16: 9, 18: 12, 22: 24},
            "999.999999",
        )
        for n in many
    ]
    return facts(
        *(replace(r, unattended=(Span(at(16)),)) for r in runs),
        channel=channel,
        experiments={ExperimentId(n): ExperimentFacts(f"OW-{n}", long) for n in many},
        names={user: f"{user} {long}" for user in users},
        evidence=tuple(EvidenceFacts(ExperimentId(n), 9, 9) for n in many),
        decided=tuple(DecidedFacts(ExperimentId(n), Conclusion.LORA, at(17)) for n in many),
        cap=MonthlyCap(Decimal(1_000_000)),
    )


def shown(
    of: DigestFacts, rung: Rung = Rung.DATA_TABLE, *, paused: bool = False
) -> Callable[[str], Message]:
    digest = summary(of)
    return lambda lang: digest_message(digest, lang, rung, paused=paused)


def behind(of: DigestFacts) -> Callable[[str], Mapping[str, Any]]:
    digest = summary(of)
    return lambda lang: digest_details(digest, lang)


DIGESTS: dict[str, DigestFacts] = {
    "busy": busy(),
    "quiet": quiet(),
    "nothing": facts(),
    "first": busy(since=at(17)),
    "second": busy(since=at(12)),
    "unpriced": unpriced(),
    "all_unpriced": all_unpriced(),
    "late": busy(late=True, due_at=at(23, 9), now=at(25, 9.2)),
    "running": busy(week=Week(2026, 48, BERLIN), now=at(25, 12)),
    "workspace": workspace(),
    "crowd": crowd(),
    "crowd_workspace": crowd(None),
}


def of(name: str) -> Digest:
    """One of them, summed up."""
    return summary(DIGESTS[name])


DETAILED = ("busy", "quiet", "unpriced", "workspace", "crowd", "crowd_workspace")

DIGESTING: dict[str, Callable[[str], Message | Mapping[str, Any]]] = {
    **{f"digest_{name}": shown(known) for name, known in DIGESTS.items()},
    "digest_busy_table": shown(busy(), Rung.TABLE),
    "digest_busy_fields": shown(busy(), Rung.FIELDS),
    "digest_crowd_fields": shown(crowd(), Rung.FIELDS),
    "digest_paused": shown(quiet(), paused=True),
    **{f"digest_{name}_details": behind(DIGESTS[name]) for name in DETAILED},
}
