"""Settings change field by field, by whom they belong to, and who is concerned is told once."""

import asyncio
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest

from bot.cards import workspace
from bot.domain.audit import fields_in
from bot.domain.delivery import LEASE, DueKind
from bot.domain.digest_when import DigestMode
from bot.domain.fleet import Provider
from bot.domain.home import Tab
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.personal import Mute
from bot.domain.watch import SetPrice
from bot.domain.workspace import Channel, Person
from bot.errors import LeadGone, NotLead
from bot.errors_gpu import AdminOnly
from bot.errors_settings import AdminGone, LastAdmin
from bot.services.people import FOR_RIGHTS, KnowPerson
from storage.database import SqlStore
from tests.services.settled import BOT, Settling, actor
from tests.services.watched import GRACE, OPS
from tests.storage.given import ADA, LIN, ML_LAB, TEAM


@pytest.fixture
async def settling(both: SqlStore) -> Settling:
    """The use cases on one store of either kind."""
    return await Settling(both).opened()


async def here(settling: Settling) -> Channel:
    async with settling.store(read_only=True) as uow:
        return await uow.channels.get(TEAM, ML_LAB)


async def test_two_admins_who_save_at_once_overwrite_nothing_of_each_other(
    settling: Settling,
) -> None:
    await settling.edits(GRACE, {"lead": LIN})
    await asyncio.gather(
        settling.edits(GRACE, {"tz": "Asia/Tokyo", "digest": "always"}),
        settling.edits(LIN, {"weekends": "yes", "budget": "0.000001", "budget_spent": "stop"}),
    )
    found = await here(settling)
    assert (found.tz, found.weekends, found.digest) == ("Asia/Tokyo", True, DigestMode.ALWAYS)
    async with settling.store(read_only=True) as uow:
        [budget] = await uow.watch.budgets(TEAM)
    assert (budget.cap, budget.stops, budget.set_by) == (Decimal("0.000001"), True, LIN)
    said = [s.text for s in await settling.said()]
    assert len(said) == 3
    assert sum("Asia/Tokyo" in text and "<@U3>" in text for text in said) == 1
    assert sum("0.000001 USD a month" in text and "<@U2>" in text for text in said) == 1


async def test_the_same_submission_twice_and_no_change_at_all_say_nothing(
    settling: Settling,
) -> None:
    for _ in range(2):
        await settling.channel(actor(GRACE), ML_LAB, {"muted": "yes"}, "settings:V1")
    await settling.edits(GRACE, {"muted": "yes"})
    assert len(await settling.said()) == 1


async def test_before_and_after_are_those_of_ones_own_change(settling: Settling) -> None:
    await settling.workspace(actor(GRACE), {"admins": LIN}, settling.key())
    one, other = await asyncio.gather(
        settling.workspace(actor(GRACE), {"keep": "90"}, "settings:V8"),
        settling.workspace(actor(LIN), {"members_stop": "stop_all"}, "settings:V9"),
    )
    assert [name for name, _, _ in workspace.changes(*one, "en")] == ["keep"]
    assert [name for name, _, _ in workspace.changes(*other, "en")] == ["members_stop"]
    again = await settling.workspace(actor(GRACE), {"keep": "90"}, "settings:V8")
    assert again[0] == again[1]
    before, after = await settling.own(actor(ADA), {"tz": "Asia/Tokyo"}, settling.key())
    assert (before.tz, after.tz) == (None, "Asia/Tokyo")


async def test_a_lead_changes_all_but_who_leads(settling: Settling) -> None:
    await settling.edits(GRACE, {"lead": LIN})
    await settling.edits(LIN, {"lead": ADA, "weekends": "yes"})
    assert (await here(settling)).lead == LIN
    assert (await here(settling)).weekends
    with pytest.raises(NotLead):
        await settling.edits(ADA, {"weekends": "no"})
    with pytest.raises(LeadGone):
        await settling.edits(GRACE, {"lead": "U9"})


async def test_defaults_of_new_plans_flow_from_workspace_to_channel(settling: Settling) -> None:
    await settling.workspace(actor(GRACE), {"ops": OPS, "max_hourly": "2.50"}, settling.key())
    await settling.edits(GRACE, {"privacy": "private_docs"})
    opened = await settling.channel.look(actor(GRACE), ML_LAB)
    assert opened.channel.defaults == {"privacy": "private_docs"}
    assert opened.watching.defaults == {"max_hourly": "2.50"}
    texts = [s.text for s in await settling.said()]
    assert any("Most USD per hour" in t or "2.50" in t for t in texts)
    await settling.edits(GRACE, {"privacy": "usual"})
    assert (await here(settling)).defaults == {}


