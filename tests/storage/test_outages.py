"""A database that is away, slow, locked or ours alone."""

import asyncio
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.errors import StoreUnavailable
from storage.database import SqlStore, StoreBusy, make_engine, migrate, serving_lock
from storage.outage import outages
from tests.harness.faults import FaultProxy, Wire, fault_proxy
from tests.harness.stores import database_url, fresh_store
from tests.storage.given import AT, added, claimed, draft, keys, message, occurrence, queued, saved

CANARY = "canary-7f3a"


@asynccontextmanager
async def through_a_proxy(
    home: Path, *, patience_ms: int = 5_000
) -> AsyncIterator[tuple[SqlStore, FaultProxy]]:
    """A store whose wire to Postgres can be broken."""
    async with database_url("postgres", home) as url:
        parts = make_url(url)
        port = parts.port or 5432
        folder = parts.query.get("host")
        place = f"{folder}/.s.PGSQL.{port}" if folder else (parts.host or "127.0.0.1", port)
        async with fault_proxy(place) as proxy:
            broken = parts.set(host="127.0.0.1", port=proxy.port, query={"ssl": "disable"})
            store = SqlStore(
                make_engine(broken.render_as_string(hide_password=False), patience_ms=patience_ms)
            )
            try:
                yield store, proxy
            finally:
                await store.close()


async def test_a_commit_whose_reply_is_lost_can_be_run_again_whole(tmp_path: Path) -> None:
    async with through_a_proxy(tmp_path) as (store, proxy):

        async def submit(wire: Wire) -> int:
            async with store() as uow:
                x = await uow.plans.add(draft("V1"), AT)
                await uow.due.add(occurrence(f"publish_plan:{x.id}:1"))
                await uow.outbox.add(message("post:card"), AT)
                proxy.wire = wire
                await uow.commit()
            return x.number

        with pytest.raises(StoreUnavailable):
            await submit(Wire.REPLY_LOST)
        proxy.wire = Wire.WHOLE
        assert await submit(Wire.WHOLE) == 1
        assert keys(await claimed(store)) == ["post:card"]
        assert (await added(store, "V2")).number == 2


async def test_a_cut_connection_is_an_outage_and_the_next_unit_works(tmp_path: Path) -> None:
    async with through_a_proxy(tmp_path) as (store, proxy):

        async def interrupted() -> None:
            async with store() as uow:
                await uow.plans.add(draft("V1"), AT)
                proxy.cut()
                await uow.plans.add(draft("V2"), AT)

        with pytest.raises(StoreUnavailable):
            await interrupted()
        assert (await added(store, "V3")).number == 1


async def test_a_silent_connection_is_given_up(tmp_path: Path) -> None:
    async with through_a_proxy(tmp_path, patience_ms=2_000) as (store, proxy):
        await store.ping()
        proxy.wire = Wire.SILENT
        async with asyncio.timeout(12):
            with pytest.raises(StoreUnavailable):
                await store.ping()
        proxy.cut()
        proxy.wire = Wire.WHOLE
        await store.ping()


async def test_nobody_there_is_an_outage() -> None:
    nowhere = "postgresql+asyncpg://postgres@127.0.0.1:1/none?ssl=disable"
    store = SqlStore(make_engine(nowhere))
    attempts = (
        store.ping(),
        store.last_tick(),
        added(store),
        migrate(nowhere),
    )
    for outcome in await asyncio.gather(*attempts, return_exceptions=True):
        assert isinstance(outcome, StoreUnavailable)
    await store.close()


async def test_a_defect_is_not_called_an_outage(store: SqlStore) -> None:
    x, y = await added(store, "V1"), await added(store, "V2")
    again = x.replanned(y.latest.card, by=y.owner, at=AT)
    with pytest.raises(IntegrityError):
        await saved(store, again, "V2")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO workspaces (team) VALUES (:typed)",
        "INSERT INTO bot (id) VALUES (:typed)",
        "SELECT :typed FROM nowhere",
    ],
    ids=["row refused", "argument refused", "statement refused"],
)
async def test_a_failing_statement_shows_nothing_that_people_typed(
    statement: str, store: SqlStore
) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with store.engine.begin() as connection:
            await connection.execute(text(statement), {"typed": CANARY})
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_an_outage_keeps_the_errors_kind_and_nothing_else() -> None:
    with pytest.raises(StoreUnavailable, match=r"^ConnectionResetError$") as caught, outages():
        raise ConnectionResetError(CANARY)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


async def test_giving_up_while_waiting_leaves_nothing_behind(store: SqlStore) -> None:
    async with store() as holder:
        await holder.plans.add(draft("V1"), AT)
        for n in range(20):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await added(store, f"W{n}")
        await holder.commit()
    assert (await added(store, "V2")).number == 2


async def test_readers_do_not_wait_for_a_writer(store: SqlStore) -> None:
    x = await added(store)
    async with store() as writer, asyncio.timeout(2):
        await writer.plans.save(x.dropped(at=AT))
        async with store(read_only=True) as reader:
            assert await reader.plans.by_id(x.team, x.id) == x
        await store.ping()
        await store.last_tick()


async def test_a_writer_waits_for_another_process(tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        other = sqlite3.connect(
            str(store.engine.url.database), isolation_level=None, check_same_thread=False
        )
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(queued(store, message("a")))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        other.execute("ROLLBACK")
        await waiting
        other.close()
        assert keys(await claimed(store)) == ["a"]


async def test_a_database_that_cannot_be_written_says_so(store: SqlStore) -> None:
    async with store() as uow:
        sqlite = store.engine.dialect.name == "sqlite"
        await uow.inbound.first_time("k", AT)
        await uow.commit()
    read_only = "PRAGMA query_only=ON" if sqlite else "SET default_transaction_read_only = on"
    async with store.engine.connect() as connection:
        await connection.execute(text(read_only))
        await connection.commit()
    with pytest.raises(StoreUnavailable):
        await queued(store, message("a"))


def test_one_process_serves_a_sqlite_file_until_it_ends(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    lock, other_name = (f"sqlite+aiosqlite:///{tmp_path}/{d}/my.db" for d in ("data", "link"))
    hold = (
        "import sys; from storage.database import serving_lock\n"
        "with serving_lock(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreBusy, match="OWROUTE_DATABASE_URL"), serving_lock(other_name):
            pass
        with serving_lock(f"{lock}2"):
            pass
        other.kill()
    with serving_lock(lock):
        pass
