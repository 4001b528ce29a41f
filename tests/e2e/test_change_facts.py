"""**change**: licence facts and caps of one plan, in a view on top of its card."""

from tests.e2e.cards import COURSE
from tests.harness.stories import Story


async def test_facts_go_back_into_the_card_and_it_says_how_it_stands(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.fill(COURSE)
    card = ada.modal
    await card.press("change")
    assert ada.modal.view_id != card.view_id
    await ada.modal.put("USD per month, at most", "40")
    await ada.modal.submit()
    assert ada.modal.view_id == card.view_id
    assert "40" in card.text
    assert "As it stands: Needs changes" in card.text
    assert card.value("Task") == COURSE["Task"]


async def test_a_card_that_was_closed_meanwhile_is_left_alone(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.press("change")
    facts = ada.modal
    story.workspace.views.pop(ada.workspace.views.stack(ada.user)[0])
    await facts.submit()
    assert not story.errors()
