"""What a message is meant for: the experiment of its thread, the item of its content."""

from bot.domain.evidence import EvidenceState
from tests.e2e.evidencing import (
    FIVE,
    PUBLIC_LAPTOP,
    attach,
    form,
    from_message,
    item_named,
    kept,
    paste,
    running,
    say,
)
from tests.harness.stories import Story

GOOD = {"Start command": "llama-server -m q.gguf", "Runtime version": "b4321"}


async def test_a_table_in_a_thread_is_for_that_experiment_and_for_its_cases(story: Story) -> None:
    ada, first = await running(story)
    await ada.plan({**PUBLIC_LAPTOP, "Task": "the second one"})
    await story.advance(seconds=5)
    await attach(ada, "runtime command", GOOD)
    ts = await say(ada, FIVE, thread=first.message.ts)
    modal = await from_message(ada, ts)
    assert modal.text.split()[0] == "OW-1"
    assert modal.value("Item").startswith("five-case eval table")
    assert "case id" in modal.value("Cases")
    assert (await modal.submit()).ok, modal.errors
    items, _ = await kept(story)
    assert items["five_case_eval"].state is EvidenceState.GIVEN
    assert items["runtime_command"].content["command"] == GOOD["Start command"]


async def test_a_message_of_no_thread_is_for_what_runs_here(story: Story) -> None:
    ada, _ = await running(story)
    await ada.plan({**PUBLIC_LAPTOP, "Task": "the second one"})
    modal = await from_message(ada, await say(ada, "hello"))
    assert modal.value("Experiment").startswith("OW-1")


async def test_a_message_below_a_decided_card_is_for_that_one(story: Story) -> None:
    ada, first = await running(story)
    await first.now().choose("Decide")
    await ada.modal.fill({"What is decided": "Stop"})
    assert (await ada.modal.submit()).ok
    await running(story, fields={**PUBLIC_LAPTOP, "Task": "the second one"})
    modal = await from_message(ada, await say(ada, "hello", thread=first.message.ts))
    assert modal.value("Experiment").startswith("OW-1")


async def test_a_message_below_an_archived_card_is_refused(story: Story) -> None:
    ada, first = await running(story)
    await first.now().choose("Archive")
    await running(story, fields={**PUBLIC_LAPTOP, "Task": "the second one"})
    ts = await say(ada, "hello", thread=first.message.ts)
    await ada.about("attach_evidence", "ml-lab", ts)
    assert "does not fit OW-1 as it is now" in ada.whispers()[-1].text


async def test_a_table_is_no_command(story: Story) -> None:
    ada, _ = await running(story)
    modal = await from_message(ada, await say(ada, FIVE))
    await modal.put("Item", item_named(modal, "runtime command"))
    assert "case id" not in ada.modal.value("Start command")
    await ada.modal.fill({"Start command": FIVE, "Runtime version": "b4321"})
    assert not (await ada.modal.submit()).ok
    assert "a table of cases, not as a command" in ada.modal.errors["Start command"]


async def test_a_paste_back_opens_on_an_item_of_its_own(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "model card and license note", {"Revision": "0" * 40})
    modal = await from_message(ada, await say(ada, paste()))
    assert modal.value("Item").startswith("runtime command")


async def test_another_experiment_chooses_the_item_anew(story: Story) -> None:
    ada, _ = await running(story)
    second = await ada.plan({**PUBLIC_LAPTOP, "Task": "the second one"})
    await story.advance(seconds=5)
    await attach(ada, "five-case eval table", {"Cases": FIVE})
    modal = await from_message(ada, await say(ada, FIVE, thread=second.message.ts))
    await modal.put("Item", item_named(modal, "latency and memory note"))
    other = next(line for line in ada.modal.text.split("\n") if line.startswith("OW-1 · "))
    await ada.modal.put("Experiment", other)
    assert ada.modal.text.split()[0] == "OW-1"
    chosen = ada.modal.value("Item")
    assert not chosen.startswith("latency")
    assert "Given" not in chosen, "what is settled is never proposed"


async def test_replacing_what_is_good_says_so(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", GOOD)
    modal = await form(ada, "runtime command")
    assert f"This replaces what <@{ada.user}> gave (" in modal.text
    assert modal.view.body["submit"]["text"] == "Replace"
    modal = await form(ada, "five-case eval table")
    assert "This replaces" not in modal.text
    assert modal.view.body["submit"]["text"] == "Attach"


async def test_fields_that_are_right_are_kept_and_the_rest_may_come_later(story: Story) -> None:
    ada, card = await running(story)
    item = "latency and memory note"
    modal = await form(ada, item)
    assert "Fill in all fields, or paste the capture below." in modal.text
    errors = await attach(ada, item, {"Latency": "fast"})
    assert list(errors) == ["Latency"], "a wrong value is an error, an empty one is none"
    assert not await attach(ada, item, {"Latency": "350 ms"})
    found = (await kept(story))[0]["latency_memory_note"]
    assert found.state is EvidenceState.MISSING
    assert found.content["latency"] == "0.35 s"
    assert "Missing in part" in ada.whispers()[-1].text
    note = ada.thread(card)[-1].text
    assert "latency and memory note" in note
    assert "still missing: Memory" in note
    assert "Missing in part" in item_named(await form(ada, item), item)


async def test_nothing_at_all_is_no_part(story: Story) -> None:
    ada, _ = await running(story)
    errors = await attach(ada, "runtime command", {})
    assert "Fill this in" in errors["Runtime version"], "the command was known before"


async def test_a_part_does_not_undo_what_is_given(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", GOOD)
    errors = await attach(ada, "runtime command", {"Start command": ""})
    assert "Fill this in" in errors["Start command"]


async def test_a_paste_back_in_a_field_of_one_line(story: Story) -> None:
    ada, _ = await running(story)
    one_line = paste().replace("\n", " ")
    assert not await attach(ada, "runtime command", {"Runtime version": one_line})
    assert (await kept(story))[0]["runtime_command"].state is EvidenceState.CLAIMED
