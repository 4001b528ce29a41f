"""One transaction with its repositories. Leaving it without `commit` rolls back."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from bot.errors import StoreUnavailable
from storage.audit import SqlAudit
from storage.digests import SqlDigests
from storage.due import SqlDueRows
from storage.evidence import SqlEvidenceItems
from storage.gpu import SqlGpus
from storage.gpu_alerts import SqlAlerts
from storage.gpu_costs import SqlAccruals
from storage.gpu_ends import SqlEndOps
from storage.gpu_unattended import SqlUnattended
from storage.guard import SqlGuardTokens
from storage.inbound import SqlInbound
from storage.outage import is_outage, outages
from storage.outbox import SqlOutbox
from storage.plans import SqlPlans
from storage.records import SqlRecords
from storage.reminders import SqlReminders
from storage.tokens import SqlTokens
from storage.watch import SqlWatchBook
from storage.weeks import SqlWeeks
from storage.workspace import SqlChannels, SqlPeople, SqlWorkspaces

Turn = AbstractAsyncContextManager[object]
"""Held while a unit is open: SQLite's one writer's turn, or nothing."""


class SqlUnitOfWork:
    """`bot.ports.UnitOfWork` on one connection."""

    plans: SqlPlans
    evidence: SqlEvidenceItems
    records: SqlRecords
    reminders: SqlReminders
    tokens: SqlTokens
    due: SqlDueRows
    outbox: SqlOutbox
    inbound: SqlInbound
    people: SqlPeople
    channels: SqlChannels
    workspaces: SqlWorkspaces
    gpus: SqlGpus
    accruals: SqlAccruals
    unattended: SqlUnattended
    ends: SqlEndOps
    guards: SqlGuardTokens
    alerts: SqlAlerts
    watch: SqlWatchBook
    digests: SqlDigests
    weeks: SqlWeeks
    audit: SqlAudit
    _transaction: AsyncTransaction
    _exit: AsyncExitStack

    def __init__(self, engine: AsyncEngine, turn: Turn, *, read_only: bool) -> None:
        self._engine = engine
        self._turn = turn
        self._options = {"sqlite_begin": "DEFERRED" if read_only else "IMMEDIATE"}
        if read_only and engine.dialect.name == "postgresql":
            self._options["isolation_level"] = "REPEATABLE READ"

    async def __aenter__(self) -> Self:
        """Begin. On SQLite a writer takes the write lock now, a reader never does.

        A reader sees one moment throughout, on Postgres as on SQLite.
        """
        async with AsyncExitStack() as stack:
            with outages():
                await stack.enter_async_context(self._turn)
                connection = await stack.enter_async_context(self._engine.connect())
                connection = await connection.execution_options(**self._options)
                self._transaction = await connection.begin()
            self._open(connection)
            self._exit = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Roll back what was not committed: giving the connection back does."""
        with outages():
            await self._exit.aclose()
        if is_outage(error):
            raise StoreUnavailable(
                type(error).__name__
            ) from None  # its chain may hold what was typed

    async def commit(self) -> None:
        """Make it so."""
        await self._transaction.commit()

    def _open(self, connection: AsyncConnection) -> None:
        self.plans = SqlPlans(connection)
        self.evidence = SqlEvidenceItems(connection)
        self.records = SqlRecords(connection)
        self.reminders = SqlReminders(connection)
        self.tokens = SqlTokens(connection)
        self.due = SqlDueRows(connection)
        self.outbox = SqlOutbox(connection)
        self.inbound = SqlInbound(connection)
        self.people = SqlPeople(connection)
        self.channels = SqlChannels(connection)
        self.workspaces = SqlWorkspaces(connection)
        self.gpus = SqlGpus(connection)
        self.accruals = SqlAccruals(connection)
        self.unattended = SqlUnattended(connection)
        self.ends = SqlEndOps(connection)
        self.guards = SqlGuardTokens(connection)
        self.alerts = SqlAlerts(connection)
        self.watch = SqlWatchBook(connection)
        self.digests = SqlDigests(connection)
        self.weeks = SqlWeeks(connection)
        self.audit = SqlAudit(connection)
