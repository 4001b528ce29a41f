"""What a weekly digest is made of: read from the store for one channel, or for a whole workspace.

Whoever reads them loads what `reach` names; `bot.domain.digest.summary` does the sums.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.budgets import month_of
from bot.domain.costs import Accrual
from bot.domain.digest_week import DAYS, Span, Week
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import Conclusion
from bot.domain.watch import NO_CAP, MonthlyCap

USUAL = 4
"""So many weeks before it make what is usual."""


@dataclass(frozen=True, slots=True)
class ProvenStop:
    """That a machine was seen to be off after somebody, or a stop time, ended it through owroute.

    `at` is when its GPU time ended, by its provider's word.
    """

    at: datetime
    why: StopReason
    by: UserId | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A GPU run with what it cost. Of all that, only what lies in the digest's `reach` matters.

    `accruals` may go on. `unattended` are the stretches in which it was live and nothing was going
    to end it; where two of them overlap, that time counts once. `stop` is the first proven stop of
    the week, if there was one through owroute. `zone` is its owner's time zone; empty: the
    digest's.
    """

    run: GpuRun
    accruals: tuple[Accrual, ...] = ()
    unattended: tuple[Span, ...] = ()
    stop: ProvenStop | None = None
    zone: str = ""


@dataclass(frozen=True, slots=True)
class ExperimentFacts:
    """What an experiment is called: `OW-12`, and its task as it was typed."""

    label: str
    task: str


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """Evidence of one experiment: how many required items people closed in the week.

    They gave, accepted or waived them; what owroute itself fills in is none of those. `overdue` are
    those that a reminder has asked for and that are still missing now.
    """

    experiment: ExperimentId
    closed: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class DecidedFacts:
    """What was decided about an experiment in the week."""

    experiment: ExperimentId
    what: Conclusion
    at: datetime
    by: UserId | None = None


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """All that a digest is made of; `channel` None: of the whole workspace, for its admins.

    `now` is when it is written: month and forecast are of then, and what still goes on counts up to
    then. `since` is from when costs are known here; None: from before anything that matters.
    `experiments` and `names` say what is called how; what is not in them is shown by its id.
    `late`: it was due at `due_at` and could not be sent then. `forced`: the channel wants one even
    of a week in which nothing happened.
    """

    team: TeamId
    channel: ChannelId | None
    week: Week
    now: datetime
    runs: tuple[RunFacts, ...] = ()
    evidence: tuple[EvidenceFacts, ...] = ()
    decided: tuple[DecidedFacts, ...] = ()
    experiments: Mapping[ExperimentId, ExperimentFacts] = field(default_factory=dict)
    names: Mapping[UserId, str] = field(default_factory=dict)
    cap: MonthlyCap = NO_CAP
    since: datetime | None = None
    late: bool = False
    due_at: datetime | None = None
    forced: bool = False

    @property
    def first(self) -> bool:
        """Whether there is nothing to compare with: the week before is not known as a whole."""
        return not self.knows(1)

    def knows(self, weeks: int) -> bool:
        """Whether so many weeks before it are known as a whole."""
        return self.since is None or self.since <= self.week.back(weeks).start


def lately_from(now: datetime, since: datetime | None) -> datetime:
    """When the last seven days begin; not before costs are known, whatever ran before."""
    week = now - timedelta(days=DAYS)
    return max(week, since or week)


def reach(week: Week, now: datetime) -> Span:
    """The time whose accruals a digest needs: the usual weeks, this month and the last seven days.

    What touches it in part is needed whole.
    """
    month = month_of(now, week.zone).start
    first = min(week.back(USUAL).start, month, now - timedelta(days=DAYS))
    return Span(first, max(week.end, now))
