"""Experiments: numbers, revisions, and who wins when two people change one."""

import asyncio
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from bot.domain.hub import Facts
from bot.domain.ids import ExperimentId
from bot.domain.plans import OPEN, State
from engine.decide import decide
from storage.database import SqlStore
from tests.engine.cards import DATA, SCENARIOS, card
from tests.storage.given import (
    ADA,
    AT,
    LIN,
    ML_LAB,
    OTHER_TEAM,
    RANDOM,
    TEAM,
    added,
    decided,
    draft,
    minutes,
    read,
    saved,
)


async def test_an_experiment_comes_back_as_it_was(store: SqlStore) -> None:
    x = await added(store, card=SCENARIOS["private_documents"])
    assert (x.number, x.label, x.state, x.version) == (1, "OW-1", State.PLANNED, 1)
    assert await read(store, x) == x
    async with store(read_only=True) as uow:
        assert await uow.plans.by_number(TEAM, 1) == x
        assert await uow.plans.by_request(TEAM, "V1") == x
        assert await uow.plans.by_ids(TEAM, [x.id, ExperimentId(99)]) == {x.id: x}


async def test_a_decision_comes_back_as_it_was(store: SqlStore) -> None:
    for number, (name, scenario) in enumerate(SCENARIOS.items(), start=1):
        x = decided(await added(store, name, card=scenario), AT + minutes(1))
        assert await saved(store, x)
        assert await read(store, x) == x, name
        assert x.number == number


async def test_facts_of_a_model_are_kept_on_the_card_they_belong_to(store: SqlStore) -> None:
    x = await added(store, card=card(model_repo="acme-labs/quiet-owl-7b"))
    facts = Facts(revision="f" * 40, license_id="apache-2.0")
    known = x.decided(decide(x.latest.card, DATA), at=AT + minutes(1), facts=facts)
    assert await saved(store, known)
    assert (await read(store, x)).latest.card == facts.on(x.latest.card)
    assert await saved(store, known.dropped(at=AT + minutes(2)))
    assert (await read(store, x)).shown.card.license_id == "apache-2.0"


async def test_another_workspace_does_not_find_it(store: SqlStore) -> None:
    x = await added(store)
    async with store(read_only=True) as uow:
        assert await uow.plans.by_id(OTHER_TEAM, x.id) is None
        assert await uow.plans.by_ids(OTHER_TEAM, [x.id]) == {}
        assert await uow.plans.by_number(OTHER_TEAM, x.number) is None
        assert await uow.plans.by_request(OTHER_TEAM, "V1") is None
        assert not await uow.plans.in_channel(OTHER_TEAM, ML_LAB, OPEN)
        assert not await uow.plans.of_owner(OTHER_TEAM, ADA, OPEN)
        assert await uow.plans.last_card(OTHER_TEAM, ADA) is None
    assert not await saved(store, replace(x.dropped(at=AT), team=OTHER_TEAM))


async def test_twenty_at_once_are_numbered_without_gap_or_repeat(store: SqlStore) -> None:
    made = await asyncio.gather(*(added(store, f"V{n}") for n in range(20)))
    assert sorted(x.number for x in made) == list(range(1, 21))
    assert (await added(store, "V1", team=OTHER_TEAM)).number == 1


async def test_one_submission_pressed_many_times_is_one_experiment(store: SqlStore) -> None:
    made = await asyncio.gather(*(added(store, "V1") for _ in range(8)))
    assert len({x.id for x in made}) == 1
    assert (await added(store, "V2")).number == 2


async def test_an_add_that_is_rolled_back_uses_no_number(store: SqlStore) -> None:
    async with store() as uow:
        await uow.plans.add(draft("V1"), AT)
    assert (await added(store, "V2")).number == 1


async def test_of_many_who_change_one_version_one_wins(store: SqlStore) -> None:
    x = decided(await added(store), AT)
    assert await saved(store, x)
    changes = [x.owned_by(LIN, at=AT + minutes(n)) for n in range(10)]
    wins = await asyncio.gather(*(saved(store, change) for change in changes))
    assert sorted(wins) == [False] * 9 + [True]
    assert await read(store, x) == changes[wins.index(True)]


