"""Homes to show: of a newcomer, of who has nothing to do, of the busy, of leads and of admins."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.cards.gpus_view import Line
from bot.cards.home import home, turned_away
from bot.cards.home_view import (
    Burn,
    GpuNeed,
    HomeNeed,
    HomeSeen,
    Overview,
    OwnGpu,
    OwnPlan,
    PlanNeed,
)
from bot.cards.text import Mrkdwn
from bot.domain.costs import NOTHING, Spent
from bot.domain.evidence import EvidenceState, progress
from bot.domain.gpu import GpuRun
from bot.domain.home import GPUS, NEEDS, PLANS, Kind, Pages, page_of
from bot.domain.ids import ChannelId, ExperimentId
from bot.domain.needs import Need, need_of
from bot.domain.plans import Experiment, State
from bot.domain.watch import MonthlyCap, Watching
from tests.cards.gpu_listing import listed
from tests.cards.gpuing import (
    BERLIN,
    BY_ADA,
    DEFAULT,
    EC2,
    HOUR,
    LIN,
    MANUAL,
    NOW,
    POD,
    READ_ONLY,
    TEAM,
    UNPRICED,
    VAST,
    ended,
)
from tests.cards.made import (
    COLAB,
    PLAIN,
    REFUSED,
    RENTED,
    STOPPED,
    checklist,
    planned,
    priced,
    undecided,
)

IDLE = Burn(0, Decimal(0), 0, 0, NOTHING)
ML_LAB, RESEARCH = ChannelId("C0MLLAB0001"), ChannelId("C0RESEARCH1")
CALM = Watching(TEAM)
HELD = Watching(TEAM, hold=True, held_by=LIN, held_at=NOW - HOUR)


def seen(
    needs: Sequence[HomeNeed] = (),
    plans: Sequence[OwnPlan] = (),
    gpus: Sequence[OwnGpu] = (),
    pages: Pages | None = None,
    **changes: Any,
) -> HomeSeen:
    """A Home at half past two in Berlin, turned to these pages."""
    turned = pages or Pages()
    plain = HomeSeen(
        needs=page_of(needs, turned.needs, NEEDS),
        plans=page_of(plans, turned.plans, PLANS),
        gpus=page_of(gpus, turned.gpus, GPUS),
        burn=IDLE,
        overviews=(),
        led=(),
        watching=CALM,
        zone=BERLIN,
        now=NOW,
    )
    return replace(plain, **changes)


def lines(*runs: GpuRun) -> list[Line]:
    """These runs as their owner, who may do everything, has them on a list."""
    return list(listed(runs).lines)


def own(x: Experiment, given: int = 2, cost: str = "0", price: str = "0") -> OwnPlan:
    """An experiment of the reader with some of its evidence there."""
    counts = progress(checklist(x, given)) if x.decision else None
    spent = Spent(compute=Decimal(cost))
    return OwnPlan(x, counts, spent, Decimal(price), has_run=spent != NOTHING)


def asked(x: Experiment, kind: Kind, given: int = 0) -> PlanNeed:
    """What an experiment wants of its owner."""
    items = checklist(x, given) if x.state is not State.COMPLETE else ()
    need = need_of(x, items, x.owner)
    assert need is not None
    claims = tuple(e for e in items if e.state is EvidenceState.CLAIMED)
    return PlanNeed(kind, need, claims)


def as_lead(x: Experiment) -> PlanNeed:
    """What its owner was asked for in vain."""
    return PlanNeed(Kind.LEAD, Need(x, checklist(x)[:4], leads=True))


def numbered(xs: Sequence[Experiment]) -> list[Experiment]:
    return [replace(x, id=ExperimentId(n), number=n) for n, x in enumerate(xs, 1)]


def to_do(lang: str) -> list[HomeNeed]:
    """Everything that can wait for somebody, in its order."""
    colab, rented, complete, theirs = numbered(
        [
            planned(COLAB, lang, State.RUNNING),
            replace(priced(lang), state=State.RUNNING),
            planned(PLAIN, lang, State.COMPLETE),
            replace(planned(COLAB, lang, State.RUNNING), owner=LIN),
        ]
    )
    late, proposed = lines(replace(POD, owner=LIN, pings=3), replace(EC2, deadline=DEFAULT))
    pod, unpriced, vast = lines(POD, UNPRICED, VAST)
    return [
        GpuNeed(Kind.PLANLESS, pod),
        GpuNeed(Kind.PLANLESS, unpriced),
        GpuNeed(Kind.PLANLESS, vast),
        asked(colab, Kind.ACCEPT, given=5),
        asked(rented, Kind.ATTACH),
        asked(complete, Kind.DECIDE),
        GpuNeed(Kind.PROPOSED, proposed),
        GpuNeed(Kind.LEAD_GPU, late),
        as_lead(theirs),
    ]


def mine(lang: str) -> list[OwnPlan]:
    """Own experiments of every kind."""
    xs = numbered(
        [
            planned(PLAIN, lang),
            planned(RENTED, lang),
            planned(RENTED | STOPPED, lang),
            planned(REFUSED, lang),
            planned(COLAB, lang, State.RUNNING),
            replace(priced(lang), state=State.RUNNING),
            planned(PLAIN, lang, State.COMPLETE),
            undecided(),
        ]
    )
    plans = [own(x) for x in xs]
    plans[5] = own(xs[5], 5, "4.14", "0.69")
    return plans


def with_today(found: Sequence[Line], *costs: str) -> list[OwnGpu]:
    return [
        OwnGpu(x, Spent(compute=Decimal(c)) if c else Spent(unpriced=6 * HOUR, unpriced_runs=1))
        for x, c in zip(found, costs, strict=True)
    ]


def busy(lang: str, **changes: Any) -> HomeSeen:
    """An engineer with everything to do."""
    runs = lines(POD, UNPRICED, replace(MANUAL, deadline=BY_ADA), ended(POD), READ_ONLY)
    burn = Burn(4, Decimal("2.39"), 1, 2, Spent(Decimal("9.6"), Decimal("0.1"), 6 * HOUR, 1))
    gpus = with_today(runs, "4.14", "", "1.20", "0.000001", "4.26")
    return seen(to_do(lang), mine(lang), gpus, **{"burn": burn, **changes})


LAB = Overview(
    ML_LAB,
    Burn(3, Decimal("1.70"), 0, 1, Spent(Decimal("7.20"))),
    Spent(Decimal("171.40")),
    MonthlyCap(Decimal(500)),
    late=2,
)
QUIET = Overview(RESEARCH, IDLE, NOTHING, MonthlyCap(), late=0)
LOST = replace(QUIET, lost="2026-W48")
WHOLE = Overview(
    None,
    Burn(7, Decimal("24.10"), 2, 3, Spent(Decimal("96.40"), unpriced=3 * HOUR, unpriced_runs=2)),
    Spent(Decimal("10000000"), unpriced=timedelta(hours=31), unpriced_runs=2),
    MonthlyCap(Decimal("9000000")),
    late=4,
)


def lead(lang: str) -> HomeSeen:
    """Who leads two channels, with something asked of them."""
    needs = to_do(lang)[-2:]
    return seen(needs, mine(lang)[:1], overviews=(LAB, LOST), led=(ML_LAB, RESEARCH))


def admin(lang: str, watching: Watching = CALM) -> HomeSeen:
    """Who sees the workspace, and leads more channels than are told of."""
    led = (ML_LAB, *(ChannelId(f"C0PLACE{n:04}") for n in range(6)))
    shown = (WHOLE, LAB, *(replace(QUIET, place=place) for place in led[1:5]))
    return seen((), mine(lang)[:1], overviews=shown, led=led, is_admin=True, watching=watching)


def many(lang: str, pages: Pages) -> HomeSeen:
    """Five hundred experiments and two hundred GPUs, each with the longest of everything."""
    x = planned(COLAB | {"task": "Ein sehr langer Name für einen Versuch & mehr " * 6}, lang)
    xs = [replace(x, id=ExperimentId(n), number=n, state=State.RUNNING) for n in range(1, 501)]
    name = "ow-12-" + "very-long-name-" * 12
    runs = [replace(POD, name=f"{n}-{name}", deadline=BY_ADA) for n in range(200)]
    shown = lines(*runs)
    return replace(
        busy(lang, overviews=admin(lang).overviews, led=admin(lang).led, is_admin=True),
        needs=page_of([asked(x, Kind.ATTACH) for x in xs], pages.needs, NEEDS),
        plans=page_of([own(x) for x in xs], pages.plans, PLANS),
        gpus=page_of(with_today(shown, *["4.14"] * 200), pages.gpus, GPUS),
        watching=HELD,
        first=True,
    )


SORRY = Mrkdwn("You can do that to your own experiments only.")
HOMING = {
    "home_new": lambda lang: home(seen(first=True), lang),
    "home_nothing": lambda lang: home(seen(plans=mine(lang)[:1]), lang),
    "home_nothing_new": lambda lang: home(seen(), lang),
    "home_busy": lambda lang: home(busy(lang), lang),
    "home_busy_later": lambda lang: home(
        replace(busy(lang), needs=page_of(to_do(lang), 1, NEEDS)), lang
    ),
    "home_lead": lambda lang: home(lead(lang), lang),
    "home_admin": lambda lang: home(admin(lang), lang),
    "home_hold": lambda lang: home(admin(lang, HELD), lang),
    "home_hold_member": lambda lang: home(replace(busy(lang), watching=HELD), lang),
    "home_many": lambda lang: home(many(lang, Pages(0, 1, 33)), lang),
    "home_told": lambda lang: home(seen(plans=mine(lang)[:1]), lang, SORRY),
    "home_turned_away": lambda lang: turned_away(SORRY),
    "home_spent_today": lambda lang: home(
        seen(burn=replace(IDLE, today=Spent(Decimal("3.10")))), lang
    ),
}
