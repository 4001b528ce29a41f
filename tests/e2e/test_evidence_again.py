"""A capture that was rejected, and the next one: what no machine knows is not lost with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.evidence import EvidenceState
from tests.e2e.captures import PUBLIC, capture, send, token
from tests.e2e.evidencing import COMMIT, running
from tests.harness.evidence import checklist, experiment
from tests.harness.stores import KINDS, database_url
from tests.harness.stories import Hands, Story, a_story

AGAIN = ("latency_memory_note", "model_card_license")


@pytest.fixture(params=KINDS)
async def public(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Story]:
    """A bot with a public address, on either store."""
    async with (
        database_url(request.param, tmp_path) as url,
        a_story(tmp_path, database_url=url, more=PUBLIC) as found,
    ):
        yield found


async def reject_all(story: Story, by: Hands) -> None:
    """Reject whatever waits, one item after the other."""
    while any(e.waits for e in (await checklist(story)).values()):
        await by.command("/owroute evidence OW-1")
        await by.whispers()[-1].choose("Reject...")
        await by.modal.fill({"Reason": "another machine"})
        assert (await by.modal.submit()).ok, by.modal.errors


async def test_captured_rejected_captured_again_and_accepted(public: Story) -> None:
    ada, _ = await running(public)
    x, secret = await experiment(public), await token(ada)
    assert x.decision is not None
    assert x.decision.model is not None
    ours = x.decision.model.weights.repo
    await send(public, secret, capture(repo=ours, revision=COMMIT))
    before = await checklist(public)
    await reject_all(public, ada)
    items = await checklist(public)
    assert {items[i].state for i in AGAIN} == {EvidenceState.REJECTED}
    later = capture(repo=ours, revision=COMMIT, latency={"p50": 0.7, "p95": 0.9})
    await send(public, secret, later)
    await ada.command("/owroute evidence OW-1")
    sheet = ada.whispers()[-1]
    await sheet.click(next(b for b in sheet.buttons if b.startswith("Accept all")))
    items = await checklist(public)
    assert {items[i].state for i in AGAIN} == {EvidenceState.GIVEN}
    note, card = (items[i].content for i in AGAIN)
    assert (note["latency"], note["cost"]) == ("0.7 s", before[AGAIN[0]].content["cost"])
    assert card == before[AGAIN[1]].content
    await public.advance(seconds=60)  # what the channel's pace held back


async def test_a_part_of_what_was_rejected_is_named_with_what_it_lacks(public: Story) -> None:
    ada, card = await running(public)
    secret = await token(ada)
    await send(public, secret, capture())
    await reject_all(public, ada)
    gone = ("runtime", "cases", "memory", "disk_gib")
    short = {k: v for k, v in capture().items() if k not in gone}
    answer = await send(public, secret, short)
    assert "Not whole yet: latency and memory note" in answer.text, answer.text
    await public.advance(seconds=5)
    said = ada.thread(card)[-1].text
    assert "still missing: Memory" in said, said
