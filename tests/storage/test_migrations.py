"""The schema: made at the first start, by whoever comes first, and the one the code means."""

import asyncio
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from bot.domain.ids import GpuId
from bot.errors import StoreUnavailable
from storage.database import SqlStore, make_engine, migrate
from storage.migrate import SCRIPTS
from storage.tables import metadata
from tests.storage.given import AT, added


async def test_three_starts_at_once_make_one_schema_and_one_secret(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(3)))
    store = SqlStore(make_engine(empty_url))
    await store.ping()
    async with store.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM bot")) == 1
    assert (await added(store)).number == 1
    await store.close()


async def test_another_upgrade_keeps_every_row(store: SqlStore) -> None:
    x = await added(store)
    async with store(read_only=True) as uow:
        secret = await uow.workspaces.secret()
    await migrate(store.engine.url.render_as_string(hide_password=False))
    async with store(read_only=True) as uow:
        assert await uow.plans.by_id(x.team, x.id) == x
        assert await uow.workspaces.secret() == secret


async def test_the_migrations_make_what_the_tables_say(store: SqlStore) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))

    async with store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_partial_indexes_are_partial(store: SqlStore) -> None:
    """The comparison above does not look at the condition of an index."""

    def conditions(connection: Connection) -> dict[str | None, str]:
        tables = ("due", "outbox", "experiments", "gpu_runs", "gpu_alerts")
        found = [i for t in tables for i in inspect(connection).get_indexes(t)]
        options = [(i["name"], i["dialect_options"]) for i in found]
        where = f"{connection.dialect.name}_where"
        partial = {name: str(o[where]) for name, o in options if where in o}
        return {name: o.strip("()").replace("::text", "") for name, o in partial.items()}

    async with store.engine.connect() as connection:
        assert await connection.run_sync(conditions) == {
            "ix_due_channel": "done_at IS NULL",
            "ix_due_done": "done_at IS NOT NULL",
            "ix_due_open": "done_at IS NULL",
            "ix_due_subject": "done_at IS NULL",
            "ix_experiments_concluded": "concluded_at IS NOT NULL",
            "ix_experiments_running": "state = 'running'",
            "ix_gpu_runs_channel": "channel IS NOT NULL",
            "ix_gpu_runs_open": "state <> 'ended'",
            "ix_outbox_open": "settled_at IS NULL",
            "ix_outbox_subject": "settled_at IS NULL",
        }


async def test_a_database_without_our_schema_is_not_ready(empty_url: str) -> None:
    store = SqlStore(make_engine(empty_url))
    with pytest.raises(StoreUnavailable, match="schema"):
        await store.ping()
    await store.close()


async def test_a_database_of_a_later_version_is_not_ready(store: SqlStore) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="9999"):
        await store.ping()


async def test_the_beat_is_remembered(store: SqlStore) -> None:
    assert await store.last_tick() is None
    async with store() as uow:
        await uow.workspaces.ticked(AT)
        await uow.commit()
    assert await store.last_tick() == AT


async def test_what_ran_before_reminders_came_is_found(empty_url: str) -> None:
    """An upgrade arms nothing by itself: the first tick does, once it is shown where."""
    engine = make_engine(empty_url, foreign_keys=False)
    async with engine.begin() as connection:
        await connection.run_sync(_to_the_first)
        for statement in (
            "INSERT INTO workspaces (team, name, bot_user, seen_at)"
            " VALUES ('T1','L','B',CURRENT_TIMESTAMP)",
            "INSERT INTO experiments (id, team, number, channel, owner, state, latest, version,"
            " created_at, changed_at) VALUES (1,'T1',1,'C1','U1','running',1,3,"
            " CURRENT_TIMESTAMP,CURRENT_TIMESTAMP)",
            "INSERT INTO evidence_items (experiment, item, position, label, kind, required, state,"
            " changed_at) VALUES (1,'a',0,'a','base',true,'missing',CURRENT_TIMESTAMP)",
        ):
            await connection.exec_driver_sql(statement)
    await engine.dispose()
    await migrate(empty_url)
    store = SqlStore(make_engine(empty_url))
    async with store(read_only=True) as uow:
        assert list(await uow.reminders.unarmed(9)) == [("T1", "C1")]
    await store.close()


async def test_what_ran_before_digests_came_is_found_by_its_channel(empty_url: str) -> None:
    """Whose channel a run is of, and since when nobody is in charge, were only within it so far."""
    engine = make_engine(empty_url, foreign_keys=False)
    burns = '{"channel": "C1", "planless_since": "2026-11-20T09:00:00Z", "disowned": false}'
    over = '{"channel": null, "planless_since": "2026-11-20T09:00:00Z", "disowned": false}'
    async with engine.begin() as connection:
        await connection.run_sync(_to_the, "0003")
        await connection.exec_driver_sql(
            "INSERT INTO workspaces (team, name, bot_user, seen_at, removed_at) VALUES"
            " ('T1','L','B',CURRENT_TIMESTAMP,NULL),"
            " ('T2','gone','B',CURRENT_TIMESTAMP,CURRENT_TIMESTAMP)"
        )
        for number, state, run in ((1, "running", burns), (2, "ended", over)):
            await connection.execute(
                text(
                    "INSERT INTO gpu_runs (id, team, provider, account, instance_id, state,"
                    " generation, version, run)"
                    " VALUES (:id, 'T1', 'runpod', 'a', :name, :state, 1, 1, :run)"
                ),
                {"id": number, "name": str(number), "state": state, "run": run},
            )
    await engine.dispose()
    await migrate(empty_url)
    store = SqlStore(make_engine(empty_url))
    since = datetime(2026, 11, 20, 9, tzinfo=UTC)
    async with store(read_only=True) as uow:
        assert await uow.unattended.of([GpuId(1), GpuId(2)], since) == {GpuId(1): [(since, None)]}
        places = await uow.digests.to_look_at(AT, 9)
    assert {(p.team, p.channel, p.is_moved) for p in places} == {
        ("T1", "C1", True),
        ("T1", None, True),
    }
    await store.close()


def _to_the_first(connection: Connection) -> None:
    _to_the(connection, "0001")


def _to_the(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
