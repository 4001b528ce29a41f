"""Places that get digests, what a week is made of, and when nobody was in charge: both stores."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.costs import Accrual
from bot.domain.delivery import File, Message, Op
from bot.domain.digest_facts import ExperimentFacts
from bot.domain.digest_week import Span
from bot.domain.digest_when import DigestMode, DigestPlace, WeekTime
from bot.domain.evidence import Entry, Evidence, EvidenceState, Source
from bot.domain.fleet import Billing, PriceSource
from bot.domain.gpu import GpuRun, RunState
from bot.domain.ids import ChannelId, ExperimentId, GpuId
from bot.domain.plans import Conclusion, State
from bot.domain.workspace import Channel
from storage.database import SqlStore
from tests.storage.given import (
    ADA,
    AT,
    ML_LAB,
    OTHER_TEAM,
    RANDOM,
    TEAM,
    claimed,
    delivered,
    message,
    queued,
    saved,
    seen,
)
from tests.storage.gpus import run
from tests.storage.test_reminders import running

DAY = timedelta(days=1)
WEEK = Span(AT - DAY, AT + DAY)
TUESDAY = WeekTime.read("TUE 17:30")
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


async def to_look_at(store: SqlStore) -> list[DigestPlace]:
    async with store(read_only=True) as uow:
        return list(await uow.digests.to_look_at(AT, 9))


async def test_a_place_is_known_once_and_looked_at_when_its_time_has_come(store: SqlStore) -> None:
    async with store() as uow:
        await uow.digests.begin(TEAM, ML_LAB, AT)
        await uow.digests.begin(TEAM, ML_LAB, AT + DAY)
        await uow.digests.begin(TEAM, RANDOM, AT + DAY)
        await uow.commit()
    [found] = await to_look_at(store)
    assert found == DigestPlace(TEAM, ML_LAB, next_at=AT, since=AT)
    later = replace(found, next_at=AT + DAY, week="2026-W48")
    async with store() as uow:
        await uow.digests.put([later])
        await uow.digests.posted(TEAM, [ML_LAB], "2026-W48")
        await uow.commit()
    assert await to_look_at(store) == []
    async with store(read_only=True) as uow:
        known = await uow.digests.of(TEAM, [ML_LAB, None])
    assert known == {ML_LAB: replace(later, posted_week="2026-W48")}


async def test_settings_are_kept_and_have_the_place_looked_at_again(store: SqlStore) -> None:
    channel = Channel(TEAM, ML_LAB, digest=DigestMode.ALWAYS, digest_at=TUESDAY)
    async with store() as uow:
        await uow.channels.put(channel)
        await uow.commit()
    async with store(read_only=True) as uow:
        assert await uow.channels.get(TEAM, ML_LAB) == channel
        assert (await uow.channels.get(TEAM, RANDOM)).digest is DigestMode.ON
    [found] = await to_look_at(store)
    assert found.is_moved
    assert found.since is None


async def test_a_time_zone_that_comes_with_a_first_run_has_the_place_looked_at_again(
    store: SqlStore,
) -> None:
    async with store() as uow:
        await uow.digests.begin(TEAM, ML_LAB, AT + DAY)
        await uow.channels.begin(Channel(TEAM, ML_LAB, tz="Asia/Shanghai"))
        await uow.commit()
    [found] = await to_look_at(store)
    assert found.is_moved
    async with store() as uow:
        await uow.digests.put([replace(found, next_at=AT + DAY)])
        await uow.channels.begin(Channel(TEAM, ML_LAB, tz="Europe/Berlin"))
        await uow.commit()
    assert await to_look_at(store) == [], "its zone is settled"


async def test_settings_that_are_saved_while_a_place_is_looked_at_are_not_overseen(
    store: SqlStore,
) -> None:
    """Whoever looks and whoever saves wait for each other, in either order."""
    async with store() as uow:
        await uow.digests.begin(TEAM, ML_LAB, AT)
        await uow.commit()

    async def saves() -> None:
        async with store() as uow:
            await uow.channels.put(Channel(TEAM, ML_LAB, tz="Asia/Kolkata"))
            await uow.commit()

    async with asyncio.TaskGroup() as beside, store() as uow:
        [place] = await uow.digests.take(AT, 9)
        beside.create_task(saves())
        await uow.digests.put([replace(place, next_at=AT + DAY)])
        await uow.commit()
    [found] = await to_look_at(store)
    assert found.is_moved


async def test_a_workspace_that_is_removed_rests_until_it_is_back(store: SqlStore) -> None:
    await seen(store)
    async with store() as uow:
        await uow.digests.begin(TEAM, ML_LAB, AT)
        await uow.workspaces.remove(TEAM, AT)
        await uow.commit()
    assert await to_look_at(store) == []
    await seen(store)
    found = await to_look_at(store)
    assert {(p.channel, p.is_moved, p.since) for p in found} == {
        (ML_LAB, True, AT),
        (None, True, AT),
    }


async def test_stretches_in_nobodys_charge_do_not_overlap(store: SqlStore) -> None:
    gpu = (await added_run(store)).id
    async with store() as uow:
        await uow.unattended.begin(TEAM, gpu, AT)
        await uow.unattended.begin(TEAM, gpu, AT + DAY / 2)  # it is known already
        await uow.unattended.end(gpu, AT + DAY)
        await uow.unattended.begin(TEAM, gpu, AT)  # looks back into the first
        await uow.commit()
    async with store(read_only=True) as uow:
        found = await uow.unattended.of([gpu], AT)
        later = await uow.unattended.of([gpu], AT + DAY)
    assert found == {gpu: [(AT, AT + DAY), (AT + DAY, None)]}
    assert later == {gpu: [(AT + DAY, None)]}


async def test_costs_are_found_by_channel_or_for_all(store: SqlStore) -> None:
    await seen(store)
    here, there = await added_run(store, "a"), await added_run(store, "b", channel=RANDOM)
    nowhere = await added_run(store, "c", channel=None)
    await spent(store, here, there, nowhere)
    async with store(read_only=True) as uow:
        of = uow.weeks.accruals
        assert {a.run for a in await of(TEAM, [ML_LAB], AT)} == {here.id}
        assert {a.run for a in await of(TEAM, [ML_LAB, RANDOM], AT)} == {here.id, there.id}
        assert {a.run for a in await of(TEAM, None, AT)} == {here.id, there.id, nowhere.id}
        assert list(await of(TEAM, None, AT + DAY)) == []
        assert list(await of(OTHER_TEAM, [ML_LAB], AT)) == []
        everywhere = await uow.weeks.gpus(TEAM, AT)
        assert everywhere == [here.id, there.id, nowhere.id]
        some = await uow.weeks.accruals_of(everywhere[1:], AT)
        assert {a.run for a in some} == {there.id, nowhere.id}
        assert await uow.weeks.gpus(TEAM, AT + DAY) == await uow.weeks.gpus(OTHER_TEAM, AT) == []
        assert list(await uow.weeks.accruals_of(everywhere, AT + DAY)) == []


def given_at(item: Evidence, at: datetime) -> Evidence:
    """Somebody typed it."""
    state = EvidenceState.GIVEN
    return replace(item, state=state, changed_at=at, by=ADA, source=Source.TYPED)


async def test_evidence_and_decisions_of_the_week(store: SqlStore) -> None:
    x = await running(store)
    async with store() as uow:
        items = await uow.evidence.of(x.id)
        given = [given_at(i, AT) for i in items[:2]]
        ours = replace(given_at(items[2], AT), by=None, source=Source.DERIVED)
        old = [given_at(i, AT - 9 * DAY) for i in items[3:5]]
        await uow.evidence.replace(x.id, [*given, ours, *old, *items[5:]])
        await uow.reminders.listed([x.id], AT)
        await uow.commit()
    left = sum(1 for i in items[5:] if i.required)
    done = replace(
        x, version=x.version + 1, state=State.DECIDED, conclusion=Conclusion.KEEP, concluded_by=ADA,
        concluded_at=AT,
    )  # fmt: skip
    async with store(read_only=True) as uow:
        closed = await uow.weeks.closed(TEAM, [ML_LAB], WEEK)
        overdue = await uow.weeks.overdue(TEAM, None)
        elsewhere = await uow.weeks.closed(TEAM, [RANDOM], WEEK)
        called = await uow.weeks.called(TEAM, [x.id, ExperimentId(99)])
    assert closed == {x.id: sum(1 for i in given if i.required)}
    assert overdue == {x.id: left}
    assert elsewhere == {}
    assert called == {x.id: (ML_LAB, ExperimentFacts("OW-1", x.latest.card.task))}
    assert await saved(store, done)
    async with store(read_only=True) as uow:
        [decided] = await uow.weeks.decided(TEAM, [ML_LAB], WEEK)
        assert await uow.weeks.decided(TEAM, None, Span(AT + DAY, AT + 2 * DAY)) == []
    assert (decided.experiment, decided.what, decided.by) == (x.id, Conclusion.KEEP, ADA)


async def test_what_people_confirmed_or_accepted_of_owroutes_own_is_closed_by_them(
    store: SqlStore,
) -> None:
    x = await running(store)
    async with store() as uow:
        items = await uow.evidence.of(x.id)
        hub, doubted, ours, proven, *rest = (i for i in items if i.required)
        read = Entry("hub:1", hub.item, Source.DERIVED, {"repo": "a/b"}, AT, ADA, "https://x.org")
        moved = replace(doubted, state=EvidenceState.CLAIMED, source=Source.DERIVED)
        changed = [
            hub.with_entry(read),
            moved.accepted(by=ADA, at=AT),
            ours.with_entry(Entry("plan:1", ours.item, Source.DERIVED, {}, AT)),
            proven.with_entry(Entry("proof:1", proven.item, Source.PROVEN, {}, AT)),
        ]
        await uow.evidence.replace(x.id, [*changed, *rest])
        await uow.commit()
    async with store(read_only=True) as uow:
        assert await uow.weeks.closed(TEAM, [ML_LAB], WEEK) == {x.id: 2}


async def test_a_picture_goes_whole_and_leaves_only_its_name(store: SqlStore) -> None:
    file = File("week.png", "Cost by day", data=PNG, alt="Bars: 5.52 USD")
    plainer = ({"type": "section", "text": {"type": "mrkdwn", "text": "x"}},)
    await queued(store, message("a", op=Op.UPLOAD, message=Message("t", (), (file,), plainer)))
    [row] = await claimed(store)
    assert row.outgoing.message == Message("t", (), (file,), plainer)
    assert await delivered(store, row, "1.0")
    async with store.engine.connect() as connection:
        kept = (await connection.exec_driver_sql("SELECT body FROM outbox")).scalar()
    assert "week.png" in str(kept)
    assert "iVBOR" not in str(kept), "what is there need not be kept twice"


async def test_only_the_newest_try_can_be_undecided(store: SqlStore) -> None:
    await queued(store, message("post:a"), message("post:a:again1"))
    [first] = await claimed(store, limit=1)
    async with store() as uow:
        assert await uow.outbox.undecided(["post:a"]) is None
        assert await uow.outbox.unknown(first, AT)
        found = await uow.outbox.undecided(["post:a"])
        assert await uow.outbox.undecided(["post:a", "post:a:again1"]) is None
        await uow.commit()
    assert found == first.outgoing


async def added_run(
    store: SqlStore, name: str = "pod_1", channel: ChannelId | None = ML_LAB
) -> GpuRun:
    await seen(store)
    async with store() as uow:
        kept = await uow.gpus.add(run(name, channel=channel))
        await uow.commit()
    return kept


async def spent(store: SqlStore, *runs: GpuRun) -> None:
    """Each of them ran for the hours before `AT`, and half a day more."""
    async with store() as uow:
        await uow.accruals.put(TEAM, [_accrual(r.id) for r in runs])
        await uow.commit()


def _accrual(gpu: GpuId) -> Accrual:
    price, source = Decimal("0.69"), PriceSource.INSTANCE
    return Accrual(gpu, 1, Billing.COMPUTE, price, source, AT - DAY, AT + DAY / 2)


async def test_what_an_open_experiment_has_cost_is_not_forgotten(store: SqlStore) -> None:
    x = await running(store)
    kept = await added_run(store)
    async with store() as uow:
        assert await uow.gpus.save(
            kept.changed(AT, experiment=x.id, state=RunState.ENDED, billing=Billing.NONE)
        )
        await uow.commit()
    await spent(store, kept)
    async with store() as uow:
        assert await uow.gpus.forget_ended(TEAM, AT + DAY) == 0
        await uow.commit()
    assert await saved(store, replace(x, version=x.version + 1, state=State.ARCHIVED))
    async with store() as uow:
        assert await uow.gpus.forget_ended(TEAM, AT + DAY) == 1
        await uow.commit()
    async with store(read_only=True) as uow:
        assert await uow.gpus.by_id(TEAM, kept.id) is None
