"""What a channel's running experiments owe, the row that waits for it, and the message's place."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.delivery import LEASE, Due, DueKind, Op
from bot.domain.evidence import EvidenceState
from bot.domain.ids import ChannelId, ExperimentId
from bot.domain.plans import Experiment, State
from bot.domain.reminders import Owed, OwedItem, Reminding, Standing
from bot.domain.replanning import reconciled
from bot.domain.workspace import Channel
from bot.ports import UnitOfWork
from storage.database import SqlStore
from tests.storage.given import (
    ADA,
    AT,
    LIN,
    ML_LAB,
    RANDOM,
    TEAM,
    added,
    claimed,
    decided,
    delivered,
    message,
    minutes,
    queued,
    saved,
    seen,
)

TOMORROW = AT + timedelta(days=1)


def reminder(key: str = "evidence:T1:C1:2026-11-24", **changes: object) -> Due:
    plain = Due(key=key, kind=DueKind.REMIND_EVIDENCE, team=TEAM, channel=ML_LAB, due_at=TOMORROW)
    return replace(plain, **changes)  # type: ignore[arg-type]  # names are checked by replace


async def running(store: SqlStore, request: str = "V1", **changes: object) -> Experiment:
    """An experiment that runs, with all its evidence missing."""
    x = decided(await added(store, request, **changes), AT)
    needs = x.decision.evidence if x.decision else ()
    assert await saved(store, x)
    x = replace(x, version=x.version + 1, state=State.RUNNING, started_at=AT)
    assert await saved(store, x)
    async with store() as uow:
        await uow.evidence.replace(x.id, reconciled((), needs, AT))
        await uow.commit()
    return x


async def set_items(store: SqlStore, x: Experiment, state: EvidenceState, *, but: int) -> None:
    """All items in a state, the last `but` excepted; the first of those is Lin's."""
    async with store() as uow:
        items = await uow.evidence.of(x.id)
        done = [replace(e, state=state) for e in items[: len(items) - but]]
        rest = list(items[len(items) - but :])
        rest[:1] = [replace(e, assignee=LIN) for e in rest[:1]]
        await uow.evidence.replace(x.id, [*done, *rest])
        await uow.commit()


async def owed_here(uow: UnitOfWork) -> tuple[Owed, ...]:
    """What is owed in #ml-lab, and nothing of the other channel that is asked for with it."""
    owing = await uow.reminders.owing(TEAM, [ML_LAB, ChannelId("C0NOTHING1")])
    assert owing[ChannelId("C0NOTHING1")] == ()
    return await uow.reminders.owed(owing[ML_LAB])


async def test_only_what_runs_here_and_misses_something_is_owed(store: SqlStore) -> None:
    await seen(store)
    mine = await running(store)
    await running(store, "V2", channel=RANDOM)
    whole = await running(store, "V3")
    await set_items(store, whole, EvidenceState.GIVEN, but=0)
    await added(store, "V4")
    await set_items(store, mine, EvidenceState.WAIVED, but=2)
    async with store(read_only=True) as uow:
        [owed] = await owed_here(uow)
        items = [e for e in await uow.evidence.of(mine.id) if e.state is EvidenceState.MISSING]
    assert (owed.experiment, owed.label, owed.owner, owed.started_at) == (mine.id, "OW-1", ADA, AT)
    assert owed.items == (
        OwedItem(items[0].item, items[0].label, LIN),
        OwedItem(items[1].item, items[1].label),
    )
    assert owed.known == Reminding()


async def test_what_waits_for_accept_is_owed_as_such(store: SqlStore) -> None:
    await seen(store)
    mine = await running(store)
    await set_items(store, mine, EvidenceState.CLAIMED, but=1)
    async with store(read_only=True) as uow:
        [owed] = await owed_here(uow)
    assert [i.claimed for i in owed.items] == [True] * (len(owed.items) - 1) + [False]
    assert (owed.waits, owed.lacks) == (True, True)


