"""From a decision to a complete record: evidence put down, decided, exported, in the thread."""

import json
from collections.abc import Mapping

import pytest

from bot.domain.evidence import Entry, Source
from bot.domain.ids import TeamId, UserId
from bot.domain.plans import Conclusion
from bot.domain.privacy import is_private
from bot.domain.record_model import Record
from engine.contract import Lang
from engine.load import load_data
from engine.records import check_record
from tests.domain.recorded import SECRET, content_of
from tests.e2e.cards import LAPTOP, SERVICE
from tests.e2e.delivered import file_of, shared, uploads
from tests.e2e.evidencing import led_by
from tests.harness.evidence import give
from tests.harness.stories import PEOPLE, Hands, Story

COLAB = {**LAPTOP, "Privacy": "Public", "Available route": "Free Colab"}
PUBLIC = {**LAPTOP, "Privacy": "Public"}
PRIVATE = LAPTOP
SENTENCES = load_data().rules[Lang.en].evidence.record


async def complete(story: Story, conclusion: Conclusion = Conclusion.KEEP) -> None:
    """Put down all that OW-1 asks for, and decide."""
    team, ada = TeamId(story.workspace.team.id), UserId(PEOPLE["ada"])
    async with story.runtime.store() as uow:
        x = await uow.plans.by_number(team, 1)
        assert x is not None
        items = await uow.evidence.of(x.id)
        now = story.clock.now()
        private = is_private(x)
        entries = [
            Entry("all", e.item, Source.TYPED, content_of(e.item, private=private), now, ada)
            for e in items
        ]
        for entry in entries:
            await uow.evidence.note(x.id, entry)
        given = [i.with_entry(e) for i, e in zip(items, entries, strict=True)]
        await uow.evidence.replace(x.id, given)
        x = x.evidenced(open_items=0, at=now, by_people=True)
        assert await uow.plans.save(x)
        assert await uow.plans.save(x.concluded(conclusion, by=ada, at=now))
        await uow.commit()


async def asked(story: Story, by: Hands, typed: str = "OW-1", channel: str = "ml-lab") -> str:
    """Ask for the record; what is told to this person alone."""
    await by.command(f"/owroute record {typed}", channel)
    await shared(story)
    return by.whispers(channel)[-1].text


@pytest.mark.parametrize("card", [PUBLIC, COLAB, SERVICE, PRIVATE], ids=str)
async def test_from_a_decision_to_a_record_that_another_can_repeat(
    story: Story, card: Mapping[str, str]
) -> None:
    ada = story.person("ada")
    await ada.plan(card)
    said = await asked(story, ada)
    assert "Missing " in said.replace("*", "")
    await complete(story)
    said = await asked(story, ada)
    assert "The record is complete" in said
    assert ("withheld" in said) == (card is PRIVATE)
    first, second = uploads(story, ada)
    assert "missing" in first.text
    assert "complete" in second.text
    page, data = file_of(story, second, ".md"), file_of(story, second, ".json")
    record = Record.model_validate_json((data.content or b"").decode())
    assert check_record(record.nine, SENTENCES).valid
    assert record.missing == ()
    assert (page.content or b"").decode().startswith("# OW-1")
    assert page.length == len(page.content or b"")
    assert page.title == "Experiment record of OW-1 (Markdown)"


async def test_what_is_kept_though_an_item_was_waived_is_complete_but_for_that(
    story: Story,
) -> None:
    ada = story.person("ada")
    await led_by(story, "ada")
    card = await ada.plan(PUBLIC)
    await card.click("I'm running it")
    await give(story, but=("model_card_license", "latency_memory_note"))
    for item in ("model card and license note", "latency and memory note"):
        await ada.command("/owroute evidence OW-1")
        await ada.whispers()[-1].choose("Waive...")
        assert item in ada.modal.text
        assert "What it costs: in the record" in ada.modal.text
        await ada.modal.fill({"Reason": "a toy"})
        assert (await ada.modal.submit()).ok
    await story.advance(seconds=5)
    await card.now().choose("Decide")
    await ada.modal.fill({"What is decided": "Keep"})
    assert (await ada.modal.submit()).ok
    said = await asked(story, ada)
    assert "The record is complete but for what was waived" in said
    assert "Attach" not in said
    (posted,) = uploads(story, ada)
    assert "complete but for what was waived" in posted.text
    data = json.loads((file_of(story, posted, ".json").content or b"").decode())
    assert (data["missing"], list(data["waived"])) == ([], ["model_name", "resource_note"])
    assert data["license_note"].startswith("apache-2.0"), "what owroute knew stays"
    waived = dict.fromkeys(("memory", "latency", "disk"), "waived: a toy")
    assert data["resource_note"] == {"cost": "0 USD", **waived}


