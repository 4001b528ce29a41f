"""A Fix that is submitted as the card was: answered beside its field, and not planned again."""

from typing import Any

import pytest

from bot.cards import forms
from bot.domain.ids import UserId
from bot.domain.plans import Experiment
from engine.contract import ConstraintCard
from tests.forms.filling import NOW, TODAY, block_ids, card, conflicts, decided, experiment, payload

NO_SUCH = {"available_route": "local_gpu", "hardware": "h9000"}
TOO_LONG = {
    "available_route": "rented_gpu",
    "model": "meta-llama/Llama-3.3-70B-Instruct",
    "context_tokens": "200000",
    "concurrency": "64",
}


def opened(of: ConstraintCard, code: str, lang: str = "en") -> tuple[Experiment, Any]:
    x = experiment(of)
    return x, forms.fix_modal(x, conflicts(decided(of))[code], lang, today=TODAY)


def answer(x: Experiment, view: Any, **typed: str | None) -> ConstraintCard | forms.FieldErrors:
    return forms.answer_fix(payload(view, **typed), x, today=TODAY)


@pytest.mark.parametrize(
    ("values", "code", "field", "expected"),
    [
        (NO_SUCH, "HARDWARE_REQUIRED", "hardware", "Type a GPU from the list"),
        (TOO_LONG, "CONTEXT_EXCEEDS_NATIVE", "context_tokens", "Type a whole number from 1"),
    ],
)
def test_what_was_not_changed_is_answered_with_the_conflict_and_what_to_type(
    values: dict[str, str], code: str, field: str, expected: str
) -> None:
    x, view = opened(card(**values), code)
    wrong = answer(x, view)
    assert isinstance(wrong, forms.FieldErrors)
    said = wrong.by_block("en")
    assert list(said) == [field] == block_ids(view)[:1]
    conflict = conflicts(decided(card(**values)))[code]
    assert said[field].startswith("Nothing was changed, so the answer would be the same: ")
    assert conflict.text in said[field]
    assert expected in said[field]
    assert wrong.by_block("zh_CN")[field].startswith("没有任何改动，结果仍会一样：")


def test_a_model_typed_again_as_it_was_is_no_change() -> None:
    of = card(available_route="local_gpu", hardware="l4", model="meta-llama/Llama-3.3-70B-Instruct")
    x, view = opened(of, "DOES_NOT_FIT")
    assert isinstance(answer(x, view), ConstraintCard), "as it opens, it proposes what fits"
    wrong = answer(x, view, model=of.model_repo)
    assert isinstance(wrong, forms.FieldErrors)
    assert "Choose a smaller model or a shorter context" in wrong.by_block("en")["model"]


def test_what_was_changed_is_the_card_and_what_is_wrong_is_said_as_before() -> None:
    x, view = opened(card(**NO_SUCH), "HARDWARE_REQUIRED")
    assert answer(x, view, hardware="l4") == forms.parse_fix(
        payload(view, hardware="l4"), x.latest.card, today=TODAY
    )
    wrong = answer(x, view, hardware=None)
    assert isinstance(wrong, forms.FieldErrors)
    assert wrong.by_block("en") == {"hardware": "Please fill this in."}


def test_a_fix_that_was_drawn_for_an_older_card_is_left_to_the_service() -> None:
    x, view = opened(card(**NO_SUCH), "HARDWARE_REQUIRED")
    after = answer(x, view, hardware="l4")
    assert isinstance(after, ConstraintCard)
    newer = x.replanned(after, by=UserId("U2"), at=NOW)
    assert answer(newer, view, hardware="l4") == after
