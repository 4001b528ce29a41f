"""Brings a database to this version's schema, under a lock, at every start."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

LOCK = 7041
"""An arbitrary number that names our advisory lock on Postgres."""

SCRIPTS = Path(__file__).parent / "migrations"


async def upgrade(engine: AsyncEngine) -> None:
    """Run what is missing in one transaction; several starts at once come one after the other.

    The engine must have been made with `foreign_keys=False`: Alembic rebuilds SQLite's tables, and
    with the pragma on that would empty every table that refers to them.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_run)


@cache
def newest_revision() -> str | None:
    """The schema this version of owroute wants."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current_revision(connection: Connection) -> str | None:
    """The schema the database has."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:  # on SQLite BEGIN IMMEDIATE is the lock
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if current_revision(connection) == newest_revision():
        return  # as at nearly every start; Alembic would load every script again
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
        raise RuntimeError(f"broken references after the migration: {broken[:5]}")
