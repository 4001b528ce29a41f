"""`/owroute gpus`, the status, and Home: what is shown to whom, and what can be done there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.gpu import RunState
from bot.domain.ids import ChannelId
from bot.domain.watch import Watching
from sandbox.fleet.service import FleetFault, FleetFaultKind
from tests.harness.gpu_hands import BENCH, enter, listed_for
from tests.harness.gpus import TEN, listed, run_of, team
from tests.harness.stories import Story, a_story

SIX = timedelta(hours=6)


@pytest.fixture
async def watching(tmp_path: Path) -> AsyncIterator[Story]:
    """A bot that watches the sandbox's RunPod."""
    async with a_story(tmp_path, watches=True) as story:
        yield story


async def added(story: Story, who: str, name: str, channel: str = "ml-lab") -> None:
    """Somebody's machine."""
    hands = story.person(who)
    labels = BENCH
    if who == "lin":
        labels = dict(zip(("服务商", "机器名称", "每小时（USD）"), BENCH.values(), strict=True))
    key = [*labels][1]
    assert (await enter(hands, {**labels, key: name}, channel=channel)).ok
    await hands.modal.close()


async def test_a_channel_shows_its_own_and_ones_own(story: Story) -> None:
    await added(story, "ada", "here-1")
    await added(story, "lin", "here-2")
    await added(story, "ada", "there-1", "course-team")
    await added(story, "lin", "there-2", "course-team")
    said = (await listed_for(story.person("ada"))).text
    assert {"here-1", "here-2", "there-1"} <= {*said.split("\n")}
    assert "there-2" not in said
    said = (await listed_for(story.person("ada"), "", "course-team")).text
    assert {"here-1", "there-1", "there-2"} <= {*said.split("\n")}
    said = (await listed_for(story.person("ada"), "", "dm")).text
    assert {"here-1", "there-1"} <= {*said.split("\n")}
    assert "here-2" not in said
    assert "2 GPU runs of yours" in said


async def test_all_is_all_that_one_may_see(story: Story) -> None:
    await added(story, "ada", "here-1")
    await added(story, "lin", "there-2", "course-team")
    assert "there-2" not in (await listed_for(story.person("ada"), "all")).text
    said = (await listed_for(story.person("grace"), "ALL")).text
    assert {"here-1", "there-2"} <= {*said.split("\n")}
    assert "2 GPU runs that you may see" in said


async def test_the_channel_of_unclaimed_runs_does_not_show_what_is_somebodys(
    watching: Story,
) -> None:
    story = watching
    ops = ChannelId(story.person("ada").channel("course-team").id)
    async with story.runtime.store() as uow:
        await uow.watch.put(Watching(team(story), ops=ops))
        await uow.commit()
    await added(story, "ada", "here-1")
    story.fleet.runpod.start("training-box", usd="0.69")
    await listed(story)
    said = (await listed_for(story.person("lin"), "all", "course-team")).text
    assert "training-box" in said
    assert "here-1" not in said


async def test_words_narrow_the_list(story: Story) -> None:
    await added(story, "ada", "bench-a100")
    await added(story, "ada", "train-h100")
    grace = story.person("grace")
    said = (await listed_for(grace, "all CLUSTER h100")).text
    assert "train-h100" in said
    assert "bench-a100" not in said
    assert "1 GPU run that you may see, matching `cluster h100`" in said
    assert "matches `<!channel>`" in (await listed_for(grace, "<!channel>")).text


async def test_only_ones_own_have_buttons(story: Story) -> None:
    await added(story, "ada", "here-1")
    lin = story.person("lin")
    assert (await listed_for(lin)).buttons == ["添加 GPU"]
    assert "here-1" in lin.whispers()[-1].text


async def test_a_guest_sees_no_gpus(story: Story) -> None:
    await added(story, "ada", "here-1")
    lin = story.person("lin")
    story.workspace.change_person(lin.user, is_restricted=True, locale="en-US")
    assert "Only full members" in (await listed_for(lin, "all")).text
    await lin.command("/owroute gpu add")
    assert not lin.stack


async def test_without_a_key_the_list_says_so(story: Story) -> None:
    said = await listed_for(story.person("ada"))
    assert "owroute has no provider's key" in said.text
    assert "RUNPOD_API_KEY" in said.text
    await said.click("Add a GPU")
    assert story.person("ada").modal.title == "Add a GPU"


async def test_a_listing_that_fails_is_said_and_closes_nothing(watching: Story) -> None:
    ada = watching.person("ada")
    watching.fleet.runpod.start("bench", usd="0.69", owner=ada.user, ago=SIX)
    await listed(watching)
    watching.fleet.runpod.faults.add(FleetFault(FleetFaultKind.SERVER_ERROR))
    await watching.advance(minutes=5, step=TEN)
    said = (await listed_for(ada, "all")).text
    assert "RunPod has not been listed completely since 9:0" in said
    assert "bench" in said
    watching.fleet.runpod.faults.clear()
    await watching.advance(minutes=5, step=TEN)


async def test_the_status_counts_what_burns(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute")
    assert "*GPUs*" not in ada.whispers()[-1].text
    await added(story, "ada", "here-1")
    await ada.command("/owroute")
    said = ada.whispers()[-1]
    assert "*GPUs* 1 running · 0.69 USD per hour · 1 without a shutdown plan" in said.text
    await said.click("GPUs")
    assert "here-1" in ada.whispers()[-1].text


async def test_the_nearest_word_is_offered(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute gpsu")
    assert "Did you mean `/owroute gpus`?" in ada.whispers()[-1].text
    await ada.command("/owroute help")
    assert "`/owroute gpu add`" in ada.whispers()[-1].text


async def test_what_burns_without_a_plan_stands_first_on_home(watching: Story) -> None:
    ada = watching.person("ada")
    pod = watching.fleet.runpod.start("bench", usd="0.69", owner=ada.user, ago=SIX)
    await ada.command("/owroute status")
    await listed(watching)
    await ada.open_home()
    lines = ada.home.text.split("\n")
    assert lines[0] == "Needs you now: 1"
    assert "Nobody is going to stop it." in lines[2]
    assert "running for 6 h · 0.69 USD/h · 4.14 USD so far" in ada.home.text
    await ada.home.press("Stop now", confirmed=True)
    assert (await run_of(watching, pod.id)).stopping is not None
    assert "Needs you now:" not in ada.home.text, "drawn anew at once"
    assert "*Shutdown* stopping" in ada.home.text
    await watching.advance(minutes=2, step=TEN)
    assert (await run_of(watching, pod.id)).state is RunState.STOPPED


async def test_a_stop_time_is_set_from_home(story: Story) -> None:
    await added(story, "ada", "here-1")
    ada = story.person("ada")
    await ada.open_home()
    await ada.home.press("Set shutdown")
    assert ada.modal.title == "Set shutdown"
    assert (await ada.modal.submit()).ok
    assert "without a shutdown plan" not in ada.home.text, "without its being opened again"
