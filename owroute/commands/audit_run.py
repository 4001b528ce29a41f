"""What `owroute audit` does: the newest lines of each workspace, oldest first, as in a log."""

import asyncio
import logging
from collections.abc import Sequence

import typer

from bot.cards.text import one_line
from bot.domain.audit import Entry
from bot.domain.ids import TeamId
from bot.errors import StoreUnavailable
from owroute import logs
from owroute.commands.alone import WithDatabase, settings_of
from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech, spoken
from storage.database import SqlStore, database_file, make_engine

CUT = 200
"""Characters of each text in a line."""

Page = tuple[TeamId, Sequence[Entry]]


def run(lines: int, say: Speech) -> Code:
    """Print them."""
    logs.configure(logging.CRITICAL)
    known = settings_of(WithDatabase, say)
    file = database_file(known.database_url)
    if file is not None and not file.is_file():
        stop(Code.PROBLEM, spoken(say.lang, "audit_cli", "no_database", file))
    try:
        pages = asyncio.run(_read(known.database_url, lines))
    except StoreUnavailable as error:
        stop(Code.PROBLEM, say.store_unavailable(error))
    told = [line for team, page in pages for line in _lines(team, page)]
    for line in told or [spoken(say.lang, "audit_cli", "nothing")]:
        typer.echo(line)
    return Code.OK


async def _read(url: str, lines: int) -> list[Page]:
    store = SqlStore(make_engine(url))
    try:
        await store.ping()
        async with store(read_only=True) as uow:
            return [(t, await uow.audit.page(t, lines)) for t in await uow.workspaces.active()]
    finally:
        await store.close()


def _lines(team: TeamId, page: Sequence[Entry]) -> list[str]:
    """One entry a line, its parts with two blanks between them; what is empty is a dash."""
    found = []
    for entry in reversed(page):
        parts = (entry.actor or "owroute", entry.action, entry.subject, entry.before, entry.after)
        texts = [one_line(part, CUT) or "-" for part in parts]
        found.append("  ".join((f"{entry.at:%Y-%m-%dT%H:%M:%SZ}", team, *texts)))
    return found
