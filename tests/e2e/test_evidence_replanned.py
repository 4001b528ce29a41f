"""Evidence after a re-plan to another model, while one is decided, and of a plan that never ran."""

from datetime import timedelta

import pytest

from bot.domain.evidence import PLAN_CHANGED, EvidenceState
from bot.domain.plans import Conclusion, State
from bot.errors import StillDeciding
from engine.contract import Privacy
from tests.e2e.cards import COURSE, OWN_GPU
from tests.e2e.evidencing import actor, running, sheet_of
from tests.e2e.test_decide_story import decide
from tests.harness.evidence import checklist, experiment, give
from tests.harness.stories import Story


async def replan(story: Story, **changes: object) -> None:
    x = await experiment(story)
    card = x.latest.card.model_copy(update=changes)
    await story.runtime.cases.replan(actor(story), x.id, x.latest.number, card, f"{changes}")


async def test_another_model_makes_claims_of_what_was_given(everywhere: Story) -> None:
    ada = everywhere.person("ada")
    card = await ada.plan(
        {**OWN_GPU, "Privacy": "Public"}, arguments="hardware=rtx4090 model=Qwen/Qwen3-8B"
    )
    await card.click(card.primary[0])
    await everywhere.advance(seconds=5)
    await give(everywhere, but=("shutdown_command",))
    assert (await experiment(everywhere)).state is State.COMPLETE
    await replan(everywhere, model_repo="Qwen/Qwen3-4B")
    await everywhere.advance(seconds=30, step=timedelta(seconds=10))
    x, items = await experiment(everywhere), await checklist(everywhere)
    assert x.decision is not None
    assert x.decision.model is not None
    assert x.decision.model.weights.repo == "Qwen/Qwen3-4B"
    assert x.state is State.RUNNING
    for name in ("model_card_license", "runtime_command", "first_prompt_output", "five_case_eval"):
        assert (items[name].state, items[name].reason) == (EvidenceState.CLAIMED, PLAN_CHANGED)
    errors = await decide(ada, card, "Keep")
    assert "five-case eval table" in errors["What is decided"]
    await ada.modal.close()
    sheet = await sheet_of(ada)
    assert "the plan changed to another model or machine" in sheet.text
    await sheet.click(next(b for b in sheet.buttons if b.startswith("Accept all")))
    assert (await experiment(everywhere)).state is State.COMPLETE


async def test_what_owroute_wrote_down_follows_the_plan(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(
        {**OWN_GPU, "Privacy": "Public"}, arguments="hardware=rtx4090 model=Qwen/Qwen3-8B"
    )
    await story.advance(seconds=5)
    assert "Qwen3-8B" in str((await checklist(story))["runtime_command"].content)
    await replan(story, model_repo="Qwen/Qwen3-4B")
    await story.advance(seconds=30, step=timedelta(seconds=10))
    items = await checklist(story)
    for name in ("runtime_command", "model_card_license"):
        assert "Qwen3-8B" not in str(items[name].content), name
        assert "Qwen3-4B" in str(items[name].content), name


async def test_a_replan_of_the_task_leaves_what_was_given(story: Story) -> None:
    await running(story)
    await give(story)
    before = {n: e.state for n, e in (await checklist(story)).items()}
    await replan(story, task="course Q&A assistant, second year")
    await story.advance(seconds=30, step=timedelta(seconds=10))
    assert (await experiment(story)).latest.number == 2
    assert {n: e.state for n, e in (await checklist(story)).items()} == before
    assert (await experiment(story)).state is State.COMPLETE


async def test_a_refused_plan_is_neither_kept_nor_trained(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan({**COURSE, "Available route": "Free Colab"})
    await give(story, failed=2)
    assert (await experiment(story)).state is State.REFUSED
    for conclusion in ("LoRA", "Keep"):
        errors = await decide(ada, card, conclusion)
        assert "OW-1 has not run" in errors["What is decided"]
        await ada.modal.close()
    assert await decide(ada, card, "Stop") == {}
    errors = await decide(ada, card, "LoRA")
    assert "OW-1 has not run" in errors["What is decided"], "not by the way round either"


async def test_keep_waits_for_the_new_plan(story: Story) -> None:
    await running(story)
    await give(story)
    await replan(story, privacy=Privacy.private_docs, access_rule="staff")
    x, me = await experiment(story), actor(story)
    assert (x.is_deciding, x.state) == (True, State.COMPLETE)
    for conclusion in (Conclusion.KEEP, Conclusion.LORA):
        with pytest.raises(StillDeciding):
            await story.runtime.cases.decide(me, x.id, conclusion, f"d-{conclusion}")
    y = await story.runtime.cases.decide(me, x.id, Conclusion.STOP, "d-stop")
    assert y.state is State.DECIDED
