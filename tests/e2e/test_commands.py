"""What can be typed, and the places it can be typed in."""

from tests.e2e.cards import COURSE, LAPTOP
from tests.harness.stories import Story


async def test_help_lists_what_works(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute help")
    text = ada.whispers()[-1].text
    for word in ("plan", "status", "compare", "lesson", "help"):
        assert f"/owroute {word}" in text


async def test_an_unknown_word_gets_the_nearest(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute stauts")
    assert "/owroute status" in ada.whispers()[-1].text
    assert "stauts" in ada.whispers()[-1].text


async def test_status_lists_open_experiments_of_the_channel(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute status")
    assert "No experiment is open" in ada.whispers()[-1].text
    await ada.plan(LAPTOP)
    await ada.plan(COURSE)
    await ada.command("/owroute")
    await ada.command("/owroute status")
    text = ada.whispers()[-1].text
    assert "2 open experiments" in text
    assert "OW-1" in text
    assert "OW-2" in text
    await ada.command("/owroute status", "course-team")
    assert "OW-1" not in ada.whispers("course-team")[-1].text


async def test_a_plan_in_a_direct_message_stays_there(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP, channel="dm")
    assert "Go" in card.text
    await ada.command("/owroute status", "dm")
    assert "OW-1" in ada.whispers("dm")[-1].text


async def test_the_global_shortcut_asks_where_to_post(story: Story) -> None:
    ada = story.person("ada")
    await ada.shortcut("plan_run")
    assert "Post to" in ada.modal.labels
    await ada.modal.fill(LAPTOP)
    await ada.modal.put("Post to", ada.channel("course-team").id)
    await ada.modal.submit()
    assert "OW-1" in ada.last("course-team").text


async def test_the_lesson_shows_three_runs_and_takes_a_rejection(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute lesson")
    shown = ada.whispers()[-1]
    assert '"project": "course Q&A assistant"' in shown.text
    assert "Refused" in shown.text
    await shown.click("Name a rejected family")
    await ada.modal.put("Which family did you reject?", "gpt_oss")
    await ada.modal.put("Why?", "It needs a card check first")
    await ada.modal.submit()
    assert "It needs a card check first" in ada.modal.text


async def test_home_greets_and_lists_my_experiments(story: Story) -> None:
    ada = story.person("ada")
    await ada.open_home()
    assert "Where should this model run?" in ada.home.text
    await ada.plan(LAPTOP)
    await ada.open_home()
    assert "OW-1" in ada.home.text
    await ada.home.press("Plan")
    assert ada.modal.title == "Plan a model run"


async def test_a_chinese_reader_gets_chinese_from_the_first_card(story: Story) -> None:
    lin = story.person("lin")
    await lin.command("/owroute plan", "course-team")
    assert "任务" in lin.modal.labels
    await lin.command("/owroute help", "course-team")
    assert "约束卡" in lin.whispers("course-team")[-1].text


async def test_the_menu_hands_over_and_archives(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    assert card.menu == ["Compare routes", "Record", "Change owner", "Decide", "Archive"]
    await card.choose("Change owner")
    await ada.modal.put("Owner", story.person("lin").user)
    await ada.modal.submit()
    await story.advance(seconds=5)
    assert story.person("lin").user in str(card.now().message.blocks)
    grace = story.person("grace")
    await grace.last("ml-lab").choose("Archive")
    await story.advance(seconds=5)
    assert "Archived" in card.now().text
