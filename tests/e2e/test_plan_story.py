"""The main job: from `/owroute plan` to a decision, and from there to Go."""

from pathlib import Path

from engine.app import create_app, load_data
from owroute.demo.stage import free_port
from owroute.server import served
from tests.e2e.cards import COURSE, LAPTOP, OWN_GPU
from tests.harness.stories import Story, a_story


async def test_private_documents_on_a_rented_gpu_come_to_go_by_fix_alone(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(COURSE)
    assert "OW-1" in card.text
    assert "Needs changes" in card.text
    for _ in range(5):
        if "Needs changes" not in card.now().text:
            break
        await card.now().click("Fix")
        outcome = await ada.modal.submit()
        assert outcome.ok, ada.modal.errors
    assert "Go" in card.now().text
    assert card.now().primary == ["GPU started"]
    assert len(ada.cards("ml-lab")) == 1


async def test_private_documents_on_free_colab_are_refused_with_alternatives(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan({**COURSE, "Available route": "Free Colab"})
    assert "Refused" in card.text
    assert card.primary == ["Change the card"]
    await card.click("Local GPU")
    assert "Refused" not in card.now().text


async def test_a_laptop_without_a_service_goes_at_once(story: Story) -> None:
    ada = story.person("ada")
    changes = {"Available route": "Local CPU", "Needs a service API": "No"}
    card = await ada.plan({**COURSE, **changes})
    assert "Go" in card.text
    await card.click("I'm running it")
    await story.advance(seconds=5)
    assert "Running" in card.now().text
    assert "started" in ada.thread(card)[-1].text


async def test_the_thread_holds_one_detail_and_the_history(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(COURSE)
    assert len(ada.thread(card)) == 1
    await card.click("Fix")
    await ada.modal.submit()
    await story.advance(seconds=5)
    replies = ada.thread(card)
    assert len(replies) == 2, [r.text for r in replies]


async def test_the_same_submission_twice_is_one_experiment(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    modal = ada.modal
    await modal.fill(COURSE)
    view = modal.view
    await modal.submit()
    ada.workspace.views._stacks[ada.user] = [view]
    await ada.submit(view.id)
    assert len(ada.cards("ml-lab")) == 1


async def test_a_channel_that_the_bot_is_not_in_sends_the_card_to_its_owner(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan", "general")
    await ada.modal.fill(COURSE)
    await ada.modal.submit()
    await story.advance(seconds=5)
    assert not ada.cards("general")
    card = ada.last("dm")
    assert "/invite @owroute" in card.text
    assert "OW-1" in card.text
    assert len(ada.thread(card)) == 1


async def test_an_engine_that_is_down_costs_nothing_but_time(tmp_path: Path) -> None:
    port = free_port()
    async with a_story(tmp_path, engine=f"http://127.0.0.1:{port}") as story:
        ada = story.person("ada")
        card = await ada.plan(COURSE)
        assert "saved" in card.text.lower()
        await story.advance(minutes=1)
        assert "saved" in card.now().text.lower()
        async with served(create_app(load_data()), port=port):
            await story.advance(minutes=10)
            assert "Needs changes" in card.now().text
            assert len(ada.cards("ml-lab")) == 1


async def test_model_and_hardware_can_be_named_while_the_engine_is_down(tmp_path: Path) -> None:
    port = free_port()
    async with a_story(tmp_path, engine=f"http://127.0.0.1:{port}") as story:
        ada = story.person("ada")
        await ada.command("/owroute plan")
        await ada.modal.fill(OWN_GPU)
        await ada.modal.press("More constraints")
        await ada.modal.put("Model", "acme-labs/quiet-owl-7b")
        await ada.modal.put("Hardware", "2 x NVIDIA L4")
        assert (await ada.modal.submit()).ok, ada.modal.errors
        async with served(create_app(load_data()), port=port):
            await story.advance(minutes=10)
            card = ada.last("ml-lab").text
            assert "acme-labs/quiet-owl-7b BF16" in card
            assert "2 x NVIDIA L4" in card


async def test_a_plan_nobody_starts_is_asked_once_and_archives_itself(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan({**COURSE, "Available route": "Local CPU", "Needs a service API": "No"})
    await story.advance(days=2)
    before = len(ada.thread(card))
    await story.advance(days=2)
    asked = ada.thread(card)
    assert len(asked) == before + 1
    assert set(asked[-1].buttons) == {"Start", "Drop"}
    await story.advance(days=11)
    assert "Archived" in card.now().text
    assert not card.now().buttons


async def test_the_card_outlives_a_restart(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(COURSE)
    await story.restart()
    await card.click("Fix")
    assert ada.stack


async def test_what_one_card_hides_does_not_decide_the_next(story: Story) -> None:
    ada = story.person("ada")
    hidden = "hardware=mi300x-192gb model=openai/gpt-oss-20b context_tokens=100000"
    first = await ada.plan(OWN_GPU, arguments=hidden)
    assert "openai/gpt-oss-20b" in first.text
    second = await ada.plan(LAPTOP)
    await story.advance(seconds=5)
    assert "gpt-oss" not in second.now().text
    [detail] = ada.thread(second)
    assert "Context tokens: 8192" in detail.text
