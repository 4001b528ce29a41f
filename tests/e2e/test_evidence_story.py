"""Evidence, put down in Slack by form: what is right counts, what is wrong is named."""

import hashlib
import json
from copy import deepcopy
from pathlib import Path

import pytest

from bot.domain.evidence import EvidenceState
from tests.e2e.cards import LAPTOP
from tests.e2e.evidencing import FIVE, attach, form, from_message, item_named, kept, running, say
from tests.harness.stories import Story, a_story


async def test_the_checklist_says_what_is_missing_and_a_form_fills_it(story: Story) -> None:
    ada, card = await running(story)
    await ada.command("/owroute evidence")
    sheet = ada.whispers()[-1]
    assert "Evidence of OW-1: 1/6" in sheet.text
    assert "first prompt and output* · Missing" in sheet.text
    assert "from the decision" in sheet.text
    errors = await attach(
        ada,
        "first prompt and output",
        {
            "Prompt": "What is RAG?",
            "Output": "Retrieval *first* <!channel>",
            "Time it took": "1250 ms",
        },
    )
    assert not errors
    items, entries = await kept(story)
    found = items["first_prompt_output"]
    assert found.state is EvidenceState.GIVEN
    assert found.content["seconds"] == "1.25 s"
    assert found.by == ada.user
    assert entries[-1].source == "typed"
    assert "Evidence of OW-1: 2/6" in ada.whispers()[-1].text, "the checklist was drawn anew"
    await story.advance(seconds=5)
    assert "2/6" in card.now().text
    assert "attached first prompt and output" in ada.thread(card)[-1].text


async def test_wrong_values_stand_beside_their_fields_and_right_ones_are_kept(story: Story) -> None:
    ada, _ = await running(story)
    modal = await form(ada, "latency and memory note")
    await modal.fill({"Latency": "fast", "Memory": "14.2 GiB", "Disk": "big"})
    assert not (await modal.submit()).ok
    assert set(modal.errors) == {"Latency", "Disk"}
    assert '1.25 s or 350 ms, instead of "fast"' in modal.errors["Latency"]
    assert modal.value("Memory") == "14.2 GiB"
    await modal.fill({"Latency": "1.25 s", "Disk": "16.4 GB"})
    assert (await modal.submit()).ok
    items, _ = await kept(story)
    assert items["latency_memory_note"].content == {
        "latency": "1.25 s", "memory": "14.2 GiB", "disk": "15.27 GiB", "cost": "0 USD",
    }  # fmt: skip


async def test_a_branch_is_no_revision(story: Story) -> None:
    ada, _ = await running(story)
    errors = await attach(ada, "model card and license note", {"Revision": "main"})
    assert '"main" could be a branch' in errors["Revision"]
    assert (await kept(story))[0]["model_card_license"].content.get("revision") is None


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (FIVE.rsplit("c5", 1)[0], "five different cases or more; here are 4"),
        (FIVE.replace("c5", "c1"), "Used twice: c1"),
        (FIVE.replace(",fail,", ",perhaps,"), "that of c2 is neither"),
        ("five good cases", "must name the columns"),
    ],
)
async def test_tables_that_are_no_baseline(story: Story, table: str, said: str) -> None:
    ada, _ = await running(story)
    errors = await attach(ada, "five-case eval table", {"Cases": table})
    assert said in errors["Cases"]
    assert (await kept(story))[0]["five_case_eval"].state is EvidenceState.MISSING


async def test_a_table_as_a_spreadsheet_writes_it(story: Story) -> None:
    ada, _ = await running(story)
    assert not await attach(ada, "five-case eval table", {"Cases": FIVE})
    found = (await kept(story))[0]["five_case_eval"]
    rows = found.content["cases"]
    assert isinstance(rows, list)
    assert isinstance(rows[1], dict)
    assert rows[1] == {
        "case_id": "c2", "pass": False, "prompt": 'Say "2", please', "expected": "a number",
    }  # fmt: skip
    await ada.command("/owroute evidence")
    assert "4 of 5 cases passed" in ada.whispers()[-1].text


