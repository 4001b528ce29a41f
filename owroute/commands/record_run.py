"""What `owroute record` does: read the database, print a record or write those of a channel."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.cards import record as cards
from bot.domain.ids import ChannelId, ExperimentId, TeamId
from bot.domain.plans import number_of
from bot.domain.record import to_json
from bot.errors import StoreUnavailable
from bot.services.record import read_record
from bot.services.shows import language_of_card
from owroute.commands.alone import WithDatabase, settings_of
from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech, spoken
from storage.database import SqlStore, database_file, make_engine
from storage.uow import SqlUnitOfWork


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed; an empty text is what was left out."""

    label: str
    channel: str
    out: Path | None
    team: str
    as_json: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """A record in both forms."""

    label: str
    markdown: str
    json: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The number exists in several workspaces."""

    teams: tuple[TeamId, ...]


def show(wanted: Wanted, say: Speech) -> Code:
    """Print one record, or write a pair of files for each experiment of a channel."""
    if bool(wanted.label) == bool(wanted.channel) or bool(wanted.channel) != bool(wanted.out):
        stop(Code.BAD_INPUT, _told(say, "cli_which"))
    number = number_of(wanted.label)
    if wanted.label and not number:
        stop(Code.BAD_INPUT, _told(say, "cli_not_a_number", wanted.label))
    found = _read(wanted, number, say)
    if isinstance(found, Ambiguous):
        teams = ", ".join(found.teams)
        stop(Code.BAD_INPUT, _told(say, "cli_teams", f"OW-{number}", teams))
    if wanted.out is not None:
        return _write(found, wanted, wanted.out, say)
    if not found:
        stop(Code.PROBLEM, _told(say, "cli_unknown", f"OW-{number}"))
    typer.echo(found[0].json if wanted.as_json else found[0].markdown, nl=False)
    return Code.OK


def _read(wanted: Wanted, number: int, say: Speech) -> Sequence[Pages] | Ambiguous:
    known = settings_of(WithDatabase, say)
    file = database_file(known.database_url)
    if file is not None and not file.is_file():
        stop(Code.PROBLEM, _told(say, "cli_no_database", file))
    try:
        return asyncio.run(_pages(known.database_url, wanted, number))
    except StoreUnavailable as error:
        stop(Code.PROBLEM, _told(say, "cli_unusable", error))


async def _pages(url: str, wanted: Wanted, number: int) -> Sequence[Pages] | Ambiguous:
    """The records that are asked for, in one reading transaction."""
    store = SqlStore(make_engine(url))
    try:
        await store.ping()
        async with store(read_only=True) as uow:
            if wanted.channel:
                keys = await uow.records.of_channel(ChannelId(wanted.channel))
            else:
                keys = await uow.records.numbered(number)
            keys = [key for key in keys if wanted.team in ("", key[0])]
            if wanted.label and len(keys) > 1:
                return Ambiguous(tuple(sorted(team for team, _ in keys)))
            return [await _page(uow, *key) for key in keys]
    finally:
        await store.close()


async def _page(uow: SqlUnitOfWork, team: TeamId, experiment: ExperimentId) -> Pages:
    x = await uow.plans.by_id(team, experiment)
    if x is None:
        raise StoreUnavailable(f"#{experiment}")
    record = await read_record(uow, x)
    page = cards.markdown(record, await language_of_card(uow, x))
    return Pages(x.label, page, to_json(record))


def _write(found: Sequence[Pages], wanted: Wanted, folder: Path, say: Speech) -> Code:
    """A pair of files each; what would not change keeps its date."""
    if not found:
        stop(Code.PROBLEM, _told(say, "cli_empty", wanted.channel))
    texts = {folder / f"{p.label}.md": p.markdown for p in found}
    texts |= {folder / f"{p.label}.json": p.json for p in found}
    written = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in sorted(texts.items()):
            written += _kept_or_written(path, text.encode())
    except OSError as error:
        stop(Code.PROBLEM, _told(say, "cli_cannot_write", folder, error.strerror))
    typer.echo(_told(say, "cli_written", written, len(texts) - written))
    return Code.OK


def _kept_or_written(path: Path, content: bytes) -> bool:
    """Whether the file had to be written; it is there whole or not at all."""
    if path.is_file() and path.read_bytes() == content:
        return False
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
    return True


def _told(say: Speech, name: str, *values: object) -> str:
    return spoken(say.lang, "record", name, *values)
