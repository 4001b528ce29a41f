"""No query walks a table: SQLite explains each statement that is really sent."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import LEASE, DueKind, Op
from bot.domain.digest_week import Span
from bot.domain.evidence import Entry, Source
from bot.domain.home import Pages
from bot.domain.ids import ChannelId, ExperimentId, GpuId
from bot.domain.personal import Own
from bot.domain.plans import OPEN
from bot.domain.reminders import Owing
from bot.domain.watch import BudgetScope
from storage.database import SqlStore
from storage.uow import SqlUnitOfWork
from tests.harness.sent import recorded
from tests.harness.stores import fresh_store
from tests.storage.given import (
    ADA,
    AT,
    LIN,
    ML_LAB,
    TEAM,
    added,
    decided,
    draft,
    message,
    minutes,
    occurrence,
    queued,
)

GPU = GpuId(1)

WALK = r"SCAN (?!chosen|CONSTANT ROW|[wp]$|\w+ USING (COVERING )?INDEX ix_(due|outbox)_)"
"""Partial indexes may be read from end to end: they hold what is open.

So may workspaces, `w`, and the channels with something that runs, `p`, when all are asked for.
"""


async def plan_of(store: SqlStore, statement: str, parameters: Any) -> list[str]:
    async with store.engine.connect() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row.detail for row in rows]


async def _settle_all(uow: SqlUnitOfWork) -> None:
    for row in await uow.outbox.claim(AT, 5, LEASE):
        await uow.outbox.release(row, AT)
    for due in await uow.due.claim(AT, 5, LEASE):
        await uow.due.settle(due, AT)


async def _save(uow: SqlUnitOfWork) -> None:
    found = await uow.plans.by_number(TEAM, 1)
    assert found is not None
    await uow.plans.save(decided(found, AT))


def owing(number: int) -> Owing:
    return Owing(ExperimentId(number), number, 1, ADA, AT, lacks=True)


def entry() -> Entry:
    return Entry("k", "runtime_command", Source.TYPED, {"command": "x"}, AT, by=ADA)


QUERIES: dict[str, Callable[[SqlUnitOfWork], Awaitable[object]]] = {
    "plans.add": lambda u: u.plans.add(draft("V9"), AT),
    "plans.by_id": lambda u: u.plans.by_id(TEAM, 1),  # type: ignore[arg-type]  # any id will do
    "plans.by_ids": lambda u: u.plans.by_ids(TEAM, [1, 2]),  # type: ignore[list-item]  # the same
    "plans.by_number": lambda u: u.plans.by_number(TEAM, 1),
    "plans.by_request": lambda u: u.plans.by_request(TEAM, "V1"),
    "plans.in_channel": lambda u: u.plans.in_channel(TEAM, ML_LAB, OPEN),
    "plans.of_owner": lambda u: u.plans.of_owner(TEAM, ADA, OPEN),
    "plans.assigned_to": lambda u: u.plans.assigned_to(TEAM, LIN, OPEN),
    "plans.last_card": lambda u: u.plans.last_card(TEAM, ADA),
    "plans.save": _save,
    "evidence.of": lambda u: u.evidence.of(1),  # type: ignore[arg-type]  # the same
    "evidence.seal": lambda u: u.evidence.seal(1, [entry()]),  # type: ignore[arg-type]  # the same
    "evidence.progress": lambda u: u.evidence.progress([1, 2, 3]),  # type: ignore[list-item]  # the same
    "reminders.owing": lambda u: u.reminders.owing(TEAM, [ML_LAB, ChannelId("C9")]),
    "reminders.owed": lambda u: u.reminders.owed([owing(n) for n in (1, 2, 3)]),
    "reminders.unarmed": lambda u: u.reminders.unarmed(9),
    "reminders.standing": lambda u: u.reminders.standing(TEAM, [ML_LAB]),
    "due.arm": lambda u: u.due.arm(occurrence("k")),
    "due.end_others": lambda u: u.due.end_others(occurrence("x", channel=ML_LAB), AT),
    "due.forget_done": lambda u: u.due.forget_done(AT),
    "due.claim_key": lambda u: u.due.claim_key("k", AT, LEASE),
    "due.claim_of": lambda u: u.due.claim_of({DueKind.WEEKLY_DIGEST}, AT, 75, LEASE),
    "claim and settle": _settle_all,
    "outbox.where": lambda u: u.outbox.where(TEAM, "card:1"),
    "outbox.shown_at": lambda u: u.outbox.shown_at(TEAM, ["card:1", "card:2"], ML_LAB, "1.0"),
    "outbox.forget": lambda u: u.outbox.forget(TEAM, "card:1"),
    "outbox.is_open": lambda u: u.outbox.is_open(TEAM, "card:1"),
    "outbox.withdraw": lambda u: u.outbox.withdraw(TEAM, "card:1"),
    "outbox.drop_files": lambda u: u.outbox.drop_files(TEAM, "card:1", "record:1:"),
    "outbox.supersede_updates": lambda u: u.outbox.supersede_updates(TEAM, "card:1", 3),
    "outbox.forget_edits": lambda u: u.outbox.forget_edits(AT),
    "outbox.forget_posts": lambda u: u.outbox.forget_posts(TEAM, AT),
    "alerts.forget_fallen": lambda u: u.alerts.forget_fallen(AT),
    "audit.page": lambda u: u.audit.page(TEAM, 20, 99),
    "audit.forget": lambda u: u.audit.forget(TEAM, AT),
    "gpus.forget_ended": lambda u: u.gpus.forget_ended(TEAM, AT),
    "people.settle": lambda u: u.people.settle(TEAM, ADA, Own()),
    "people.named": lambda u: u.people.named(TEAM),
    "people.name": lambda u: u.people.name(TEAM, [ADA]),
    "watch.prices": lambda u: u.watch.prices(TEAM),
    "gpus.taken": lambda u: u.gpus.taken(TEAM, GPU),
    "gpus.by_ids": lambda u: u.gpus.by_ids(TEAM, [GPU]),
    "gpus.unwatched": lambda u: u.gpus.unwatched(GPU, 9),
    "alerts.standing": lambda u: u.alerts.standing(GPU),
    "alerts.standing_at": lambda u: u.alerts.standing_at(TEAM, ML_LAB),
    "alerts.was_made": lambda u: u.alerts.was_made(GPU, "gpu_ping:1:"),
    "alerts.counted": lambda u: u.alerts.counted(TEAM, ML_LAB, AT.date()),
    "alerts.held": lambda u: u.alerts.held(TEAM, ML_LAB, AT.date(), GpuId(1)),
    "accruals.since": lambda u: u.accruals.since(TEAM, AT),
    "accruals.of_owner": lambda u: u.accruals.of_owner(TEAM, ADA, AT),
    "unattended.end": lambda u: u.unattended.end(GPU, AT),
    "unattended.of": lambda u: u.unattended.of([GPU], AT),
    "ends.by_keys": lambda u: u.ends.by_keys(["stop:1:1", "terminate:1:1"]),
    "digests.to_look_at": lambda u: u.digests.to_look_at(AT, 9),
    "digests.take": lambda u: u.digests.take(AT, 9),
    "digests.of": lambda u: u.digests.of(TEAM, [ML_LAB, None]),
    "digests.posted": lambda u: u.digests.posted(TEAM, [ML_LAB, None], "2026-W48"),
    "weeks.accruals of channels": lambda u: u.weeks.accruals(TEAM, [ML_LAB, ChannelId("C9")], AT),
    "weeks.accruals of all": lambda u: u.weeks.accruals(TEAM, None, AT),
    "weeks.gpus": lambda u: u.weeks.gpus(TEAM, AT),
    "weeks.accruals_of": lambda u: u.weeks.accruals_of([GpuId(1), GpuId(2)], AT),
    "weeks.closed": lambda u: u.weeks.closed(TEAM, [ML_LAB, ChannelId("C9")], Span(AT, AT)),
    "weeks.closed in all": lambda u: u.weeks.closed(TEAM, None, Span(AT, AT)),
    "weeks.overdue": lambda u: u.weeks.overdue(TEAM, [ML_LAB, ChannelId("C9")]),
    "weeks.decided": lambda u: u.weeks.decided(TEAM, [ML_LAB], Span(AT, AT)),
    "weeks.decided in all": lambda u: u.weeks.decided(TEAM, None, Span(AT, AT)),
    "weeks.called": lambda u: u.weeks.called(TEAM, [ExperimentId(1), ExperimentId(2)]),
    "outbox.undecided": lambda u: u.outbox.undecided(["post:a", "post:b"]),
    "watch.told": lambda u: u.watch.told(["a", "b"]),
    "watch.budgets_of": lambda u: u.watch.budgets_of(TEAM, BudgetScope.CHANNEL, ["C1", "C2"]),
    "watch.budgets": lambda u: u.watch.budgets(TEAM),
    "tokens.by_hash": lambda u: u.tokens.by_hash("0" * 64),
    "tokens.use": lambda u: u.tokens.use("0" * 64, 20),
    "tokens.revoke": lambda u: u.tokens.revoke(1, AT),  # type: ignore[arg-type]  # the same
    "inbound.first_time": lambda u: u.inbound.first_time("k", AT),
    "inbound.forget_before": lambda u: u.inbound.forget_before(AT),
    "people.of": lambda u: u.people.of(TEAM, [ADA, LIN]),
    "channels.of": lambda u: u.channels.of(TEAM, [ML_LAB]),
    "people.get": lambda u: u.people.get(TEAM, ADA),
    "channels.get": lambda u: u.channels.get(TEAM, ML_LAB),
    "channels.led_by": lambda u: u.channels.led_by(TEAM, ADA),
    "homes.of": lambda u: u.homes.of(TEAM, ADA),
    "homes.turned": lambda u: u.homes.turned(TEAM, ADA, Pages(1)),
    "homes.asks": lambda u: u.homes.asks(TEAM, ADA),
    "homes.owned": lambda u: u.homes.owned(TEAM, ADA, 0, 8),
    "homes.late": lambda u: u.homes.late(TEAM),
    "workspaces.is_active": lambda u: u.workspaces.is_active(TEAM),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_no_table_is_walked(name: str, tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        await added(store)
        await queued(store, message("a"), message("b", op=Op.UPDATE, subject="card:1", version=1))
        async with store() as uow:
            await uow.due.add(occurrence("k"))
            await uow.commit()
        with recorded(store) as sent:
            async with store() as uow:
                await QUERIES[name](uow)
        explained = [s for s in sent if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", s[0])]
        assert explained or name == "inbound.first_time"
        for statement, parameters in explained:
            for step in await plan_of(store, statement, parameters):
                assert not re.match(WALK, step), (statement, step)


async def test_what_is_settled_costs_a_claim_nothing(tmp_path: Path) -> None:
    """The two claims of an idle tick read partial indexes, which hold open rows only."""
    async with fresh_store("sqlite", tmp_path) as store:
        with recorded(store) as sent:
            async with store() as uow:
                await uow.due.claim(AT, 50, LEASE)
                await uow.outbox.claim(AT, 20, LEASE)
                await uow.outbox.undelivered(AT, minutes(5))
        steps = [
            " ".join(await plan_of(store, *statement))
            for statement in sent
            if not statement[0].startswith(("BEGIN", "ROLLBACK"))
        ]
    assert len(steps) == 3
    assert "INDEX ix_due_open" in steps[0]
    assert "INDEX ix_outbox_open" in steps[1]
    assert "INDEX ix_outbox" in steps[2]


async def test_a_channels_week_is_found_by_the_channel_and_a_workspaces_by_its_time(
    tmp_path: Path,
) -> None:
    """Whatever else the workspace has spent, and whatever it spent in other years."""
    async with fresh_store("sqlite", tmp_path) as store:
        with recorded(store) as sent:
            async with store() as uow:
                await uow.weeks.accruals(TEAM, [ML_LAB], AT)
                await uow.weeks.accruals(TEAM, None, AT)
                await uow.weeks.decided(TEAM, None, Span(AT, AT))
                await uow.weeks.gpus(TEAM, AT)
        steps = [" ".join(await plan_of(store, *s)) for s in sent if s[0].startswith("SELECT")]
    assert "INDEX ix_gpu_runs_channel" in steps[0]
    assert "uq_gpu_accruals" in steps[0] or "sqlite_autoindex_gpu_accruals" in steps[0]
    assert "INDEX ix_gpu_accruals_team" in steps[1]
    assert "INDEX ix_experiments_concluded" in steps[2]
    assert "INDEX ix_gpu_accruals_team" in steps[3]