async def test_a_field_takes_three_thousand_characters_and_no_more(story: Story) -> None:
    ada, _ = await running(story)
    modal = await form(ada, "first prompt and output")
    outcome = await modal.put("Output", "x" * 3001)
    assert not outcome.ok or not (await modal.submit()).ok
    await modal.put("Output", "x" * 3000)
    await modal.fill({"Prompt": "?", "Time it took": "1 s"})
    assert (await modal.submit()).ok


async def test_another_item_keeps_what_was_typed_for_the_first(story: Story) -> None:
    ada, _ = await running(story)
    modal = await form(ada, "runtime command")
    await modal.fill(
        {"Runtime version": "llama.cpp b4321", "Link": "https://acme.slack.com/files/U/F/x"}
    )
    await modal.put("Item", item_named(modal, "shutdown command"))
    assert "Runtime version" not in ada.modal.labels
    assert ada.modal.value("Shutdown command or console path") != "llama.cpp b4321"
    assert ada.modal.value("Link") == "https://acme.slack.com/files/U/F/x"
    await ada.modal.put("Item", item_named(ada.modal, "runtime command"))
    assert ada.modal.value("Runtime version") == "llama.cpp b4321"


async def test_the_same_submission_twice_is_one_entry(story: Story) -> None:
    ada, card = await running(story)
    modal = await form(ada, "runtime command")
    await modal.fill({"Runtime version": "llama.cpp b4321"})
    view = deepcopy(modal.view)
    await modal.submit()
    ada.workspace.views._stacks[ada.user] = [view]
    await ada.submit(view.id)
    await story.advance(seconds=5)
    _, entries = await kept(story)
    assert len([e for e in entries if e.item == "runtime_command" and e.by]) == 1
    assert len([s for s in ada.thread(card) if "attached" in s.text]) == 1


SECRET_PROMPT = "zebra-prompt of the faculty handbook"
SECRET_OUTPUT = "zebra-output with a student's name"


async def test_private_words_are_found_nowhere(tmp_path: Path) -> None:
    async with a_story(tmp_path) as story:
        ada, _ = await running(story, fields=LAPTOP)
        modal = await form(ada, "first prompt and output")
        assert "Prompt: SHA-256" in modal.labels
        assert "Prompt" not in modal.labels
        digest = hashlib.sha256(SECRET_OUTPUT.encode()).hexdigest()
        await modal.fill({
            "Prompt: SHA-256": hashlib.sha256(SECRET_PROMPT.encode()).hexdigest(),
            "Prompt: length in characters": str(len(SECRET_PROMPT)),
            "Output: SHA-256": digest,
            "Output: length in characters": str(len(SECRET_OUTPUT)),
            "Time it took": "2 s",
        })  # fmt: skip
        assert (await modal.submit()).ok, modal.errors
        assert (await kept(story))[0]["first_prompt_output"].content["output_sha256"] == digest
        ts = await say(ada, f"{SECRET_PROMPT}: {SECRET_OUTPUT}")
        modal = await from_message(ada, ts)
        assert "is not kept" in modal.text
        await modal.put("Item", item_named(modal, "source trace"))
        await ada.modal.fill({"Document it came from": "handbook.pdf, page 4"})
        assert (await ada.modal.submit()).ok, ada.modal.errors
        await story.advance(seconds=10)
        await ada.command("/owroute evidence")
        said = json.dumps([m.text for m in story.said()])
        ours = [
            (e.direction, e.kind, e.request if e.direction == "out" else e.response)
            for e in story.workspace.inspector.entries
        ]
        logs = repr(story.log.entries)
        for place in (said, repr(ours), logs):
            assert "zebra" not in place
        assert "Private: texts of prompts" in ada.whispers()[-1].text
    for file in (tmp_path / "bot").rglob("*"):
        if file.is_file():
            assert b"zebra" not in file.read_bytes(), file
