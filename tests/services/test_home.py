"""Home is drawn when it is opened and when what it shows changes, once, and never lost."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cards.text import Mrkdwn
from bot.domain.delivery import LEASE, NotSent, Permanent, Unknown
from bot.domain.digest_when import Subject
from bot.domain.home import KEPT_FRESH, Pages
from bot.domain.ids import UserId
from bot.domain.workspace import Actor
from sandbox.limits import Surface, view_problems
from storage.database import SqlStore
from tests.harness.stores import fresh_store
from tests.services.home_tabs import ADA_ACTS, Homes
from tests.services.watched import GRACE, Watch
from tests.storage.given import ADA, AT, LIN, ML_LAB, OTHER_TEAM, TEAM, added, message

NO_PLAN = "*Nobody is going to stop it.*"
WAIT = 15
"""Seconds: what was changed in a slot can be drawn by then."""


@pytest.fixture
def homes(watch: Watch) -> Homes:
    return Homes(watch)


async def test_a_change_reaches_who_looks_and_nobody_else(homes: Homes) -> None:
    await homes.opened()
    assert NO_PLAN not in homes.tabs.text()
    await homes.watch.burns(usd="0.69")
    assert len(homes.tabs.published) == 1, "not yet: more may follow"
    await homes.passes(seconds=WAIT)
    assert homes.tabs.published == [(ADA, None), (ADA, "1.h")]
    assert NO_PLAN in homes.tabs.text()


async def test_a_burst_of_changes_is_one_view(homes: Homes) -> None:
    await homes.opened()
    for n in range(9):
        await homes.watch.burns(f"ow-{n}-ada")
        homes.watch.clock.at += timedelta(seconds=1)
    await homes.passes(seconds=WAIT)
    assert len(homes.tabs.published) == 2
    assert "1 to 6 of 9" in homes.tabs.text()


async def test_what_looks_the_same_is_not_shown_again(homes: Homes) -> None:
    run = await homes.watch.burns(usd="0.69")
    await homes.opened()
    await homes.watch.changed(run, lambda r: r.pinged(at=homes.watch.clock.now()))
    await homes.passes(seconds=WAIT)
    await homes.passes(minutes=1)
    shown = len(homes.tabs.published)
    await homes.draw.at_work(ADA_ACTS)
    await homes.draw.at_work(ADA_ACTS)
    assert len(homes.tabs.published) <= shown + 1, "only what costs may have gone on"


async def test_what_a_poll_only_saw_again_draws_nothing(homes: Homes) -> None:
    run = await homes.watch.burns()
    await homes.opened()
    async with homes.watch.store(read_only=True) as uow:
        before = await uow.due.overdue(homes.watch.clock.now() + timedelta(days=1), timedelta(0))
    seen = homes.watch.clock.now() + timedelta(minutes=2)
    await homes.watch.changed(run, lambda r: r.changed(seen, last_seen=seen))
    async with homes.watch.store(read_only=True) as uow:
        after = await uow.due.overdue(homes.watch.clock.now() + timedelta(days=1), timedelta(0))
    assert after == before


async def test_whose_view_was_overtaken_draws_what_is_true_by_then(homes: Homes) -> None:
    await homes.opened()
    homes.tabs.hashes[ADA] = "other.h"  # somebody else's view stands there
    await homes.watch.burns()
    await homes.passes(seconds=WAIT)
    assert NO_PLAN in homes.tabs.text()
    assert homes.tabs.published[-1] == (ADA, None), "nobody had noted the newer one"


async def test_an_answer_that_was_lost_costs_nothing(homes: Homes) -> None:
    homes.tabs.lost = True
    await homes.opened()
    assert len(homes.tabs.published) == 1
    await homes.watch.burns()
    await homes.passes(seconds=45)
    assert NO_PLAN in homes.tabs.text()


async def test_two_who_draw_at_once_end_with_the_newest(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    homes = Homes(watch)
    await homes.opened()
    await watch.burns()
    await asyncio.gather(*(homes.draw.at_work(ADA_ACTS) for _ in range(4)))
    assert NO_PLAN in homes.tabs.text()
    async with both(read_only=True) as uow:
        tab = await uow.homes.of(TEAM, ADA)
    assert tab is not None
    assert tab.hash == homes.tabs.hashes[ADA]


async def test_slack_that_has_no_time_is_asked_again_when_it_says(homes: Homes) -> None:
    homes.tabs.refusals = [NotSent(timedelta(seconds=40)), Unknown("http_500")]
    await homes.opened()
    await homes.passes(seconds=39)
    assert homes.tabs.published == []
    await homes.passes(seconds=1)
    assert homes.tabs.published == []
    await homes.passes(seconds=30)
    assert [user for user, _ in homes.tabs.published] == [ADA]
    await homes.passes(minutes=5)
    assert len(homes.tabs.published) == 1


async def test_who_is_told_to_wait_however_often_is_drawn_in_the_end(homes: Homes) -> None:
    homes.tabs.refusals = [NotSent(timedelta(seconds=30))] * 9
    await homes.opened()
    for _ in range(9):
        assert homes.tabs.published == []
        await homes.passes(seconds=30)
    assert [user for user, _ in homes.tabs.published] == [ADA]


async def test_what_slack_never_takes_is_given_up(homes: Homes) -> None:
    homes.tabs.refusals = [Permanent("not_enabled")]
    await homes.opened()
    await homes.passes(minutes=30)
    assert homes.tabs.published == []
    homes.tabs.refusals = [Unknown("x")] * 99
    await homes.opened()
    await homes.watch.goes_on(hours=1)
    async with homes.watch.store(read_only=True) as uow:
        late = await uow.due.overdue(homes.watch.clock.now() + timedelta(days=9), timedelta(0))
    assert late == 0
    assert len(homes.tabs.refusals) > 80


async def test_a_crash_after_the_opening_is_made_up_for_by_the_tick(homes: Homes) -> None:
    await homes.opened(at_once=False)
    assert homes.tabs.published == []
    await homes.passes(seconds=1)
    assert [user for user, _ in homes.tabs.published] == [ADA]


async def test_who_never_opened_home_or_long_ago_gets_none(homes: Homes) -> None:
    await homes.watch.burns()
    await homes.draw.at_work(ADA_ACTS, Mrkdwn("no"))
    await homes.passes(seconds=WAIT)
    assert homes.tabs.published == []
    await homes.opened()
    await homes.passes(days=KEPT_FRESH.days)
    shown = len(homes.tabs.published)
    await homes.watch.burns("ow-2-ada")
    await homes.passes(seconds=WAIT)
    assert len(homes.tabs.published) == shown


async def test_pages_stay_turned_until_it_is_opened_again(homes: Homes) -> None:
    for n in range(9):
        await homes.watch.burns(f"ow-{n}-ada")
    await homes.opened()
    assert "1 to 6 of 9" in homes.tabs.text()
    await homes.draw.by_key(await homes.use.turn(ADA_ACTS, Pages(needs=1, gpus=7), "click:1"))
    assert homes.tabs.text().count("7 to 9 of 9") == 2, "the last one where there are no more"
    await homes.watch.burns("ow-10-ada")
    await homes.passes(seconds=WAIT)
    assert "7 to 10 of 10" in homes.tabs.text()
    await homes.opened()
    assert "1 to 6 of 10" in homes.tabs.text()


async def test_a_first_visit_explains_once(homes: Homes) -> None:
    await homes.opened()
    assert "Where should this model run?" in homes.tabs.text()
    assert "Got it" in homes.tabs.text()
    await homes.draw.by_key(await homes.use.got_it(ADA_ACTS, "click:1"))
    assert "Where should this model run?" not in homes.tabs.text()
    await homes.opened()
    assert "Got it" not in homes.tabs.text(), "once read, it stays read"
    await added(homes.watch.store, owner=LIN, submitted_by=LIN)
    await homes.opened(LIN)
    assert "Got it" not in homes.tabs.text(LIN), "who has planned knows it"
    assert "OW-1" in homes.tabs.text(LIN)


async def test_another_workspace_is_never_mixed_in(homes: Homes) -> None:
    await added(homes.watch.store, "V9", team=OTHER_TEAM)
    await homes.opened()
    await homes.draw.at_work(Actor(OTHER_TEAM, ADA, OTHER_TEAM), Mrkdwn("theirs"))
    assert "OW-1" not in homes.tabs.text()
    assert len(homes.tabs.published) == 1


async def test_a_guest_reads_one_sentence(homes: Homes) -> None:
    stranger = UserId("U9")
    await homes.watch.burns(owner=None, claim=None)
    await homes.opened(stranger)
    blocks = homes.tabs.shown[stranger]["blocks"]
    assert len(blocks) == 1
    assert "full members" in blocks[0]["text"]["text"]


async def test_what_went_wrong_is_told_on_top_until_the_next_change(homes: Homes) -> None:
    await homes.opened()
    await homes.draw.at_work(ADA_ACTS, Mrkdwn("Press it again."))
    assert homes.tabs.shown[ADA]["blocks"][0]["text"]["text"] == ":warning: Press it again."
    await homes.draw.at_work(ADA_ACTS)
    assert "Press it again." not in homes.tabs.text()


async def test_leads_and_admins_see_what_they_answer_for(homes: Homes) -> None:
    watch = homes.watch
    run = await watch.burns(usd="2")
    await watch.burns("elsewhere", usd="3", channel=None)
    watch.clock.at += timedelta(hours=2)
    for user in (ADA, LIN, GRACE):
        await homes.opened(user)
    assert "The whole workspace" not in homes.tabs.text()
    assert "Channels you lead" not in homes.tabs.text()
    assert NO_PLAN not in homes.tabs.text(LIN), "its owner is asked first"
    lab = "1 running · 2.00 USD per hour · *Today* 4.00 USD · 1 without a shutdown plan"
    assert lab in homes.tabs.text(LIN)
    assert "5.00 USD per hour" not in homes.tabs.text(LIN)
    whole = "2 running · 5.00 USD per hour · *Today* 10.00 USD · 2 without a shutdown plan"
    assert whole in homes.tabs.text(GRACE)
    assert f"*<#{ML_LAB}>*" in homes.tabs.text(LIN)
    for _ in range(2):
        run = await watch.changed(run, lambda r: r.pinged(at=watch.clock.now()))
    await homes.passes(seconds=WAIT)
    asked = "<@U1> was asked 2 times."
    assert asked in homes.tabs.text(LIN)
    assert asked not in homes.tabs.text(GRACE)


async def test_a_digest_that_may_be_lost_can_be_sent_again_from_home(homes: Homes) -> None:
    turn = "2026-W48"
    key = Subject(TEAM, ML_LAB, turn).posts[0]
    async with homes.watch.store() as uow:
        await uow.digests.begin(TEAM, ML_LAB, AT)
        await uow.digests.posted(TEAM, [ML_LAB], turn)
        await uow.outbox.add(message(key, repeatable=False), AT)
        await uow.commit()
    await homes.opened(LIN)
    assert "Send again" not in homes.tabs.text(LIN), "it is on its way"
    async with homes.watch.store() as uow:
        (row,) = await uow.outbox.claim(AT, 1, LEASE)
        await uow.outbox.unknown(row, AT)
        await uow.commit()
    for user in (ADA, LIN):
        await homes.opened(user)
    assert "Send again" in homes.tabs.text(LIN)
    assert "Send again" not in homes.tabs.text(ADA), "it is for who leads the channel"


async def test_two_hundred_gpus_and_five_hundred_experiments_fit(tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        homes = Homes(await Watch(store).opened())
        for n in range(200):
            await homes.watch.burns(f"ow-{n}-{'x' * 200}", usd="0.000001")
        homes.watch.clock.at += timedelta(hours=1)
        for n in range(500):
            await added(store, f"V{n}")
        await homes.opened()
        view = homes.tabs.shown[ADA]
    assert view_problems(view, allowed=(Surface.HOME,)) == []
    assert "1 to 6 of 200" in homes.tabs.text()
    assert "1 to 8 of 500" in homes.tabs.text()
    assert "0.00 USD" not in homes.tabs.text()
