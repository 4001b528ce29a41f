"""Checklists, people, channels, workspaces, deliveries, audit."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.evidence import Evidence, EvidenceState, Progress
from bot.domain.ids import ExperimentId, UserId
from bot.domain.workspace import Actor, Channel, Person
from storage.database import SqlStore
from tests.storage.given import ADA, AT, LIN, ML_LAB, OTHER_TEAM, TEAM, added, minutes, seen

WEIGHTS = Evidence(
    "weights", "Weights", "record", required=True, state=EvidenceState.MISSING, changed_at=AT
)
GATE = replace(WEIGHTS, item="gate", label="Gate", kind="gate", state=EvidenceState.GIVEN)
EXTRA = replace(WEIGHTS, item="extra", label="Extra", required=False)

PERSON = Person(
    team=TEAM,
    user=ADA,
    home_team=OTHER_TEAM,
    name="Ada \U0001f9ed",
    locale="zh-CN",
    tz="Asia/Shanghai",
    is_admin=True,
    is_guest=False,
    is_bot=False,
    deleted=False,
    fetched_at=AT,
)


async def test_a_checklist_keeps_its_order_and_what_was_given(store: SqlStore) -> None:
    x = await added(store)
    async with store() as uow:
        await uow.evidence.replace(x.id, (WEIGHTS, GATE, EXTRA))
        assert await uow.evidence.of(x.id) == (WEIGHTS, GATE, EXTRA)
        gone = replace(WEIGHTS, state=EvidenceState.RETIRED, changed_at=AT + minutes(1), reason="x")
        new = replace(WEIGHTS, item="new", label="New words", kind="gate")
        await uow.evidence.replace(x.id, (new, GATE, EXTRA, gone))
        assert await uow.evidence.of(x.id) == (new, GATE, EXTRA, gone)
        await uow.evidence.replace(x.id, ())
        assert len(await uow.evidence.of(x.id)) == 4
        await uow.commit()


async def test_progress_counts_every_experiment_asked_for(store: SqlStore) -> None:
    x, bare = await added(store), await added(store, "V2")
    async with store() as uow:
        await uow.evidence.replace(x.id, (WEIGHTS, GATE, EXTRA))
        found = await uow.evidence.progress([x.id, bare.id, ExperimentId(99)])
        assert await uow.evidence.progress([]) == {}
    assert found == {
        x.id: Progress(1, 2),
        bare.id: Progress(0, 0),
        ExperimentId(99): Progress(0, 0),
    }


async def test_a_person_comes_back_and_can_change(store: SqlStore) -> None:
    async with store() as uow:
        assert await uow.people.get(TEAM, ADA) is None
        await uow.people.put(PERSON)
        assert await uow.people.get(TEAM, ADA) == PERSON
        assert await uow.people.get(OTHER_TEAM, ADA) is None
        left = replace(PERSON, deleted=True, locale=None, tz=None, fetched_at=AT + minutes(1))
        await uow.people.put(left)
        assert await uow.people.get(TEAM, ADA) == left


async def test_a_channel_has_defaults_until_somebody_sets_it_up(store: SqlStore) -> None:
    settings = Channel(TEAM, ML_LAB, "zh_CN", "Europe/Madrid", LIN, {"budget_level": "small"})
    async with store() as uow:
        assert await uow.channels.get(TEAM, ML_LAB) == Channel(TEAM, ML_LAB)
        await uow.channels.put(settings)
        assert await uow.channels.get(TEAM, ML_LAB) == settings
        assert await uow.channels.get(OTHER_TEAM, ML_LAB) == Channel(OTHER_TEAM, ML_LAB)
        await uow.channels.put(Channel(TEAM, ML_LAB))
        assert await uow.channels.get(TEAM, ML_LAB) == Channel(TEAM, ML_LAB)


async def test_a_workspace_is_active_from_when_it_is_seen_until_it_is_removed(
    store: SqlStore,
) -> None:
    async with store() as uow:
        assert not await uow.workspaces.is_active(TEAM)
        await uow.workspaces.seen(TEAM, "Lab", UserId("UBOT"), AT)
        assert await uow.workspaces.is_active(TEAM)
        await uow.workspaces.remove(TEAM, AT)
        assert not await uow.workspaces.is_active(TEAM)
        await uow.workspaces.seen(TEAM, "Lab", UserId("UBOT"), AT)
        assert await uow.workspaces.is_active(TEAM)


async def test_being_seen_again_does_not_start_the_numbers_anew(store: SqlStore) -> None:
    await seen(store)
    await added(store, "V1")
    await seen(store)
    assert (await added(store, "V2")).number == 2


async def test_the_secret_is_random_and_stays(store: SqlStore) -> None:
    async with store(read_only=True) as uow:
        first = await uow.workspaces.secret()
    async with store(read_only=True) as uow:
        assert await uow.workspaces.secret() == first
    assert len(first) == 32
    assert len(set(first)) > 8


async def test_a_delivery_is_new_once(store: SqlStore) -> None:
    long = "T1:" + "x" * 400
    async with store() as uow:
        assert await uow.inbound.first_time(long + "1", AT)
        assert await uow.inbound.first_time(long + "2", AT)
        assert not await uow.inbound.first_time(long + "1", AT)
        await uow.commit()
    async with store() as uow:
        assert not await uow.inbound.first_time(long + "2", AT)


async def test_a_delivery_whose_effect_is_rolled_back_was_not_seen(store: SqlStore) -> None:
    async with store() as uow:
        assert await uow.inbound.first_time("T1:E1", AT)
    async with store() as uow:
        assert await uow.inbound.first_time("T1:E1", AT)


async def test_old_deliveries_are_forgotten(store: SqlStore) -> None:
    week = timedelta(days=7)
    async with store() as uow:
        await uow.inbound.first_time("old", AT)
        await uow.inbound.first_time("new", AT + week)
        assert await uow.inbound.forget_before(AT + minutes(1)) == 1
        assert await uow.inbound.first_time("old", AT + week)
        assert not await uow.inbound.first_time("new", AT + week)


async def test_an_audit_line_goes_with_its_effect(store: SqlStore) -> None:
    actor = Actor(TEAM, ADA, TEAM)
    async with store() as uow:
        await uow.audit.add(actor, TEAM, "plan.lost", "OW-1", AT)
    async with store() as uow:
        await uow.audit.add(
            actor, TEAM, "plan.started", "OW-1", AT, before="planned", after="running"
        )
        await uow.audit.add(None, TEAM, "plan.decided", "OW-1", AT)
        await uow.commit()
    async with store.engine.connect() as connection:
        lines = await connection.exec_driver_sql(
            "SELECT actor, action, before, after FROM audit ORDER BY id"
        )
    assert [tuple(line) for line in lines] == [
        (ADA, "plan.started", "planned", "running"),
        (None, "plan.decided", "", ""),
    ]
