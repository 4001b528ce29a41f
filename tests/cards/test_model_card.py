"""A model card beside a decision: what agrees, what differs, and what is kept."""

from dataclasses import replace
from typing import Any

import pytest

from bot.cards import model_card as cards
from bot.cards.forms import model_card as forms
from bot.cards.forms.form import METADATA
from bot.domain.evidence_fields import FIELDS
from bot.domain.evidence_values import read_value
from bot.domain.model_card import ITEM, Agreement, agreement
from tests.cards.model_carding import COMMIT, OWL, bare, colab, other, same

DERIVED = {"repo": "Qwen/Qwen3-4B", "license_id": "apache-2.0", "allowed_use": "ours"}


@pytest.mark.parametrize(
    ("on_hub", "judged", "expected"),
    [
        ("apache-2.0", "Apache-2.0", Agreement.SAME),
        ("apache-2.0", "apache-2.0+gpt-oss-usage-policy", Agreement.MORE),
        ("apache-2.0+gpt-oss-usage-policy", "apache-2.0", Agreement.DIFFERS),
        ("apache", "apache-2.0", Agreement.DIFFERS),
        ("llama3.1", "llama3", Agreement.DIFFERS),
        (None, "mit", Agreement.UNNAMED),
        ("mit", None, Agreement.UNJUDGED),
        (None, None, Agreement.UNJUDGED),
    ],
)
def test_two_licences_are_compared(
    on_hub: str | None, judged: str | None, expected: Agreement
) -> None:
    assert agreement(on_hub, judged) is expected


def test_what_is_kept_would_have_been_accepted_from_a_person() -> None:
    kept = cards.content(colab("en"), same("en"), {}, "en")
    assert set(kept) == {field.name for field in FIELDS[ITEM]}
    assert kept == {f.name: read_value(f.kind, str(kept[f.name])) for f in FIELDS[ITEM]}


def test_what_a_person_wrote_of_the_same_licence_stays() -> None:
    x = colab("en")
    assert cards.content(x, same("en"), DERIVED, "en")["allowed_use"] == "ours"
    assert cards.content(x, bare("en"), DERIVED, "en")["license_id"] == "apache-2.0"
    of_another = cards.content(x, other("en"), DERIVED, "en")
    assert str(of_another["allowed_use"]).startswith("not judged for magpie_community *v2*; ")


def test_the_verdict_is_not_claimed_for_a_licence_it_was_not_made_for() -> None:
    x = colab("en")
    mit = replace(same("en"), license_id="mit")
    assert cards.differs(x, mit)
    assert not cards.differs(x, same("en"))
    assert cards.differs(x, replace(same("en"), revision=COMMIT))
    assert cards.differs(x, replace(same("en"), repo=OWL))


@pytest.mark.parametrize(
    ("typed", "repo", "revision"),
    [
        ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B", None),
        ("  Qwen/Qwen3-8B@main ", "Qwen/Qwen3-8B", "main"),
        (f"Qwen/Qwen3-8B@{COMMIT}", "Qwen/Qwen3-8B", COMMIT),
        ("https://huggingface.co/Qwen/Qwen3-8B/tree/main", "Qwen/Qwen3-8B", None),
        ("https://huggingface.co/Qwen/Qwen3-8B/", "Qwen/Qwen3-8B", None),
    ],
)
def test_a_repository_is_read_as_people_write_it(
    typed: str, repo: str, revision: str | None
) -> None:
    assert forms.repository_in(_view(typed)) == forms.Repository(repo, revision)


@pytest.mark.parametrize(
    "typed", ["", "qwen", "a/b/c", "a/b@", "../../etc", "a/b?x=1", "a/b\nc/d", "@/b", "a b/c"]
)
def test_what_is_no_repository_is_not_asked_for(typed: str) -> None:
    assert forms.repository_in(_view(typed)) is None


def test_what_was_shown_is_what_comes_back() -> None:
    view = forms.preview_modal(
        colab("en"), other("en"), "en", back="https://x.example/" + "b" * 500
    )
    assert len(view["private_metadata"]) <= METADATA
    sheet = forms.sheet_in(view)
    assert sheet.shown is not None
    found = sheet.shown.card
    assert cards.content(colab("en"), found, {}, "en") == cards.content(
        colab("en"), other("en"), {}, "en"
    )


def _view(typed: str) -> dict[str, Any]:
    value = {"type": "plain_text_input", "value": typed}
    return {"state": {"values": {forms.REPO: {"v": value}}}}
