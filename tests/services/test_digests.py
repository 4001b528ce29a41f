"""Who gets a digest, of what, and what becomes of one: the services, over a clock that is moved."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import Op
from bot.domain.digest_when import MONDAY, DigestMode
from bot.domain.ending import EndOp, OpState
from bot.domain.fleet import Billing, Ending
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import StopReason
from bot.domain.ids import ChannelId
from bot.domain.personal import Mute, Own
from bot.domain.workspace import Actor, Channel
from bot.errors import NotLead
from bot.errors_gpu import AdminOnly
from bot.services.digest.aftermath import Aftermath
from bot.services.digest.again import SendDigestAgain, SentAgain
from bot.services.digest.asking import ReadDigests
from bot.services.digest.drawing import DrawDigest
from bot.services.digest.posting import picture_row
from bot.services.digest.switching import SwitchDigest
from bot.services.people import KnowPerson, Rights
from bot.services.refused import Refused
from bot.services.settings_workspace import ChangeWorkspace
from tests.harness.stores import fresh_store
from tests.services.digested import Digests, always, settled
from tests.services.watched import GRACE, OPS, Watch
from tests.storage.given import ADA, LIN, ML_LAB, TEAM, claimed

HOUR = timedelta(hours=1)
WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECOND, THIRD = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 8, tzinfo=UTC)
W49, W50 = "2026-W49", "2026-W50"


class Scene:
    """A workspace with a GPU watch, on a Wednesday, and the digests' part of the tick."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.store = watch.store
        self.clock = watch.clock
        self.digests = Digests(watch.store, watch.clock)
        know = KnowPerson(store=self.store, directory=watch.book, clock=self.clock)
        self.rights = Rights(store=self.store, know=know)
        told = {"store": self.store, "clock": self.clock, "rights": self.rights}
        self.read = ReadDigests(**told, at=MONDAY)  # type: ignore[arg-type]  # as named above
        self.switch = SwitchDigest(**told)  # type: ignore[arg-type]  # the same
        self.again = SendDigestAgain(**told)  # type: ignore[arg-type]  # the same

    async def burned(self, name: str = "ow-1-ada", hours: int = 6) -> GpuRun:
        """A machine ran for some hours at 2 USD, and was stopped."""
        run = await self.watch.burns(name, usd="2.00")
        self.clock.at += hours * HOUR
        now = self.clock.at
        return await self.watch.changed(
            run,
            lambda r: r.changed(now, state=RunState.ENDED, billing=Billing.NONE, ended_at=now),
        )

    def texts(self, place: str = ML_LAB) -> list[str]:
        return [p.out.message.text for p in self.digests.of(place)]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with fresh_store("sqlite", tmp_path) as store:
        watch = await Watch(store).opened()
        found = Scene(watch)
        await found.digests.tick()
        found.clock.at = WEDNESDAY
        yield found


async def test_a_week_goes_to_its_channel_and_to_the_admins_with_a_picture_in_the_thread(
    scene: Scene,
) -> None:
    await scene.burned()
    await scene.digests.goes_on(SECOND)
    assert scene.digests.weeks(ML_LAB) == [W49]
    assert "12.00 USD" in scene.texts()[0]
    assert scene.digests.weeks(GRACE) == [W49]
    assert "12.00 USD" in scene.texts(GRACE)[0]
    channel = scene.digests.of(ML_LAB)[0]
    assert channel.out.fallback == LIN, "its lead gets it where the channel refuses it"
    assert not channel.out.repeatable
    plainer = channel.out.message.plainer
    assert {b["type"] for b in channel.out.message.blocks} - {b["type"] for b in plainer} == {
        "data_table"
    }, "where Slack does not know it, sections say the same"
    assert "12.00" in str(plainer)
    pictures = [p.out for p in scene.digests.posted if p.out.op is Op.UPLOAD]
    assert {p.thread for p in pictures} == {f"digest:T1:C1:{W49}", f"digest:T1:{W49}:{GRACE}"}
    [file] = pictures[0].message.files
    assert file.data.startswith(b"\x89PNG")
    assert "12.00" in file.alt


