"""Files whose words must go: below a card, moved elsewhere, or taken up and never settled."""

from bot.domain.delivery import LEASE, File, Message, Op
from bot.domain.ids import ChannelId
from storage.database import SqlStore
from tests.storage.given import AT, TEAM, claimed, message, queued

FILES = Message("", files=(File("a.json", "a", "words"),))


async def test_they_are_dropped_wherever_they_wait(store: SqlStore) -> None:
    of = {"op": Op.UPLOAD, "message": FILES}
    await queued(
        store,
        message("sending", thread="card:1", channel=ChannelId("C8"), **of),
        message("moved", thread="record:1:2.0:a.json", channel=ChannelId("C9"), **of),
        message("another's", thread="record:11:2.0:b.json", channel=ChannelId("C7"), **of),
    )
    taken = await claimed(store, limit=1)
    assert [r.outgoing.key for r in taken] == ["sending"]
    async with store() as uow:
        await uow.outbox.drop_files(TEAM, "card:1", "record:1:")
        await uow.commit()
    left = await claimed(store, AT + 2 * LEASE)
    assert {r.outgoing.key: r.outgoing.message.files for r in left} == {
        "sending": (), "another's": FILES.files,
    }  # fmt: skip
