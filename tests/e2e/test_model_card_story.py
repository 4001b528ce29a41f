"""The model card: from the form of its item to the Hub and back, whatever the Hub says."""

from pathlib import Path

import pytest

from bot.domain.evidence import EvidenceState, Source
from bot.domain.ids import UserId
from bot.domain.model_card import ModelCard
from bot.domain.workspace import Actor
from bot.errors import NotMember
from owroute.demo.stage import free_port
from sandbox.faults import Fault, FaultKind
from sandbox.hub_repositories import ASTRAY, BROKEN, LOCKED, REPOSITORIES
from sandbox.seen import Modal, Shown
from tests.e2e.cards import LAPTOP
from tests.e2e.test_hub_story import ON_AN_L4, OWL, OWN_GPU
from tests.harness.evidence import checklist, experiment
from tests.harness.stories import Hands, Story, a_story

PIGEON = next(iter(ASTRAY))
SHA = REPOSITORIES[OWL].sha


async def the_form(story: Story, by: Hands, fields: dict[str, str], arguments: str = "") -> Shown:
    """A plan that runs, and the form of its model card open before somebody."""
    card = await by.plan(fields, arguments=arguments)
    await story.advance(seconds=5)
    await by.command("/owroute evidence OW-1")
    await by.whispers()[-1].click("Attach evidence")
    label = (await checklist(story))["model_card_license"].label
    await by.modal.put("Item", label)
    return card


async def looked_up(by: Hands, repo: str | None = None) -> Modal:
    """What the Hub says, before the same person."""
    if repo is not None:
        await by.modal.fill({"Repository": repo})
    assert (await by.modal.submit()).ok, by.modal.errors
    return by.modal


async def test_what_the_hub_says_is_shown_confirmed_and_kept(story: Story) -> None:
    ada = story.person("ada")
    card = await the_form(story, ada, OWN_GPU, ON_AN_L4)
    await ada.modal.put("Allowed use", "only what legal has read")
    await ada.modal.press("Read it from the Hub")
    assert ada.modal.title == "Model card"
    assert ada.modal.value("Repository") == OWL
    preview = await looked_up(ada)
    for fact in (SHA, "apache-2.0", "en", "zh", "32,768 tokens", "7,615,616,512", "2026-10-20"):
        assert fact in preview.text
    assert "judged the same licence: this use is allowed" in preview.text
    assert f"/{OWL}/blob/{SHA}/README.md" in preview.text
    assert (await preview.submit()).ok
    assert ada.stack == []
    await story.advance(seconds=5)
    item = (await checklist(story))["model_card_license"]
    assert (item.state, item.source, item.by) == (EvidenceState.GIVEN, Source.DERIVED, ada.user)
    assert item.link
    assert item.link.endswith(f"/{OWL}/blob/{SHA}/README.md")
    assert item.content == {
        "repo": OWL,
        "revision": SHA,
        "license_id": "apache-2.0",
        "allowed_use": "this use is allowed",
    }
    note = ada.thread(card)[-1].text
    assert f"confirmed the model card of `{OWL}` at `{SHA[:12]}`: licence `apache-2.0`" in note
    assert "differ" not in note
    assert "from the model card" in ada.whispers()[-1].text


async def test_going_back_finds_the_form_as_it_was_left(story: Story) -> None:
    ada = story.person("ada")
    await the_form(story, ada, OWN_GPU, ON_AN_L4)
    await ada.modal.put("Allowed use", "only what legal has read")
    await ada.modal.press("Read it from the Hub")
    preview = await looked_up(ada)
    await preview.close()
    assert ada.modal.value("Allowed use") == "only what legal has read"
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    kept = (await checklist(story))["model_card_license"]
    assert (kept.source, kept.content["allowed_use"]) == (Source.TYPED, "only what legal has read")


async def test_a_licence_that_differs_is_said_before_and_stays_in_the_thread(story: Story) -> None:
    ada = story.person("ada")
    card = await the_form(story, ada, OWN_GPU, f"{ON_AN_L4} license_id=mit")
    await ada.modal.press("Read it from the Hub")
    preview = await looked_up(ada)
    said = "The licences differ: the Hub says `apache-2.0`, the route engine judged `mit`"
    assert said in preview.text
    assert (await preview.submit()).ok
    await story.advance(seconds=5)
    assert said in ada.thread(card)[-1].text
    kept = (await checklist(story))["model_card_license"]
    assert kept.content["license_id"] == "apache-2.0"
    assert str(kept.content["allowed_use"]).startswith("not judged for apache-2.0;")


async def test_another_repository_is_said_to_be_one(story: Story) -> None:
    ada = story.person("ada")
    card = await the_form(story, ada, LAPTOP)
    await ada.modal.press("Read it from the Hub")
    preview = await looked_up(ada, f"https://hub.example/{OWL}/tree/main")
    assert "not this repository" in preview.text
    assert (await preview.submit()).ok
    await story.advance(seconds=5)
    assert "not this repository" in ada.thread(card)[-1].text


async def test_the_revision_that_the_decision_runs_is_the_one_read(story: Story) -> None:
    ada = story.person("ada")
    await the_form(story, ada, LAPTOP, "model=Qwen/Qwen3-4B")
    decision = (await experiment(story)).decision
    assert decision is not None
    assert decision.model is not None
    weights = decision.model.weights
    await ada.modal.press("Read it from the Hub")
    assert ada.modal.value("Repository") == weights.repo
    assert weights.revision
    assert weights.revision in (await looked_up(ada)).text


