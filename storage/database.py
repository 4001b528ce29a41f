"""Engines for both stores, the store itself, and the lock that keeps SQLite to one server."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import StoreUnavailable
from storage.migrate import current_revision, newest_revision, upgrade
from storage.outage import outages, without_values
from storage.tables import bot
from storage.uow import SqlUnitOfWork

BUSY_MS = 10_000
"""How long a SQLite writer waits for another one, in this process or beside it."""


class StoreBusy(Exception):
    """Another process serves this SQLite file; the message is a sentence for the operator."""


def make_engine(url: str, *, foreign_keys: bool = True, patience_ms: int = 5_000) -> AsyncEngine:
    """An engine whose transactions do what they say.

    SQLite: WAL, synchronous=FULL (a commit lost to a power cut is a lost reminder), BEGIN IMMEDIATE
    for writers. Postgres: every statement, lock and idle transaction has a time limit.
    Neither shows a statement's values in an error: they are what people typed.
    """
    if url.startswith("sqlite"):
        return _sqlite(url, foreign_keys=foreign_keys)
    return _postgres(url, patience_ms)


def _postgres(url: str, patience_ms: int) -> AsyncEngine:
    limits = {
        "application_name": "owroute",
        "statement_timeout": str(patience_ms),
        "lock_timeout": str(patience_ms - 1_000),
        "idle_in_transaction_session_timeout": "15000",
    }
    timeouts = {"timeout": 5, "command_timeout": patience_ms / 1000}
    engine = create_async_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={**timeouts, "server_settings": limits},
    )
    event.listen(engine.sync_engine, "handle_error", without_values)
    return engine


def _sqlite(url: str, *, foreign_keys: bool) -> AsyncEngine:
    engine = create_async_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_MS / 1000}
    )
    pragmas = (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_MS}",
        f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:
        how = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {how}")

    return engine


async def migrate(url: str) -> None:
    """Bring the database at `url` to this version's schema; raises `StoreUnavailable`."""
    engine = make_engine(url, foreign_keys=False, patience_ms=60_000)
    try:
        with outages():
            await upgrade(engine)
    finally:
        await engine.dispose()


class SqlStore:
    """`bot.ports.Store`: opens transactions on one engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._writers = asyncio.Lock() if engine.dialect.name == "sqlite" else None

    def __call__(self, *, read_only: bool = False) -> SqlUnitOfWork:
        """A transaction of its own."""
        turn = nullcontext() if read_only else self._turn()
        return SqlUnitOfWork(self.engine, turn, read_only=read_only)

    async def ping(self) -> None:
        """Raise `StoreUnavailable` unless the database answers with this version's schema."""
        with outages():
            async with self._reader.connect() as connection:
                found = await connection.run_sync(current_revision)
        if found != newest_revision():
            raise StoreUnavailable(f"schema {found}, wanted {newest_revision()}")

    async def last_tick(self) -> datetime | None:
        """When a cycle last ran, in any process."""
        with outages():
            async with self._reader.connect() as connection:
                found: datetime | None = await connection.scalar(select(bot.c.last_tick))
        return found

    async def close(self) -> None:
        """Close all connections: aiosqlite's threads would keep the process alive."""
        await self.engine.dispose()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Let SQLite's writers of this process come one by one, in order.

        Its own queue is a thread that sleeps and tries again: unfair, and deaf to a caller who has
        given up.
        """
        if self._writers is None:
            yield
            return
        async with asyncio.timeout(BUSY_MS / 1000):
            await self._writers.acquire()
        try:
            yield
        finally:
            self._writers.release()

    @property
    def _reader(self) -> AsyncEngine:
        return self.engine.execution_options(sqlite_begin="DEFERRED")


def database_file(url: str) -> Path | None:
    """The SQLite file at `url`, links followed: one file has one name. None for Postgres."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database:
        return None
    return Path(parts.database).resolve()


@contextmanager
def serving_lock(url: str) -> Iterator[None]:
    """Hold the database at `url` for this process alone; Postgres may be shared.

    The operating system's lock on `<file>.lock` is freed even by kill -9. The file's folder is
    created. Raises `StoreBusy` when another process holds it.
    """
    database = database_file(url)
    if database is None:
        yield
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_name(f"{database.name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreBusy(
                f"Another owroute serves the SQLite database in {database.parent}. Stop it first,"
                " or set OWROUTE_DATABASE_URL to Postgres, which any number of processes may share."
            ) from error
        yield
