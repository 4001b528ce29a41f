"""What settings are kept as, and what is forgotten when it is over for long enough."""

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

from bot.domain.costs import Accrual
from bot.domain.delivery import LEASE, Op, Sent
from bot.domain.digest_when import DigestMode, WeekTime
from bot.domain.fleet import Billing, PriceSource, Provider
from bot.domain.gpu import RunState
from bot.domain.personal import Mute, Own
from bot.domain.schedule import QuietHours, WorkHours
from bot.domain.watch import SetPrice, Watching
from bot.domain.workspace import Actor, Channel
from bot.services.forgetting import forget_old
from storage.database import SqlStore
from tests.storage.given import ADA, AT, LIN, ML_LAB, OTHER_TEAM, TEAM, message, seen
from tests.storage.gpus import run
from tests.storage.test_small_nouns import PERSON

DAY = timedelta(days=1)
OWN = Own(
    tz="Asia/Tokyo",
    usual=False,
    quiet=QuietHours(time(19), time(9, 30)),
    mutes=frozenset(Mute),
)


async def test_ones_own_settings_outlive_what_slack_tells(store: SqlStore) -> None:
    async with store() as uow:
        await uow.people.put(PERSON)
        await uow.people.settle(TEAM, ADA, OWN)
        await uow.people.name(TEAM, [ADA, LIN])
        await uow.people.put(replace(PERSON, name="Ada B."))
        found = await uow.people.get(TEAM, ADA)
        assert found == replace(PERSON, name="Ada B.", own=replace(OWN, admin=True))
        never = Own(usual=False)
        await uow.people.settle(TEAM, ADA, never)
        assert (await uow.people.of(TEAM, [ADA]))[ADA].own == replace(never, admin=True)
        await uow.people.name(TEAM, [])
        assert await uow.people.named(TEAM) == []
        await uow.people.settle(TEAM, ADA, Own())
        await uow.commit()
    async with store(read_only=True) as uow:
        assert (await uow.people.of(TEAM, [ADA]))[ADA].own == Own()


async def test_named_admins_are_admins_while_they_are_here(store: SqlStore) -> None:
    lin = replace(PERSON, user=LIN, home_team=TEAM, is_admin=False)
    async with store() as uow:
        await uow.people.put(lin)
        await uow.people.put(replace(lin, team=OTHER_TEAM, home_team=OTHER_TEAM))
        await uow.people.name(TEAM, [LIN])
        assert await uow.watch.admins(TEAM) == [LIN]
        assert await uow.watch.admins(OTHER_TEAM) == []
        await uow.people.put(replace(lin, is_guest=True))
        assert await uow.watch.admins(TEAM) == []


async def test_settings_of_channel_and_workspace_come_back(store: SqlStore) -> None:
    here = Channel(
        TEAM,
        ML_LAB,
        hours=WorkHours(time(22), time(6)),
        greeted=True,
        gone=True,
        digest=DigestMode.ALWAYS,
        digest_at=WeekTime(7, time(2, 30)),
        defaults={"privacy": "regulated"},
    )
    house = Watching(TEAM, defaults={"region": "eu *<!channel>*"}, keep=90 * DAY)
    async with store() as uow:
        assert await uow.watch.settings(TEAM) == Watching(TEAM)
        await uow.channels.put(here)
        await uow.watch.put(house)
        assert await uow.channels.get(TEAM, ML_LAB) == here
        assert await uow.watch.settings(TEAM) == house
        await uow.watch.put(replace(house, keep=None))
        assert (await uow.watch.settings(TEAM)).keep is None


async def test_a_price_is_one_of_its_kind_however_it_is_written(store: SqlStore) -> None:
    price = SetPrice(Provider.RUNPOD, "H100 SXM", Decimal("0.000001"), ADA, AT)
    async with store() as uow:
        await uow.watch.put_price(TEAM, price)
        other = replace(price, gpu="h100  sxm", price=Decimal(10_000_000))
        await uow.watch.put_price(TEAM, other)
        assert await uow.watch.prices(TEAM) == [other]
        assert await uow.watch.prices(OTHER_TEAM) == []
        await uow.watch.put_price(TEAM, replace(price, price=Decimal(0)))
        assert await uow.watch.prices(TEAM) == []


