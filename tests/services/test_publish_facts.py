"""Publishing with the hub's facts: what is saved, and what a death or a second run changes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from bot.domain.delivery import LEASE
from bot.domain.hub import Found, HubAnswer, Refusal
from bot.services.decisions import PublishPlan
from bot.services.facts import DecideCard
from bot.services.plans import publish_due, publish_key
from bot.services.reminders import KeepReminders
from storage.database import SqlStore
from tests.engine.cards import card
from tests.harness.stores import fresh_store
from tests.services.test_facts import ALL, OWL, Engine, Hub
from tests.storage.given import AT, TEAM, added, claimed, read


@dataclass
class Still:
    """A clock that stands where it was put."""

    at: datetime = AT

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Killed(BaseException):
    """What ends a process here: nothing in it may catch this."""


class Deadly(Hub):
    """The process dies while this hub is asked."""

    @override
    async def facts(self, repo: str, revision: str | None) -> HubAnswer:
        raise Killed


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with fresh_store("sqlite", tmp_path) as found:
        yield found


def publish(store: SqlStore, hub: Hub, clock: Still) -> PublishPlan:
    decide = DecideCard(engine=Engine(), hub=hub)  # type: ignore[arg-type]  # half an engine is enough
    return PublishPlan(store=store, decide=decide, clock=clock, reminders=KeepReminders())


async def test_a_death_at_the_hub_and_a_second_run_leave_one_enriched_card(
    store: SqlStore,
) -> None:
    clock = Still()
    x = await added(store, card=card(model_repo=OWL))
    async with store() as uow:
        await uow.due.add(publish_due(x))
        await uow.commit()
    with pytest.raises(Killed):
        await publish(store, Deadly(Refusal.OFF), clock).now(x)
    assert (await read(store, x)).is_deciding
    assert (await read(store, x)).latest.card == x.latest.card
    clock.at += LEASE + timedelta(seconds=1)
    async with store() as uow:
        row = await uow.due.claim_key(publish_key(x), clock.now(), LEASE)
        await uow.commit()
    assert row is not None
    for _ in range(2):
        await publish(store, Hub(Found(ALL)), clock)(row)
    kept = await read(store, x)
    assert kept.version == x.version + 1
    assert kept.latest.card == ALL.on(x.latest.card)
    assert kept.latest.card.machine_name is None
    said = await claimed(store, clock.now() + timedelta(minutes=1))
    assert [row.outgoing.subject for row in said] == [f"card:{x.id}"]


async def test_a_hub_that_is_no_help_adds_a_line_to_the_history(store: SqlStore) -> None:
    clock = Still()
    x = await added(store, card=card(model_repo=OWL))
    async with store() as uow:
        await uow.due.add(publish_due(x))
        await uow.commit()
    await publish(store, Hub(Refusal.MISSING), clock).now(x)
    kept = await read(store, x)
    assert kept.latest.card == x.latest.card
    assert kept.decision is not None
    assert kept.team == TEAM
    why = (
        "Unknown. The Hugging Face Hub has no acme-labs/quiet-owl-7b, or it is not open to owroute"
    )
    assert kept.decision.conflicts[0].text.startswith(why)
    async with store(read_only=True) as uow:
        assert await uow.outbox.is_open(TEAM, f"note:{x.id}:{kept.version}")
