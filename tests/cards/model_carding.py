"""Model cards to show."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.cards import model_card as cards
from bot.cards.forms import model_card as forms
from bot.domain.delivery import Message
from bot.domain.hub import Renamed, Unreachable
from bot.domain.ids import UserId
from bot.domain.model_card import CardAnswer, ModelCard, NoCard
from bot.domain.plans import Experiment
from tests.cards.made import COLAB, planned

ADA = UserId("U0ADA00001")
BACK = "https://hooks.example/1"
PAGE = "https://huggingface.co/{}/blob/{}/README.md"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OWL = "acme-labs/quiet-owl-7b"


def colab(lang: str) -> Experiment:
    return planned(COLAB, lang)


def same(lang: str) -> ModelCard:
    """The card of what the decision runs."""
    decision = colab(lang).decision
    assert decision is not None
    assert decision.model is not None
    repo, revision = decision.model.weights.repo, decision.model.weights.revision or COMMIT
    return ModelCard(
        repo=repo,
        revision=revision,
        page=PAGE.format(repo, revision),
        license_id="apache-2.0",
        license_link=f"https://huggingface.co/{repo}/blob/{revision}/LICENSE",
        languages=("en", "zh"),
        context_length=40_960,
        parameters=4_022_468_096,
        last_modified=date(2026, 10, 20),
    )


def other(lang: str) -> ModelCard:
    """Another repository, with all there is to mind."""
    return replace(
        same(lang),
        repo=OWL,
        revision=COMMIT,
        page=PAGE.format(OWL, COMMIT),
        license_id="magpie_community *v2*",
        languages=tuple(f"l{n}" for n in range(200)),
        gated=True,
        cautions=("custom_code", "not-for-all-audiences"),
    )


def bare(lang: str) -> ModelCard:
    """A card that says next to nothing, of another revision."""
    repo = same(lang).repo
    return ModelCard(repo, COMMIT, PAGE.format(repo, COMMIT))


def preview(card: ModelCard, lang: str) -> Mapping[str, Any]:
    return forms.preview_modal(colab(lang), card, lang, back=BACK)


def told(answer: CardAnswer, lang: str, revision: str | None = None) -> Mapping[str, Any]:
    asked = forms.Repository(OWL, revision)
    return forms.answer_modal(colab(lang), asked, answer, lang, back=BACK)


MODEL_CARDING: dict[str, Callable[[str], Message | Mapping[str, Any]]] = {
    "model_card": lambda lang: forms.asking_modal(colab(lang), lang, back=BACK),
    "model_card_reading": lambda lang: forms.reading_modal(
        colab(lang), OWL, lang, back=BACK, external_id="card:1"
    ),
    "model_card_preview": lambda lang: preview(same(lang), lang),
    "model_card_preview_other": lambda lang: preview(other(lang), lang),
    "model_card_preview_bare": lambda lang: preview(bare(lang), lang),
    "model_card_gated": lambda lang: told(NoCard.GATED, lang),
    "model_card_missing": lambda lang: told(NoCard.MISSING, lang),
    "model_card_no_revision": lambda lang: told(NoCard.NO_REVISION, lang, COMMIT),
    "model_card_token": lambda lang: told(NoCard.TOKEN, lang),
    "model_card_off": lambda lang: told(NoCard.OFF, lang),
    "model_card_renamed": lambda lang: told(Renamed("acme-labs/loud-owl-7b"), lang),
    "model_card_moved": lambda lang: told(Renamed(None), lang),
    "model_card_led_away": lambda lang: told(Unreachable("redirect"), lang),
    "model_card_unreachable": lambda lang: told(Unreachable("timeout"), lang),
    "model_card_kept": lambda lang: cards.kept_note(colab(lang), same(lang), ADA, lang),
    "model_card_kept_other": lambda lang: cards.kept_note(colab(lang), other(lang), ADA, lang),
}
