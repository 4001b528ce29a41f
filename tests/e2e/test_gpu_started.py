"""*GPU started*: the experiment runs and its machine is watched, entered or listed, once."""

from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.fleet import Provider
from bot.domain.gpu import RunState
from bot.domain.gpu_parts import Claim
from bot.domain.ids import UserId
from bot.domain.plans import State
from bot.services.gpu.stepping import Pressed
from sandbox.faults import Fault, FaultKind
from sandbox.seen import Shown
from tests.e2e.cards import LAPTOP, SERVICE
from tests.harness.evidence import experiment
from tests.harness.gpu_hands import BENCH, enter, later, listed_for, only_run, put_time, start_gpu
from tests.harness.gpus import actor, cost, listed, run_of, runs, team
from tests.harness.stories import Story, a_story


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


async def go(story: Story) -> Shown:
    """A service on a rented GPU that says Go."""
    return await story.person("ada").plan(SERVICE)


async def test_the_form_begins_as_the_plan_has_it(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    await card.click("GPU started")
    form, x = ada.modal, await experiment(story)
    assert x.decision is not None
    assert x.decision.offer is not None
    assert form.title == "GPU started"
    assert form.value("Name of the machine") == "ow-1-ada"
    assert (x.decision.offer.provider, form.value("Provider")) == ("runpod", "RunPod")
    assert form.value("Console link") == "https://console.runpod.io/pods"
    assert form.value("GPUs") == f"{x.decision.offer.gpu_count} x {x.decision.offer.gpu_id}"
    assert Decimal(form.value("USD per hour")) == x.decision.offer.hourly
    assert form.value("Stop time") == int(later(story, hours=4).timestamp())
    assert x.state is State.PLANNED, "nothing has begun yet"
    await form.close()
    assert (await experiment(story)).state is State.PLANNED
    assert await runs(story) == []


async def test_the_experiment_and_its_machine_begin_together(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    await card.click("GPU started")
    assert (await ada.modal.submit()).ok
    assert "`ow-1-ada` is watched from now on" in ada.modal.text
    assert "nothing enforces it: it was entered by hand" in ada.modal.text
    await ada.modal.close()
    await story.advance(seconds=10)
    assert "Running" in card.now().text
    run, x = await only_run(story), await experiment(story)
    assert (x.state, run.experiment, run.channel) == (State.RUNNING, x.id, x.channel)
    assert (run.owner, run.claim) == (x.owner, Claim.REGISTERED)
    assert run.deadline is not None
    assert run.deadline.at == later(story, hours=4)
    thread = [reply.text for reply in ada.thread(card)]
    assert any(f"<@{ada.user}> registered `ow-1-ada`" in text for text in thread), thread
    assert "ow-1-ada" in (await listed_for(ada)).text


async def test_pressed_twice_it_is_one_machine(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    await card.click("GPU started")
    view = deepcopy(ada.modal.view)
    assert (await ada.modal.submit()).ok
    ada.workspace.views._stacks[ada.user] = [view]
    assert (await ada.submit(view.id)).ok
    assert len(await runs(story)) == 1
    await story.advance(seconds=10)
    said = [reply.text for reply in ada.thread(card) if "registered" in reply.text]
    assert len(said) == 1


async def test_a_plan_that_was_changed_meanwhile_is_not_started(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    await card.click("GPU started")
    form = ada.stack[-1]
    await card.click("Re-plan")
    await ada.modal.fill({"Budget": "Medium"})
    assert (await ada.modal.submit()).ok
    await ada.submit(form.id)
    assert "was changed after you opened this" in str(ada.modal.errors)
    assert (await experiment(story)).state is State.PLANNED
    assert await runs(story) == []


async def test_an_old_card_of_what_runs_already_opens_no_form(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    slow = Fault(FaultKind.TOO_MANY, "chat.update", retry_after="30", times=1)
    story.workspace.faults.add(slow)
    await start_gpu(card)
    await card.click("GPU started")  # Slack still shows the card of before
    assert not ada.stack
    assert "does not fit OW-1 as it is now" in ada.whispers()[-1].text
    assert len(await runs(story)) == 1
    await story.advance(minutes=2)


async def test_what_is_wrong_with_the_machine_starts_nothing(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    await card.click("GPU started")
    await ada.modal.fill({"USD per hour": "1,5", "Console link": "console.runpod.io"})
    assert not (await ada.modal.submit()).ok
    assert set(ada.modal.errors) == {"USD per hour", "Console link"}
    assert (await experiment(story)).state is State.PLANNED


async def test_i_am_running_it_asks_for_no_machine(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    assert not ada.stack
    assert (await experiment(story)).state is State.RUNNING
    assert await runs(story) == []


async def test_who_does_not_own_the_plan_is_refused_before_the_form(story: Story) -> None:
    await go(story)
    lin = story.person("lin")
    await lin.last("ml-lab").click("GPU started")
    assert not lin.stack
    assert "OW-1" in lin.whispers()[-1].text


async def test_a_machine_that_was_entered_becomes_the_one_that_is_listed(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    await start_gpu(card)
    entered = await only_run(story)
    pod = story.fleet.runpod.start("ow-1-ada", usd="0.69", ago=timedelta(minutes=3))
    await listed(story)
    run = await only_run(story)
    assert run.machine.provider is Provider.RUNPOD
    assert run.id != entered.id
    assert (run.owner, run.experiment) == (entered.owner, entered.experiment)
    assert run.deadline == entered.deadline, "what was promised is enforced now"
    assert run.can_stop
    assert await cost(story, entered) == 0, "what it cost is counted once"
    assert "stops at 13:00" in (await listed_for(ada)).text
    await story.advance(hours=5, step=timedelta(minutes=10))
    assert (await run_of(story, pod.id)).state is RunState.STOPPED


async def test_a_machine_that_is_listed_already_is_claimed(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    pod = story.fleet.runpod.start("ow-1-ada", usd="0.69", ago=timedelta(minutes=3))
    await listed(story)
    await card.click("GPU started")
    await put_time(ada.modal, "Stop time", later(story, hours=2))
    assert (await ada.modal.submit()).ok
    assert "RunPod lists `ow-1-ada` already" in ada.modal.text
    assert "*Shutdown* owroute stops it" in ada.modal.text
    run = await only_run(story)
    assert run.machine.instance_id == pod.id
    assert (run.price_per_hour, run.claim) == (Decimal("0.69"), Claim.REGISTERED)
    assert (await experiment(story)).state is State.RUNNING


async def test_somebody_elses_listed_machine_is_not_claimed_by_its_name(story: Story) -> None:
    await go(story)
    lin = story.person("lin")
    story.fleet.runpod.start("ow-1-ada", usd="0.69")
    await listed(story)
    await lin.command("/owroute gpu add", "course-team")
    await lin.modal.fill({"服务商": "RunPod", "机器名称": "OW-1-ada"})
    assert not (await lin.modal.submit()).ok
    assert "已在监控中，而且属于别人" in lin.modal.errors["机器名称"]
    assert (await only_run(story)).owner == story.person("ada").user


async def test_a_form_that_names_its_owner_gives_nobody_power_over_a_machine(story: Story) -> None:
    await go(story)
    ada, lin = story.person("ada"), story.person("lin")
    story.fleet.runpod.start("ow-1-ada", usd="0.69")
    await listed(story)
    before = await only_run(story)
    assert before.owner == ada.user
    await lin.command("/owroute gpu add", "ml-lab")
    await lin.modal.fill({"服务商": "RunPod", "机器名称": "ow-1-ada"})
    await lin.modal.put("负责人", ada.user)
    await put_time(lin.modal, "关机时间", later(story, minutes=10))
    assert not (await lin.modal.submit()).ok
    assert "已在监控中，而且属于别人" in lin.modal.errors["机器名称"]
    after = await only_run(story)
    assert (after.deadline, after.claim) == (before.deadline, before.claim)


async def test_what_nobody_owns_is_claimed_for_oneself_only(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    story.fleet.runpod.start("training", usd="0.69")
    await listed(story)
    assert (await only_run(story)).owner is None
    fields = {**BENCH, "Provider": "RunPod", "Name of the machine": "training", "Owner": lin.user}
    assert not (await enter(ada, fields)).ok
    assert (await only_run(story)).owner is None
    await ada.modal.put("Owner", ada.user)
    assert (await ada.modal.submit()).ok
    assert (await only_run(story)).owner == ada.user


async def test_an_admin_may_enter_what_belongs_to_somebody_else(story: Story) -> None:
    await go(story)
    ada, grace = story.person("ada"), story.person("grace")
    story.fleet.runpod.start("ow-1-ada", usd="0.69")
    await listed(story)
    fields = {"Provider": "RunPod", "Name of the machine": "ow-1-ada", "Owner": ada.user}
    assert (await enter(grace, fields, stops=later(story, hours=2))).ok
    run = await only_run(story)
    assert run.owner == ada.user
    assert run.deadline is not None
    assert run.deadline.at == later(story, hours=2)


async def test_an_experiments_name_puts_an_added_machine_into_its_thread(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    fields = {**BENCH, "Name of the machine": "ow-1-spare"}
    assert (await enter(ada, fields, channel="course-team")).ok
    await story.advance(seconds=10)
    run, x = await only_run(story), await experiment(story)
    assert (run.experiment, run.channel) == (x.id, x.channel)
    assert x.state is State.PLANNED, "that starts nothing"
    assert any("registered `ow-1-spare`" in reply.text for reply in ada.thread(card))


async def test_an_id_at_the_provider_is_a_name_too(story: Story) -> None:
    ada = story.person("ada")
    pod = story.fleet.runpod.start("training", usd="0.69")
    fields = {**BENCH, "Provider": "RunPod", "Name of the machine": pod.id}
    assert (await enter(ada, fields)).ok
    await ada.modal.close()
    await listed(story)
    run = await only_run(story)
    assert (run.machine.instance_id, run.owner) == (pod.id, ada.user)
    assert run.team == team(story)


async def test_a_slip_in_a_name_is_said_at_once(story: Story) -> None:
    ada = story.person("ada")
    await listed(story)
    fields = {**BENCH, "Provider": "RunPod", "Name of the machine": "ow-99-ada"}
    assert (await enter(ada, fields)).ok
    assert "RunPod is watched and does not list `ow-99-ada`" in ada.modal.text
    assert "There is no OW-99" in ada.modal.text


async def test_who_is_given_the_gpu_of_an_experiment_is_told(story: Story) -> None:
    await go(story)
    lin = story.person("lin")
    pod = story.fleet.runpod.start("ow-1-ada", usd="0.69")
    await listed(story)
    await story.runtime.cases.know(team(story), UserId(lin.user))
    run = await run_of(story, pod.id)
    click = Pressed(actor(story, "ada"), run.id, run.generation, "click:1", run.channel)
    await story.runtime.cases.steer_gpu.reassign(click, UserId(lin.user))
    await story.advance(seconds=5)
    assert any("转交给了" in told.text for told in lin.cards("dm"))


async def test_nobody_is_asked_whether_what_burns_will_be_run(story: Story) -> None:
    card, ada = await go(story), story.person("ada")
    pod = story.fleet.runpod.start("ow-1-ada", usd="0.69")
    await listed(story)
    await story.advance(days=4)
    assert not any("will OW-1 be run" in told.text for told in ada.thread(card))
    pod.stop(story.runtime.clock.now())
    await listed(story)
    await story.advance(days=4)
    assert any("will OW-1 be run" in told.text for told in ada.thread(card))


async def test_a_stop_time_that_holds_is_shown_and_not_replaced_silently(story: Story) -> None:
    card, ada, grace = await go(story), story.person("ada"), story.person("grace")
    story.fleet.runpod.start("ow-1-ada", usd="0.69", ago=timedelta(minutes=30))
    await listed(story)
    set_ = {"Provider": "RunPod", "Name of the machine": "ow-1-ada", "Owner": ada.user}
    assert (await enter(grace, set_, stops=later(story, hours=2))).ok
    held = (await only_run(story)).deadline
    await card.click("GPU started")
    assert ada.modal.value("Stop time") == int(later(story, hours=2).timestamp())
    assert f"set by <@{grace.user}>. Another stop time here replaces that" in ada.modal.text
    assert (await ada.modal.submit()).ok
    assert (await only_run(story)).deadline == held, "nobody changed it"
    assert "Before that" not in ada.modal.text
    assert (await enter(ada, set_, stops=later(story, hours=3))).ok
    assert f"Before that it was 11:00: set by <@{grace.user}>." in ada.modal.text
    assert (await only_run(story)).deadline != held
