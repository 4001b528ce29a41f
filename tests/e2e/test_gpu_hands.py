"""The buttons of a GPU run against a provider: stop, plan, extend, report, take, disown."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.domain.fleet import PriceSource
from bot.domain.gpu import RunState
from bot.domain.ids import ChannelId
from bot.domain.watch import Budget, BudgetScope, Watching
from bot.errors_gpu import NoStopTime
from bot.services.gpu.stepping import Pressed
from sandbox.fleet.runpod import Pod
from sandbox.fleet.service import FleetFault, FleetFaultKind
from sandbox.seen import Shown
from tests.e2e.cards import SERVICE
from tests.harness.evidence import experiment
from tests.harness.gpu_hands import later, listed_for, pick, put_time
from tests.harness.gpus import TEN, actor, listed, run_of, team
from tests.harness.stories import Hands, Story, a_story

SIX = timedelta(hours=6)
HOURLY = timedelta(hours=1)


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


async def burning(story: Story, **more: Any) -> Pod:
    """Ada's experiment OW-1 and its pod, which has run for six hours."""
    await story.person("ada").plan(SERVICE)
    pod = story.fleet.runpod.start("ow-1-ada", usd="0.69", ago=SIX, **more)
    await listed(story)
    return pod


async def open_card(hands: Hands) -> Shown:
    """The whole card of the only run, shown to one person."""
    await (await listed_for(hands)).click("More...")
    return hands.whispers()[-1]


async def test_stop_now_from_the_list_is_followed_to_its_proof(story: Story) -> None:
    pod, ada = await burning(story, volume_gb=500), story.person("ada")
    said = await listed_for(ada)
    assert not (await said.click("Stop now")).ok, "it asks first"
    assert (await said.click("Stop now", confirmed=True)).ok
    assert "Stopping" in ada.whispers()[-1].text
    assert "stopping" in (await listed_for(ada)).text
    await story.advance(seconds=60, step=TEN)
    run = await run_of(story, pod.id)
    assert (run.state, run.proven) == (RunState.STOPPED, True)
    assert story.fleet.runpod.count("stop", pod.id) == 1
    said = await listed_for(ada)
    assert "*Stopped* `ow-1-ada`. The disk still costs about 100 USD/month (500 GB)" in said.text
    assert "no GPU of this channel or of yours is running" in said.text


async def test_who_comes_second_learns_who_was_first(story: Story) -> None:
    pod = await burning(story, stop_takes=timedelta(minutes=3))
    ada, grace = story.person("ada"), story.person("grace")
    hers, his = await listed_for(ada), await listed_for(grace, "all")
    await hers.click("Stop now", confirmed=True)
    await his.click("Stop now", confirmed=True)
    assert "`ow-1-ada`" in grace.whispers()[-1].text or "ow-1-ada" in grace.whispers()[-1].text
    assert f"<@{ada.user}> was first" in grace.whispers()[-1].text
    assert story.fleet.runpod.count("stop", pod.id) == 1
    await story.advance(minutes=4, step=TEN)


async def test_a_button_of_an_earlier_start_changes_nothing(story: Story) -> None:
    pod, ada = await burning(story), story.person("ada")
    old = await listed_for(ada)
    card = await open_card(ada)
    pod.stop(story.clock.now())
    await story.advance(minutes=3, step=TEN)
    pod.start(story.clock.now())
    await story.advance(minutes=3, step=TEN)
    assert (await run_of(story, pod.id)).generation == 2
    await old.click("Stop now", confirmed=True)
    await old.click("Set shutdown")
    await pick(card, "Snooze", "4 h")
    assert not ada.stack
    said = [w.text for w in ada.whispers()]
    assert sum("was started again after this was drawn" in text for text in said) == 3
    run = await run_of(story, pod.id)
    assert (run.stopping, run.deadline, run.snoozed_until) == (None, None, None)
    fresh = next(w for w in reversed(ada.whispers()) if "Stop now" in w.buttons)
    await fresh.click("Stop now", confirmed=True)
    assert (await run_of(story, pod.id)).stopping is not None
    await story.advance(minutes=2, step=TEN)


async def test_already_stopped_is_checked_with_the_provider(story: Story) -> None:
    pod, ada = await burning(story), story.person("ada")
    card = await open_card(ada)
    await card.choose("Already stopped")
    assert "The provider still lists ow-1-ada as running" in ada.whispers()[-1].text
    assert (await run_of(story, pod.id)).state is RunState.RUNNING
    pod.stop(story.clock.now() - timedelta(minutes=1))
    await card.choose("Already stopped")
    run = await run_of(story, pod.id)
    assert (run.state, run.proven) == (RunState.STOPPED, True)
    assert "Stopped at" in card.now().text


