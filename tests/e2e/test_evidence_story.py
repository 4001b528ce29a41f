"""Evidence, put down and judged in Slack: by form, by paste-back, from a message in a thread."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bot.domain.evidence import Entry, Evidence, EvidenceState
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Channel
from sandbox.model import Message
from sandbox.seen import Modal, Shown
from tests.e2e.cards import COURSE, LAPTOP, SERVICE
from tests.harness.stores import KINDS, database_url
from tests.harness.stories import PEOPLE, Hands, Story, a_story

PUBLIC_LAPTOP = {**LAPTOP, "Privacy": "Public"}
FIVE = "case id,prompt,expected,result,note\n" + "".join(
    f'c{n},"Say ""{n}"", please",a number,{"fail" if n == 2 else "pass"},\n' for n in range(1, 6)
)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


async def running(
    story: Story, name: str = "ada", fields: Mapping[str, str] = PUBLIC_LAPTOP
) -> tuple[Hands, Shown]:
    """Somebody with an experiment that runs, and its card."""
    person = story.person(name)
    card = await person.plan(fields)
    await card.click("I'm running it")
    await story.advance(seconds=5)
    return person, card


async def form(person: Hands, item: str, number: int = 1) -> Modal:
    """The form of an item, from the checklist."""
    await person.command(f"/owroute evidence OW-{number}")
    await person.whispers()[-1].click("Attach evidence")
    await person.modal.put("Item", item_named(person.modal, item))
    return person.modal


def item_named(modal: Modal, item: str) -> str:
    """The line of the choice that begins with an item's name."""
    return next(line for line in modal.text.split("\n") if line.startswith(f"{item} · "))


