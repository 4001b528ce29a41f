"""The outbox: claimed once, in channel order, settled by whoever holds the lease."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.domain.delivery import LEASE, ClaimedOutgoing, File, Message, Op, Post, Sent
from bot.domain.ids import ChannelId, TeamId
from storage.database import SqlStore
from storage.tables import outbox
from tests.storage.given import (
    ADA,
    AT,
    ML_LAB,
    OTHER_TEAM,
    RANDOM,
    TEAM,
    claimed,
    delivered,
    keys,
    message,
    minutes,
    queued,
    seen,
)

LATER = AT + LEASE


async def test_a_message_comes_back_as_it_was(store: SqlStore) -> None:
    blocks = ({"type": "section", "text": {"type": "plain_text", "text": "值得 \U0001f600 \x00"}},)
    out = message(
        "post:card:1",
        op=Op.UPDATE,
        subject="card:1",
        message=Message("text", blocks),
        version=7,
        thread="card:0",
        fallback=ADA,
        repeatable=False,
    )
    await queued(store, out)
    [row] = await claimed(store)
    assert row.outgoing == out
    assert (row.attempts, row.first_try_at) == (1, AT)


async def test_an_upload_comes_back_with_its_files_and_remembers_its_place(
    store: SqlStore,
) -> None:
    files = (File("a.md", "A", "# 记录 \U0001f600\n| a |"), File("b.json", "B", "{}"))
    said = Message("the record", files=files)
    out = message("upload:1", op=Op.UPLOAD, subject="record:1", message=said, thread="card:1")
    await queued(store, out)
    async with store(read_only=True) as uow:
        assert await uow.outbox.is_open(TEAM, "record:1")
    [row] = await claimed(store)
    assert row.outgoing == out
    async with store() as uow:
        assert await uow.outbox.sent(row, Sent(ML_LAB, ""), AT)
        assert await uow.outbox.where(TEAM, "record:1") == Post("record:1", ML_LAB, "", 0)
        assert not await uow.outbox.is_open(TEAM, "record:1")


async def test_a_key_is_queued_once(store: SqlStore) -> None:
    await queued(store, message("a"))
    async with store() as uow:
        assert not await uow.outbox.add(message("a", channel=RANDOM), AT)
        await uow.commit()
    assert keys(await claimed(store)) == ["a"]


async def test_three_workers_take_each_row_once_and_keep_every_channels_order(
    store: SqlStore,
) -> None:
    channels = [ChannelId(f"C{n}") for n in range(6)]
    rows = [message(f"{c}:{n}", channel=c) for n in range(8) for c in channels]
    await queued(store, *rows)
    taken: list[str] = []

    async def work() -> None:
        while len(taken) < len(rows):
            for row in await claimed(store, limit=4):
                taken.append(row.outgoing.key)
                assert await delivered(store, row, ts=row.outgoing.key)

    await asyncio.gather(work(), work(), work())
    assert sorted(taken) == sorted(m.key for m in rows)
    for c in channels:
        assert [key for key in taken if key.startswith(f"{c}:")] == [f"{c}:{n}" for n in range(8)]


async def test_a_channel_has_one_message_in_flight(store: SqlStore) -> None:
    await queued(store, message("a1"), message("b1", channel=RANDOM), message("a2"))
    first = await claimed(store)
    assert keys(first) == ["a1", "b1"]
    assert not await claimed(store)
    assert await delivered(store, first[0], "1.0")
    assert keys(await claimed(store)) == ["a2"]


async def test_the_same_channel_id_in_two_workspaces_is_two_channels(store: SqlStore) -> None:
    await queued(store, message("a"), message("b", team=OTHER_TEAM))
    assert keys(await claimed(store)) == ["a", "b"]


async def test_an_expired_lease_is_taken_over_and_its_late_holder_changes_nothing(
    store: SqlStore,
) -> None:
    await queued(store, message("a"))
    [late] = await claimed(store)
    assert not await claimed(store, AT + LEASE - timedelta(seconds=1))
    [mine] = await claimed(store, LATER)
    assert (mine.attempts, mine.first_try_at) == (2, AT)
    for settle in ENDINGS.values():
        assert not await settle(store, late)
    assert await delivered(store, mine, "1.0", LATER)
    async with store(read_only=True) as uow:
        assert await uow.outbox.where(TEAM, "a") == Post("a", ML_LAB, "1.0", 0)


async def released(store: SqlStore, row: ClaimedOutgoing) -> bool:
    async with store() as uow:
        won = await uow.outbox.release(row, AT)
        await uow.commit()
    return won


async def died(store: SqlStore, row: ClaimedOutgoing) -> bool:
    async with store() as uow:
        won = await uow.outbox.dead(row, "is_archived", AT)
        await uow.commit()
    return won


async def unknown(store: SqlStore, row: ClaimedOutgoing) -> bool:
    async with store() as uow:
        won = await uow.outbox.unknown(row, AT)
        await uow.commit()
    return won


async def arrived(store: SqlStore, row: ClaimedOutgoing) -> bool:
    return await delivered(store, row, "9.9")


ENDINGS = {"sent": arrived, "released": released, "dead": died, "unknown": unknown}


@pytest.mark.parametrize("ending", ["sent", "dead", "unknown"])
async def test_what_is_settled_stays_settled_and_lets_the_next_one_go(
    store: SqlStore, ending: str
) -> None:
    await queued(store, message("a"), message("b"))
    [row] = await claimed(store)
    assert await ENDINGS[ending](store, row)
    for again in ENDINGS.values():
        assert not await again(store, row)
    assert keys(await claimed(store, AT + minutes(60))) == ["b"]


async def test_a_lease_further_ahead_than_any_lease_can_be_is_stale(store: SqlStore) -> None:
    await queued(store, message("a"))
    [row] = await claimed(store, AT + timedelta(hours=2))
    [again] = await claimed(store, AT)
    assert again.attempts == 2
    assert not await delivered(store, row, "1.0")


async def test_a_replica_whose_clock_is_a_little_behind_respects_a_lease(store: SqlStore) -> None:
    await queued(store, message("a"), at=AT - minutes(1))
    assert await claimed(store, AT)
    assert not await claimed(store, AT - timedelta(seconds=4))


async def test_a_pause_holds_back_its_own_channel_and_no_other(store: SqlStore) -> None:
    await queued(store, message("a1"), message("a2"), message("b1", channel=RANDOM))
    [a1, b1] = await claimed(store)
    async with store() as uow:
        assert await uow.outbox.release(a1, AT + minutes(1))
        await uow.commit()
    assert await delivered(store, b1, "1.0")
    await queued(store, message("b2", channel=RANDOM))
    [b2] = await claimed(store, AT + minutes(0.5))
    assert b2.outgoing.key == "b2"
    assert await delivered(store, b2, "2.0")
    [again] = await claimed(store, AT + minutes(1))
    assert (again.outgoing.key, again.attempts) == ("a1", 1)


async def test_a_row_that_turns_into_another_keeps_its_place_and_starts_anew(
    store: SqlStore,
) -> None:
    await queued(store, message("card", fallback=ADA, thread="other"), message("reply"))
    [row] = await claimed(store)
    into = message("card", message=Message("plain"), op=Op.UPDATE)
    async with store() as uow:
        assert await uow.outbox.turn(row, into, AT + minutes(1))
        assert not await uow.outbox.turn(row, into, AT)
        await uow.commit()
    assert not await claimed(store, AT + minutes(0.9))
    [again] = await claimed(store, AT + minutes(1))
    assert again.outgoing == into
    assert (again.attempts, again.first_try_at) == (1, AT + minutes(1))


async def test_an_older_row_waits_while_a_younger_one_is_in_flight(store: SqlStore) -> None:
    """It can become visible later than a younger one: its transaction took longer."""
    await queued(store, message("old"), message("young"))
    [old] = await claimed(store)
    async with store() as uow:
        await uow.outbox.unknown(old, AT)
        await uow.commit()
    [young] = await claimed(store)
    await _reopen(store, "old")
    assert not await claimed(store)
    assert keys(await claimed(store, LATER)) == ["old"]
    assert not await delivered(store, old, "1.0")
    assert await delivered(store, young, "1.0")


async def _reopen(store: SqlStore, key: str) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(
            update(outbox).where(outbox.c.key == key).values(settled_at=None, state="pending")
        )


async def test_only_a_post_counts_as_open(store: SqlStore) -> None:
    await queued(store, message("u", subject="card:1", op=Op.UPDATE))
    async with store(read_only=True) as uow:
        assert not await uow.outbox.is_open(TEAM, "card:1")


async def test_a_newer_rendering_drops_older_unsent_ones_only(store: SqlStore) -> None:
    update = {"subject": "card:1", "op": Op.UPDATE}
    await queued(
        store,
        message("u1", version=1, **update),
        message("u2", version=2, **update),
        message("u3", version=3, **update),
        message("other", subject="card:2", op=Op.UPDATE, version=1),
        message("post", subject="card:1", version=1),
    )
    [in_flight] = await claimed(store)
    async with store() as uow:
        assert await uow.outbox.supersede_updates(OTHER_TEAM, "card:1", 3) == 0
        assert await uow.outbox.supersede_updates(TEAM, "card:1", 3) == 1
        await uow.commit()
    left = []
    row: ClaimedOutgoing | None = in_flight
    while row is not None:
        left.append(row.outgoing.key)
        assert await delivered(store, row, "1.0")
        row = next(iter(await claimed(store)), None)
    assert left == ["u1", "u3", "other", "post"]


async def test_the_undelivered_are_counted_from_when_they_were_queued(store: SqlStore) -> None:
    await queued(store, message("a"), message("b", channel=RANDOM))
    await queued(store, message("young", channel=ChannelId("C9")), at=AT + minutes(4))
    [row, *_] = await claimed(store)
    async with store() as uow:
        await uow.outbox.release(row, AT + minutes(10))
        assert await uow.outbox.undelivered(AT + minutes(4), minutes(5)) == 0
        assert await uow.outbox.undelivered(AT + minutes(5), minutes(5)) == 2


async def test_a_removed_workspaces_rows_end_and_are_never_claimed(store: SqlStore) -> None:
    await seen(store)
    await seen(store, OTHER_TEAM)
    await queued(store, message("flying"), message("waiting"))
    await queued(store, message("theirs", team=OTHER_TEAM))
    flying, theirs = await claimed(store)
    async with store() as uow:
        await uow.workspaces.remove(TEAM, AT)
        await uow.outbox.add(message("too late", channel=RANDOM), AT)
        await uow.commit()
    assert not await delivered(store, flying, "1.0")
    assert await delivered(store, theirs, "1.0")
    assert not await claimed(store, AT + minutes(60))
    await seen(store)
    back = keys(await claimed(store, AT + minutes(60)))
    assert "waiting" not in back
    assert "flying" not in back


async def test_a_limit_takes_the_oldest(store: SqlStore) -> None:
    rows = [message(f"k{n}", team=TeamId(f"T{n}")) for n in range(5)]
    await queued(store, *rows)
    assert keys(await claimed(store, limit=2)) == ["k0", "k1"]
