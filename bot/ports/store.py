"""Transactions over all repositories."""

from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from bot.ports.delivery import DueRows, Inbound, Outbox
from bot.ports.digest import Digests, Weeks
from bot.ports.gpu import Accruals, Alerts, EndOps, Gpus, GuardTokens, Unattended, WatchBook
from bot.ports.plans import EvidenceItems, Plans, Reminders, Tokens
from bot.ports.workspace import Audit, Channels, People, Workspaces


class UnitOfWork(Protocol):
    """One transaction. Leaving it without `commit` rolls back."""

    @property
    def plans(self) -> Plans: ...

    @property
    def evidence(self) -> EvidenceItems: ...

    @property
    def reminders(self) -> Reminders: ...

    @property
    def tokens(self) -> Tokens: ...

    @property
    def due(self) -> DueRows: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def inbound(self) -> Inbound: ...

    @property
    def people(self) -> People: ...

    @property
    def channels(self) -> Channels: ...

    @property
    def workspaces(self) -> Workspaces: ...

    @property
    def gpus(self) -> Gpus: ...

    @property
    def accruals(self) -> Accruals: ...

    @property
    def unattended(self) -> Unattended: ...

    @property
    def ends(self) -> EndOps: ...

    @property
    def guards(self) -> GuardTokens: ...

    @property
    def alerts(self) -> Alerts: ...

    @property
    def watch(self) -> WatchBook: ...

    @property
    def digests(self) -> Digests: ...

    @property
    def weeks(self) -> Weeks: ...

    @property
    def audit(self) -> Audit: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def commit(self) -> None:
        """Make it so. A commit whose answer is lost raises, though it may have happened."""
        ...


class Store(Protocol):
    """Opens transactions."""

    def __call__(self, *, read_only: bool = False) -> UnitOfWork:
        """A transaction of its own; `read_only` takes no write lock."""
        ...

    async def ping(self) -> None:
        """Raise unless the database answers and its schema is this version's."""
        ...

    async def last_tick(self) -> datetime | None:
        """When a cycle last ran, in any replica."""
        ...
