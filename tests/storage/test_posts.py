"""Where each subject is shown in Slack."""

from bot.domain.delivery import Op, Outgoing, Post, Sent
from bot.domain.ids import ChannelId
from storage.database import SqlStore
from tests.storage.given import AT, ML_LAB, OTHER_TEAM, TEAM, claimed, delivered, message, queued


async def test_where_a_subject_is_shown_follows_what_slack_accepted(store: SqlStore) -> None:
    card = message("post:card:1", subject="card:1", version=1)
    await queued(store, card)
    [row] = await claimed(store)
    async with store() as uow:
        assert await uow.outbox.where(TEAM, "card:1") is None
        assert await uow.outbox.is_open(TEAM, "card:1")
        await uow.outbox.sent(row, Sent(ChannelId("D9"), "1.0"), AT)
        assert not await uow.outbox.is_open(TEAM, "card:1")
        assert await uow.outbox.where(TEAM, "card:1") == Post("card:1", ChannelId("D9"), "1.0", 1)
        assert await uow.outbox.where(OTHER_TEAM, "card:1") is None
        await uow.commit()
    await _do(store, message("u", subject="card:1", op=Op.UPDATE, version=3), ts="ignored")
    async with store(read_only=True) as uow:
        assert await uow.outbox.where(TEAM, "card:1") == Post("card:1", ChannelId("D9"), "1.0", 3)
    await _do(store, message("d", subject="card:1", op=Op.DELETE), ts="ignored")
    async with store(read_only=True) as uow:
        assert await uow.outbox.where(TEAM, "card:1") is None


async def test_an_update_never_lowers_the_version_shown(store: SqlStore) -> None:
    await _do(store, message("p", subject="card:1", version=5), ts="1.0")
    await _do(store, message("u", subject="card:1", op=Op.UPDATE, version=4), ts="1.0")
    async with store(read_only=True) as uow:
        assert await uow.outbox.where(TEAM, "card:1") == Post("card:1", ML_LAB, "1.0", 5)


async def test_a_place_can_be_forgotten(store: SqlStore) -> None:
    await _do(store, message("p", subject="card:1"), ts="1.0")
    async with store() as uow:
        await uow.outbox.forget(OTHER_TEAM, "card:1")
        assert await uow.outbox.where(TEAM, "card:1") is not None
        await uow.outbox.forget(TEAM, "card:1")
        assert await uow.outbox.where(TEAM, "card:1") is None


async def _do(store: SqlStore, out: Outgoing, ts: str) -> None:
    await queued(store, out)
    [row] = await claimed(store)
    assert await delivered(store, row, ts)
