"""Home tabs: what is remembered of them, whom a change concerns, and the lists that stand there."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.delivery import LEASE, ClaimedDue, DueKind
from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.home import APART, KEPT_FRESH, MERGED, MERGED_FOR_ALL, SETTLES, Asks, Pages, Tab
from bot.domain.ids import TeamId, UserId
from bot.domain.plans import State
from bot.domain.workspace import Channel
from storage.database import SqlStore
from tests.storage.given import ADA, AT, LIN, ML_LAB, OTHER_TEAM, RANDOM, TEAM, added, saved

GRACE = UserId("U3")
LATER = AT + MERGED + SETTLES


def tab(user: UserId = ADA, team: TeamId = TEAM, at: datetime = AT) -> Tab:
    return Tab(team, user, at)


async def opened(store: SqlStore, *tabs: Tab) -> None:
    async with store() as uow:
        for found in tabs:
            await uow.homes.opened(found)
        await uow.commit()


async def due_at(store: SqlStore, now: datetime) -> list[ClaimedDue]:
    async with store() as uow:
        rows = await uow.due.claim(now, 50, LEASE)
        await uow.due.settle_all(rows, now)
        await uow.commit()
    return rows


def readers(rows: Sequence[ClaimedDue]) -> list[UserId]:
    assert {row.due.kind for row in rows} <= {DueKind.DRAW_HOME}
    return sorted(row.due.reader for row in rows)


async def test_what_is_noted_of_a_tab_is_found_again(store: SqlStore) -> None:
    async with store(read_only=True) as uow:
        assert await uow.homes.of(TEAM, ADA) is None
    await opened(store, tab(), tab(LIN))
    shown = replace(tab(), pages=Pages(1, 2, 3), drawn="abc", hash="1.x", greeted=True)
    async with store() as uow:
        await uow.homes.turned(TEAM, ADA, shown.pages)
        await uow.homes.greeted(TEAM, ADA)
        await uow.homes.drawn(shown, sees_all=False)
        await uow.commit()
    async with store(read_only=True) as uow:
        assert await uow.homes.of(TEAM, ADA) == shown
        assert await uow.homes.of(TEAM, LIN) == tab(LIN)
        assert await uow.homes.of(OTHER_TEAM, ADA) is None
    await opened(store, tab(at=LATER))
    async with store(read_only=True) as uow:
        again = await uow.homes.of(TEAM, ADA)
    assert again == replace(tab(at=LATER), greeted=True), "once read, it stays read"


async def test_a_change_is_drawn_once_per_slot_for_who_opened_home(store: SqlStore) -> None:
    await opened(store, tab(), tab(LIN), tab(GRACE), tab(ADA, OTHER_TEAM))
    for seconds in (0, 3, 9.9):
        async with store() as uow:
            uow.homes.changed(TEAM, AT + timedelta(seconds=seconds), users=[ADA, None, LIN])
            await uow.commit()
    assert await due_at(store, AT + MERGED) == [], "a transaction may still be on its way"
    assert readers(await due_at(store, LATER)) == [ADA, LIN]
    async with store() as uow:
        uow.homes.changed(TEAM, AT + MERGED, users=[ADA])
        await uow.commit()
    assert readers(await due_at(store, LATER + MERGED)) == [ADA], "the next slot is another"


async def test_what_is_rolled_back_is_not_drawn(store: SqlStore) -> None:
    await opened(store, tab())
    async with store() as uow:
        uow.homes.changed(TEAM, AT, users=[ADA])
    assert await due_at(store, LATER) == []


async def test_who_never_opened_home_or_not_lately_is_left_alone(store: SqlStore) -> None:
    await opened(store, tab(LIN, at=AT - KEPT_FRESH))
    async with store() as uow:
        uow.homes.changed(TEAM, AT, users=[ADA, LIN])
        await uow.commit()
    assert await due_at(store, LATER) == []


async def test_leads_admins_and_when_all_are_concerned_all_follow(store: SqlStore) -> None:
    await opened(store, tab(), tab(LIN), tab(GRACE))
    async with store() as uow:
        await uow.channels.put(Channel(TEAM, ML_LAB, lead=LIN))
        await uow.homes.drawn(replace(tab(GRACE), drawn="x", hash="1.g"), sees_all=True)
        await uow.commit()
    wide = MERGED_FOR_ALL
    for n, (place, everyone, soon, later) in enumerate(
        (
            (ML_LAB, False, [LIN], [GRACE]),
            (RANDOM, False, [], [GRACE]),
            (None, True, [], [ADA, GRACE, LIN]),
        )
    ):
        now = AT + wide * 2 * n
        for seconds in (0, 11, 22):
            async with store() as uow:
                then = now + timedelta(seconds=seconds)
                uow.homes.changed(TEAM, then, place=place, everyone=everyone)
                await uow.commit()
        quick = readers(await due_at(store, now + wide))
        assert quick == soon * 3, "each of three slots"
        for turn, user in enumerate(sorted(later)):
            at = now + wide + SETTLES + turn * APART
            assert await due_at(store, at - timedelta(microseconds=1)) == []
            assert readers(await due_at(store, at)) == [user], "one after another"


async def test_changes_of_the_same_people_at_once_never_wait_in_a_circle(store: SqlStore) -> None:
    await opened(store, *(tab(UserId(f"U{n}")) for n in range(20)))

    async def change(users: Sequence[UserId]) -> None:
        async with store() as uow:
            for user in users:
                uow.homes.changed(TEAM, AT, users=[user])
                await asyncio.sleep(0)
            await uow.commit()

    people = [UserId(f"U{n}") for n in range(20)]
    async with asyncio.timeout(20):
        await asyncio.gather(*(change(people[:: 1 if n % 2 else -1]) for n in range(8)))
    assert len(await due_at(store, LATER)) == len(people)


def item(name: str, state: EvidenceState, assignee: UserId | None = None) -> Evidence:
    return Evidence(name, name, "base", True, state, AT, assignee=assignee)


@pytest.fixture
async def lab(store: SqlStore) -> SqlStore:
    """Six experiments of Ada's, one of them planned, and one of Lin's that asks her for an item."""
    for n in range(1, 7):
        await added(store, f"V{n}")
    await added(store, "V7", owner=LIN, channel=RANDOM)
    await added(store, "W1", team=OTHER_TEAM)
    return store


async def put(store: SqlStore, number: int, state: State, *items: Evidence, times: int = 0) -> None:
    async with store() as uow:
        x = await uow.plans.by_number(TEAM, number)
        assert x is not None
        await uow.evidence.replace(x.id, items)
        if times:
            await uow.reminders.listed([x.id], AT)
        await uow.commit()
    assert await saved(store, replace(x, state=state, version=x.version + 1))


async def test_what_waits_for_somebody_is_counted(lab: SqlStore) -> None:
    claimed, missing = EvidenceState.CLAIMED, EvidenceState.MISSING
    given, retired = EvidenceState.GIVEN, EvidenceState.RETIRED
    run = State.RUNNING
    await put(lab, 1, run, item("a", claimed), item("b", missing), item("c", missing, LIN))
    await put(lab, 2, run, item("a", missing, LIN))
    await put(lab, 3, State.COMPLETE, item("a", given))
    await put(lab, 4, State.DECIDED, item("a", missing))
    await put(lab, 5, run, item("a", retired), replace(item("b", missing), required=False))
    await put(lab, 7, run, item("a", EvidenceState.REJECTED, ADA), item("b", missing))
    async with lab(read_only=True) as uow:
        ada, lin = await uow.homes.asks(TEAM, ADA), await uow.homes.asks(TEAM, LIN)
        ids = {n: x.id for n in range(1, 8) if (x := await uow.plans.by_number(TEAM, n))}
        assert await uow.homes.asks(OTHER_TEAM, ADA) == []
    assert ada == [
        Asks(ids[7], run, 0, 1),
        Asks(ids[3], State.COMPLETE, 0, 0),
        Asks(ids[1], run, 1, 1),
    ]
    assert lin == [Asks(ids[7], run, 0, 1), Asks(ids[2], run, 0, 1), Asks(ids[1], run, 0, 1)]


async def test_pages_of_ones_own_experiments(lab: SqlStore) -> None:
    await put(lab, 2, State.ARCHIVED)
    async with lab(read_only=True) as uow:
        first, total = await uow.homes.owned(TEAM, ADA, 0, 3)
        rest, _ = await uow.homes.owned(TEAM, ADA, 3, 3)
        known = await uow.plans.by_ids(TEAM, [*first, *rest])
    assert total == 5
    assert [known[x].number for x in (*first, *rest)] == [6, 5, 4, 3, 1]


async def test_evidence_that_was_asked_for_in_vain_is_counted_by_channel(lab: SqlStore) -> None:
    missing = item("a", EvidenceState.MISSING)
    await put(lab, 1, State.RUNNING, missing, times=1)
    await put(lab, 2, State.RUNNING, missing)
    await put(lab, 3, State.RUNNING, item("a", EvidenceState.GIVEN), times=1)
    await put(lab, 4, State.COMPLETE, missing, times=1)
    await put(lab, 7, State.RUNNING, missing, times=1)
    async with lab(read_only=True) as uow:
        assert await uow.homes.late(TEAM) == {ML_LAB: 1, RANDOM: 1}
        assert await uow.homes.late(OTHER_TEAM) == {}