async def test_what_is_remembered_of_an_experiment_comes_with_it(store: SqlStore) -> None:
    await seen(store)
    x = await running(store)
    known = Reminding(times=3, snoozed_until=TOMORROW, muted=True)
    async with store() as uow:
        await uow.reminders.put(x.id, known)
        await uow.commit()
    async with store(read_only=True) as uow:
        [owed] = await owed_here(uow)
        assert owed.known == known
        assert await uow.reminders.of([x.id, ExperimentId(99)]) == {
            x.id: known,
            ExperimentId(99): Reminding(),
        }


async def test_a_waiting_row_is_moved_and_one_that_is_over_is_not(store: SqlStore) -> None:
    await seen(store)
    async with store() as uow:
        assert await uow.due.arm(reminder())
        assert await uow.due.arm(reminder(due_at=AT))
        await uow.commit()
    async with store() as uow:
        [row] = await uow.due.claim(AT, 5, LEASE)
        assert (row.due.place, row.due.due_at) == (ML_LAB, AT)
        assert not await uow.due.arm(reminder()), "somebody has it in hand"
        assert await uow.due.settle(row, AT)
        assert not await uow.due.arm(reminder()), "it is done"
        await uow.commit()


async def test_other_waiting_rows_of_a_channel_are_ended(store: SqlStore) -> None:
    await seen(store)
    kept = reminder("a")
    others = [
        reminder("b"),
        reminder("c", channel=RANDOM),
        Due("d", DueKind.NOT_STARTED, TEAM, TOMORROW, subject=ExperimentId(1)),
    ]
    async with store() as uow:
        for due in (kept, *others):
            assert await uow.due.add(due)
        assert await uow.due.end_others(kept, AT) == 1
        await uow.commit()
    async with store() as uow:
        assert [r.due.key for r in await uow.due.claim(TOMORROW, 9, LEASE)] == ["a", "c", "d"]


async def test_a_post_that_was_not_sent_can_be_withdrawn(store: SqlStore) -> None:
    await seen(store)
    await queued(
        store,
        message("a", subject="r"),
        message("b", subject="r", op=Op.DELETE),
        message("c", channel=RANDOM, subject="s"),
    )
    async with store() as uow:
        assert await uow.outbox.withdraw(TEAM, "r") == 1
        await uow.commit()
    [deletion, other] = await claimed(store)
    async with store() as uow:
        assert await uow.outbox.withdraw(TEAM, "s") == 0, "it is being sent"
        await uow.commit()
    assert deletion.outgoing.op is Op.DELETE
    assert await delivered(store, other, "1.1", AT + minutes(1))


async def test_settings_begin_once(store: SqlStore) -> None:
    await seen(store)
    async with store() as uow:
        first = await uow.channels.begin(Channel(TEAM, ML_LAB, tz="Europe/Berlin"))
        second = await uow.channels.begin(Channel(TEAM, ML_LAB, tz="Asia/Shanghai"))
        await uow.commit()
    assert first == second == Channel(TEAM, ML_LAB, tz="Europe/Berlin")


async def test_one_reminder_stands(store: SqlStore) -> None:
    await seen(store)
    async with store() as uow:
        await uow.reminders.stand(TEAM, {ML_LAB: Standing("r1", 0)})
        await uow.reminders.stand(TEAM, {ML_LAB: Standing("r2", 4)})
        await uow.reminders.stand(TEAM, {})
        both = await uow.reminders.standing(TEAM, [RANDOM, ML_LAB])
        assert both == {ML_LAB: Standing("r2", 4)}
        await uow.reminders.fall(TEAM, ML_LAB)
        assert await uow.reminders.standing(TEAM, [ML_LAB]) == {}
        await uow.commit()