async def test_the_audit_is_read_from_the_newest(store: SqlStore) -> None:
    actor = Actor(TEAM, ADA, TEAM)
    async with store() as uow:
        for n in range(5):
            await uow.audit.add(actor, TEAM, "a", str(n), AT + n * DAY, before="b", after="c")
        await uow.audit.add(None, OTHER_TEAM, "a", "theirs", AT)
        first = await uow.audit.page(TEAM, 2)
        rest = await uow.audit.page(TEAM, 9, first[-1].id)
    assert [e.subject for e in (*first, *rest)] == ["4", "3", "2", "1", "0"]
    assert (first[0].actor, first[0].before, first[0].after) == (ADA, "b", "c")
    assert first[0].at == AT + 4 * DAY


async def posted(store: SqlStore, key: str, op: Op = Op.POST) -> None:
    async with store() as uow:
        await uow.outbox.add(message(key, op=op, subject="s" if op is Op.UPDATE else key), AT)
        await uow.commit()
    async with store() as uow:
        [row] = await uow.outbox.claim(AT, 1, LEASE)
        await uow.outbox.sent(row, Sent(ML_LAB, f"{row.id}.0"), AT)
        await uow.commit()


async def test_what_is_over_is_forgotten_when_the_workspace_says(store: SqlStore) -> None:
    await seen(store)
    await posted(store, "post:s")
    await posted(store, "update:s", Op.UPDATE)
    async with store() as uow:
        await uow.watch.put(Watching(TEAM, keep=90 * DAY))
        await uow.audit.add(None, TEAM, "a", "old", AT)
        await uow.audit.add(None, TEAM, "a", "new", AT + 60 * DAY)
        await uow.outbox.add(message("open"), AT)
        await uow.commit()
    assert await kept(store, 31) == ({"old", "new"}, {"post:s", "open"})
    assert await kept(store, 91) == ({"new"}, {"open"})
    async with store(read_only=True) as uow:
        assert await uow.outbox.where(TEAM, "post:s") is not None, "where it stands stays known"


async def test_for_good_is_for_good(store: SqlStore) -> None:
    await seen(store)
    await posted(store, "post:s")
    async with store() as uow:
        await uow.watch.put(Watching(TEAM, keep=None))
        await uow.audit.add(None, TEAM, "a", "old", AT)
        await uow.commit()
    assert await kept(store, 9999) == ({"old"}, {"post:s"})


async def kept(store: SqlStore, days: int) -> tuple[set[str], set[str]]:
    """Audit and outbox after so many days of keeping house."""
    async with store() as uow:
        await forget_old(uow, AT + days * DAY)
        entries = {e.subject for e in await uow.audit.page(TEAM, 9)}
        keys = {
            k for k in ("post:s", "update:s", "open") if not await uow.outbox.add(message(k), AT)
        }
    return entries, keys  # what was added anew is rolled back


async def test_runs_that_ended_go_with_all_that_hangs_on_them(store: SqlStore) -> None:
    await seen(store)
    async with store() as uow:
        await uow.watch.put(Watching(TEAM, keep=90 * DAY))
        old, new, live = [await uow.gpus.add(run(name)) for name in ("old", "new", "live")]
        for kept_, state, until in (
            (old, RunState.ENDED, AT + DAY),
            (new, RunState.ENDED, AT + 60 * DAY),
            (live, RunState.RUNNING, None),
        ):
            await uow.gpus.save(replace(kept_, state=state, version=kept_.version + 1))
            cost = Accrual(
                kept_.id, 1, Billing.COMPUTE, Decimal(1), PriceSource.INSTANCE, AT, until,
                estimated=False,
            )  # fmt: skip
            await uow.accruals.put(TEAM, [cost])
        await uow.commit()
    async with store() as uow:
        await forget_old(uow, AT + 100 * DAY)
        await uow.commit()
    async with store(read_only=True) as uow:
        left = await uow.gpus.by_ids(TEAM, [old.id, new.id, live.id])
        assert {r.id for r in left} == {new.id, live.id}
        assert await uow.accruals.of([old.id]) == []
