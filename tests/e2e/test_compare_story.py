"""One card on every route: typed or from the menu, read, and acted on."""

from pathlib import Path

import pytest

from engine.app import create_app, load_data
from owroute.demo.stage import free_port
from owroute.server import served
from tests.e2e.cards import COURSE, LAPTOP
from tests.harness.stories import Hands, Story, a_story

ROUTES = ["Local CPU", "Local GPU", "Private GPU", "Free Colab", "Rented GPU"]


def kinds(by: Hands) -> list[str]:
    return [b["type"] for b in by.whispers()[-1].message.blocks]


def cells(by: Hands, channel: str = "ml-lab") -> dict[str, list[str]]:
    """The rows of the table that was shown last there, by route."""
    blocks = by.whispers(channel)[-1].message.blocks
    table = next(b for b in blocks if b["type"] in ("data_table", "table"))
    rows = [[cell["text"] for cell in row] for row in table["rows"]]
    return {row[0]: row[1:] for row in rows[1:]}


@pytest.mark.parametrize("typed", ["OW-1", "ow-1", "1", "#1", " ow 1 "])
async def test_the_command_shows_every_route_and_the_best_next_step(
    story: Story, typed: str
) -> None:
    ada = story.person("ada")
    await ada.plan(COURSE)
    before = len(ada.messages("ml-lab"))
    assert (await ada.command(f"/owroute compare {typed}")).ok
    rows = cells(ada)
    assert list(rows) == ROUTES
    assert rows["Free Colab"][0] == "✗ Refused"
    assert rows["Rented GPU"][0] == "! Needs changes"
    assert "Best next step:" in ada.whispers()[-1].text
    assert "Best next step:" in ada.whispers()[-1].message.text
    assert len(ada.messages("ml-lab")) == before + 1  # the answer, for Ada alone
    assert not story.person("grace").whispers()


async def test_the_menu_shows_it_to_who_asked_and_a_button_plans_on_that_route(
    story: Story,
) -> None:
    ada = story.person("ada")
    card = await ada.plan({**COURSE, "Available route": "Free Colab"})
    await card.choose("Compare routes")
    shown = ada.whispers()[-1]
    assert "Plan it on Local GPU" in shown.buttons
    assert not {"Plan it on Free Colab"} & set(shown.buttons)
    assert len(shown.primary) == 1
    await shown.click("Plan it on Local GPU")
    assert "OW-1 is being planned on Local GPU" in ada.whispers()[-1].text
    await story.advance(seconds=5)
    assert "Local GPU" in card.now().text
    assert "Refused" not in card.now().text
    await shown.click("Plan it on Rented GPU")
    assert "was changed after you opened this" in ada.whispers()[-1].text
    await card.now().choose("Compare routes")
    assert "Plan it on Local GPU" not in ada.whispers()[-1].buttons


async def test_whoever_may_not_steer_may_look_but_not_move(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    story.workspace.change_person(lin.user, locale="en-US")
    card = await ada.plan({**COURSE, "Available route": "Free Colab"})
    await lin.command("/owroute compare OW-1")
    await lin.whispers()[-1].click("Plan it on Local GPU")
    assert "Only the owner of OW-1" in lin.whispers()[-1].text
    assert "Refused" in card.now().text


async def test_replan_opens_the_card_as_it_was_filled_in(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(COURSE)
    await ada.command("/owroute compare 1")
    await ada.whispers()[-1].click("Re-plan")
    assert ada.modal.value("Task") == COURSE["Task"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Which experiment?"),
        ("OW-99", "no experiment `OW-99`"),
        ("ow-0", "no experiment `ow-0`"),
        ("the course", "no experiment `the course`"),
        ("99999999999999999999", "no experiment `99999999999999999999`"),
        ("<!channel> *x*", "no experiment"),
    ],
)
async def test_a_number_that_is_none_is_answered_with_what_is_open(
    story: Story, typed: str, said: str
) -> None:
    ada = story.person("ada")
    await ada.command(f"/owroute compare {typed}")
    assert said in ada.whispers()[-1].text
    assert "No experiment is open" in ada.whispers()[-1].text
    await ada.plan(LAPTOP)
    await ada.command(f"/owroute compare {typed}")
    assert said in ada.whispers()[-1].text
    assert "OW-1" in ada.whispers()[-1].text
    assert "<!channel>" not in str(ada.whispers()[-1].message.blocks)


async def test_the_nearest_word_is_suggested(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute comapre OW-1")
    assert "/owroute compare" in ada.whispers()[-1].text


async def test_a_guest_is_shown_nothing(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    card = await ada.plan(COURSE)
    story.workspace.change_person(lin.user, is_restricted=True, locale="en-US")
    for typed in ("OW-1", "OW-99", ""):
        await lin.command(f"/owroute compare {typed}")
        said = lin.whispers()[-1].text
        assert "Only full members of this workspace" in said
        assert "OW-1" not in said
    seen = next(m for m in lin.messages("ml-lab") if m.message.ts == card.message.ts)
    await seen.choose("Compare routes")
    assert kinds(lin) in ([], ["section"])
    assert "Only full members" in lin.whispers()[-1].text


async def test_an_engine_that_is_down_is_said_and_changes_nothing(tmp_path: Path) -> None:
    port = free_port()
    async with a_story(tmp_path, engine=f"http://127.0.0.1:{port}") as story:
        ada = story.person("ada")
        async with served(create_app(load_data()), port=port):
            card = await ada.plan(COURSE)
            before = card.now().text
        await ada.command("/owroute compare OW-1")
        assert "The route engine does not answer just now" in ada.whispers()[-1].text
        await card.choose("Compare routes")
        assert "The route engine does not answer just now" in ada.whispers()[-1].text
        assert card.now().text == before


async def test_a_chinese_reader_compares_in_chinese(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    await ada.plan(COURSE)
    await lin.command("/owroute compare ow-1")
    assert "最佳下一步" in lin.whispers()[-1].text


async def test_elsewhere_a_number_shows_a_plan_only_to_those_who_steer_it(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    story.workspace.change_person(lin.user, locale="en-US")
    await ada.plan(COURSE)
    await lin.command("/owroute compare OW-1", "course-team")
    assert "no experiment `OW-1`" in lin.whispers("course-team")[-1].text
    assert COURSE["Task"] not in lin.whispers("course-team")[-1].text
    await ada.command("/owroute compare OW-1", "course-team")
    assert list(cells(ada, "course-team")) == ROUTES


async def test_where_newer_blocks_are_refused_the_rows_are_fields(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(COURSE)
    story.workspace.app.refuses_newer_blocks = True
    await ada.command("/owroute compare OW-1")
    assert kinds(ada).count("section") == len(ROUTES) + 1
    assert "✗ Refused" in ada.whispers()[-1].text
    assert await tries(story, ada) == [200]  # remembered: the rungs above are not tried again
    story.workspace.app.refuses_newer_blocks = False
    await story.restart()
    await ada.command("/owroute compare OW-1")
    assert list(cells(ada)) == ROUTES


async def tries(story: Story, by: Hands) -> list[int | None]:
    """How Slack answered what was sent to the response_url of one more comparison."""
    seen = story.workspace.inspector.entries[-1].n
    await by.command("/owroute compare OW-1")
    sent = (e for e in story.workspace.inspector.entries if e.n > seen)
    return [e.status for e in sent if e.kind == "response_url"]
