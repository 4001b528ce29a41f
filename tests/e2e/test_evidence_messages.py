"""Evidence from paste-backs of the capture script, and from messages, in threads too."""

import hashlib

import pytest
from sqlalchemy import select

from bot.domain.evidence import EvidenceState
from storage.tables import outbox
from tests.e2e.evidencing import (
    COMMIT,
    FIVE,
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
    assert "neither its words nor its link are taken out of it" in modal.text
    await modal.put("Item", item_named(modal, "runtime command"))
    assert ada.modal.value("Start command") != "the listing: no pods"
    await ada.modal.fill({"Runtime version": "b4321"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    found = (await kept(story))[0]["runtime_command"]
    assert found.link is None
    digest = hashlib.sha256(b"the listing: no pods").hexdigest()
    assert found.content["message"] == {"sha256": digest, "chars": 20}
    assert "no pods" not in str(await kept(story))


async def test_a_table_of_a_private_place_stays_there(story: Story) -> None:
    ada, _ = await running(story)
    rows = "".join(f"c{n},{'only for us ' * 12},pass\n" for n in range(40))
    outcome = await ada.actor.say(ada.channel("dm").id, f"case id,prompt,result\n{rows}")
    modal = await from_message(ada, str(outcome.data["ts"]), "dm")
    await modal.put("Item", item_named(modal, "five-case eval table"))
    assert "only for us" not in ada.modal.text
    assert not (await ada.modal.submit()).ok, "there is no table yet"


async def test_words_kept_before_are_sealed_when_the_experiment_becomes_private(
    story: Story,
) -> None:
    ada, card = await running(story)
    await attach(ada, "five-case eval table", {"Cases": FIVE.replace("a number", "SECRETWORDS")})
    ts = await say(ada, "SECRETWORDS of the model")
    modal = await from_message(ada, ts)
    await modal.put("Item", item_named(modal, "first prompt and output"))
    await ada.modal.fill({"Prompt": "SECRETWORDS?", "Time it took": "2 s"})
    await ada.modal.submit()
    await ada.command("/owroute record OW-1")
    await story.advance(seconds=10)
    before, entries = await kept(story)
    assert "SECRETWORDS" in str(before)
    await card.now().click("Re-plan")
    await ada.modal.fill({"Privacy": "Private documents"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    after, sealed = await kept(story)
    assert "SECRETWORDS" not in str(after)
    assert "SECRETWORDS" not in str(sealed)
    assert [(e.key, e.item, e.at) for e in sealed][: len(entries)] == [
        (e.key, e.item, e.at) for e in entries
    ], "each entry is still there"
    digest = hashlib.sha256(b"SECRETWORDS of the model").hexdigest()
    for name in ("output", "message"):
        assert after["first_prompt_output"].content[name] == {"sha256": digest, "chars": 24}
    assert after["first_prompt_output"].state is before["first_prompt_output"].state
    assert "SECRETWORDS" not in await bodies(story), "nor in the files that were sent"


async def bodies(story: Story) -> str:
    """All that was ever queued to be sent."""
    async with story.runtime.store.engine.connect() as connection:
        return str((await connection.execute(select(outbox.c.body))).all())
