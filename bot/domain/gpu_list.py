"""The list of GPU runs: which of them somebody asked for, and what they cost together."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.costs import NOTHING, Spent
from bot.domain.fleet import Billing, Grade
from bot.domain.gpu import GpuRun, RunState
from bot.domain.ids import ChannelId, UserId
from bot.domain.money import over
from bot.domain.shutdown import ShutdownPlan

ALL_WORD = "all"
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed behind `/owroute gpus`: everything that one may see, and words to look for."""

    everything: bool = False
    words: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Asked":
        """`all runpod @ada`: the word all widens it, every other narrows it; a mention is an id."""
        words = _MENTION.sub(r"\1", text).casefold().split()
        everything = ALL_WORD in words
        return cls(everything, tuple(w for w in words if w != ALL_WORD))

    def wants(
        self, run: GpuRun, texts: Iterable[str | None], who: UserId, place: ChannelId | None
    ) -> bool:
        """Whether a run that is shown to somebody belongs on this list; `texts` are its words."""
        hay = " ".join(text.casefold() for text in texts if text)
        if not all(word in hay for word in self.words):
            return False
        if self.everything:
            return True
        return not run.disowned and (
            run.owner == who or (place is not None and run.channel == place)
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """What some runs cost: so far, per hour as they burn now, and from now until `until`.

    Amounts are USD of what has a price; `unpriced` burn without one. What is sure to be stopped
    before `until` is counted to its stop time.
    """

    spent: Spent
    per_hour: Decimal
    unpriced: int
    projected: Decimal
    until: datetime
    planless: int


def totals(
    runs: Sequence[tuple[GpuRun, ShutdownPlan, Spent]], now: datetime, until: datetime
) -> Totals:
    """The sums over runs with their plans and what each has cost."""
    burning = [(run, plan) for run, plan, _ in runs if burns(run)]
    projected = Decimal(0)
    for run, plan in burning:
        ends = plan.stops_at if plan.grade is Grade.ENFORCED and plan.stops_at else until
        projected += over(run.price_per_hour or Decimal(0), max(min(ends, until), now) - now)
    return Totals(
        spent=sum((cost for _, _, cost in runs), NOTHING),
        per_hour=sum((run.price_per_hour or Decimal(0) for run, _ in burning), Decimal(0)),
        unpriced=sum(run.price_per_hour is None for run, _ in burning),
        projected=projected,
        until=until,
        planless=sum(lacks_plan(run, plan) for run, plan in burning),
    )


def lacks_plan(run: GpuRun, plan: ShutdownPlan) -> bool:
    """Whether it burns and nobody is going to end it."""
    return burns(run) and run.state is not RunState.STOPPING and plan.grade is Grade.NONE


def burns(run: GpuRun) -> bool:
    """Whether GPU time is, or may be, paid for it now."""
    return run.is_live and not run.disowned and run.billing in (Billing.COMPUTE, Billing.UNKNOWN)