async def test_what_was_captured_and_not_accepted_is_not_called_missing(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    card = await ada.plan(PUBLIC)
    await card.click("I'm running it")
    await give(story, source=Source.CAPTURED)
    for by, words in ((ada, "waits for Accept by <@{}>"), (lin, "等待 <@{}> 接受")):
        await asked(story, by)
        shown = by.whispers()[-1].text
        assert shown.count(words.format(ada.user)) == 6, shown
    (posted,) = uploads(story, ada)
    page = (file_of(story, posted, ".md").content or b"").decode()
    assert f"*there, and waits for Accept by {ada.user}*" in page
    await ada.command("/owroute evidence OW-1")
    await ada.whispers()[-1].click("Accept all 5")
    await asked(story, ada)
    assert "waits for Accept" not in ada.whispers()[-1].text


async def test_no_private_word_is_in_what_is_uploaded(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(PRIVATE)
    team, ada_id = TeamId(story.workspace.team.id), UserId(PEOPLE["ada"])
    async with story.runtime.store() as uow:  # kept before it was private, say
        x = await uow.plans.by_number(team, 1)
        assert x is not None
        items = await uow.evidence.of(x.id)
        content = {"prompt": SECRET, "output": SECRET, "seconds": "1 s"}
        entry = Entry("k", "first_prompt_output", Source.TYPED, content, story.clock.now(), ada_id)
        given = [i.with_entry(entry) if i.item == entry.item else i for i in items]
        await uow.evidence.replace(x.id, given)
        await uow.commit()
    said = await asked(story, ada)
    assert SECRET not in said
    (posted,) = uploads(story, ada)
    for ending in (".md", ".json"):
        content_ = (file_of(story, posted, ending).content or b"").decode()
        assert SECRET not in content_
        assert "withheld" in content_


async def test_the_same_state_is_uploaded_once(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    card = await ada.plan(PUBLIC)
    await asked(story, ada)
    assert "Nothing has changed since the last time" in await asked(story, ada, "ow 1")
    await card.now().choose("Record")
    await shared(story)
    assert "Nothing has changed" in ada.whispers()[-1].text
    assert "没有变化" in await asked(story, lin)
    assert len(uploads(story, ada)) == 1
    await complete(story)
    await asked(story, lin)
    assert len(uploads(story, ada)) == 2
    await story.restart()
    assert "Nothing has changed" in await asked(story, ada)


@pytest.mark.parametrize("typed", ["", "OW-99", "the record", "<!channel>"])
async def test_a_number_that_is_none_is_answered_with_what_is_open(
    story: Story, typed: str
) -> None:
    ada = story.person("ada")
    await ada.plan(PUBLIC)
    said = await asked(story, ada, typed)
    assert "/owroute record OW-12" in said
    assert "OW-1" in said
    assert not uploads(story, ada)


async def test_elsewhere_only_those_who_steer_it_get_it(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    story.workspace.change_person(lin.user, locale="en-US")
    await ada.plan(PUBLIC)
    assert "no experiment `OW-1`" in await asked(story, lin, channel="course-team")
    assert "Experiment record of OW-1" in await asked(story, ada, channel="course-team")
    assert len(uploads(story, ada)) == 1


async def test_a_guest_gets_nothing(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    await ada.plan(PUBLIC)
    story.workspace.change_person(lin.user, is_restricted=True, locale="en-US")
    assert "Only full members" in await asked(story, lin)
    assert not uploads(story, ada)


async def test_in_a_direct_message_the_files_come_below_the_card_there(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan", "dm")
    await ada.modal.fill({**PUBLIC})
    await ada.modal.submit()
    await shared(story)
    place = ada.last("dm")
    await place.choose("Record")
    await shared(story)
    assert len(uploads(story, ada, "dm")) == 1
