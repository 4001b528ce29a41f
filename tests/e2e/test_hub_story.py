"""A model outside the catalogue: read from the hub where it can be, else asked of people."""

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.domain.ids import TeamId
from engine.app import create_app, load_data
from engine.contract import ConstraintCard
from owroute.demo.stage import free_port
from owroute.server import served
from sandbox.hub_repositories import REPOSITORIES
from sandbox.seen import Shown
from tests.e2e.cards import COURSE
from tests.harness.stories import Hands, Story, a_story

OWL = "acme-labs/quiet-owl-7b"
OWN_GPU = {
    **COURSE,
    "Available route": "Private GPU",
    "Needs a service API": "No",
}
ON_AN_L4 = f"hardware=l4 model={OWL}"
CONFIG = json.dumps(REPOSITORIES[OWL].config)


def stricter() -> ASGIApp:
    """The engine as another version might be: it does not accept eight billion parameters."""
    engine = create_app(load_data())
    detail = {"pointer": "/architecture/params_total", "detail": "Eight is too many."}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await Request(scope, receive).body()

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        refused = Response(json.dumps({"errors": [detail], "detail": ""}), 422)
        to = refused if b'"params_total":8000000000' in body else engine
        await to(scope, again, send)

    return app


async def card_of(story: Story) -> ConstraintCard:
    """The newest card of OW-1, as it is kept."""
    async with story.runtime.store(read_only=True) as uow:
        x = await uow.plans.by_number(TeamId(story.workspace.team.id), 1)
    assert x is not None
    return x.latest.card


