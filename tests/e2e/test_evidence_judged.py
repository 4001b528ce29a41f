"""Evidence judged: accepted, rejected, assigned, waived, by several people, on checklists."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.evidence import EvidenceState, Source
from tests.e2e.cards import SERVICE
from tests.e2e.evidencing import (
    PUBLIC_LAPTOP,
    attach,
    form,
    kept,
    led_by,
    paste,
    running,
)
from tests.harness.evidence import give
from tests.harness.gpu_hands import start_gpu
from tests.harness.gpus import team
from tests.harness.stores import KINDS, database_url
from tests.harness.stories import PEOPLE, Story, a_story


async def test_an_archived_experiment_takes_nothing(story: Story) -> None:
    ada, card = await running(story)
    modal = await form(ada, "runtime command")
    view = modal.view
    await card.now().choose("Archive")
    await modal.fill({"Runtime version": "b4321"})
    outcome = await ada.submit(view.id)
    assert not outcome.ok
    assert "OW-1 as it is now (Archived)" in next(iter(modal.errors.values()))
    await ada.command("/owroute evidence OW-1")
    sheet = ada.whispers()[-1]
    assert "OW-1 is Archived: nothing can be attached any more." in sheet.text
    assert not sheet.buttons


@pytest.fixture(params=KINDS)
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Story]:
    """A story on either store."""
    async with (
        database_url(request.param, tmp_path) as url,
        a_story(tmp_path, database_url=url) as found,
    ):
        yield found


async def test_two_people_at_the_same_moment_are_both_heard(both: Story) -> None:
    ada, card = await running(both)
    grace = both.person("grace")
    first, second = await form(ada, "runtime command"), await form(grace, "first prompt and output")
    await first.fill({"Runtime version": "b4321"})
    await second.fill({"Prompt": "?", "Output": "!", "Time it took": "1 s"})
    outcomes = await asyncio.gather(first.submit(), second.submit())
    assert all(o.ok for o in outcomes), (first.errors, second.errors)
    items, entries = await kept(both)
    assert items["runtime_command"].state is EvidenceState.GIVEN
    assert items["first_prompt_output"].state is EvidenceState.GIVEN
    assert {e.by for e in entries if e.by} == {ada.user, grace.user}
    await both.advance(seconds=10)
    assert "3/6" in card.now().text


async def test_two_people_on_one_item_leave_two_entries(story: Story) -> None:
    ada, card = await running(story)
    grace = story.person("grace")
    first, second = await form(ada, "runtime command"), await form(grace, "runtime command")
    await first.fill({"Runtime version": "b1"})
    await second.fill({"Runtime version": "b2"})
    await asyncio.gather(first.submit(), second.submit())
    _, entries = await kept(story)
    said = [e.content["version"] for e in entries if e.item == "runtime_command" and e.by]
    assert sorted(map(str, said)) == ["b1", "b2"]
    await story.advance(seconds=10)
    assert "2/6" in card.now().text


async def test_reject_and_assign(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", {"Paste-back of the capture script": paste()})
    await ada.command("/owroute evidence")
    await ada.whispers()[-1].choose("Reject...")
    await ada.modal.fill({"Reason": "wrong *build* <!here>"})
    assert (await ada.modal.submit()).ok
    items, _ = await kept(story)
    assert items["runtime_command"].state is EvidenceState.REJECTED
    assert "Rejected: `wrong *build* <!here>`" in ada.whispers()[-1].text
    await ada.whispers()[-1].choose("Assign...")
    await ada.modal.fill({"Person": PEOPLE["grace"]})
    assert (await ada.modal.submit()).ok
    assert (await kept(story))[0]["model_card_license"].assignee == PEOPLE["grace"]
    async with story.runtime.store(read_only=True) as uow:
        [line] = await uow.audit.page(team(story), 1)
    assert (line.action, line.before, line.after) == (
        "evidence.assigned", PEOPLE["ada"], PEOPLE["grace"]
    )  # fmt: skip


async def test_only_the_lead_or_an_admin_waives(story: Story) -> None:
    ada, card = await running(story)
    await led_by(story, "ada")
    await ada.command("/owroute evidence")
    old = ada.whispers()[-1]
    await led_by(story, "lin")
    await ada.command("/owroute evidence")
    assert "Waive..." not in ada.whispers()[-1].menu
    assert f"To waive an item, ask <@{PEOPLE['lin']}>." in ada.whispers()[-1].text
    await old.choose("Waive...")
    assert "Only the channel's lead or an admin" in ada.whispers()[-1].text
    assert not ada.stack
    lin = story.person("lin")
    await lin.command("/owroute evidence OW-1")
    await lin.whispers()[-1].choose("免除…")
    await lin.modal.fill({"理由": "the build is known"})
    assert (await lin.modal.submit()).ok
    items, _ = await kept(story)
    assert items["model_card_license"].state is EvidenceState.WAIVED
    await story.advance(seconds=5)
    assert "waived model card and license note: `the build is known`" in ada.thread(card)[-1].text


async def test_what_was_given_can_be_rejected_too(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", {"Runtime version": "b4321"})
    await ada.whispers()[-1].click("Reject a given one...")
    await ada.modal.fill({"Item": "runtime command", "Reason": "no such build"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    assert (await kept(story))[0]["runtime_command"].state is EvidenceState.REJECTED


async def test_an_accept_that_comes_too_late_changes_nothing(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", {"Paste-back of the capture script": paste()})
    await ada.command("/owroute evidence")
    old = ada.whispers()[-1]
    await attach(ada, "runtime command", {"Runtime version": "b9"})
    await old.click("Accept")
    assert "Nothing of OW-1 waits for Accept" in ada.whispers()[-1].text
    assert (await kept(story))[0]["runtime_command"].source == "typed"


async def test_all_is_accepted_of_what_other_pages_hold_once_that_is_confirmed(
    story: Story,
) -> None:
    ada = story.person("ada")
    await (await ada.plan(SERVICE)).click("GPU started")
    await give(story, source=Source.CAPTURED)
    await ada.command("/owroute evidence OW-1")
    sheet = ada.whispers()[-1]
    waiting = [i for i in (await kept(story))[0].values() if i.state is EvidenceState.CLAIMED]
    (button,) = (b for b in sheet.buttons if b.startswith("Accept all"))
    assert button == f"Accept all {len(waiting)}"
    assert sheet.buttons.count("Accept") < len(waiting), "a page does not hold them all"
    await sheet.click(button, confirmed=True)
    states = {e.state for e in (await kept(story))[0].values() if e.required}
    assert states == {EvidenceState.GIVEN}


async def test_two_who_accept_all_are_told_apart(story: Story) -> None:
    ada, _ = await running(story)
    grace = story.person("grace")
    await attach(ada, "runtime command", {"Paste-back of the capture script": paste()})
    for person in (ada, grace):
        await person.command("/owroute evidence")
    sheets = [(person, person.whispers()[-1]) for person in (ada, grace)]
    for _, sheet in sheets:
        await sheet.click(next(b for b in sheet.buttons if b.startswith("Accept all")))
    told = [s.text for s in grace.whispers()]
    assert any("Nothing of OW-1 waits for Accept" in text for text in told)
    assert any("5/6" in text for text in told), "the checklist was drawn anew"


async def test_who_may_do_what(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", {"Paste-back of the capture script": paste()})
    lin = story.person("lin")
    await ada.command("/owroute evidence OW-1")
    hers = ada.whispers()[-1]
    assert "To waive an item, ask an admin." in hers.text
    assert "Accept" in hers.buttons
    assert "Reject..." in hers.menu
    assert "Waive..." not in hers.menu
    await lin.command("/owroute evidence OW-1")
    his = lin.whispers()[-1]
    assert f"要接受、驳回或指派，请找 <@{ada.user}>" in his.text
    assert not {"接受", "全部接受 4 项"} & {*his.buttons}
    assert not his.menu
    assert "附上" in his.buttons
    await lin.command("/owroute evidence OW-1", "course-team")
    assert "OW-1" in lin.whispers("course-team")[-1].text
    assert "附上" not in lin.whispers("course-team")[-1].text


async def test_without_a_number_the_only_one_that_runs(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute evidence")
    assert "No open experiment here" in ada.whispers()[-1].text
    await ada.plan(PUBLIC_LAPTOP)
    await ada.command("/owroute evidence")
    sheet = ada.whispers()[-1]
    assert sheet.buttons == ["Evidence of OW-1"]
    await sheet.click("Evidence of OW-1")
    assert "Evidence of OW-1: 1/6" in ada.whispers()[-1].text
    await running(story)
    await ada.command("/owroute evidence")
    assert "Evidence of OW-2: 1/6" in ada.whispers()[-1].text


async def test_a_long_checklist_turns_pages(story: Story) -> None:
    ada = story.person("ada")
    await led_by(story, "ada")
    card = await ada.plan(SERVICE)
    await start_gpu(card)
    for item in ("shutdown command", "cost per hour", "GPU plan"):
        await ada.command("/owroute evidence OW-1")
        await ada.whispers()[-1].click("Reject a given one...")
        await ada.modal.fill({"Item": item, "Reason": "so it goes on and on; " * 5})
        assert (await ada.modal.submit()).ok
    sheet = ada.whispers()[-1]
    assert len(sheet.message.blocks) <= 50
    assert len(json.dumps(sheet.message.blocks)) < 10_000
    more = next(b for b in sheet.buttons if b.startswith("Show "))
    await sheet.click(more)
    assert "Back to the first" in ada.whispers()[-1].buttons
    assert "first prompt and output" not in ada.whispers()[-1].text
