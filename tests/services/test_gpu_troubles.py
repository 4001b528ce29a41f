"""A provider that cannot be read: the admins hear of it once, and once when it is over."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.fleet import Listing, Problem, Provider, Scope
from bot.domain.troubles import polled
from bot.domain.watch import Account
from storage.database import SqlStore
from tests.services.watched import GRACE, MINUTE, Watch
from tests.storage.given import ADA, LIN, TEAM

SCOPE = Scope(Provider.RUNPOD, "acc")
NEW_YORK = "America/New_York"
MORNING = timedelta(hours=5)
HOUR = timedelta(hours=1)


async def heard(watch: Watch, *listings: Listing) -> None:
    """One more poll of the account."""
    now = watch.clock.now()
    async with watch.store() as uow:
        before = await uow.watch.accounts(TEAM)
        after = polled(TEAM, before, listings, now)
        for row in await watch.troubles.tell(uow, before, after, now):
            await uow.watch.put_account(row)
        await uow.commit()
    await watch.goes_on(minutes=2)


async def listed(watch: Watch, problem: Problem | None) -> Account:
    """One more listing of an account without regions, and what is kept of it."""
    await heard(watch, Listing(SCOPE, problem=problem))
    async with watch.store() as uow:
        return await uow.watch.account(TEAM, SCOPE)


def regions(*problems: Problem | None) -> list[Listing]:
    """A listing of each region of an AWS account."""
    scopes = (Scope(Provider.AWS, "acc", f"r-{n}") for n in range(len(problems)))
    return [Listing(s, problem=p) for s, p in zip(scopes, problems, strict=True)]


async def test_a_key_that_is_refused_is_told_at_once_and_once(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    watch.clock.at += MORNING
    await watch.burns(usd="0.69")
    for _ in range(5):
        assert (await listed(watch, Problem.AUTH)).told
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:00"]
    assert watch.asked(ADA) == watch.asked(LIN) == [], "owners never hear of it"
    await listed(watch, None)
    await listed(watch, None)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:00", "Mon 09:10"]
    [standing] = watch.slack.at(GRACE)
    assert standing.subject.startswith("over:trouble:runpod:acc:")


async def test_a_server_that_fails_is_told_after_three_polls(watch: Watch) -> None:
    watch.clock.at += MORNING
    for _ in range(2):
        assert not (await listed(watch, Problem.SERVER)).told
    await listed(watch, None)
    assert watch.slack.said == [], "nothing was told, so nothing is taken back"
    for _ in range(4):
        await listed(watch, Problem.NETWORK)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:10"]


async def test_another_problem_takes_the_place_of_the_first(watch: Watch) -> None:
    watch.clock.at += MORNING
    await listed(watch, Problem.AUTH)
    for _ in range(3):
        await listed(watch, Problem.SERVER)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:00", "Mon 09:04"]
    assert len(watch.slack.at(GRACE)) == 1
    await listed(watch, None)
    [standing] = watch.slack.at(GRACE)
    assert standing.subject.startswith("over:")


async def test_nights_are_for_sleeping_unless_it_may_cost_too_much(watch: Watch) -> None:
    await listed(watch, Problem.AUTH)  # 04:00 in New York
    assert watch.slack.said == []
    await watch.goes_on(hours=5)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 08:00"]


async def test_what_runs_there_for_much_money_wakes_the_admins(watch: Watch) -> None:
    for n in range(8):
        await watch.burns(f"ow-{n}-ada", usd="0.69")
    await listed(watch, Problem.AUTH)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 04:00"]


async def test_all_regions_of_an_account_are_one_message_per_problem(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    watch.clock.at += MORNING
    await heard(watch, *regions(*[Problem.AUTH] * 15))
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:00"]
    [standing] = watch.slack.at(GRACE)
    assert all(f"r-{n}" in standing.text for n in range(15))
    for _ in range(2):
        await heard(watch, *regions(*[Problem.AUTH] * 15))
    for _ in range(3):
        await heard(watch, *regions(*[Problem.SERVER] * 15))
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:00", "Mon 09:06"]
    assert len(watch.slack.at(GRACE)) == 1
    await heard(watch, *regions(*[None] * 15))
    [standing] = watch.slack.at(GRACE)
    assert standing.subject.startswith("over:trouble:aws:acc:")


async def test_more_regions_edit_the_message_and_fewer_too(watch: Watch) -> None:
    watch.clock.at += MORNING
    for _ in range(3):
        await heard(watch, *regions(Problem.SERVER, None, None))
    for _ in range(3):
        await heard(watch, *regions(Problem.SERVER, Problem.SERVER, None))
    [standing] = watch.slack.at(GRACE)
    assert ("r-0" in standing.text, "r-1" in standing.text) == (True, True)
    await heard(watch, *regions(None, Problem.SERVER, Problem.SERVER))
    [standing] = watch.slack.at(GRACE)
    assert [f"r-{n}" in standing.text for n in range(3)] == [False, True, False]
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:04"]
    assert len(watch.slack.edits) == 2
    await heard(watch, *regions(None, None, None))
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:04", "Mon 09:14"]


async def test_two_problems_are_two_messages_until_one_is_over(watch: Watch) -> None:
    watch.clock.at += MORNING
    for _ in range(3):
        await heard(watch, *regions(None, Problem.SERVER, Problem.SHAPE))
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:04"] * 2
    await heard(watch, *regions(None, Problem.SERVER, None))
    [standing] = watch.slack.at(GRACE)
    assert standing.subject.endswith(":server:U3")


async def test_regions_closed_to_the_key_alarm_nobody_until_no_other_answers(
    watch: Watch,
) -> None:
    watch.clock.at += MORNING
    for _ in range(20):
        await heard(watch, *regions(None, Problem.AUTH, Problem.AUTH))
    await heard(watch, *regions(Problem.NETWORK, Problem.AUTH, Problem.AUTH))
    assert watch.slack.said == [], "a hiccup of the only open region changes nothing"
    await heard(watch, *regions(Problem.AUTH, Problem.AUTH, Problem.AUTH))
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:42"]
    await heard(watch, *regions(None, Problem.AUTH, Problem.AUTH))
    await heard(watch, *regions(Problem.AUTH, Problem.AUTH, Problem.AUTH))
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:42", "Mon 09:44", "Mon 09:46"], "told again"
    async with watch.store() as uow:
        rows = await uow.watch.accounts(TEAM)
    assert {row.since for row in rows} == {watch.clock.now() - 2 * MINUTE}


async def test_what_is_over_and_begins_again_at_night_leaves_one_message(watch: Watch) -> None:
    watch.clock.at += 17 * HOUR
    await heard(watch, *regions(Problem.AUTH, Problem.AUTH))
    watch.clock.at += 2 * HOUR
    await heard(watch, *regions(None, None))
    await heard(watch, *regions(Problem.AUTH, Problem.AUTH))
    await watch.goes_on(hours=12)
    assert len(watch.slack.at(GRACE)) == 1


async def test_what_is_over_before_morning_is_not_told(watch: Watch) -> None:
    await listed(watch, Problem.AUTH)
    await listed(watch, None)
    await watch.goes_on(hours=9)
    assert watch.slack.said == []


async def test_with_no_admin_it_waits_until_one_is_met(watch: Watch) -> None:
    watch.clock.at += MORNING
    async with watch.store() as uow:
        grace = await uow.people.get(TEAM, GRACE)
        assert grace is not None
        await uow.people.put(replace(grace, is_admin=False))
        await uow.commit()
    assert not (await listed(watch, Problem.AUTH)).told
    async with watch.store() as uow:
        await uow.people.put(grace)
        await uow.commit()
    assert (await listed(watch, Problem.AUTH)).told
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 09:02"]