async def test_one_more_reminder_leaves_a_mute_alone(store: SqlStore) -> None:
    await seen(store)
    muted, snoozed, woken, new = [await running(store, f"V{n}") for n in range(4)]
    async with store() as uow:
        await uow.reminders.put(muted.id, Reminding(times=3, muted=True))
        await uow.reminders.put(snoozed.id, Reminding(times=1, snoozed_until=TOMORROW))
        await uow.reminders.put(woken.id, Reminding(times=1, snoozed_until=AT))
        await uow.reminders.listed([muted.id, snoozed.id, woken.id, new.id], AT)
        await uow.reminders.listed([], AT)
        found = await uow.reminders.of([muted.id, snoozed.id, woken.id, new.id])
        await uow.commit()
    assert list(found.values()) == [
        Reminding(times=4, muted=True),
        Reminding(times=2, snoozed_until=TOMORROW),
        Reminding(times=2),
        Reminding(times=1),
    ]


@pytest.mark.parametrize("stands", [True, False])
async def test_changes_of_a_channels_reminders_come_in_turn(
    store: SqlStore, *, stands: bool
) -> None:
    await seen(store)
    x = await running(store)
    if stands:
        async with store() as uow:
            await uow.reminders.stand(TEAM, {ML_LAB: Standing("old", 0)})
            await uow.commit()

    async def muted() -> None:
        async with store() as uow:
            await uow.reminders.standing(TEAM, [ML_LAB])
            known = (await uow.reminders.of([x.id]))[x.id]
            await uow.reminders.put(x.id, replace(known, muted=True))
            await uow.due.arm(reminder())
            await uow.commit()

    async with store() as uow:
        await uow.reminders.standing(TEAM, [ML_LAB])
        await uow.due.arm(reminder())
        other = asyncio.create_task(muted())
        await asyncio.sleep(0.2)
        await uow.reminders.listed([x.id], AT)
        await uow.reminders.stand(TEAM, {ML_LAB: Standing("new", 0)})
        await uow.commit()
    await other
    async with store(read_only=True) as uow:
        assert (await uow.reminders.of([x.id]))[x.id] == Reminding(times=1, muted=True)


async def unarmed(store: SqlStore, limit: int = 9) -> set[str]:
    async with store(read_only=True) as uow:
        return {channel for _, channel in await uow.reminders.unarmed(limit)}


async def test_channels_that_owe_something_and_wait_for_no_reminder_are_found(
    store: SqlStore,
) -> None:
    await seen(store)
    await running(store)
    await running(store, "V2")
    other = await running(store, "V3", channel=RANDOM)
    await added(store, "V4", channel=ChannelId("C9"))
    assert await unarmed(store) == {ML_LAB, RANDOM}
    assert len(await unarmed(store, 1)) == 1
    await set_items(store, other, EvidenceState.GIVEN, but=0)
    assert await unarmed(store) == {ML_LAB}


async def test_a_reminder_that_waits_or_is_in_hand_is_one(store: SqlStore) -> None:
    await seen(store)
    await running(store)
    async with store() as uow:
        await uow.due.arm(reminder())
        await uow.commit()
    assert not await unarmed(store)
    async with store() as uow:
        [row] = await uow.due.claim(TOMORROW, 9, LEASE)
        await uow.commit()
    assert not await unarmed(store)
    async with store() as uow:
        await uow.due.settle(row, TOMORROW)
        await uow.commit()
    assert await unarmed(store) == {ML_LAB}


async def test_muted_channels_and_removed_workspaces_want_none(store: SqlStore) -> None:
    await seen(store)
    await running(store)
    async with store() as uow:
        await uow.channels.put(Channel(TEAM, ML_LAB, muted=True))
        assert not await uow.reminders.unarmed(9)
        await uow.channels.put(Channel(TEAM, ML_LAB))
        assert await uow.reminders.unarmed(9)
        await uow.workspaces.remove(TEAM, AT)
        assert not await uow.reminders.unarmed(9)
