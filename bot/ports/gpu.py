"""GPU runs, what they cost, how they are ended, and who was told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.domain.alerts import Alert
from bot.domain.costs import Accrual
from bot.domain.ending import EndOp
from bot.domain.fleet import Machine, Provider, Scope
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, ExperimentId, GpuId, TeamId, UserId
from bot.domain.tokens import GuardToken
from bot.domain.watch import Account, Budget, BudgetScope, SetPrice, Watching


class Gpus(Protocol):
    """GPU runs. Every write is a compare-and-set on the version."""

    async def add(self, run: GpuRun) -> GpuRun:
        """Keep a new run; the one that is there already for the same machine."""
        ...

    async def by_id(self, team: TeamId, gpu: GpuId) -> GpuRun | None: ...

    async def by_ids(self, team: TeamId, gpus: Sequence[GpuId]) -> Sequence[GpuRun]: ...

    async def taken(self, team: TeamId, gpu: GpuId) -> GpuRun | None:
        """The run as it is now, which nobody else changes until this transaction ends."""
        ...

    async def by_machine(self, team: TeamId, machine: Machine) -> GpuRun | None: ...

    async def at(self, team: TeamId, provider: Provider, instance_id: str) -> GpuRun | None:
        """The run of a provider's machine, in whatever account: for what an orchestrator names."""
        ...

    async def of_account(self, team: TeamId, provider: Provider, account: str) -> Sequence[GpuRun]:
        """All runs of an account that are live, or stopped and not gone; one query."""
        ...

    async def watched(self, team: TeamId) -> Sequence[GpuRun]:
        """All live runs and all stopped ones that still cost, newest first, disowned ones too."""
        ...

    async def entered(self, team: TeamId) -> Sequence[GpuRun]:
        """All runs that people entered by hand and that are not over, newest first."""
        ...

    async def of_experiments(self, experiments: Sequence[ExperimentId]) -> Sequence[GpuRun]:
        """All runs of these experiments, ended ones too, newest first."""
        ...

    async def save(self, run: GpuRun) -> bool:
        """Write the run if the stored version is one before its own, of any generation.

        False when somebody else was first; nothing is written then.
        """
        ...

    async def unwatched(self, after: GpuId, limit: int) -> Sequence[GpuRun]:
        """Live runs of active workspaces, behind `after`, for which nothing waits to fall due."""
        ...

    async def forget_ended(self, team: TeamId, before: datetime) -> int:
        """Delete runs that are over and cost nothing since then, with all that hangs on them."""
        ...


class Accruals(Protocol):
    """Cost intervals."""

    async def open_of(self, gpus: Sequence[GpuId]) -> dict[GpuId, Accrual]:
        """The newest interval of each run, open or closed."""
        ...

    async def of(self, gpus: Sequence[GpuId]) -> Sequence[Accrual]:
        """All intervals of these runs, oldest first."""
        ...

    async def since(self, team: TeamId, start: datetime) -> Sequence[Accrual]:
        """All intervals of a workspace that touch the time after `start`."""
        ...

    async def of_owner(self, team: TeamId, owner: UserId, start: datetime) -> Sequence[Accrual]:
        """The same of somebody's runs, and perhaps of a few that only name them."""
        ...

    async def put(self, team: TeamId, accruals: Sequence[Accrual]) -> None:
        """Write intervals: new ones, and the ends of known ones (by run and `since`)."""
        ...

    async def drop(self, gpu: GpuId, start: datetime) -> None:
        """Forget a run's cost from `start` on: it was merged into another, which counts that."""
        ...


class Unattended(Protocol):
    """When live runs were in nobody's charge: half-open stretches, one open at most for each."""

    async def begin(self, team: TeamId, gpu: GpuId, since: datetime) -> None:
        """Nobody is in charge since then; nothing changes where that is known."""
        ...

    async def end(self, gpu: GpuId, until: datetime) -> None:
        """Somebody is again, or it is over."""
        ...

    async def of(
        self, gpus: Sequence[GpuId], start: datetime
    ) -> Mapping[GpuId, Sequence[tuple[datetime, datetime | None]]]:
        """(from, to) of these runs, what touches the time after `start`; None = it goes on."""
        ...