async def test_admins_name_admins_and_are_never_without_one(settling: Settling) -> None:
    with pytest.raises(AdminOnly):
        await settling.workspace(actor(LIN), {"keep": "90"}, settling.key())
    await settling.workspace(actor(GRACE), {"admins": LIN}, settling.key())
    await settling.workspace(actor(LIN), {"keep": "90"}, settling.key())
    async with settling.store(read_only=True) as uow:
        assert list(await uow.watch.admins(TEAM)) == [LIN, GRACE]
        assert (await uow.watch.settings(TEAM)).keep == timedelta(days=90)
    with pytest.raises(AdminGone):
        await settling.workspace(actor(LIN), {"admins": f"{LIN} {BOT}"}, settling.key())
    settling.book.chiefs.clear()
    settling.clock.at += timedelta(hours=1)
    with pytest.raises(AdminOnly):  # Slack says so, and that wins over what was known
        await settling.workspace.look(actor(GRACE))
    with pytest.raises(LastAdmin):
        await settling.workspace(actor(LIN), {"admins": ""}, settling.key())
    await settling.workspace(actor(LIN), {"admins": ADA}, settling.key())
    with pytest.raises(AdminOnly):
        await settling.workspace.look(actor(LIN))


async def test_who_is_an_admin_no_more_is_none_on_any_replica_at_once(settling: Settling) -> None:
    other = Settling(settling.store)
    other.clock.at = settling.clock.at
    await settling.workspace(actor(GRACE), {"admins": LIN}, settling.key())
    await other.workspace.look(actor(LIN))
    await settling.workspace(actor(GRACE), {"admins": ""}, settling.key())
    with pytest.raises(AdminOnly):
        await other.workspace.look(actor(LIN))
    with pytest.raises(NotLead):
        await other.edits(LIN, {"weekends": "yes"})


async def test_what_is_kept_while_slack_is_asked_who_somebody_is_is_not_undone(
    settling: Settling,
) -> None:
    slack = settling.book.person
    await settling.workspace(actor(GRACE), {"admins": LIN}, settling.key())
    settling.clock.at += timedelta(days=2)

    class Meanwhile:
        """Slack's list, which takes so long that somebody saves settings before it answers."""

        admins = settling.book.admins

        async def person(
            self, team: TeamId, user: UserId, now: datetime, *, within: float
        ) -> Person | None:
            async with settling.store() as uow:
                await uow.people.name(TEAM, [])
                await uow.commit()
            return await slack(team, user, now, within=within)

    know = KnowPerson(store=settling.store, directory=Meanwhile(), clock=settling.clock)
    assert await know.surely(TEAM, LIN, FOR_RIGHTS)
    known = await know.cached(TEAM, LIN)
    assert known is not None
    assert not known.administers


async def test_the_homes_of_who_is_named_or_no_longer_are_drawn_anew(settling: Settling) -> None:
    async with settling.store() as uow:
        for user in (ADA, LIN):
            await uow.homes.opened(Tab(TEAM, user, settling.clock.now()))
        await uow.commit()
    await settling.workspace(actor(GRACE), {"admins": LIN}, settling.key())
    settling.clock.at += timedelta(minutes=2)
    await settling.workspace(actor(GRACE), {"admins": ADA}, settling.key())
    settling.clock.at += timedelta(minutes=2)
    async with settling.store() as uow:
        rows = await uow.due.claim(settling.clock.now(), 50, LEASE)
    drawn = [row.due.reader for row in rows if row.due.kind is DueKind.DRAW_HOME]
    assert sorted(drawn) == [ADA, LIN, LIN]


async def test_who_is_named_stays_so_when_slack_tells_of_them_anew(settling: Settling) -> None:
    await settling.workspace(actor(GRACE), {"admins": LIN}, settling.key())
    await settling.own(actor(LIN), {"tz": "Asia/Tokyo", "mute_gpus": "yes"}, settling.key())
    settling.clock.at += timedelta(days=2)
    person = await settling.rights.require_admin(actor(LIN))
    assert person.fetched_at == settling.clock.at, "Slack was asked"
    assert (person.zone, person.tz, person.own.mutes) == (
        "Asia/Tokyo", "Asia/Shanghai", frozenset({Mute.GPUS}),
    )  # fmt: skip


