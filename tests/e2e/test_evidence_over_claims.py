"""A message over what was captured: it is offered last, says so, and vouches for nothing else."""

import pytest

from bot.domain.evidence import EvidenceState
from tests.e2e.evidencing import (
    COMMIT,
    actor,
    attach,
    form,
    from_message,
    item_named,
    kept,
    led_by,
    paste,
    running,
    say,
)
from tests.harness.evidence import experiment
from tests.harness.stories import Story

PASTE = {"Paste-back of the capture script": paste()}


async def test_a_message_is_for_what_is_missing_before_what_waits_for_accept(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "model card and license note", {"Revision": COMMIT})
    short = paste(cases=None)
    assert not await attach(ada, "runtime command", {"Paste-back of the capture script": short})
    assert (await kept(story))[0]["runtime_command"].state is EvidenceState.CLAIMED
    modal = await from_message(ada, await say(ada, "it answers well"))
    assert modal.value("Item").startswith("five-case eval table")
    assert modal.view.body["submit"]["text"] == "Attach"


async def test_a_message_over_a_claim_says_what_it_replaces(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", PASTE)
    await attach(ada, "model card and license note", {"Revision": COMMIT})
    modal = await from_message(ada, await say(ada, "it answers well"))
    await modal.put("Item", item_named(modal, "first prompt and output"))
    assert "This replaces what was captured (" in ada.modal.text
    assert "and waits for Accept" in ada.modal.text
    assert ada.modal.view.body["submit"]["text"] == "Replace"


async def test_a_message_gives_no_other_part_of_a_claim(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", PASTE)
    lin = story.person("lin")
    modal = await from_message(ada, await say(lin, "Another answer."))
    await modal.put("Item", item_named(modal, "first prompt and output"))
    assert ada.modal.value("Output") == "Another answer."
    assert not ada.modal.value("Prompt"), "nobody has accepted what was captured"
    assert not (await ada.modal.submit()).ok
    found = (await kept(story))[0]["first_prompt_output"]
    assert found.state is EvidenceState.CLAIMED
    assert found.content["output"] == "Retrieval first."
    await ada.modal.fill({"Prompt": "How?", "Time it took": "2 s"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    found = (await kept(story))[0]["first_prompt_output"]
    assert (found.state, found.content["prompt"]) == (EvidenceState.GIVEN, "How?")


async def test_the_form_over_a_claim_says_so_too(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", PASTE)
    modal = await form(ada, "runtime command")
    assert "This replaces what was captured (" in modal.text
    assert modal.view.body["submit"]["text"] == "Replace"


@pytest.mark.parametrize("text", [paste(), paste(memory=None)])
async def test_a_waiver_keeps_what_is_known_and_vouches_for_no_capture(
    story: Story, text: str
) -> None:
    ada, _ = await running(story)
    await led_by(story, "ada")
    item = "latency_memory_note"
    before = (await kept(story))[0][item].content
    assert list(before) == ["cost"]
    assert not await attach(ada, "runtime command", {"Paste-back of the capture script": text})
    assert "latency" in (await kept(story))[0][item].content
    x = await experiment(story)
    await story.runtime.cases.judge.waive(actor(story), x.id, item, "a toy", "w1")
    found = (await kept(story))[0][item]
    assert (found.state, found.content) == (EvidenceState.WAIVED, before)


async def test_a_second_capture_of_less_leaves_a_whole_claim_whole(story: Story) -> None:
    ada, card = await running(story)
    assert not await attach(ada, "runtime command", PASTE)
    rows = [{"case_id": f"c{n}", "pass": True} for n in (1, 2)]
    two = {"total": 2, "passed": 2, "failed": 0, "unjudged": 0, "sha256": "b" * 64, "rows": rows}
    again = {"Paste-back of the capture script": paste(cases=two)}
    assert not await attach(ada, "runtime command", again)
    await story.advance(seconds=5)
    said = ada.thread(card)[-1].text
    assert "Noted in part: five-case eval table. What is there already stays" in said, said
    assert "not whole" not in said
