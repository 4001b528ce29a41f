"""Files whose words must go: below a card, moved elsewhere, or taken up and never settled."""

from bot.domain.delivery import LEASE, File, Message, Op, Outgoing
from bot.domain.ids import ChannelId
from storage.database import SqlStore
from tests.storage.given import AT, TEAM, claimed, message, queued

FILES = Message("", files=(File("a.json", "a", "words"),))


def upload(key: str, channel: str, subject: str, thread: str) -> Outgoing:
    place = ChannelId(channel)
    return message(key, op=Op.UPLOAD, message=FILES, channel=place, subject=subject, thread=thread)


async def test_they_are_dropped_wherever_they_wait(store: SqlStore) -> None:
    await queued(
        store,
        upload("sending", "C8", "record:1:2.0:a.json", thread="card:1"),
        upload("moved", "C9", "record:1:2.0:a.json:files", thread="record:1:2.0:a.json"),
        upload("another's", "C7", "record:11:2.0:b.json:files", thread="record:11:2.0:b.json"),
        upload("the script", "C6", "script:1:2.0:f00", thread="card:1"),
    )
    taken = await claimed(store, limit=1)
    assert [r.outgoing.key for r in taken] == ["sending"]
    async with store() as uow:
        await uow.outbox.drop_files(TEAM, "card:1", "record:1:")
        await uow.commit()
    left = await claimed(store, AT + 2 * LEASE)
    assert {r.outgoing.key: r.outgoing.message.files for r in left} == {
        "sending": (), "another's": FILES.files, "the script": FILES.files,
    }  # fmt: skip