@pytest.mark.parametrize(
    ("repo", "sentence", "next_one"),
    [
        ("acme-labs/no-such-bird", "check the spelling", "acme-labs/no-such-bird"),
        (LOCKED, "is gated: its licence has to be accepted", LOCKED),
        ("acme-labs/old-swift-3b", "is called `acme-labs/swift-3b`", "acme-labs/swift-3b"),
        (f"{OWL}@{'0' * 40}", "but not its revision `000000000000`", f"{OWL}@main"),
        (BROKEN, ": it answered with error 500. Try again", BROKEN),
        (PIGEON, "led to another address, and owroute does not follow", PIGEON),
    ],
)
async def test_what_is_no_card_is_a_sentence_and_the_form_is_still_there(
    story: Story, repo: str, sentence: str, next_one: str
) -> None:
    ada = story.person("ada")
    await the_form(story, ada, LAPTOP)
    await ada.modal.press("Read it from the Hub")
    told = await looked_up(ada, repo)
    assert sentence in told.text
    assert "lets you type licence and revision yourself" in told.text
    assert told.value("Repository") == next_one
    if next_one not in (repo, LOCKED):
        assert "Parameters" in (await looked_up(ada)).text
    await ada.modal.close()
    assert "Allowed use" in ada.modal.labels


async def test_nonsense_is_answered_beside_the_field(story: Story) -> None:
    ada = story.person("ada")
    await the_form(story, ada, LAPTOP)
    await ada.modal.press("Read it from the Hub")
    for nonsense in ("qwen", "a/b/c", "owner/name@", "<!channel>", "http://169.254.169.254/latest"):
        await ada.modal.fill({"Repository": nonsense})
        assert not (await ada.modal.submit()).ok
        assert "Type owner/name" in ada.modal.errors["Repository"]


async def test_a_hub_that_is_off_says_so(tmp_path: Path) -> None:
    async with a_story(tmp_path, more={"HF_ENDPOINT": "off"}) as story:
        ada = story.person("ada")
        await the_form(story, ada, LAPTOP)
        await ada.modal.press("Read it from the Hub")
        assert "HF_ENDPOINT=off" in (await looked_up(ada)).text


async def test_a_hub_that_is_away_says_so(tmp_path: Path) -> None:
    away = {"HF_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    async with a_story(tmp_path, more=away) as story:
        ada = story.person("ada")
        await the_form(story, ada, LAPTOP)
        await ada.modal.press("Read it from the Hub")
        assert "it could not be reached" in (await looked_up(ada)).text


async def test_a_confirmed_card_outlives_the_next_decision(story: Story) -> None:
    ada = story.person("ada")
    card = await the_form(story, ada, OWN_GPU, f"{ON_AN_L4} license_id=mit")
    await ada.modal.press("Read it from the Hub")
    assert (await (await looked_up(ada)).submit()).ok
    before = (await checklist(story))["model_card_license"]
    await story.advance(seconds=5)
    await card.now().click("Re-plan")
    await ada.modal.fill({"Task": "another course"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    assert (await experiment(story)).latest.number == 2
    assert (await checklist(story))["model_card_license"] == before


async def test_a_guest_can_neither_look_one_up_nor_keep_it(story: Story) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    await the_form(story, ada, LAPTOP)
    story.workspace.change_person(lin.user, is_restricted=True)
    x, cases = await experiment(story), story.runtime.cases
    guest = Actor(x.team, UserId(lin.user), x.team)
    before = await checklist(story)
    with pytest.raises(NotMember):
        await cases.look_up(guest, x.id, OWL, None)
    with pytest.raises(NotMember):
        await cases.keep_card(guest, x.id, ModelCard(OWL, SHA, "https://hub.example/card"), "once")
    assert await checklist(story) == before


async def test_confirmed_twice_it_is_kept_once(story: Story) -> None:
    ada = story.person("ada")
    card = await the_form(story, ada, LAPTOP)
    x, keep = await experiment(story), story.runtime.cases.keep_card
    actor = Actor(x.team, UserId(ada.user), x.team)
    found = ModelCard(OWL, SHA, "https://hub.example/card", "apache-2.0")
    for _ in range(2):
        await keep(actor, x.id, found, "once")
    await story.advance(seconds=5)
    notes = [m for m in ada.thread(card) if "confirmed the model card" in m.text]
    assert len(notes) == 1


async def test_an_archived_experiment_takes_none(story: Story) -> None:
    ada = story.person("ada")
    card = await the_form(story, ada, LAPTOP)
    await ada.modal.press("Read it from the Hub")
    preview = await looked_up(ada, OWL)
    await card.now().choose("Archive", confirmed=True)
    await preview.submit()
    assert "as it is now (Archived)" in ada.modal.text
    item = (await checklist(story))["model_card_license"]
    assert (item.state, item.link) == (EvidenceState.MISSING, None)


async def test_an_answer_that_is_faster_than_slack_waits_for_the_view(story: Story) -> None:
    """The view that the acknowledgement draws is not there yet when the Hub has answered."""
    ada = story.person("ada")
    await the_form(story, ada, LAPTOP)
    await ada.modal.press("Read it from the Hub")
    late = Fault(FaultKind.ERROR, method="views.update", error="not_found", times=2)
    story.workspace.faults.add(late)
    assert "Parameters" in (await looked_up(ada)).text
    failed = [e for e in story.log.entries if e["event"] == "modal.not_updated"]
    assert len(failed) == 2
