"""Bad input: a clear sentence beside the field, text shown literally, nothing typed is lost."""

import pytest

from tests.e2e.cards import COURSE, LAPTOP, OWN_GPU
from tests.harness.stories import Story

HOSTILE = (
    "<!channel> help",
    "&lt;!channel&gt; help",
    "{{7*7}} and {% raw %}",
    "*bold* _it_ ~no~ `code`",
    "<https://evil.example|Stop GPU>",
    "%s %(task)s {0}",
    "משימה בעברית \u202eevil",
    "🚀🔥 emoji task 🐍",
    "one\ntwo > owroute: stopped",
)


@pytest.mark.parametrize("task", HOSTILE)
async def test_a_task_is_shown_as_it_was_typed(story: Story, task: str) -> None:
    ada = story.person("ada")
    card = await ada.plan({**LAPTOP, "Task": task})
    shown = " ".join(task.replace("\u202e", "").split())
    assert shown in card.text.replace("\n", " ")
    raw = str(card.message.blocks)
    assert "<!channel>" not in raw
    assert "<https://evil" not in raw
    assert "49" not in card.text


@pytest.mark.parametrize(
    ("label", "typed"),
    [("Task", "  "), ("Task", "ab"), ("Context tokens", "-1"), ("Context tokens", "1,5")]
    + [("RAM in GiB", bad) for bad in ("NaN", "1e309", "-1", "1,5", "１２", "ten")]
    + [("Concurrent requests", "0"), ("Concurrent requests", "1e3")],
)
async def test_a_bad_value_is_answered_beside_its_field(
    story: Story, label: str, typed: str
) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.fill(LAPTOP)
    await ada.modal.press("More constraints")
    await ada.modal.put(label, typed)
    await ada.modal.submit()
    assert ada.modal.is_open
    if typed.strip():  # an empty required field never leaves the client
        assert list(ada.modal.errors) == [label]
        assert len(ada.modal.errors[label]) > 15
    assert ada.modal.value("Privacy") == LAPTOP["Privacy"]
    assert not ada.cards("ml-lab")


async def test_typed_input_survives_more_constraints_and_back(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.fill(COURSE)
    await ada.modal.press("More constraints")
    await ada.modal.put("RAM in GiB", "48")
    await ada.modal.press("Fewer constraints")
    assert "RAM in GiB" not in ada.modal.labels
    await ada.modal.press("More constraints")
    assert ada.modal.value("RAM in GiB") == "48"
    assert ada.modal.value("Task") == COURSE["Task"]


async def test_one_line_says_how_the_card_stands(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.fill(COURSE)
    assert "As it stands: Needs changes" in ada.modal.text
    await ada.modal.put("Available route", "Local GPU")
    assert "Stop after" not in ada.modal.labels


async def test_unknown_arguments_are_named_and_the_rest_is_used(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan task='chat bot' privcy=public budget_level=small colour=red")
    assert ada.modal.value("Task") == "chat bot"
    assert str(ada.modal.value("Budget")).startswith("Small")
    assert "privacy" in ada.modal.text
    assert "colour" in ada.modal.text


async def test_an_owner_who_left_is_refused_beside_the_field(story: Story) -> None:
    ada = story.person("ada")
    grace = story.person("grace").user
    await ada.command("/owroute plan")
    await ada.modal.fill(LAPTOP)
    await ada.modal.press("More constraints")
    await ada.modal.put("Owner", grace)
    story.workspace.change_person(grace, deleted=True)
    await ada.modal.submit()
    assert "Owner" in ada.modal.errors
    assert not ada.cards("ml-lab")


async def test_a_guest_cannot_plan(story: Story) -> None:
    ada = story.person("ada")
    story.workspace.change_person(ada.user, is_restricted=True)
    await ada.command("/owroute plan")
    await ada.modal.fill(LAPTOP)
    await ada.modal.submit()
    assert ada.modal.is_open
    assert not ada.cards("ml-lab")


async def test_a_fix_that_somebody_else_was_faster_with_changes_nothing(story: Story) -> None:
    ada, grace = story.person("ada"), story.person("grace")
    card = await ada.plan(COURSE)
    await card.click("Fix")
    await grace.last("ml-lab").click("Fix")
    await grace.modal.submit()
    before = card.now().text
    outcome = await ada.modal.submit()
    assert not outcome.ok
    assert "OW-1 was changed after you opened this" in str(ada.modal.errors)
    assert card.now().text == before


async def test_a_fix_submitted_without_a_change_is_answered_and_not_planned_again(
    story: Story,
) -> None:
    ada = story.person("ada")
    card = await ada.plan(OWN_GPU, arguments="hardware=h9000")
    replies = len(ada.thread(card))
    await card.click("Fix")
    outcome = await ada.modal.submit()
    assert not outcome.ok
    assert "Nothing was changed" in str(ada.modal.errors)
    assert "No GPU is known here as h9000" in str(ada.modal.errors)
    await ada.modal.fill({"Hardware": "l4"})
    await ada.modal.submit()
    await story.advance(seconds=5)
    assert "Go" in card.now().text
    assert len(ada.thread(card)) == replies + 1, "one difference, of the change that was made"


async def test_somebody_else_may_not_start_it(story: Story) -> None:
    card = await story.person("ada").plan(LAPTOP)
    lin = story.person("lin")
    seen = lin.last("ml-lab")
    await seen.click("I'm running it")
    assert "OW-1" in lin.whispers()[-1].text
    assert "Go" in card.now().text
    grace = story.person("grace")  # an admin may
    await grace.last("ml-lab").click("I'm running it")
    await story.advance(seconds=5)
    assert "Running" in card.now().text