async def test_the_loser_writes_nothing(store: SqlStore) -> None:
    x = await added(store)
    assert await saved(store, x.replanned(card(task="first"), by=ADA, at=AT), "V2")
    assert not await saved(store, x.replanned(card(task="second"), by=LIN, at=AT), "V3")
    found = await read(store, x)
    assert found.latest.card.task == "first"
    async with store(read_only=True) as uow:
        assert await uow.plans.by_request(TEAM, "V3") is None


async def test_the_decision_in_force_stays_until_the_new_one_is_there(store: SqlStore) -> None:
    first = decided(await added(store), AT)
    assert await saved(store, first)
    again = first.replanned(SCENARIOS["private_on_colab"], by=LIN, at=AT + minutes(5))
    assert await saved(store, again, "V2")
    found = await read(store, first)
    assert found == again
    assert found.current == first.current
    assert found.is_deciding
    second = decided(found, AT + minutes(6))
    assert await saved(store, second)
    found = await read(store, first)
    assert (found.state, found.current) == (State.REFUSED, found.latest)
    async with store(read_only=True) as uow:
        assert await uow.plans.decision_of(first.id, 1) == first.decision
        assert await uow.plans.decision_of(first.id, 2) == second.decision
        assert await uow.plans.decision_of(first.id, 3) is None
        assert await uow.plans.by_request(TEAM, "V2") == second


async def test_a_problem_is_kept_and_goes_when_the_engine_decides_after_all(
    store: SqlStore,
) -> None:
    x = (await added(store)).undecidable("Hours are not a number.", at=AT)
    assert await saved(store, x)
    assert (await read(store, x)).latest.problem == "Hours are not a number."
    x = decided(x, AT + minutes(1))
    assert await saved(store, x)
    assert await read(store, x) == x


async def test_a_new_revision_needs_no_request(store: SqlStore) -> None:
    x = (await added(store)).replanned(card(task="again"), by=LIN, at=AT)
    assert await saved(store, x)
    assert await read(store, x) == x


async def test_lists_hold_open_ones_of_the_place_newest_first(store: SqlStore) -> None:
    first = await added(store, "V1")
    second = await added(store, "V2", owner=LIN)
    dropped = await added(store, "V3")
    await added(store, "V4", channel=RANDOM)
    assert await saved(store, dropped.dropped(at=AT))
    async with store(read_only=True) as uow:
        here = await uow.plans.in_channel(TEAM, ML_LAB, OPEN)
        hers = await uow.plans.of_owner(TEAM, LIN, OPEN)
        gone = await uow.plans.in_channel(TEAM, ML_LAB, [State.DROPPED])
    assert list(here) == [second, first]
    assert list(hers) == [second]
    assert [x.id for x in gone] == [dropped.id]


async def test_a_list_ends_at_fifty(store: SqlStore) -> None:
    async with store() as uow:
        for n in range(52):
            await uow.plans.add(draft(f"V{n}"), AT)
        found = await uow.plans.in_channel(TEAM, ML_LAB, OPEN)
    assert [x.number for x in found] == list(range(52, 2, -1))


async def test_the_last_card_is_the_persons_own(store: SqlStore) -> None:
    async with store() as uow:
        await uow.plans.add(draft("V1", card=card(task="hers, old")), AT)
        await uow.plans.add(draft("V2", card=card(task="hers")), AT + minutes(1))
        lins = draft("V3", card=card(task="lin's"), submitted_by=LIN)
        await uow.plans.add(lins, AT + minutes(2))
        found = await uow.plans.last_card(TEAM, ADA)
    assert found == card(task="hers")


async def test_instants_survive_whatever_zone_they_come_in(store: SqlStore) -> None:
    early = (AT + minutes(3)).astimezone(timezone(timedelta(hours=-5)))
    async with store() as uow:
        x = await uow.plans.add(draft(), early)
        await uow.commit()
    found = await read(store, x)
    assert found.created_at == early
    assert found.created_at.utcoffset() == timedelta(0)


async def test_a_naive_time_is_refused(store: SqlStore) -> None:
    with pytest.raises(Exception, match=r"naive|ValueError"):  # no values on Postgres
        async with store() as uow:
            await uow.plans.add(draft(), AT.replace(tzinfo=None))


async def test_what_does_not_exist_is_none(store: SqlStore) -> None:
    async with store(read_only=True) as uow:
        assert await uow.plans.by_id(TEAM, ExperimentId(99)) is None
        assert await uow.plans.by_number(TEAM, 99) is None
        assert await uow.plans.last_card(TEAM, ADA) is None
