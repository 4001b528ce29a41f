"""The spine, five times: from `/owroute plan` to a complete record, as people press and type."""

from collections.abc import Mapping

import pytest

from bot.cards.forms.evidence_inputs import example, label
from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.evidence_fields import fields_of
from bot.domain.record_model import Record
from engine.contract import Lang
from engine.load import load_data
from engine.records import check_record
from sandbox.seen import Shown
from tests.e2e.cards import LAPTOP, OWN_GPU, SERVICE
from tests.e2e.delivered import file_of, shared, uploads
from tests.e2e.evidencing import attach, kept, paste
from tests.harness.gpu_hands import start_gpu
from tests.harness.stories import Hands, Story

OPEN = (EvidenceState.MISSING, EvidenceState.REJECTED)
SENTENCES = load_data().rules[Lang.en].evidence.record
WITHHELD = {"sha256": "b" * 64, "chars": 16}
SPINES: Mapping[str, tuple[Mapping[str, str], str]] = {
    "laptop": ({**LAPTOP, "Privacy": "Public"}, ""),
    "colab": ({**LAPTOP, "Privacy": "Public", "Available route": "Free Colab"}, ""),
    "rented service": (SERVICE, ""),
    "private documents": (OWN_GPU, "hardware=l4"),
    "lora": ({**OWN_GPU, "Privacy": "Public", "Needs fine-tuning": "Yes"}, "hardware=l4"),
}


def captured(*, private: bool) -> str:
    """What the script prints; of private documents no words."""
    if not private:
        return paste()
    rows = [{"case_id": f"c{n}", "pass": n != 2, "seconds": 0.5} for n in range(1, 6)]
    cases = {"total": 5, "passed": 4, "failed": 1, "unjudged": 0, "sha256": "a" * 64, "rows": rows}
    first = {"prompt": WITHHELD, "output": WITHHELD, "seconds": 1.25}
    return paste(private=True, first=first, cases=cases)


async def all_put_down(story: Story, by: Hands, *, private: bool) -> None:
    """Paste the capture, accept it, and type what is still missing, item by item."""
    errors = await attach(
        by, "runtime command", {"Paste-back of the capture script": captured(private=private)}
    )
    assert not errors
    await story.advance(seconds=5)
    await by.command("/owroute evidence OW-1")
    sheet = by.whispers()[-1]
    accept = next(b for b in sheet.buttons if b.startswith("Accept"))
    await sheet.click(accept, confirmed=True)
    for item in await owed(story):
        errors = await attach(by, item.label, typed(item, private=private))
        assert not errors, (item.item, errors)


async def owed(story: Story) -> list[Evidence]:
    items, _ = await kept(story)
    return [e for e in items.values() if e.counts and e.state in OPEN]


def typed(item: Evidence, *, private: bool) -> dict[str, str]:
    """Every field of an item with the example beside it."""
    fields = fields_of(item.item, private=private)
    return {str(label(item.item, f, "en")): str(example(item.item, f, "en")) for f in fields}


async def decide(by: Hands, card: Shown, conclusion: str) -> None:
    await card.now().choose("Decide")
    await by.modal.fill({"What is decided": conclusion})
    assert (await by.modal.submit()).ok, by.modal.errors


async def started(story: Story, by: Hands, fields: Mapping[str, str], arguments: str) -> Shown:
    """Plan, Fix until it says Go, and start."""
    card = await by.plan(fields, arguments=arguments)
    while "Needs changes" in card.now().text:
        await card.now().click("Fix")
        await by.modal.submit()
        await story.advance(seconds=5)
    if card.now().primary == ["GPU started"]:
        await start_gpu(card.now())
    else:
        await card.now().click(card.now().primary[0])
    await story.advance(seconds=5)
    return card


async def trained(story: Story, by: Hands, card: Shown) -> None:
    """LoRA is decided; what it owes is put down."""
    await decide(by, card, "LoRA")
    await story.advance(seconds=5)
    assert {e.item for e in await owed(story)} == {"before_after_eval", "adapter_artifact"}
    for item in await owed(story):
        assert not await attach(by, item.label, typed(item, private=False))
    await story.advance(seconds=5)


@pytest.mark.parametrize("name", SPINES)
async def test_from_a_decision_to_a_complete_record(story: Story, name: str) -> None:
    fields, arguments = SPINES[name]
    private = fields["Privacy"] == "Private documents"
    ada = story.person("ada")
    card = await started(story, ada, fields, arguments)
    await all_put_down(story, ada, private=private)
    await story.advance(seconds=5)
    if name == "lora":
        await trained(story, ada, card)
    assert "Complete" in card.now().text
    assert card.now().primary == ["Decide"]
    await decide(ada, card, "Keep")
    await ada.command("/owroute record OW-1")
    await shared(story)
    (said,) = uploads(story, ada)
    content = file_of(story, said, ".json").content
    assert content is not None
    record = Record.model_validate_json(content)
    assert check_record(record.nine, SENTENCES).valid
    assert record.missing == ()
    assert b"What is RAG?" not in content or not private