async def attach(person: Hands, item: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Attach; what is wrong beside which field."""
    modal = await form(person, item)
    await modal.fill(fields)
    outcome = await modal.submit()
    return {} if outcome.ok else modal.errors


async def kept(story: Story, number: int = 1) -> tuple[dict[str, Evidence], tuple[Entry, ...]]:
    """The checklist and everything put down."""
    async with story.runtime.store(read_only=True) as uow:
        x = await uow.plans.by_number(TeamId(story.workspace.team.id), number)
        assert x is not None
        items = await uow.evidence.of(x.id)
        return {e.item: e for e in items}, await uow.evidence.entries(x.id)


async def led_by(story: Story, name: str, channel: str = "ml-lab") -> None:
    """Make somebody the lead of a channel."""
    place = story.person(name).channel(channel).id
    async with story.runtime.store() as uow:
        team = TeamId(story.workspace.team.id)
        await uow.channels.put(Channel(team, ChannelId(place), lead=UserId(PEOPLE[name])))
        await uow.commit()


def paste(experiment: str = "OW-1", **more: object) -> str:
    """A paste-back as the capture script prints it."""
    rows = [{"case_id": f"c{n}", "pass": n != 2, "seconds": 0.5} for n in range(1, 6)]
    found: dict[str, object] = {
        "v": 1, "experiment": experiment, "private": False, "at": "2026-11-23T09:30:00Z",
        "repo": "Qwen/Qwen3-4B", "revision": COMMIT, "model": "Qwen/Qwen3-4B",
        "endpoint": "http://127.0.0.1:8000/v1",
        "runtime": {"name": "llama_cpp", "version": "b4321", "command": "llama-server -m q.gguf"},
        "first": {"prompt": "What is RAG?", "output": "Retrieval first.", "seconds": 1.25},
        "latency": {"p50": 0.5, "p95": 0.75},
        "memory": {"rss_mib": 4096},
        "disk_gib": 4.28,
        "environment": {"python": "3.11.2", "os": "Linux"},
        "cases": {
            "total": 5, "passed": 4, "failed": 1, "unjudged": 0, "sha256": "a" * 64, "rows": rows,
        },
        **more,
    }  # fmt: skip
    line = json.dumps({k: v for k, v in found.items() if v is not None}, separators=(",", ":"))
    digest = hashlib.sha256(line.encode()).hexdigest()[:16]
    return f"owroute-capture 1 {experiment}\n{line}\nsha256 {digest}"


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
        (FIVE.replace(",fail,", ",perhaps,"), "Without one: c2"),
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


async def test_a_paste_back_in_any_field_becomes_claims_that_accept_makes_count(
    story: Story,
) -> None:
    ada, card = await running(story)
    modal = await form(ada, "first prompt and output")
    await modal.fill({"Output": paste()})
    assert (await modal.submit()).ok, modal.errors
    items, entries = await kept(story)
    claimed = {i for i, e in items.items() if e.state is EvidenceState.CLAIMED}
    assert claimed == {
        "runtime_command", "first_prompt_output", "five_case_eval", "latency_memory_note",
    }  # fmt: skip
    assert {e.source for e in entries if e.by} == {"captured"}
    assert items["latency_memory_note"].content["memory"] == "4 GiB"
    await ada.command("/owroute evidence")
    sheet = ada.whispers()[-1]
    assert "Captured, waits for Accept" in sheet.text
    assert "Accept all 4" in sheet.primary
    await sheet.click("Accept")
    assert (await kept(story))[0]["runtime_command"].state is EvidenceState.GIVEN
    await ada.whispers()[-1].click("Accept all 3")
    await attach(ada, "model card and license note", {"Revision": COMMIT})
    assert "Nothing is missing." in ada.whispers()[-1].text
    await story.advance(seconds=5)
    assert "Complete" in card.now().text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (paste("OW-7"), "This paste-back is of OW-7, but the form is for OW-1"),
        (paste()[:-40], "cut off"),
        (paste().replace("1.25", "0.25"), "changed on the way"),
        ("my notes", "begins with owroute-capture"),
    ],
)
async def test_paste_backs_that_cannot_stand(story: Story, text: str, said: str) -> None:
    ada, _ = await running(story)
    errors = await attach(ada, "runtime command", {"Paste-back of the capture script": text})
    assert said in errors["Paste-back of the capture script"]
    assert ada.modal.value("Paste-back of the capture script") == text


async def test_the_same_submission_twice_is_one_entry(story: Story) -> None:
    ada, card = await running(story)
    modal = await form(ada, "runtime command")
    await modal.fill({"Runtime version": "llama.cpp b4321"})
    view = modal.view
    await modal.submit()
    ada.workspace.views._stacks[ada.user] = [view]
    await ada.submit(view.id)
    await story.advance(seconds=5)
    _, entries = await kept(story)
    assert len([e for e in entries if e.item == "runtime_command" and e.by]) == 1
    assert len([s for s in ada.thread(card) if "attached" in s.text]) == 1


async def say(person: Hands, text: str, channel: str = "ml-lab", thread: str | None = None) -> str:
    outcome = await person.actor.say(person.channel(channel).id, text, thread_ts=thread)
    return str(outcome.data["ts"])


async def from_message(person: Hands, ts: str, channel: str = "ml-lab") -> Modal:
    await person.about("attach_evidence", channel, ts)
    return person.modal


async def test_a_message_in_a_thread_becomes_evidence(story: Story) -> None:
    ada, card = await running(story)
    lin = story.person("lin")
    ts = await say(lin, "Retrieval first, <then> an answer & its source.", thread=card.message.ts)
    modal = await from_message(ada, ts)
    assert "Link" not in modal.labels
    await modal.put("Item", item_named(modal, "first prompt and output"))
    modal = ada.modal
    assert modal.value("Output") == "Retrieval first, <then> an answer & its source."
    await modal.fill({"Prompt": "How?", "Time it took": "2 s"})
    assert (await modal.submit()).ok, modal.errors
    found = (await kept(story))[0]["first_prompt_output"]
    place = ada.channel("ml-lab").id
    assert found.link == (
        f"https://{story.workspace.team.domain}.slack.com/archives/{place}/p{ts.replace('.', '')}"
        f"?thread_ts={card.message.ts}&cid={place}"
    )
    assert found.content["author"] == lin.user
    assert found.content["message"] == "Retrieval first, <then> an answer & its source."


async def test_a_table_longer_than_a_field_comes_as_a_message(story: Story) -> None:
    ada, _ = await running(story)
    table = "case id;prompt;result\n" + "".join(
        f'c{n};"{"long & wide " * 12}<b>";{"pass" if n % 3 else "fail"}\n' for n in range(1, 61)
    )
    assert len(table) > 9_000
    ts = await say(ada, f"```\n{table}```")
    modal = await from_message(ada, ts)
    await modal.put("Item", item_named(modal, "five-case eval table"))
    assert "The table of the message is taken: 60 cases." in ada.modal.text
    assert "Cases" not in ada.modal.labels
    assert (await ada.modal.submit()).ok, ada.modal.errors
    rows = (await kept(story))[0]["five_case_eval"].content["cases"]
    assert isinstance(rows, list)
    assert isinstance(rows[59], dict)
    assert rows[59]["prompt"] == ("long & wide " * 12 + "<b>").strip()


async def test_a_paste_back_in_a_message_is_recognised(story: Story) -> None:
    ada, _ = await running(story)
    ts = await say(ada, f"```{paste()}```")
    modal = await from_message(ada, ts)
    assert (await modal.submit()).ok, modal.errors
    claimed = [e for e in (await kept(story))[0].values() if e.state is EvidenceState.CLAIMED]
    assert len(claimed) == 4


async def test_a_message_without_an_experiment_says_so(story: Story) -> None:
    ada = story.person("ada")
    ts = await say(ada, "hello")
    await ada.about("attach_evidence", "ml-lab", ts)
    assert "No experiment is open here" in ada.whispers()[-1].text


async def test_a_private_place_keeps_its_link_to_itself(story: Story) -> None:
    ada, _ = await running(story)
    dm = ada.channel("dm")
    outcome = await ada.actor.say(dm.id, "the listing: no pods")
    modal = await from_message(ada, str(outcome.data["ts"]), "dm")
    assert "its link is not kept" in modal.text
    await modal.put("Item", item_named(modal, "runtime command"))
    await ada.modal.fill({"Runtime version": "b4321"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    assert (await kept(story))[0]["runtime_command"].link is None


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


async def test_reject_assign_and_waive(story: Story) -> None:
    ada, card = await running(story)
    await led_by(story, "lin")
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
    await ada.whispers()[-1].choose("Waive...")
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


async def test_who_may_do_what(story: Story) -> None:
    ada, _ = await running(story)
    await attach(ada, "runtime command", {"Paste-back of the capture script": paste()})
    lin = story.person("lin")
    await lin.command("/owroute evidence OW-1")
    await lin.whispers()[-1].click("接受")
    assert (await kept(story))[0]["runtime_command"].state is EvidenceState.CLAIMED
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
    card = await ada.plan(SERVICE)
    await card.click("GPU started")
    await ada.command("/owroute evidence OW-1")
    sheet = ada.whispers()[-1]
    assert len(sheet.message.blocks) <= 50
    assert len(json.dumps(sheet.message.blocks)) < 10_000
    more = next(b for b in sheet.buttons if b.startswith("Show "))
    await sheet.click(more)
    assert "Back to the first" in ada.whispers()[-1].buttons
    assert "first prompt and output" not in ada.whispers()[-1].text


SECRET_PROMPT = "zebra-prompt of the faculty handbook"
SECRET_OUTPUT = "zebra-output with a student's name"


async def test_private_words_are_found_nowhere(tmp_path: Path) -> None:
    async with a_story(tmp_path) as story:
        ada, card = await running(story, fields=LAPTOP)
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
