"""Evidence from paste-backs of the capture script, and from messages, in threads too."""

import pytest

from bot.domain.evidence import EvidenceState
from tests.e2e.evidencing import (
    COMMIT,
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
