"""What people do to a digest: pause it beside other settings, mute it, ask for it and its CSV."""

import asyncio
from dataclasses import replace

import pytest

from bot.cards.settings import muting
from bot.domain.delivery import LEASE, Op, Sent
from bot.domain.digest_when import AGAIN, MONDAY, DigestMode, Subject
from bot.domain.workspace import Channel
from bot.services.digest.aftermath import Aftermath
from bot.services.digest.again import SendDigestAgain, SentAgain
from bot.services.digest.asking import ReadDigests
from bot.services.digest.switching import SwitchDigest
from storage.database import SqlStore
from tests.services.digested import Digests
from tests.services.settled import Settling, actor
from tests.services.watched import GRACE
from tests.storage.given import AT, LIN, ML_LAB, TEAM, message

TURN = "2026-W48"


@pytest.fixture
async def settling(both: SqlStore) -> Settling:
    """Settings on one store of either kind; Lin leads."""
    found = await Settling(both).opened()
    await found.edits(GRACE, {"lead": LIN})
    return found


def switching(settling: Settling) -> SwitchDigest:
    return SwitchDigest(store=settling.store, clock=settling.clock, rights=settling.rights)


async def here(store: SqlStore) -> Channel:
    async with store(read_only=True) as uow:
        return await uow.channels.get(TEAM, ML_LAB)


ZONES = ("Asia/Tokyo", "Europe/Berlin")


async def test_a_pause_overwrites_no_setting_that_is_saved_beside_it(settling: Settling) -> None:
    switch = switching(settling)
    for n in range(8):
        zone, on = ZONES[n % 2], bool(n % 2)
        await asyncio.gather(
            settling.edits(LIN, {"tz": zone}), switch(actor(LIN), ML_LAB, f"click:{n}", on=on)
        )
        found = await here(settling.store)
        assert (found.tz, found.digest.is_paused) == (zone, not on)


async def test_a_refused_post_overwrites_no_setting_that_is_saved_beside_it(
    settling: Settling,
) -> None:
    out = replace(
        message(Subject(TEAM, ML_LAB, TURN).posts[0]), subject=f"digest:{TEAM}:{ML_LAB}:{TURN}"
    )

    async def refuse(after: int) -> None:
        for _ in range(after):
            await here(settling.store)
        async with settling.store() as uow:
            await Aftermath().refused(uow, out, "is_archived", AT)
            await uow.commit()

    for n in range(8):
        await settling.edits(LIN, {"digest": "on"})
        await asyncio.gather(settling.edits(LIN, {"tz": ZONES[n % 2]}), refuse(n))
        found = await here(settling.store)
        assert (found.tz, found.digest) == (ZONES[n % 2], DigestMode.PAUSED)


async def test_every_week_comes_back_after_a_pause_however_it_was_paused(
    settling: Settling,
) -> None:
    switch = switching(settling)
    await settling.edits(LIN, {"digest": "always"})
    for n in range(2):
        if n == 0:
            await switch(actor(LIN), ML_LAB, "pause:0", on=False)
        else:
            await settling.edits(LIN, muting())
        assert (await here(settling.store)).digest is DigestMode.PAUSED_ALWAYS
        await settling.edits(LIN, {"weekends": "yes" if n % 2 else "no"})
        await switch(actor(LIN), ML_LAB, f"resume:{n}", on=True)
        assert (await here(settling.store)).digest is DigestMode.ALWAYS
    await settling.edits(LIN, {"digest": "on"})
    await switch(actor(LIN), ML_LAB, "pause:9", on=False)
    await switch(actor(LIN), ML_LAB, "resume:9", on=True)
    assert (await here(settling.store)).digest is DigestMode.ON


async def test_one_press_makes_one_csv(settling: Settling) -> None:
    read = ReadDigests(
        store=settling.store, clock=settling.clock, rights=settling.rights, at=MONDAY
    )
    await settling.said()
    clicks = ("click:1", "click:1", "click:2")
    await asyncio.gather(*(read.csv(actor(LIN), ML_LAB, TURN, ML_LAB, c) for c in clicks))
    digests = Digests(settling.store, settling.clock)
    await digests.drain()
    await digests.drain()
    assert [p.out.op for p in digests.posted].count(Op.UPLOAD) == 2


async def test_a_digest_is_sent_again_nine_times_and_then_not_offered(settling: Settling) -> None:
    again = SendDigestAgain(store=settling.store, clock=settling.clock, rights=settling.rights)
    read = ReadDigests(
        store=settling.store, clock=settling.clock, rights=settling.rights, at=MONDAY
    )
    subject, lin = Subject(TEAM, ML_LAB, TURN), actor(LIN)
    await settling.said()
    async with settling.store() as uow:
        await uow.digests.begin(TEAM, ML_LAB, AT)
        await uow.digests.posted(TEAM, [ML_LAB], TURN)
        first = message(subject.posts[0], subject=str(subject), repeatable=False)
        await uow.outbox.add(first, AT)
        await uow.commit()
    offers = []
    for _ in range(AGAIN):
        offers.append(await left_open(settling))
        assert (await read.status(lin, ML_LAB)).lost == TURN
        assert await again(lin, ML_LAB, TURN) is SentAgain.QUEUED
    offers.append(await left_open(settling))
    assert offers == [True] * AGAIN + [False]
    assert (await read.status(lin, ML_LAB)).lost is None
    assert await again(lin, ML_LAB, TURN) is SentAgain.KNOWN


async def left_open(settling: Settling) -> bool:
    """Slack does not say whether the digest arrived; whether its lead is offered another."""
    async with settling.store() as uow:
        (row,) = await uow.outbox.claim(settling.clock.now(), 1, LEASE)
        await uow.outbox.unknown(row, AT)
        await Aftermath().undecided(uow, row.outgoing, AT)
        (asked,) = await uow.outbox.claim(settling.clock.now(), 1, LEASE)
        await uow.outbox.sent(asked, Sent(asked.outgoing.channel, f"{asked.id}.0"), AT)
        await uow.commit()
    return "digest.again" in str(asked.outgoing.message.blocks)
