"""What the route engine decides, as people meet it in Slack: numbers, refusals, and ways out."""

import json
import re
from pathlib import Path

import pytest

from bot.domain.ids import TeamId
from engine.contract import DecisionCard
from sandbox.faults import Fault, FaultKind
from sandbox.hub import REPOSITORIES
from sandbox.seen import NotThere, Shown
from tests.e2e.cards import COURSE, LAPTOP
from tests.engine.overlays import CATALOG, OFFERS, OURS, written
from tests.harness.stories import Hands, Story, a_story

SERVICE = {**COURSE, "Privacy": "Public", "Stop after": "4 h"}
"""A public service on a rented GPU for an afternoon: Go at once."""

EXPERIMENT = {**SERVICE, "Needs a service API": "No"}
OWN_GPU = {**LAPTOP, "Available route": "Private GPU", "Budget": "Small"}
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
    assert re.search(r"· 1 x [A-Z0-9 ]+ · \d+\.\d\d USD/h · this session \d+\.\d\d USD", card.text)
    assert "after 4 h" in card.text
    assert "0/14, 14 need you" in card.text
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
    assert re.search(r"\d+\.\d\d USD/小时 · 本次 \d+\.\d\d USD", card.text)
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
    assert re.search(r"needs [0-9.]+–[0-9.]+ GiB for 8,192 tokens", card.text)
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
    assert "Days per month: none → 6" in said
    assert "Go" in card.now().text


async def test_a_model_that_nobody_knows_is_described_where_the_hub_is_off(
    tmp_path: Path,
) -> None:
    async with a_story(tmp_path, more={"HF_ENDPOINT": "off"}) as story:
        ada = story.person("ada")
        arguments = "hardware=h100-80gb model=acme-labs/quiet-owl-7b license_id=apache-2.0"
        card = await ada.plan(OWN_GPU, arguments=arguments)
        assert "Nothing is known here about the shape of acme-labs/quiet-owl-7b" in card.text
        await card.click("Fix")
        assert ada.modal.labels == ["config.json", "Parameters in billions"]
        config = json.dumps(REPOSITORIES["acme-labs/quiet-owl-7b"].config)
        await ada.modal.fill({"config.json": config, "Parameters in billions": "7.6"})
        assert (await ada.modal.submit()).ok, ada.modal.errors
        await story.advance(seconds=5)
        assert "Go" in card.now().text
        assert "acme-labs/quiet-owl-7b BF16" in card.now().text
        assert "7.6 billion parameters" in ada.thread(card)[0].now().text


async def test_a_model_that_the_hub_knows_needs_no_typing_even_where_it_is_rented(
    story: Story,
) -> None:
    ada = story.person("ada")
    card = await ada.plan(SERVICE, arguments="model=acme-labs/quiet-owl-7b")
    assert "Go" in card.text
    assert "acme-labs/quiet-owl-7b BF16 · vLLM" in card.text
    revision = REPOSITORIES["acme-labs/quiet-owl-7b"].sha
    assert f"vllm serve acme-labs/quiet-owl-7b --revision {revision}" in ada.thread(card)[0].text


OUR_PRICE = (
    "provider,sku,gpu,gpu_count,vram_gb_per_gpu,usd_per_hour,tier,region,as_of,source_url,note\n"
    "runpod,ours,A100 SXM,1,80,0.05,secure,any,2026-11-20,https://www.runpod.io/pricing,\n"
)


async def test_a_team_s_own_prices_count_and_are_named_in_the_thread(tmp_path: Path) -> None:
    written(tmp_path / "bot" / "overlay", {OFFERS: OUR_PRICE})
    async with a_story(tmp_path) as story:
        ada = story.person("ada")
        card = await ada.plan(SERVICE)
        assert "0.05 USD/h" in card.text
        [detail] = ada.thread(card)
        assert f"your team's own data: {OFFERS}" in detail.text


async def test_a_broken_overlay_is_named_by_file_and_line_and_left_out(tmp_path: Path) -> None:
    ours = "models:\n  - repo: ours/small-7b\n    layers: many\n"
    broken: dict[str, str | bytes] = {OFFERS: OUR_PRICE, OURS: ours}
    written(tmp_path / "bot" / "overlay", broken)
    async with a_story(tmp_path) as story:
        ada = story.person("ada")
        card = await ada.plan(SERVICE)
        assert "Go" in card.text
        assert "0.05 USD/h" not in card.text
        [detail] = ada.thread(card)
        assert "your team's own data" not in detail.text
        [said] = story.errors()
        assert f"{OURS}:" in said
        story.expect_errors(1)


@pytest.mark.parametrize(
    ("label", "typed", "expected"),
    [
        ("Context tokens", "0", "1"),
        ("Context tokens", "1000000000000", "16777216"),
        ("Concurrent requests", "4097", "4096"),
        ("RAM in GiB", "0", "16"),
    ],
)
async def test_an_absurd_number_is_answered_beside_its_field(
    story: Story, label: str, typed: str, expected: str
) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.fill(LAPTOP)
    await ada.modal.press("More constraints")
    await ada.modal.put(label, typed)
    assert not (await ada.modal.submit()).ok
    assert expected in ada.modal.errors[label]
    assert not ada.cards("ml-lab")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("model=Qwen/Qwen3-8B@main", '"main" is not a fixed version'),
        ("hardware='-1 x l4'", "Hardware"),
        ("hardware='65 x l4'", "Hardware"),
        ("model=qwen3", "Model"),
    ],
)
async def test_what_cannot_be_is_named_on_top_of_the_card_and_not_used(
    story: Story, arguments: str, says: str
) -> None:
    ada = story.person("ada")
    await ada.command(f"/owroute plan {arguments}")
    assert says in ada.modal.text
    await ada.modal.fill(LAPTOP)
    assert (await ada.modal.submit()).ok, ada.modal.errors
    assert "Go" in ada.last("ml-lab").text


@pytest.mark.parametrize("typed", ["-1 x l4", "65 x l4", "no such thing"])
async def test_hardware_that_cannot_be_is_not_suggested(story: Story, typed: str) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.press("More constraints")
    with pytest.raises(NotThere):
        await ada.modal.put("Hardware", typed)


async def test_suggestions_help_to_choose_and_are_what_the_card_gets(story: Story) -> None:
    ada = story.person("ada")
    await ada.command("/owroute plan")
    await ada.modal.fill({**OWN_GPU, "Needs a service API": "Yes"})
    await ada.modal.press("More constraints")
    await ada.modal.put("Model", "qwen3 8b")
    await ada.modal.put("Hardware", "RTX 4090")
    assert ada.modal.value("Model") == "Qwen/Qwen3-8B · 8.2B · apache-2.0"
    assert ada.modal.value("Hardware") == "GeForce RTX 4090 · 24 GB"
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    card = ada.last("ml-lab")
    assert "Qwen/Qwen3-8B" in card.text
    assert "1 x RTX 4090" in card.text
    assert CATALOG not in ada.thread(card)[0].text