async def test_what_does_not_stop_can_be_stopped_there_and_reported(story: Story) -> None:
    pod, ada = await burning(story, lies=True), story.person("ada")
    await (await listed_for(ada)).click("Stop now", confirmed=True)
    await story.advance(minutes=6, step=TEN)
    card = ada.last("dm")
    assert "NOT stopped, still billing" in card.text
    await card.click("Already stopped")
    assert "The provider still lists ow-1-ada as running" in ada.whispers("dm")[-1].text
    pod.lies = False
    pod.stop(story.clock.now() - timedelta(minutes=1))
    await card.click("Already stopped")
    assert (await run_of(story, pod.id)).state is RunState.STOPPED
    assert "Stopped at" in card.now().text
    await story.advance(minutes=5, step=TEN)
    assert (await run_of(story, pod.id)).proven


async def test_a_provider_that_says_nothing_closes_nothing(story: Story) -> None:
    pod, ada = await burning(story), story.person("ada")
    card = await open_card(ada)
    story.fleet.runpod.faults.add(FleetFault(FleetFaultKind.SERVER_ERROR))
    await card.choose("Already stopped")
    assert "does not say just now whether ow-1-ada is off" in ada.whispers()[-1].text
    assert (await run_of(story, pod.id)).state is RunState.RUNNING
    story.fleet.runpod.faults.clear()


async def planned(story: Story, **ahead: float) -> tuple[Pod, Hands]:
    """The same with a stop time of Ada's."""
    pod, ada = await burning(story), story.person("ada")
    await (await listed_for(ada)).click("Set shutdown")
    await put_time(ada.modal, "Stop time", later(story, **ahead))
    assert (await ada.modal.submit()).ok
    return pod, ada


async def capped(story: Story, usd: str) -> None:
    """What OW-1 may cost in all."""
    x = await experiment(story)
    async with story.runtime.store() as uow:
        cap = Budget(team(story), BudgetScope.EXPERIMENT, str(x.id), Decimal(usd))
        await uow.watch.put_budget(cap)
        await uow.commit()


async def stops_at(story: Story, pod: Pod) -> str:
    run = await run_of(story, pod.id)
    assert run.deadline is not None
    return f"{run.deadline.at:%H:%M}"


async def test_a_stop_time_is_enforced_and_said_in_the_thread(story: Story) -> None:
    pod, ada = await planned(story, hours=2)
    assert "*Shutdown* owroute stops it" in ada.modal.text
    assert "told 30 and 5 minutes before" in ada.modal.text
    await ada.modal.close()
    assert "stops at 11:00" in (await listed_for(ada)).text
    note = ada.thread(ada.last("ml-lab"))[-1].text
    assert f"<@{ada.user}> set the shutdown of `ow-1-ada` to 11:00" in note
    await story.advance(minutes=125, step=timedelta(minutes=1))
    assert (await run_of(story, pod.id)).state is RunState.STOPPED
    assert story.fleet.runpod.count("stop", pod.id) == 1


async def test_a_warning_extends_by_an_hour_as_long_as_the_cap_lasts(story: Story) -> None:
    pod, ada = await planned(story, hours=2)
    await capped(story, "6.70")
    await story.advance(minutes=95, step=timedelta(minutes=5))
    warned = ada.last("dm")
    await warned.click("Extend 1 h")
    await warned.click("Extend 1 h")
    assert await stops_at(story, pod) == "12:00", "a double click is one hour"
    await story.advance(minutes=55, step=timedelta(minutes=5))
    await ada.last("dm").click("Extend 1 h")
    said = ada.whispers("dm")[-1].text
    assert (
        "of the cap of 6.70 USD for OW-1 are spent: ow-1-ada can run until 2026-11-23 12:42" in said
    )
    assert await stops_at(story, pod) == "12:00", "nothing was changed"


async def test_without_a_stop_time_there_is_nothing_to_extend(story: Story) -> None:
    pod = await burning(story)
    run = await run_of(story, pod.id)
    by = Pressed(actor(story, "ada"), run.id, run.generation, "extend")
    with pytest.raises(NoStopTime):
        await story.runtime.cases.steer_gpu.extend(by, story.clock.now())