async def test_a_channel_that_chose_no_language_is_told_in_english_whoever_leads_it(
    scene: Scene,
) -> None:
    """As all that nobody's act brings there; an admin reads their own language."""
    async with scene.store() as uow:
        for user in (LIN, GRACE):
            known = await uow.people.get(TEAM, user)
            assert known is not None
            await uow.people.put(replace(known, locale="zh-CN"))
        await uow.commit()
    await scene.burned()
    await scene.digests.goes_on(SECOND)
    assert "Weekly digest" in scene.texts()[0]
    assert "Weekly digest" not in scene.texts(GRACE)[0]


async def test_an_admin_who_muted_the_workspaces_digest_gets_none(scene: Scene) -> None:
    async with scene.store() as uow:
        await uow.people.settle(TEAM, GRACE, Own(mutes=frozenset({Mute.DIGEST})))
        await uow.commit()
    await scene.burned()
    await scene.digests.goes_on(SECOND)
    assert scene.digests.weeks(ML_LAB) == [W49]
    assert scene.digests.weeks(GRACE) == []


async def test_a_week_without_anything_is_told_only_where_it_is_wanted(scene: Scene) -> None:
    await settled(scene.store, always("C7", "UTC"), Channel(TEAM, ChannelId("C8")))
    await scene.digests.goes_on(THIRD)
    assert scene.digests.weeks("C7") == [W49, W50]
    assert scene.digests.weeks("C8") == []
    assert scene.digests.weeks(ML_LAB) == []
    assert scene.digests.weeks(GRACE) == []


async def test_a_paused_channel_gets_none_and_a_missed_week_is_not_made_up_for(
    scene: Scene,
) -> None:
    lin, ada = Actor(TEAM, LIN, TEAM), Actor(TEAM, ADA, TEAM)
    await scene.burned()
    with pytest.raises(NotLead):
        await scene.switch(ada, ML_LAB, "click:0", on=False)
    for click in ("click:1", "click:2"):
        await scene.switch(lin, ML_LAB, click, on=False)
    await scene.digests.goes_on(SECOND)
    assert scene.digests.weeks(ML_LAB) == []
    told = [p.out.message.text for p in scene.digests.posted if p.out.channel == ML_LAB]
    assert len(told) == 1, "said once"
    assert (await scene.read.status(ada, ML_LAB)).mode is DigestMode.PAUSED
    await scene.switch(lin, ML_LAB, "click:3", on=True)
    await scene.digests.goes_on(SECOND + HOUR)
    assert scene.digests.weeks(ML_LAB) == []
    await scene.burned(name="ow-2-ada")
    await scene.digests.goes_on(THIRD)
    assert scene.digests.weeks(ML_LAB) == [W50]


async def test_one_that_comes_after_an_outage_says_so_and_comes_once(scene: Scene) -> None:
    await scene.burned()
    scene.clock.at = SECOND
    await scene.digests.tick()
    await scene.digests.tick()
    [text] = scene.texts()
    assert "late" in text.lower()


async def test_one_whose_settings_were_moved_over_its_turn_is_not_late(scene: Scene) -> None:
    await scene.burned()
    here = Channel(TEAM, ML_LAB, lead=LIN, digest_at=replace(MONDAY, weekday=5))
    await settled(scene.store, here)
    await scene.digests.goes_on(SECOND)
    assert scene.digests.weeks(ML_LAB) == [], "on Friday"
    await settled(scene.store, replace(here, digest_at=None))
    await scene.digests.tick()
    assert scene.digests.weeks(ML_LAB) == [W49]
    assert "late" not in scene.texts()[0].lower()
    await scene.digests.goes_on(SECOND + timedelta(days=5))
    assert scene.digests.weeks(ML_LAB) == [W49]


async def test_a_week_without_any_price_is_told_in_hours(scene: Scene) -> None:
    run = await scene.watch.burns()
    scene.clock.at += 6 * HOUR
    await scene.digests.goes_on(SECOND)
    assert run.price_per_hour is None
    assert "0.00 USD" not in scene.texts()[0]