async def test_ones_own_settings_are_nobody_elses(settling: Settling) -> None:
    edit = {"quiet": "own", "quiet_start": "19:00", "quiet_end": "09:00"}
    await settling.own(actor(ADA), edit, settling.key())
    ada = await settling.own.look(actor(ADA))
    assert ada.own.quiet is not None
    assert (ada.own.quiet.start, ada.own.quiet.end) == (time(19), time(9))
    assert (await settling.own.look(actor(LIN))).own.usual
    assert await settling.said() == []
    entries, _ = await settling.audit(actor(GRACE), 5)
    assert entries[0].action == "person.settings"
    assert fields_in(entries[0].after) == edit


async def test_a_price_is_set_once_told_and_removed(settling: Settling) -> None:
    await settling.workspace(actor(GRACE), {"ops": OPS}, settling.key())
    price = SetPrice(Provider.VAST, "RTX 5090", Decimal("0.000001"))
    for _ in range(2):
        await settling.workspace.price(actor(GRACE), price, settling.key())
    async with settling.store(read_only=True) as uow:
        [kept] = await uow.watch.prices(TEAM)
    assert (kept.price, kept.set_by) == (price.price, GRACE)
    gone = SetPrice(Provider.VAST, " rtx  5090", Decimal(0))
    await settling.workspace.price(actor(GRACE), gone, settling.key())
    assert not (await settling.workspace.prices(actor(GRACE))).held
    told = [s.text for s in await settling.said() if "price of" in s.text]
    assert ["0.000001 USD/h → no price set" in t for t in told] == [False, True]
    with pytest.raises(AdminOnly):
        await settling.workspace.price(actor(ADA), price, settling.key())


async def test_the_audit_is_read_a_page_at_a_time_by_admins(settling: Settling) -> None:
    for n in range(7):
        await settling.edits(GRACE, {"weekends": "yes" if n % 2 == 0 else "no"})
    page, more = await settling.audit(actor(GRACE), 3)
    assert more
    assert {e.action for e in page} == {"channel.settings"}
    ids = [e.id for e in page]
    while more:
        page, more = await settling.audit(actor(GRACE), 3, ids[-1])
        ids += [e.id for e in page]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == len(set(ids)) == 7
    with pytest.raises(AdminOnly):
        await settling.audit(actor(LIN), 3)


async def test_owroute_introduces_itself_once_however_often_it_comes(settling: Settling) -> None:
    await asyncio.gather(
        *(settling.greet(TEAM, ML_LAB, BOT, LIN, f"event:{n}") for n in range(4)),
        settling.greet(TEAM, ML_LAB, ADA, LIN, "event:9"),
    )
    await settling.greet(TEAM, ML_LAB, BOT, LIN, "event:1")
    [greeting] = await settling.said()
    assert greeting.text.startswith("<@U2> added owroute")
    found = await here(settling)
    assert (found.lead, found.tz, found.greeted) == (LIN, "Asia/Shanghai", True)


async def test_who_brings_it_back_does_not_take_the_lead(settling: Settling) -> None:
    await settling.greet(TEAM, ML_LAB, BOT, LIN, "event:1")
    await settling.greet.left(TEAM, ML_LAB, "event:2")
    assert not (await here(settling)).reminds
    await settling.greet(TEAM, ML_LAB, BOT, ADA, "event:3")
    found = await here(settling)
    assert (found.lead, found.gone) == (LIN, False)
    assert len(await settling.said()) == 1


@pytest.mark.parametrize("inviter", [None, UserId("U9"), BOT])
async def test_nobody_leads_where_it_is_not_known_who_brought_it(
    settling: Settling, inviter: UserId | None
) -> None:
    await settling.greet(TEAM, ML_LAB, BOT, inviter, "event:1")
    assert (await here(settling)).lead is None
    [greeting] = await settling.said()
    assert "Nobody leads this channel here yet" in greeting.text


async def test_a_channel_out_of_the_archive_goes_on(settling: Settling) -> None:
    other = ChannelId("C7")
    for n in range(2):
        await settling.greet.left(TEAM, other, f"event:{n}")
    await settling.greet.back(TEAM, other, "event:5")
    async with settling.store(read_only=True) as uow:
        assert await uow.channels.get(TEAM, other) == Channel(TEAM, other)
    assert await settling.said() == []
