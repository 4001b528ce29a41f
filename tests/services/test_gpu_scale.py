"""However many runs, experiments and caps there are, a look at them asks a few questions."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import structlog
from typing_extensions import override

from bot.domain.delivery import LEASE, DueKind
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId
from bot.domain.watch import Budget, BudgetScope
from bot.domain.workspace import Actor
from bot.services.gpu.budgets import WatchBudgets, budgets_row
from bot.services.gpu.reading import ReadGpus
from bot.services.gpu.telling import TellRun
from bot.services.people import KnowPerson, Rights
from tests.engine.cards import card
from tests.harness.sent import Sent, recorded
from tests.harness.stores import fresh_store
from tests.services.watched import Watch
from tests.storage.given import ADA, LIN, ML_LAB, TEAM, added


async def burning(watch: Watch, count: int) -> None:
    """So many experiments with a run and a cap of two dollars each, and one for all of them."""
    for n in range(count):
        x = await added(watch.store, f"V{n}", card=card(max_monthly=Decimal(2)))
        owner = (ADA, LIN)[n % 2]
        await watch.burns(f"box-{n}", usd="1", experiment=x.id, owner=owner)
    caps = [(BudgetScope.WORKSPACE, ""), (BudgetScope.CHANNEL, ML_LAB)]
    async with watch.store() as uow:
        for scope, subject in caps:
            await uow.watch.put_budget(Budget(TEAM, scope, subject, Decimal(1), set_by=LIN))
        await uow.commit()


async def looked(watch: Watch, look: Any) -> Sent:
    """What one look at the budgets sends."""
    async with watch.store() as uow:
        await uow.due.arm(budgets_row(TEAM, watch.clock.now()))
        row = await uow.due.claim_key(f"budgets:{TEAM}", watch.clock.now(), LEASE)
        await uow.commit()
    assert row is not None
    with recorded(watch.store) as sent:
        await look(row)
    return sent


def writes(sent: Sent) -> int:
    return sum(statement.startswith("BEGIN IMMEDIATE") for statement, _ in sent)


async def test_a_list_asks_as_much_for_twelve_as_for_two(tmp_path: Path) -> None:
    counts = []
    for count in (2, 12):
        async with fresh_store("sqlite", tmp_path) as store:
            watch = await Watch(store).opened()
            know = KnowPerson(store=store, directory=watch.book, clock=watch.clock)
            rights = Rights(store=store, know=know)
            read = ReadGpus(store=store, clock=watch.clock, rights=rights, fleets=())
            await burning(watch, count)
            with recorded(store) as sent:
                found = await read(Actor(TEAM, ADA, TEAM), ML_LAB)
            assert len(found.lines) == count
            assert {line.view.experiment for line in found.lines} >= {"OW-1", f"OW-{count}"}
            assert set(found.names) == {ADA, LIN}
            counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_what_was_told_long_ago_costs_a_look_no_write_and_a_few_reads(
    tmp_path: Path,
) -> None:
    counts = []
    for count in (2, 12):
        async with fresh_store("sqlite", tmp_path) as store:
            watch = await Watch(store).opened()
            await burning(watch, count)
            watch.clock.at += timedelta(hours=5)
            look = watch.work[DueKind.WATCH_BUDGETS]
            first = await looked(watch, look)
            assert writes(first) > count * 3, "each start under each of its three caps"
            watch.clock.at += timedelta(minutes=5)
            again = await looked(watch, look)
            assert writes(again) == 1, "the row itself"
            counts.append(len(again))
    assert counts[0] == counts[1]


class Refuses(TellRun):
    """Tells of all runs but one, about which it fails."""

    about = ""

    @override
    async def alert(self, uow: Any, run: GpuRun, *args: Any, **more: Any) -> bool:
        if run.name == self.about:
            raise LookupError(run.name)
        return await super().alert(uow, run, *args, **more)


async def test_a_cap_that_fails_keeps_no_other_from_being_told(watch: Watch) -> None:
    refuses = Refuses(keep=watch.keep)
    look = WatchBudgets(
        store=watch.store,
        clock=watch.clock,
        keep=watch.keep,
        tell=refuses,
        readers=watch.readers,
        end=watch.end,
    )
    await burning(watch, 3)
    watch.clock.at += timedelta(hours=5)
    refuses.about = "box-1"
    with structlog.testing.capture_logs() as logged:
        await looked(watch, look)
    assert "gpu.budget_failed" in {line["event"] for line in logged}
    await watch.slack.drain()
    told = {s.text for s in watch.slack.said if "gpu_budget" in s.subject}
    assert any("box-0" in text for text in told)
    assert any("box-2" in text for text in told)
    assert not any("box-1" in text for text in told)
    refuses.about = ""
    watch.clock.at += timedelta(minutes=5)
    await looked(watch, look)
    await watch.slack.drain()
    said = [s.text for s in watch.slack.said if s.place == ChannelId(LIN)]
    assert any("box-1" in text for text in said), "the next look tries again"
