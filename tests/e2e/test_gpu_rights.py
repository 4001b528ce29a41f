"""Who may do what to a GPU run: row by row, at the moment of the act, and what a refusal says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cards.errors import sentence
from bot.domain.fleet import Ending
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, UserId
from bot.domain.steering import Snooze
from bot.domain.workspace import Act as Right
from bot.domain.workspace import Channel
from bot.errors import NoSuchGpu, NotMember, UserError
from bot.errors_gpu import NotYourGpu
from bot.services.gpu.stepping import Pressed
from storage.tables import audit
from tests.harness.gpus import actor, listed, run_of, runs, team
from tests.harness.stories import PEOPLE, Story, a_story

HERE, THERE = ChannelId("C0MLLAB0001"), ChannelId("C0COURSE001")
HOUR = timedelta(hours=1)
Act = Callable[[Story, Pressed], Awaitable[object]]


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


async def owned(story: Story, owner: str | None = "ada") -> GpuRun:
    """A pod of Ada's that belongs to #ml-lab; everybody has been seen once."""
    pod = story.fleet.runpod.start("bench", usd="0.69", ago=HOUR)
    await listed(story)
    for name in PEOPLE:
        await story.runtime.cases.know(team(story), UserId(PEOPLE[name]))
    run = await run_of(story, pod.id)
    async with story.runtime.store() as uow:
        user = UserId(PEOPLE[owner]) if owner else None
        after = run.changed(story.runtime.clock.now(), owner=user, channel=HERE)
        assert await uow.gpus.save(after)
        await uow.commit()
    return after


async def led_by(story: Story, name: str) -> None:
    async with story.runtime.store() as uow:
        await uow.channels.put(Channel(team(story), HERE, lead=UserId(PEOPLE[name])))
        await uow.commit()


async def guest(story: Story, name: str) -> None:
    """Slack says so from now on, and has been asked."""
    story.workspace.change_person(PEOPLE[name], is_restricted=True)
    await story.advance(minutes=11, step=timedelta(minutes=11))
    await story.runtime.cases.know.surely(team(story), UserId(PEOPLE[name]), timedelta(minutes=10))


def pressed(story: Story, run: GpuRun, name: str, place: ChannelId | None = HERE) -> Pressed:
    return Pressed(actor(story, name), run.id, run.generation, f"click:{name}", place)


async def shutdown(story: Story, p: Pressed) -> object:
    return await story.runtime.cases.steer_gpu.set_shutdown(p, story.runtime.clock.now() + HOUR)


async def snooze(story: Story, p: Pressed) -> object:
    return await story.runtime.cases.steer_gpu.snooze(p, Snooze.HOUR)


async def reassign(story: Story, p: Pressed) -> object:
    return await story.runtime.cases.steer_gpu.reassign(p, UserId(PEOPLE["lin"]))


async def price(story: Story, p: Pressed) -> object:
    return await story.runtime.cases.steer_gpu.set_price(p, Decimal("0.5"))


async def keep(story: Story, p: Pressed) -> object:
    return await story.runtime.cases.steer_gpu.keep(p)


async def disown(story: Story, p: Pressed) -> object:
    return await story.runtime.cases.steer_gpu.disown(p)


async def stop(story: Story, p: Pressed) -> object:
    cases = story.runtime.cases
    await cases.steer_gpu.look(p, Right.STOP, ended=True)
    return await cases.end_gpu(p.actor, p.gpu, p.generation, Ending.STOP, p.delivery)


STEERS: tuple[Act, ...] = (shutdown, snooze, reassign, price, keep, stop)


@pytest.mark.parametrize("act", STEERS)
@pytest.mark.parametrize("name", ["ada", "grace"])
async def test_owner_and_admins_may(story: Story, act: Act, name: str) -> None:
    await act(story, pressed(story, await owned(story), name))


@pytest.mark.parametrize("act", [*STEERS, disown])
async def test_the_lead_of_its_channel_may_from_anywhere(story: Story, act: Act) -> None:
    run = await owned(story)
    await led_by(story, "lin")
    await act(story, pressed(story, run, "lin", THERE))