async def test_a_stranger_is_decided_with_facts_from_the_hub(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(OWN_GPU, arguments=ON_AN_L4)
    assert "parameter count" not in card.text
    [detail] = ada.thread(card)
    for fact in (REPOSITORIES[OWL].sha, "apache-2.0", "7.615616512"):
        assert fact in detail.text
    kept = await card_of(story)
    assert kept.architecture is not None
    assert (kept.license_id, kept.machine_name) == ("apache-2.0", None)


async def test_the_facts_stay_when_the_card_is_changed(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(OWN_GPU, arguments=ON_AN_L4)
    await card.click("Re-plan")
    await ada.modal.fill({"Task": "course Q&A assistant, second term"})
    assert (await ada.modal.submit()).ok
    await story.advance(seconds=5)
    assert "apache-2.0" in ada.thread(card)[0].now().text
    assert len(ada.thread(card)) == 2


async def test_a_repository_that_does_not_exist_says_so_and_fix_takes_the_facts(
    story: Story,
) -> None:
    ada = story.person("ada")
    card = await ada.plan(OWN_GPU, arguments="hardware=l4 model=acme-labs/no-such-bird")
    assert "Needs changes" in card.text
    await story.advance(seconds=5)
    said = ada.thread(card)[-1].text
    assert "has no acme-labs/no-such-bird, or it is not open to owroute" in said
    assert "Fix" in said
    assert "has no acme-labs/no-such-bird, or it is not open to owroute" in card.now().text
    await card.now().click("Fix")
    untouched = await ada.modal.submit()
    assert not untouched.ok
    assert "Name another model" in str(ada.modal.errors)
    await ada.modal.fill(
        {
            "config.json": json.dumps(REPOSITORIES[OWL].config),
            "Parameters in billions": "7.6",
        }
    )
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    assert "Parameters in billions: none → 7.6" in ada.thread(card)[-1].text
    await card.now().click("Fix")
    await ada.modal.fill({"Licence id": "apache-2.0"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    assert "Licence id: none → apache-2.0" in ada.thread(card)[-1].text
    kept = await card_of(story)
    assert kept.architecture is not None
    assert kept.architecture.params_total == 7_600_000_000


async def test_a_wrong_parameter_count_is_answered_beside_its_field(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(OWN_GPU, arguments="hardware=l4 model=acme-labs/no-such-bird")
    await card.now().click("Fix")
    await ada.modal.fill({"config.json": CONFIG, "Parameters in billions": "7600"})
    assert not (await ada.modal.submit()).ok
    assert list(ada.modal.errors) == ["Parameters in billions"]
    assert "about 7.62 billion parameters" in ada.modal.errors["Parameters in billions"]
    await ada.modal.fill({"Parameters in billions": "7.6"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    assert "Parameters in billions: none → 7.6" in ada.thread(card)[-1].text


async def test_a_shape_that_an_engine_does_not_accept_is_mended_by_fix(tmp_path: Path) -> None:
    async with (
        served(stricter(), grace=1) as port,
        a_story(tmp_path, engine=f"http://127.0.0.1:{port}") as story,
    ):
        ada = story.person("ada")
        card = await ada.plan(OWN_GPU, arguments="hardware=l4 model=acme-labs/no-such-bird")
        await described(ada, card, "8")
        await story.advance(seconds=5)
        assert "Eight is too many." in card.now().text
        await card.now().click("Change the card")
        assert (await ada.modal.submit()).ok, ada.modal.errors
        await story.advance(seconds=5)
        assert "Eight is too many." not in card.now().text, "the same shape does not come back"
        for count in ("8", "7.6"):
            await described(ada, card, count)
            await story.advance(seconds=5)
        kept = (await card_of(story)).architecture
        assert kept is not None
        assert kept.params_total == 7_600_000_000
        assert "Eight is too many." not in card.now().text


async def described(ada: Hands, card: Shown, count: str) -> None:
    """Fix, with the owl's shapes and so many billion parameters."""
    await card.now().click("Fix")
    assert ada.modal.labels == ["Model", "config.json", "Parameters in billions"]
    await ada.modal.fill({"config.json": CONFIG, "Parameters in billions": count})
    assert (await ada.modal.submit()).ok, ada.modal.errors


async def test_a_pasted_shape_that_does_not_help_leaves_another_model(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(OWN_GPU, arguments="hardware=l4 model=acme-labs/no-such-bird")
    linear = {**json.loads(CONFIG), "layer_types": ["linear_attention", "full_attention"]}
    await card.now().click("Fix")
    await ada.modal.fill({"config.json": json.dumps(linear), "Parameters in billions": "7.6"})
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    said = card.now().text
    assert "The config.json of acme-labs/no-such-bird is on the card" in said
    assert "Choose another model." in said
    assert "Paste its config.json" not in said
    await card.now().click("Fix")
    assert ada.modal.labels == ["Model"]


async def test_a_renamed_repository_names_its_new_name(story: Story) -> None:
    ada = story.person("ada")
    card = await ada.plan(OWN_GPU, arguments="hardware=l4 model=acme-labs/old-swift-3b")
    await story.advance(seconds=5)
    assert "is called acme-labs/swift-3b" in ada.thread(card)[-1].text
    assert "is called acme-labs/swift-3b" in card.now().text
    await card.now().click("Fix")
    assert ada.modal.labels == ["Model"]
    assert ada.modal.value("Model") == "acme-labs/swift-3b"
    assert (await ada.modal.submit()).ok, ada.modal.errors
    await story.advance(seconds=5)
    assert (await card_of(story)).model_repo == "acme-labs/swift-3b"
    assert "acme-labs/swift-3b" in card.now().text
    assert "Nothing is known here about the shape" not in card.now().text


async def test_a_gated_repository_is_told_in_the_readers_language(story: Story) -> None:
    lin = story.person("lin")
    card = await lin.plan(
        {"任务": "课程问答", "隐私": "公开"},
        arguments="route=private_gpu hardware=l4 budget=zero model=acme-labs/shy-heron-7b",
    )
    await story.advance(seconds=5)
    assert "受限模型" in lin.thread(card)[-1].text
    assert "受限模型" in card.now().text


async def test_a_hub_that_is_down_costs_seconds_and_one_sentence(tmp_path: Path) -> None:
    away = {"HF_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    async with a_story(tmp_path, more=away) as story:
        ada = story.person("ada")
        card = await ada.plan(OWN_GPU, arguments=ON_AN_L4)
        assert "Needs changes" in card.text
        await story.advance(seconds=5)
        notes = [m.text for m in ada.thread(card) if "gave no usable answer" in m.text]
        assert len(notes) == 1
