"""A provider that cannot be read: the admins hear of it once, and once when it is over."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.fleet import Problem, Provider, Scope
from bot.domain.watch import Account
from storage.database import SqlStore
from tests.services.watched import GRACE, Watch
from tests.storage.given import ADA, LIN, TEAM

SCOPE = Scope(Provider.RUNPOD, "acc")
NEW_YORK = "America/New_York"
MORNING = timedelta(hours=5)


async def polled(watch: Watch, problem: Problem | None) -> Account:
    """One more listing of the account, and what is kept of it."""
    now = watch.clock.now()
    async with watch.store() as uow:
        before = await uow.watch.account(TEAM, SCOPE)
        after = Account(TEAM, SCOPE, complete_at=now)
        if problem is not None:
            after = replace(
                before,
                problem=problem,
                since=before.since if before.problem else now,
                failures=before.failures + 1,
                told=before.told and before.problem is problem,
            )
        kept = await watch.troubles.tell(uow, before, after, now)
        await uow.watch.put_account(kept)
        await uow.commit()
    await watch.goes_on(minutes=2)
    return kept


async def test_a_key_that_is_refused_is_told_at_once_and_once(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    watch.clock.at += MORNING
    await watch.burns(usd="0.69")
    for _ in range(5):
        assert (await polled(watch, Problem.AUTH)).told
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:00"]
    assert watch.asked(ADA) == watch.asked(LIN) == [], "owners never hear of it"
    await polled(watch, None)
    await polled(watch, None)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:00", "Mon 09:10"]
    [standing] = watch.slack.at(GRACE)
    assert standing.subject.startswith("over:trouble:runpod:acc:")


async def test_a_server_that_fails_is_told_after_three_polls(watch: Watch) -> None:
    watch.clock.at += MORNING
    for _ in range(2):
        assert not (await polled(watch, Problem.SERVER)).told
    await polled(watch, None)
    assert watch.slack.said == [], "nothing was told, so nothing is taken back"
    for _ in range(4):
        await polled(watch, Problem.NETWORK)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:10"]


async def test_another_problem_takes_the_place_of_the_first(watch: Watch) -> None:
    watch.clock.at += MORNING
    await polled(watch, Problem.AUTH)
    for _ in range(3):
        await polled(watch, Problem.SERVER)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:00", "Mon 09:04"]
    assert len(watch.slack.at(GRACE)) == 1
    await polled(watch, None)
    [standing] = watch.slack.at(GRACE)
    assert standing.subject.startswith("over:")


async def test_nights_are_for_sleeping_unless_it_may_cost_too_much(watch: Watch) -> None:
    await polled(watch, Problem.AUTH)  # 04:00 in New York
    assert watch.slack.said == []
    await watch.goes_on(hours=5)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 08:00"]


async def test_what_runs_there_for_much_money_wakes_the_admins(watch: Watch) -> None:
    for n in range(8):
        await watch.burns(f"ow-{n}-ada", usd="0.69")
    await polled(watch, Problem.AUTH)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 04:00"]


async def test_what_is_over_before_morning_is_not_told(watch: Watch) -> None:
    await polled(watch, Problem.AUTH)
    await polled(watch, None)
    await watch.goes_on(hours=9)
    assert watch.slack.said == []


async def test_with_no_admin_it_waits_until_one_is_met(watch: Watch) -> None:
    watch.clock.at += MORNING
    async with watch.store() as uow:
        grace = await uow.people.get(TEAM, GRACE)
        assert grace is not None
        await uow.people.put(replace(grace, is_admin=False))
        await uow.commit()
    assert not (await polled(watch, Problem.AUTH)).told
    async with watch.store() as uow:
        await uow.people.put(grace)
        await uow.commit()
    assert (await polled(watch, Problem.AUTH)).told
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:02"]
