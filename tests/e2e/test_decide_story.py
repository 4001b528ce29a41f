"""The end of an experiment: what may be decided when, and what is shown of it."""

import asyncio
from dataclasses import replace

from bot.domain.evidence import EvidenceState
from bot.domain.plans import Conclusion, State
from sandbox.seen import Shown
from tests.e2e.cards import LAPTOP, OWN_GPU, SERVICE
from tests.harness.evidence import checklist, experiment, give
from tests.harness.gpu_hands import start_gpu
from tests.harness.stories import Hands, Story

TUNED = {**OWN_GPU, "Privacy": "Public", "Needs fine-tuning": "Yes"}


async def decide(by: Hands, card: Shown, conclusion: str) -> dict[str, str]:
    """Decide from the menu of the card; the errors beside the field, if there are any."""
    await card.now().choose("Decide")
    modal = by.modal
    await modal.fill({"What is decided": conclusion})
    outcome = await modal.submit()
    return {} if outcome.ok and not modal.is_open else modal.errors


async def test_keep_is_refused_and_names_what_is_missing(story: Story) -> None:
    ada, owed = story.person("ada"), ("five_case_eval", "latency_memory_note")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await give(story, but=owed)
    assert card.now().primary == ["Attach evidence"]
    errors = await decide(ada, card, "Keep")
    assert list(errors) == ["What is decided"]
    for item in (await checklist(story)).values():
        assert (item.label in errors["What is decided"]) is (item.item in owed), item.label
    assert (await experiment(story)).conclusion is None


