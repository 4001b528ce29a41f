"""One transaction with its repositories. Leaving it without `commit` rolls back."""

from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from bot.errors import StoreUnavailable
from storage.audit import SqlAudit
from storage.due import SqlDueRows
from storage.evidence import SqlEvidenceItems
from storage.inbound import SqlInbound
from storage.outbox import SqlOutbox
from storage.plans import SqlPlans
from storage.workspace import SqlChannels, SqlPeople, SqlWorkspaces

UNREACHABLE = (DBAPIError, PoolTimeout, OSError)
"""What drivers raise when the database is down, locked, full or read-only."""


class SqlUnitOfWork:
    """`bot.ports.UnitOfWork` on one connection."""

    plans: SqlPlans
    evidence: SqlEvidenceItems
    due: SqlDueRows
    outbox: SqlOutbox
    inbound: SqlInbound
    people: SqlPeople
    channels: SqlChannels
    workspaces: SqlWorkspaces
    audit: SqlAudit
    _transaction: AsyncTransaction

    def __init__(self, engine: AsyncEngine, *, read_only: bool) -> None:
        self._engine = engine
        self._read_only = read_only
        self._connection: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        """Begin. On SQLite a writer takes the write lock now, a reader never does."""
        begin = "DEFERRED" if self._read_only else "IMMEDIATE"
        try:
            self._connection = await self._engine.connect()
            self._connection = await self._connection.execution_options(sqlite_begin=begin)
            self._transaction = await self._connection.begin()
        except UNREACHABLE as error:
            await self._give_back()
            raise StoreUnavailable(type(error).__name__) from error
        self._open(self._connection)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Roll back what was not committed."""
        await self._give_back()
        if isinstance(error, UNREACHABLE) and not isinstance(error, TimeoutError):
            raise StoreUnavailable(type(error).__name__) from error

    async def commit(self) -> None:
        """Make it so."""
        await self._transaction.commit()

    def _open(self, connection: AsyncConnection) -> None:
        self.plans = SqlPlans(connection)
        self.evidence = SqlEvidenceItems(connection)
        self.due = SqlDueRows(connection)
        self.outbox = SqlOutbox(connection)
        self.inbound = SqlInbound(connection)
        self.people = SqlPeople(connection)
        self.channels = SqlChannels(connection)
        self.workspaces = SqlWorkspaces(connection)
        self.audit = SqlAudit(connection)

    async def _give_back(self) -> None:
        """Closing rolls back what is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