class EndOps(Protocol):
    """Accepted stops."""

    async def add(self, op: EndOp) -> bool:
        """Keep an intent unless its key exists; False when it was there."""
        ...

    async def by_key(self, key: str) -> EndOp | None: ...

    async def by_keys(self, keys: Collection[str]) -> Sequence[EndOp]:
        """Those of these that there are."""
        ...

    async def save(self, op: EndOp) -> EndOp | None:
        """Write it if the stored version is its own: with the next one then, else None."""
        ...


class Alerts(Protocol):
    """Messages about runs that stand in Slack."""

    async def standing(self, gpu: GpuId) -> Sequence[Alert]:
        """Those of a run, oldest first."""
        ...

    async def stand(self, alert: Alert) -> None:
        """Note one; what is held has no message, and never stands."""
        ...

    async def fell(self, subjects: Sequence[str]) -> None:
        """They stand no more; that they were sent still counts for their day."""
        ...

    async def standing_at(self, team: TeamId, place: ChannelId) -> Sequence[Alert]:
        """Those that stand in one place, about any run, oldest first."""
        ...

    async def forget(self, subject: str) -> None:
        """It was never sent: it counts for no day."""
        ...

    async def last_fallen(self, alert: Alert) -> Alert | None:
        """The newest that stood where this one does, about the same generation of the run."""
        ...

    async def was_made(self, gpu: GpuId, prefix: str) -> bool:
        """Whether there was ever one of a run whose subject begins so."""
        ...

    async def counted(self, team: TeamId, place: ChannelId, day: date) -> int:
        """How many alerts somebody had on a day of theirs, those that count.

        From here to the commit nobody else counts for that place.
        """
        ...

    async def forget_fallen(self, before: datetime) -> int:
        """Delete older ones that stand no more, of runs that are over; a bounded number at once."""
        ...

    async def held(self, team: TeamId, place: ChannelId, day: date, besides: GpuId) -> int:
        """How many runs had something to say to somebody that day and no message for it."""
        ...


class GuardTokens(Protocol):
    """Tokens with which a guard on a machine is heard."""

    async def add(self, token: GuardToken) -> None: ...

    async def by_hash(self, sha256: str) -> GuardToken | None: ...

    async def use(self, sha256: str, now: datetime, every: timedelta) -> bool:
        """Note a use; False when the last one is not `every` ago (compare-and-set)."""
        ...

    async def revoke(self, gpu: GpuId, at: datetime) -> int:
        """End all tokens of a run; returns how many were not ended."""
        ...

    async def move(self, gpu: GpuId, to: GpuId, generation: int) -> None:
        """From one run to another of the same machine: the guard on it is heard as before."""
        ...


class WatchBook(Protocol):
    """Settings of the watch, how listings went, and budgets."""

    async def settings(self, team: TeamId) -> Watching: ...

    async def taken(self, team: TeamId) -> Watching:
        """The same, which nobody else changes until this transaction ends."""
        ...

    async def put(self, watching: Watching) -> None: ...

    async def accounts(self, team: TeamId) -> Sequence[Account]: ...

    async def account(self, team: TeamId, scope: Scope) -> Account: ...

    async def put_account(self, account: Account) -> None: ...

    async def budgets(self, team: TeamId) -> Sequence[Budget]: ...

    async def budgets_of(
        self, team: TeamId, scope: BudgetScope, subjects: Collection[str]
    ) -> Sequence[Budget]:
        """Those of some experiments, some channels, or (of "") of the workspace itself."""
        ...

    async def put_budget(self, budget: Budget) -> None:
        """Set a cap; zero removes it."""
        ...

    async def prices(self, team: TeamId) -> Sequence[SetPrice]:
        """What admins have set for GPUs whose provider tells no price."""
        ...

    async def put_price(self, team: TeamId, price: SetPrice) -> None:
        """Set a price, or replace it; zero removes it."""
        ...

    async def mark(self, budget: Budget, period: str, mark: int, now: datetime) -> bool:
        """Note that a mark was told; False when it was told before for this period and cap."""
        ...

    async def told(self, keys: Collection[str]) -> set[str]:
        """Those of these marks, by `mark_key`, that were told before."""
        ...

    async def admins(self, team: TeamId) -> Sequence[UserId]:
        """Full members whom Slack calls admins or owners, or who are named one by those."""
        ...
