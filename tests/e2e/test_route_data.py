"""What the route engine is told: models it does not know, a team's own data, and what cannot be."""

import json
from pathlib import Path

import pytest

from sandbox.hub_repositories import REPOSITORIES
from sandbox.seen import NotThere
from tests.e2e.cards import LAPTOP, OWN_GPU, SERVICE
from tests.engine.overlays import CATALOG, OFFERS, OURS, written
from tests.harness.stories import Story, a_story


async def test_a_model_that_nobody_knows_is_described_where_the_hub_is_off(
    tmp_path: Path,
) -> None:
    async with a_story(tmp_path, more={"HF_ENDPOINT": "off"}) as story:
        ada = story.person("ada")
        arguments = "hardware=h100-80gb model=acme-labs/quiet-owl-7b license_id=apache-2.0"
        card = await ada.plan(OWN_GPU, arguments=arguments)
        assert "Nothing is known here about the shape of acme-labs/quiet-owl-7b" in card.text
        await card.click("Fix")
        assert ada.modal.labels == ["Model", "config.json", "Parameters in billions"]
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
