"""Why the model hub was no help, in the line of the card that it leaves open."""

import pytest

from bot.cards.hub import explained, hub_sentences
from bot.domain.hub import NO_FACTS, Facts, Found, HubAnswer, Lack, Refusal, Renamed, Unreachable
from engine.contract import DecisionCard
from tests.cards.made import described, planned

OWL = "acme-labs/quiet-owl-7b"
STRANGER = {"available_route": "local_gpu", "hardware": "l4", "model": OWL}
SHAPE, LICENCE = "ARCH_UNSUPPORTED", "LICENSE_UNKNOWN"


def told(answer: HubAnswer, lang: str = "en") -> tuple[DecisionCard, DecisionCard]:
    """A decision as the engine gave it, and with the hub's reason."""
    x = planned(STRANGER, lang)
    assert x.decision is not None
    return x.decision, explained(x.decision, x.latest.card, answer, lang)


def added(before: DecisionCard, after: DecisionCard) -> dict[str, str]:
    """What each conflict says now that it did not say before."""
    pairs = zip(before.conflicts, after.conflicts, strict=True)
    assert all(new.text.startswith(old.text) for old, new in pairs)
    pairs = zip(before.conflicts, after.conflicts, strict=True)
    return {
        new.code.value: new.text.removeprefix(old.text).strip()
        for old, new in pairs
        if new.text != old.text
    }


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (Refusal.MISSING, SHAPE, f"The Hugging Face Hub has no {OWL}, or it is not open"),
        (Refusal.OFF, SHAPE, "owroute is set not to ask"),
        (Refusal.PRIVATE, SHAPE, "owroute does not ask the model hub that HF_ENDPOINT names"),
        (Renamed(None), SHAPE, f"{OWL} has moved on the Hugging Face Hub"),
        (Unreachable("timeout"), SHAPE, "The Hugging Face Hub gave no usable answer just now"),
        (Found(NO_FACTS, (Lack.GATED,)), SHAPE, f"{OWL} is gated"),
        (Found(NO_FACTS, (Lack.COUNT,)), SHAPE, "The Hugging Face Hub does not say how many"),
        (Found(NO_FACTS, (Lack.LICENCE,)), LICENCE, "The Hugging Face Hub names no licence"),
        (Found(NO_FACTS, (Lack.LICENCE_ID,)), LICENCE, f"The licence of {OWL} is written"),
    ],
)
def test_the_reason_stands_in_the_line_of_what_it_leaves_open(
    answer: HubAnswer, code: str, says: str
) -> None:
    before, after = told(answer)
    ((place, words),) = added(before, after).items()
    assert place == code
    assert words.startswith(says)
    assert [c.fix for c in after.conflicts] == [c.fix for c in before.conflicts]


def test_two_lacks_stand_at_two_lines() -> None:
    before, after = told(Found(NO_FACTS, (Lack.GATED, Lack.LICENCE)))
    assert added(before, after).keys() == {SHAPE, LICENCE}


def test_a_repository_with_another_name_is_mended_by_that_name_alone() -> None:
    _, after = told(Renamed("acme-labs/loud-owl-7b"))
    conflict = after.conflicts[0]
    assert "is called acme-labs/loud-owl-7b on the Hugging Face Hub now" in conflict.text
    assert conflict.change == "Plan with acme-labs/loud-owl-7b."
    assert (conflict.fix, conflict.passing) == (
        ("model_repo",), {"model_repo": "acme-labs/loud-owl-7b"},
    )  # fmt: skip


def test_a_hostile_name_is_kept_as_it_is_and_escaped_once() -> None:
    _, after = told(Renamed("a/<!channel>&b"))
    assert "is called a/<!channel>&b on" in after.conflicts[0].text


def test_chinese_sentences_stand_without_a_blank_between() -> None:
    before, after = told(Refusal.MISSING, "zh_CN")
    joint = "。Hugging Face Hub 上没有"
    assert joint in after.conflicts[0].text
    assert joint not in before.conflicts[0].text


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
@pytest.mark.parametrize("lack", Lack)
def test_every_lack_has_its_sentence(lack: Lack, lang: str) -> None:
    (sentence,) = hub_sentences(planned(STRANGER).latest.card, Found(NO_FACTS, (lack,)), lang)
    assert OWL in sentence


def test_a_shape_that_does_not_help_is_not_asked_for_again() -> None:
    x = planned(STRANGER)
    assert x.decision is not None
    shape = described().architecture
    given = x.latest.card.model_copy(update={"architecture": shape})
    found = Found(Facts(architecture=shape), (Lack.ATTENTION,))
    for card, answer in ((given, None), (x.latest.card, found)):
        conflict = explained(x.decision, card, answer, "en").conflicts[0]
        assert conflict.code.value == SHAPE
        assert "Nothing is known" not in conflict.text
        assert f"The config.json of {OWL} is on the card" in conflict.text
        assert conflict.change == "Choose another model."
    unknown = explained(x.decision, x.latest.card, None, "en").conflicts[0]
    assert "Paste its config.json" in unknown.change
