"""The pictures of one week: read, summed and drawn once for all who read the same."""

from datetime import UTC, datetime

from bot.domain.delivery import Op
from tests.harness.sent import recorded
from tests.services.digested import Digests
from tests.services.watched import Watch
from tests.storage.given import ADA, LIN, TEAM

WEDNESDAY, TUESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


async def test_a_week_is_read_and_drawn_once_for_all_who_read_the_same(watch: Watch) -> None:
    digests = Digests(watch.store, watch.clock)
    await digests.tick()
    watch.clock.at = WEDNESDAY
    await watch.burns(usd="2.00")
    async with watch.store() as uow:
        await uow.people.name(TEAM, [ADA, LIN])
        await uow.commit()
    await digests.tick()  # the week before, of which there is nothing to tell
    with recorded(watch.store) as sent:
        await digests.goes_on(TUESDAY)
    pictures = [p.out.message.files[0] for p in digests.posted if p.out.op is Op.UPLOAD]
    assert len(pictures) == len({file.name for file in pictures}) == 4, "a channel, three admins"
    weeks = [s for s, _ in sent if s.startswith("SELECT gpu_accruals")]
    assert len(weeks) == 4, "of each once for the words and once for the picture"