@pytest.mark.parametrize("act", [*STEERS, disown])
async def test_others_are_told_who_may_where_it_is_shown(story: Story, act: Act) -> None:
    run = await owned(story)
    with pytest.raises(NotYourGpu) as told:
        await act(story, pressed(story, run, "lin"))
    said = sentence(told.value, "en")
    assert ("ada" in said) is (act is not disown)
    assert "an admin" in said
    assert await run_of(story, run.machine.instance_id) == run, "nothing was changed"


@pytest.mark.parametrize("act", [*STEERS, disown])
@pytest.mark.parametrize("place", [THERE, None])
async def test_somebody_elses_run_is_not_found_elsewhere(
    story: Story, act: Act, place: ChannelId | None
) -> None:
    run = await owned(story)
    with pytest.raises(NoSuchGpu):
        await act(story, pressed(story, run, "lin", place))


@pytest.mark.parametrize("act", [*STEERS, disown])
async def test_a_guest_may_nothing_not_even_with_what_is_theirs(story: Story, act: Act) -> None:
    run = await owned(story)
    await guest(story, "ada")
    with pytest.raises(NotMember):
        await act(story, pressed(story, run, "ada"))


async def test_the_owner_does_not_say_that_it_is_not_ours(story: Story) -> None:
    run = await owned(story)
    with pytest.raises(NotYourGpu, match="not_your_gpu"):
        await disown(story, pressed(story, run, "ada"))


async def test_a_setting_widens_stop_to_members_and_nothing_else(story: Story) -> None:
    run = await owned(story)
    async with story.runtime.store() as uow:
        await uow.watch.put(replace(await uow.watch.settings(team(story)), members_stop=True))
        await uow.commit()
    for act in (shutdown, snooze, reassign, price, keep, disown):
        with pytest.raises(NotYourGpu):
            await act(story, pressed(story, run, "lin"))
    await stop(story, pressed(story, run, "lin"))
    after = await run_of(story, run.machine.instance_id)
    assert after.stopping is not None
    assert after.stopping.by == PEOPLE["lin"]


async def test_the_setting_never_reaches_guests(story: Story) -> None:
    run = await owned(story)
    async with story.runtime.store() as uow:
        await uow.watch.put(replace(await uow.watch.settings(team(story)), members_stop=True))
        await uow.commit()
    await guest(story, "lin")
    with pytest.raises(NotMember):
        await stop(story, pressed(story, run, "lin"))


async def test_what_nobody_owns_anybody_takes_and_only_then_steers(story: Story) -> None:
    run = await owned(story, None)
    with pytest.raises(NotYourGpu) as told:
        await shutdown(story, pressed(story, run, "lin", THERE))
    assert "press It's mine" in sentence(told.value, "en")
    await story.runtime.cases.steer_gpu.take(pressed(story, run, "lin", THERE))
    run = await run_of(story, run.machine.instance_id)
    assert run.owner == PEOPLE["lin"]
    await shutdown(story, replace(pressed(story, run, "lin", THERE), delivery="second"))


async def test_who_comes_second_is_told_whose_it_is(story: Story) -> None:
    run = await owned(story, None)
    take = story.runtime.cases.steer_gpu.take
    await take(pressed(story, run, "lin"))
    with pytest.raises(UserError) as told:
        await take(pressed(story, run, "ada"))
    assert "in the hands of lin already" in sentence(told.value, "en")


async def test_a_refusal_is_written_down(story: Story) -> None:
    run = await owned(story)
    with pytest.raises(NotYourGpu):
        await shutdown(story, pressed(story, run, "lin"))
    async with story.runtime.store.engine.connect() as connection:
        rows = (await connection.execute(select(audit))).all()
    refused = [(r.actor, r.subject) for r in rows if r.action == "rights.refused"]
    assert refused == [(PEOPLE["lin"], run.audited)]


async def test_another_workspaces_id_opens_nothing(story: Story) -> None:
    await owned(story)
    (run,) = await runs(story)
    other = replace(pressed(story, run, "ada"), gpu=type(run.id)(run.id + 1))
    with pytest.raises(NoSuchGpu):
        await shutdown(story, other)
