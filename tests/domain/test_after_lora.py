"""The checklist once LoRA is decided."""

from datetime import timedelta

from bot.cards.decide import lora_items
from bot.domain.evidence import Evidence, EvidenceState, progress
from bot.domain.replanning import after_lora, reconciled
from tests.cards.made import checklist, planned
from tests.forms.filling import NOW

LATER = NOW + timedelta(days=1)
TUNED = {"available_route": "local_gpu", "hardware": "rtx4090", "needs_fine_tuning": "yes"}
BOTH = {"before_after_eval", "adapter_artifact"}


def required(items: tuple[Evidence, ...]) -> set[str]:
    return {e.item for e in items if e.counts}


def test_what_was_listed_becomes_required_in_its_place() -> None:
    before = checklist(planned(TUNED))
    after = after_lora(before, LATER, lora_items("en"))
    assert [e.item for e in after] == [e.item for e in before]
    assert required(after) - required(before) == BOTH


def test_what_was_not_listed_is_added_before_what_is_retired() -> None:
    before = reconciled(checklist(planned(TUNED)), planned().decision.evidence, NOW)  # type: ignore[union-attr]  # it is decided
    assert {e.item for e in before if e.state is EvidenceState.RETIRED} > BOTH
    after = after_lora(before, LATER, lora_items("en"))
    assert required(after) - required(before) == BOTH
    last = [e.state for e in after].index(EvidenceState.RETIRED)
    assert all(e.state is EvidenceState.RETIRED for e in after[last:])
    plain = after_lora(checklist(planned()), LATER, lora_items("en"))
    assert [e.item for e in plain[-2:]] == ["before_after_eval", "adapter_artifact"]


def test_lora_twice_is_lora_once() -> None:
    once = after_lora(checklist(planned()), LATER, lora_items("en"))
    assert after_lora(once, LATER, lora_items("en")) == once
    assert progress(once).total == progress(checklist(planned())).total + 2
