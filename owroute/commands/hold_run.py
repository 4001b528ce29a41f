"""What `owroute hold` does: one short transaction, and what came of it in each workspace."""

import asyncio
import logging
from collections.abc import Sequence

import typer

from bot.clock import SystemClock
from bot.errors import StoreUnavailable
from bot.services.gpu.holding import Held, HoldByOperator
from owroute import logs
from owroute.commands.alone import WithDatabase, settings_of
from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech, spoken
from storage.database import SqlStore, database_file, make_engine

WANTED = {"on": True, "off": False, "status": None}


def run(word: str, say: Speech) -> Code:
    """Change it where a change is asked for, and say how it stands."""
    if word.lower() not in WANTED:
        stop(Code.BAD_INPUT, _told(say, "neither", word))
    logs.configure(logging.CRITICAL)
    wanted = WANTED[word.lower()]
    for held in (found := _held(wanted, say)):
        typer.echo(_line(held, say, changing=wanted is not None))
    if not found:
        stop(Code.PROBLEM, _told(say, "nobody"))
    if any(held.changed for held in found):
        typer.echo(_told(say, "soon"))
    return Code.OK


def _held(wanted: bool | None, say: Speech) -> Sequence[Held]:
    known = settings_of(WithDatabase, say)
    file = database_file(known.database_url)
    if file is not None and not file.is_file():
        stop(Code.PROBLEM, _told(say, "no_database", file))
    try:
        return asyncio.run(_asked(known.database_url, wanted))
    except StoreUnavailable as error:
        stop(Code.PROBLEM, say.store_unavailable(error))


async def _asked(url: str, wanted: bool | None) -> Sequence[Held]:
    store = SqlStore(make_engine(url))
    try:
        await store.ping()
        hold = HoldByOperator(store=store, clock=SystemClock())
        return await (hold.look() if wanted is None else hold(on=wanted))
    finally:
        await store.close()


def _line(held: Held, say: Speech, *, changing: bool) -> str:
    now = held.watching
    parts = [_told(say, "on" if now.hold else "off", held.team)]
    if now.held_at is not None:
        parts.append(_told(say, "since", f"{now.held_at:%Y-%m-%d %H:%M} UTC"))
    if now.held_by is not None:
        parts.append(_told(say, "by", now.held_by))
    if changing and not held.changed:
        parts.append(_told(say, "was_so"))
    return " ".join(parts)


def _told(say: Speech, name: str, *values: object) -> str:
    return spoken(say.lang, "hold", name, *values)
