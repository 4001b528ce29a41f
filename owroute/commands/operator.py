"""What `serve` and `db upgrade` do, and how they end when they cannot."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
import typer

from bot.errors import StoreUnavailable
from owroute import logs
from owroute.commands.exits import Code, listening, stop
from owroute.commands.speech import Speech
from owroute.serve import serve
from owroute.settings import Settings, SettingsError, load, unknown
from storage.database import StoreBusy, database_file, migrate, serving_lock

log = structlog.get_logger(__name__)


def serve_bot(say: Speech) -> None:
    """Serve until told to stop."""
    known = settings(say)
    logs.configure()
    if names := unknown(os.environ):
        log.warning("settings.unknown", names=names)
    with _usable(known, say), listening(known.host, known.port, say):
        asyncio.run(serve(known))


def upgrade(say: Speech) -> None:
    """Migrate; a SQLite file that is being served is left alone."""
    known = settings(say)
    with _usable(known, say), serving_lock(known.database_url):
        asyncio.run(migrate(known.database_url))
    typer.echo(say.db_upgraded())


def settings(say: Speech) -> Settings:
    """The settings; their problems end the command, one sentence a line."""
    try:
        return load({**os.environ, "LANGUAGE": say.lang})
    except SettingsError as error:
        stop(Code.BAD_INPUT, *error.problems)


@contextmanager
def _usable(known: Settings, say: Speech) -> Iterator[None]:
    """A store that cannot be used ends the command with a sentence."""
    file = database_file(known.database_url)
    folder = file.parent if file else known.data_dir
    if file:
        _make_folder(file, say)
    try:
        yield
    except StoreBusy:
        stop(Code.BAD_INPUT, say.store_busy(folder))
    except StoreUnavailable as error:
        stop(Code.PROBLEM, say.store_unavailable(error))


def _make_folder(file: Path, say: Speech) -> None:
    """The folder of the database, where a file beside it can be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_name(f"{file.name}.lock").touch()
    except OSError as error:
        stop(Code.BAD_INPUT, say.folder_unusable(file.parent, error.strerror))