async def test_a_channel_that_takes_nothing_any_more_is_left_alone(scene: Scene) -> None:
    await scene.burned()
    scene.clock.at = SECOND
    await scene.digests.arm()
    await scene.digests.carry_out()
    refused = Refused(store=scene.store, clock=scene.clock, aftermath=Aftermath())
    [row] = [r for r in await claimed(scene.store, SECOND) if r.outgoing.channel == ML_LAB]
    await refused(row, "is_archived")
    await scene.digests.drain()
    to_lin = [
        p.out
        for p in scene.digests.posted
        if p.out.channel == ChannelId(LIN) and p.out.op is Op.POST
    ]
    assert [p.subject.partition(":")[0] for p in to_lin] == ["digest", "digest_closed"]
    await scene.burned(name="ow-2-ada")
    await scene.digests.goes_on(THIRD)
    assert [p.subject for p in scene.digests.posted if p.subject][-1].channel is None
    async with scene.store(read_only=True) as uow:
        assert (await uow.channels.get(TEAM, ML_LAB)).digest is DigestMode.PAUSED


async def test_blocks_that_slack_does_not_know_are_replaced_by_plainer_ones_then_by_words(
    scene: Scene,
) -> None:
    await scene.burned()
    scene.clock.at = SECOND
    await scene.digests.arm()
    await scene.digests.carry_out()
    refused = Refused(store=scene.store, clock=scene.clock, aftermath=Aftermath())
    kinds = []
    for _ in range(3):
        [row] = [r for r in await claimed(scene.store, SECOND) if r.outgoing.channel == ML_LAB]
        kinds.append({block["type"] for block in row.outgoing.message.blocks})
        await refused(row, "invalid_blocks")
    assert "data_table" in kinds[0]
    assert kinds[1] == kinds[0] - {"data_table"}
    assert kinds[2] == set()


async def test_a_picture_that_cannot_be_drawn_is_given_up(scene: Scene) -> None:
    await scene.burned()
    scene.clock.at = SECOND
    await scene.digests.arm()
    draw = DrawDigest(store=scene.store, clock=scene.clock, at=MONDAY)
    row = picture_row(f"post:digest:T1:C1:{W49}", TEAM, ML_LAB, SECOND)
    held = None
    async with scene.store() as uow:
        await uow.due.add(row)
        for _ in range(6):
            held = await uow.due.claim_key(row.key, SECOND, timedelta(0))
        await uow.commit()
    assert held is not None
    await draw(held)
    async with scene.store() as uow:
        assert await uow.due.claim_key(row.key, SECOND + HOUR, HOUR) is None, "it is over"
        assert not await uow.outbox.is_open(TEAM, f"picture:digest:T1:C1:{W49}")


async def test_whoever_may_not_read_or_send_is_refused(scene: Scene) -> None:
    ada = Actor(TEAM, ADA, TEAM)
    assert (await scene.read.status(ada, ML_LAB)).leads is False
    with pytest.raises(NotLead):
        await scene.read.of(ada, ML_LAB, "2026-W48", ChannelId("C5"))
    with pytest.raises(AdminOnly):
        await scene.read.preview(ada, None)
    with pytest.raises(NotLead):
        await scene.again(ada, ML_LAB, W49)
    assert await scene.again(Actor(TEAM, LIN, TEAM), ML_LAB, W49) is SentAgain.KNOWN


async def test_deleting_the_disk_of_what_was_off_saves_nothing(scene: Scene) -> None:
    run = await scene.burned()
    scene.clock.at += 48 * HOUR
    at, key = scene.clock.at, f"terminate:{run.id}:1"
    op = EndOp(key, TEAM, run.id, 1, Ending.TERMINATE, StopReason.PERSON, at, ADA)
    async with scene.store() as uow:
        assert await uow.ends.add(op)
        assert await uow.ends.save(replace(op, state=OpState.PROVEN, finished_at=at))
        await uow.commit()
    await scene.digests.goes_on(SECOND)
    assert "12.00 USD" in scene.texts()[0]
    assert "saved about" not in scene.texts()[0]


async def test_another_ops_channel_moves_the_digest_of_the_workspace(scene: Scene) -> None:
    told = {"store": scene.store, "clock": scene.clock, "rights": scene.rights}
    change = ChangeWorkspace(**told)  # type: ignore[arg-type]  # as named above
    async with scene.store() as uow:
        await uow.channels.put(Channel(TEAM, OPS, tz="Asia/Shanghai"))
        await uow.commit()
    await scene.digests.tick()
    await change(Actor(TEAM, GRACE, TEAM), {"ops": OPS}, "edit:1")
    async with scene.store(read_only=True) as uow:
        place = (await uow.digests.of(TEAM, [None]))[None]
    assert place.is_moved
