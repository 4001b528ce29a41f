"""A record is of one moment, whoever changes the experiment while it is read."""

from dataclasses import replace
from pathlib import Path

from typing_extensions import override

from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.ids import ExperimentId
from bot.domain.plans import Experiment, State
from bot.services.record import read_record
from storage.database import SqlStore
from storage.evidence import SqlEvidenceItems
from storage.uow import SqlUnitOfWork
from tests.harness.stores import fresh_store
from tests.storage.given import AT, TEAM, seen
from tests.storage.test_reminders import running


async def complete(store: SqlStore, x: Experiment) -> None:
    """Somebody gives all that is missing."""
    async with store() as uow:
        have = await uow.evidence.of(x.id)
        given = [replace(e, state=EvidenceState.GIVEN, content={"command": "c"}) for e in have]
        await uow.evidence.replace(x.id, given)
        found = await uow.plans.by_id(TEAM, x.id)
        assert found is not None
        assert await uow.plans.save(found.evidenced(open_items=0, at=AT, by_people=True))
        await uow.commit()


async def test_what_was_looked_up_before_is_not_mixed_with_what_is_there_now(
    store: SqlStore,
) -> None:
    await seen(store)
    x = await running(store)
    await complete(store, x)
    async with store(read_only=True) as uow:
        record = await read_record(uow, x)
    assert (record.state, record.missing) == (State.COMPLETE, ())


async def test_a_reader_sees_one_moment(store: SqlStore) -> None:
    await seen(store)
    x = await running(store)
    async with store(read_only=True) as uow:
        assert await uow.plans.by_id(TEAM, x.id)
        uow.evidence = Interrupted(uow, store, x)
        record = await read_record(uow, x)
    assert record.state is State.RUNNING
    assert record.missing


async def test_beside_other_writers_it_is_read_again(tmp_path: Path) -> None:
    async with fresh_store("postgres", tmp_path) as store:
        await seen(store)
        x = await running(store)
        async with store() as uow:
            uow.evidence = Interrupted(uow, store, x)
            record = await read_record(uow, x)
    assert (record.state, record.missing) == (State.COMPLETE, ())


class Interrupted(SqlEvidenceItems):
    """Somebody else commits before the checklist is read for the first time."""

    def __init__(self, uow: SqlUnitOfWork, store: SqlStore, x: Experiment) -> None:
        super().__init__(uow.evidence._connection)  # stands in for it
        self._left = [(store, x)]

    @override
    async def of(self, experiment: ExperimentId) -> tuple[Evidence, ...]:
        if self._left:
            await complete(*self._left.pop())
        return await super().of(experiment)
