"""What the route engine decides, as people meet it in Slack: numbers, refusals, and ways out."""

import re

from bot.domain.ids import TeamId
from engine.contract import DecisionCard
from sandbox.faults import Fault, FaultKind
from sandbox.seen import Shown
from tests.e2e.cards import LAPTOP, OWN_GPU, SERVICE
from tests.harness.stories import Hands, Story

LLAMA = "model=meta-llama/Llama-3.3-70B-Instruct"


async def decision_of(story: Story) -> DecisionCard:
    """The newest decision on OW-1, as it is kept."""
    async with story.runtime.store(read_only=True) as uow:
        x = await uow.plans.by_number(TeamId(story.workspace.team.id), 1)
    assert x is not None
    assert x.decision is not None
    return x.decision


async def fixed(story: Story, ada: Hands, card: Shown, **typed: str) -> str:
    """Press the first Fix, type what only people know, submit; what the thread says of it."""
    await card.now().click("Fix")
    await ada.modal.fill({label.replace("_", " "): text for label, text in typed.items()})
    outcome = await ada.modal.submit()
    assert outcome.ok, ada.modal.errors
    await story.advance(seconds=5)
    return ada.thread(card)[-1].text


async def test_a_rented_service_says_in_six_lines_what_it_runs_and_costs(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(SERVICE)
    lines = [block for block in card.message.blocks if block["type"] in ("rich_text", "section")]
    assert len(lines) == 6
    made = await decision_of(story)
    assert made.model is not None
    assert made.offer is not None
    assert made.cost is not None
    assert f"{made.model.repo} {made.model.scheme} · vLLM" in card.text
    price = rf"\d+\.\d\d USD/h as of {made.cost.as_of} · this session \d+\.\d\d USD"
    assert re.search(rf"· 1 x [A-Z0-9 ]+ · {price}", card.text)
    assert "after 4 h" in card.text
    assert "5/14, 9 need you" in card.text
    assert card.primary == ["GPU started"]


async def test_the_thread_holds_all_the_rest(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(SERVICE)
    [detail] = ada.thread(card)
    for part in (
        r"needs [0-9.]+ to [0-9.]+ GiB, expected [0-9.]+ GiB, of [0-9.]+ GiB usable",
        r"a month if it never stops \d+\.\d\d USD",
        r"Price of 2026-\d\d-\d\d",
        r"--name ow-1-ada\b",
        r"hf download \S+ --revision [0-9a-f]{40}",
        r"vllm serve \S+ --revision [0-9a-f]{40} --host 127\.0\.0\.1 --port 8000",
        r"--max-model-len 8192 ",
        r"curl -fsS http://127\.0\.0\.1:8000/v1/chat/completions",
        r"# 1\. The program\n",
        r"# 2\. The machine\n",
        r"# 3\. What is left and still costs\n",
        r"apache-2\.0",
        r"LoRA is locked until",
    ):
        assert re.search(part, detail.text), part
    made = await decision_of(story)
    assert len(made.rejected_families) == 5
    for family in made.rejected_families:
        assert family.label in detail.text
        assert family.code.value in detail.text
    assert "0.0.0.0" not in detail.text  # noqa: S104  # the address that must not be there


async def test_every_language_gets_all_of_it(story: Story) -> None:
    lin = story.person("lin")
    fields = {"任务": "课程问答", "可用路线": "租 GPU", "多久后停止": "4 小时"}
    card = await lin.plan(fields, arguments="privacy=public budget=small needs_service_api=yes")
    assert "可以开始" in card.text
    assert re.search(
        r"\d+\.\d\d USD/小时（\d{4}-\d\d-\d\d 的价格） · 本次 \d+\.\d\d USD", card.text
    )
    [detail] = lin.thread(card)
    for part in ("内存/显存", "成本", "许可证", "# 租用：", "关机", "被拒绝的模型族"):
        assert part in detail.text


async def test_a_model_that_the_budget_does_not_pay_for_is_refused_with_one_that_it_does(
    story: Story,
) -> None:
    ada = story.person("ada")
    card = await ada.plan(SERVICE, arguments=LLAMA)
    assert "Refused" in card.text
    assert "against a cap of 1.00" in card.text
    assert card.primary == ["Change the card"]
    await card.click("With Qwen2.5-14B-Instruct")
    await story.advance(seconds=5)
    assert "Go" in card.now().text
    assert "Qwen/Qwen2.5-14B-Instruct" in card.now().text
    said = ada.thread(card)[-1].text
    assert "Decision: Refused → Go" in said
    assert "Model: meta-llama/Llama-3.3-70B-Instruct → Qwen/Qwen2.5-14B-Instruct" in said
    assert re.search(r"Model and machine: none → Qwen/Qwen2\.5-14B-Instruct .* USD/h", said)


async def test_a_model_is_taken_once_however_often_its_button_is_pressed(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(SERVICE, arguments=LLAMA)
    story.workspace.faults.add(Fault(FaultKind.TOO_MANY, "chat.update", retry_after="30", times=1))
    await card.click("With Qwen2.5-14B-Instruct")
    await card.click("With Qwen2.5-14B-Instruct")  # Slack still shows the card of before
    assert "OW-1 was changed after you opened this" in ada.whispers()[-1].text
    await story.advance(minutes=2)
    assert "Go" in card.now().text
    assert len(ada.thread(card)) == 2


async def test_somebody_else_may_not_take_the_model(story: Story) -> None:
    card = await story.person("ada").plan(SERVICE, arguments=LLAMA)
    lin = story.person("lin")
    await lin.last("ml-lab").click("With Qwen2.5-14B-Instruct")
    assert "OW-1" in lin.whispers()[-1].text
    assert "Refused" in card.now().text


async def test_a_model_that_does_not_fit_is_replaced_by_one_that_does(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(OWN_GPU, arguments=f"hardware=l4 {LLAMA}")
    assert re.search(r"at most [0-9.]+ GiB, for 8,192 tokens", card.text)
    said = await fixed(story, ada, card)
    assert "Decision: Needs changes → Go" in said
    assert "Qwen/Qwen2.5-14B-Instruct" in card.now().text
    assert "1 x L4" in card.now().text


async def test_a_licence_that_forbids_the_use_is_no_way_to_go(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP, arguments="model=Qwen/Qwen2.5-3B-Instruct")
    assert "Refused" in card.text
    assert "does not allow commercial use" in card.text
    assert "this use is not allowed" in ada.thread(card)[0].text
    await card.click("With Qwen3-1.7B")
    await story.advance(seconds=5)
    assert "Go" in card.now().text


async def test_the_same_licence_allows_a_use_that_is_not_commercial(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(LAPTOP, arguments="model=Qwen/Qwen2.5-3B-Instruct")
    await card.click("Change the card")
    form = ada.modal
    await form.press("change")
    await ada.modal.put("Commercial use", "No")
    await ada.modal.submit()
    assert "As it stands: Go" in form.text
    assert (await form.submit()).ok, form.errors
    await story.advance(seconds=5)
    assert "Go" in card.now().text
    assert "Qwen/Qwen2.5-3B-Instruct" in card.now().text


async def test_a_price_that_is_too_old_is_looked_up_by_a_person(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(SERVICE, arguments="providers_allowed=vast")
    assert "too old to count with" in card.text
    assert "USD/h ·" not in card.text
    assert "Cost" not in ada.thread(card)[0].text
    await card.click("Fix")
    await ada.modal.put("USD per hour, seen today", "0,30")
    assert not (await ada.modal.submit()).ok
    assert ada.modal.errors["USD per hour, seen today"].startswith("Type 0.30")
    await ada.modal.put("USD per hour, seen today", "0.30")
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    assert "Go" in card.now().text
    assert "0.30 USD/h · this session" in card.now().text
    assert "Price of 2026-11-23" in ada.thread(card)[0].now().text


async def test_hardware_that_runs_no_format_is_named_with_its_capability(story: Story) -> None:
    ada = story.person("ada")
    fields = {**OWN_GPU, "Needs a service API": "Yes"}
    card = await ada.plan(fields, arguments="hardware=v100-16gb model=Qwen/Qwen3-8B")
    assert "compute capability is 7.0; its formats need at least 7.5" in card.text
    await fixed(story, ada, card, Hardware="NVIDIA H100 80GB HBM3")
    assert "Go" in card.now().text
    assert "1 x H100 80 GB" in card.now().text


async def test_a_budget_for_a_month_names_the_hours_that_fit(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan({**SERVICE, "Stop after": "8 h"}, arguments="max_monthly=10")
    assert "above the cap of 10.00" in card.text
    said = await fixed(story, ada, card)
    assert "Days per month: none → 3" in said
    assert "Go" in card.now().text