async def test_keep_until_is_held_to_the_cap_beside_its_field(story: Story) -> None:
    pod, ada = await planned(story, hours=1)
    await capped(story, "6")
    await ada.modal.close()
    await (await listed_for(ada)).click("Set shutdown")
    await put_time(ada.modal, "Stop time", later(story, hours=12))
    assert not (await ada.modal.submit()).ok
    assert "4.14 USD of the cap of 6.00 USD for OW-1 are spent" in ada.modal.errors["Stop time"]
    assert "until 2026-11-23 11:41 (London)" in ada.modal.errors["Stop time"]
    await put_time(ada.modal, "Stop time", later(story, hours=2))
    assert (await ada.modal.submit()).ok
    assert await stops_at(story, pod) == "11:00"


async def test_with_a_key_that_may_only_read_a_time_is_only_declared(story: Story) -> None:
    pod, ada = await burning(story), story.person("ada")
    story.fleet.runpod.may_write = False
    await (await listed_for(ada)).click("Stop now", confirmed=True)
    await story.advance(minutes=1, step=TEN)
    run = await run_of(story, pod.id)
    assert (run.stopping, run.may_stop) == (None, False)
    said = await listed_for(ada)
    assert said.buttons[:2] == ["Already stopped", "Set shutdown"]
    await said.click("Set shutdown")
    assert "owroute's key for RunPod is read-only" in ada.modal.text
    await put_time(ada.modal, "Stop time", later(story, hours=2))
    await ada.modal.submit()
    assert "promised, and nothing enforces it" in ada.modal.text


async def test_under_hold_a_time_is_only_declared(story: Story) -> None:
    await burning(story)
    ada = story.person("ada")
    async with story.runtime.store() as uow:
        await uow.watch.put(Watching(team(story), hold=True))
        await uow.commit()
    said = await listed_for(ada)
    assert "Hold is on: owroute stops nothing" in said.text
    await said.click("Set shutdown")
    assert "so this time is only declared: owroute is on hold" in ada.modal.text


async def test_a_leads_price_stands_above_the_providers_an_owners_does_not(story: Story) -> None:
    pod = await burning(story)
    run = await run_of(story, pod.id)
    assert run.price_source is PriceSource.INSTANCE
    for name, kept in (("ada", "0.69"), ("grace", "0.44")):
        by = Pressed(actor(story, name), run.id, run.generation, f"price:{name}")
        await story.runtime.cases.steer_gpu.set_price(by, Decimal("0.44"))
        assert (await run_of(story, pod.id)).price_per_hour == Decimal("0.44")
        await listed(story)
        assert (await run_of(story, pod.id)).price_per_hour == Decimal(kept)
    assert (await run_of(story, pod.id)).price_source is PriceSource.OVERRIDE


async def mystery(story: Story) -> Pod:
    """A pod that nobody claims, in a workspace that posts such in #course-team."""
    async with story.runtime.store() as uow:
        await uow.watch.put(Watching(team(story), ops=ChannelId("C0COURSE001")))
        await uow.commit()
    pod = story.fleet.runpod.start("mystery", usd="0.69", ago=SIX)
    await listed(story)
    await story.advance(minutes=30, step=timedelta(minutes=5))
    return pod


async def test_a_gpu_that_nobody_claims_is_anybodys_to_take(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    pod = await mystery(story)
    said = await listed_for(ada, "all")
    assert "nobody" in said.text
    assert said.buttons == ["It's mine", "More...", "Add a GPU"]
    asked = ada.last("course-team")
    assert {"It's mine", "Not ours"} <= {*asked.buttons}
    await asked.click("Not ours", confirmed=True)
    assert "Only an admin can do that for mystery" in ada.whispers("course-team")[-1].text
    await asked.click("It's mine")
    assert (await run_of(story, pod.id)).owner == ada.user
    await story.advance(seconds=10)
    assert f"<@{ada.user}>" in asked.now().text
    his = await listed_for(lin, "all", "course-team")
    assert "是我的" not in his.buttons


async def test_not_ours_ends_pings_and_cost(story: Story) -> None:
    grace = story.person("grace")
    pod = await mystery(story)
    await grace.last("course-team").click("Not ours", confirmed=True)
    assert (await run_of(story, pod.id)).disowned
    assert "no GPU of this channel or of yours" in (await listed_for(grace)).text
    said = await listed_for(grace, "all")
    assert "not ours" in said.text
    assert "Together* 0.00 USD so far · 0.00 USD per hour" in said.text
    before = len(story.said())
    await story.advance(hours=12)
    assert len(story.said()) == before, "nobody is pinged for it"
