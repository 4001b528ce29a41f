"""A capture that was rejected, and the next one: what no machine knows is not lost with it."""

from bot.domain.evidence import EvidenceState
from tests.e2e.captures import capture, send, token
from tests.e2e.evidencing import COMMIT, running
from tests.harness.evidence import checklist, experiment
from tests.harness.stories import Hands, Story

AGAIN = ("latency_memory_note", "model_card_license")


async def reject_all(story: Story, by: Hands) -> None:
    """Reject whatever waits, one item after the other."""
    while any(e.waits for e in (await checklist(story)).values()):
        await by.command("/owroute evidence OW-1")
        await by.whispers()[-1].choose("Reject...")
        await by.modal.fill({"Reason": "another machine"})
        assert (await by.modal.submit()).ok, by.modal.errors


async def test_captured_rejected_captured_again_and_accepted(everywhere: Story) -> None:
    ada, _ = await running(everywhere)
    x, secret = await experiment(everywhere), await token(ada)
    assert x.decision is not None
    assert x.decision.model is not None
    ours = x.decision.model.weights.repo
    await send(everywhere, secret, capture(repo=ours, revision=COMMIT))
    before = await checklist(everywhere)
    await reject_all(everywhere, ada)
    items = await checklist(everywhere)
    assert {items[i].state for i in AGAIN} == {EvidenceState.REJECTED}
    later = capture(repo=ours, revision=COMMIT, latency={"p50": 0.7, "p95": 0.9})
    await send(everywhere, secret, later)
    await ada.command("/owroute evidence OW-1")
    sheet = ada.whispers()[-1]
    await sheet.click(next(b for b in sheet.buttons if b.startswith("Accept all")))
    items = await checklist(everywhere)
    assert {items[i].state for i in AGAIN} == {EvidenceState.GIVEN}
    note, card = (items[i].content for i in AGAIN)
    assert (note["latency"], note["cost"]) == ("0.7 s", before[AGAIN[0]].content["cost"])
    assert card == before[AGAIN[1]].content
    await everywhere.advance(seconds=60)  # what the channel's pace held back


async def test_a_part_of_what_was_rejected_is_named_with_what_it_lacks(everywhere: Story) -> None:
    ada, card = await running(everywhere)
    secret = await token(ada)
    await send(everywhere, secret, capture())
    await reject_all(everywhere, ada)
    gone = ("runtime", "cases", "memory", "disk_gib")
    short = {k: v for k, v in capture().items() if k not in gone}
    answer = await send(everywhere, secret, short)
    assert "Not whole yet: latency and memory note" in answer.text, answer.text
    await everywhere.advance(seconds=5)
    said = ada.thread(card)[-1].text
    assert "still missing: Memory" in said, said