async def test_what_waits_for_accept_is_not_called_missing(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await give(story)
    items = await checklist(story)
    x = await experiment(story)
    async with story.runtime.store() as uow:
        first, second, *rest = items.values()
        claims = [replace(e, state=EvidenceState.CLAIMED) for e in (first, second)]
        await uow.evidence.replace(x.id, [*claims, *rest])
        await uow.commit()
    await card.now().choose("Decide")
    assert "2 wait for your Accept in the checklist" in ada.modal.text
    assert "once these are there" not in ada.modal.text
    await ada.modal.fill({"What is decided": "Keep"})
    await ada.modal.submit()
    (said,) = ada.modal.errors.values()
    assert "nothing is missing, but 2 items wait for your Accept" in said
    assert first.label in said


async def test_what_is_complete_can_be_kept_and_the_card_says_by_whom(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await give(story)
    await story.advance(seconds=5)
    assert "Complete" in card.now().text
    assert card.now().primary == ["Decide"]
    await card.now().click("Decide")
    await ada.modal.fill({"What is decided": "Keep"})
    assert (await ada.modal.submit()).ok
    await story.advance(seconds=5)
    decided = card.now()
    assert "Decided: Keep · OW-1" in decided.text
    assert f"by <@{ada.user}>" in decided.text
    assert decided.buttons == []
    assert "Decide" in decided.menu
    assert "decided on OW-1: *Keep*" in ada.thread(card)[-1].text
    x = await experiment(story)
    assert (x.state, x.conclusion, x.concluded_by) == (State.DECIDED, Conclusion.KEEP, ada.user)


async def test_ten_names_are_enough(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan({**SERVICE, "Needs fine-tuning": "Yes"})
    await start_gpu(card)
    await ada.command("/owroute evidence OW-1")
    await ada.whispers()[-1].click("Reject a given one...")
    await ada.modal.fill({"Item": "budget cap", "Reason": "too high"})
    await ada.modal.submit()
    errors = await decide(ada, card, "Keep")
    assert " more." in errors["What is decided"]


async def test_stop_is_always_possible_even_for_what_was_never_started(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(SERVICE)
    assert await decide(ada, card, "Stop") == {}
    await story.advance(seconds=5)
    assert "Decided: Stop" in card.now().text
    assert "need you" not in card.now().text
    await story.advance(days=20)
    assert "Decided: Stop" in card.now().text, "what is decided is not asked about or archived"


async def test_lora_needs_a_failed_case(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(TUNED, arguments="hardware=rtx4090")
    await card.click("I'm running it")
    await give(story)
    errors = await decide(ada, card, "LoRA")
    assert "no failed case is on record" in errors["What is decided"]
    assert "missing" not in errors["What is decided"]
    await ada.modal.close()
    await give(story, failed=2)
    assert await decide(ada, card, "LoRA") == {}


async def test_after_lora_it_goes_on_until_the_evaluation_before_and_after(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(TUNED, arguments="hardware=rtx4090")
    await card.click("I'm running it")
    await give(story, failed=2)
    assert await decide(ada, card, "LoRA") == {}
    await story.advance(seconds=5)
    now = card.now()
    assert "Running · OW-1" in now.text
    assert "*Decided* LoRA" in now.text
    assert "2 need you" in now.text
    assert now.primary == ["Attach evidence"]
    assert "it also needs before/after evaluation and adapter artifact" in ada.thread(card)[-1].text
    items = await checklist(story)
    for item in ("before_after_eval", "adapter_artifact"):
        assert (items[item].required, items[item].state) == (True, EvidenceState.MISSING)
    errors = await decide(ada, card, "Keep")
    assert "adapter artifact" in errors["What is decided"]
    await ada.modal.close()
    await give(story, failed=3)
    assert "Complete" in card.now().text
    assert await decide(ada, card, "Keep") == {}
    await story.advance(seconds=5)
    assert "Decided: Keep" in card.now().text


async def test_lora_of_a_plan_without_tuning_asks_for_the_same_two_and_a_replan_keeps_them(
    story: Story,
) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP)
    await card.click("I'm running it")
    await give(story, failed=1)
    assert await decide(ada, card, "LoRA") == {}
    await story.advance(seconds=5)
    assert "2 need you" in card.now().text
    await card.now().click("Re-plan")
    await ada.modal.fill({"Task": "course Q&A assistant, second year"})
    assert (await ada.modal.submit()).ok
    await story.advance(seconds=5)
    items = await checklist(story)
    assert items["before_after_eval"].required
    assert items["before_after_eval"].state is EvidenceState.MISSING


async def test_two_people_decide_at_once_and_one_is_told_what_the_other_did(story: Story) -> None:
    ada, lead = story.person("ada"), story.person("lin")
    story.workspace.change_person(lead.user, is_admin=True, locale="en-US")
    card = await ada.plan(LAPTOP)
    for person in (ada, lead):
        await Shown(person, card.now().message).choose("Decide")
    await ada.modal.fill({"What is decided": "Stop"})
    await lead.modal.fill({"What is decided": "Switch model"})
    modals = ada.modal, lead.modal
    await asyncio.gather(*(m.submit() for m in modals))
    await story.advance(seconds=5)
    open_ones = [m for m in modals if m.is_open]
    assert len(open_ones) == 1
    [told] = open_ones[0].errors.values()
    won = "Switch model" if open_ones[0] is modals[0] else "Stop"
    assert f"Somebody else has decided OW-1 meanwhile: {won}" in told
    assert f"Decided: {won}" in card.now().text
    notes = [r.text for r in ada.thread(card) if "decided on OW-1" in r.text]
    assert len(notes) == 1


async def test_who_does_not_steer_cannot_decide_and_nobody_decides_the_archived(
    story: Story,
) -> None:
    ada, lin = story.person("ada"), story.person("lin")
    story.workspace.change_person(lin.user, locale="en-US")
    card = await ada.plan(LAPTOP)
    await Shown(lin, card.message).choose("Decide")
    assert not lin.stack
    assert "Only the owner of OW-1" in lin.whispers()[-1].text
    await card.now().choose("Decide")
    await ada.modal.fill({"What is decided": "Stop"})
    await card.now().choose("Archive")
    await ada.modal.submit()
    [told] = ada.modal.errors.values()
    assert "does not fit OW-1 as it is now (Archived)" in told
