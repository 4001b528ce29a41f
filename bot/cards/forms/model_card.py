"""**Read it from the Hub**: a repository, then what its card says, to be confirmed.

It lies on top of the form of the item, which keeps all that was typed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.cards import ids
from bot.cards import model_card as cards
from bot.cards.blocks import button, context, field, modal, paragraphs, section
from bot.cards.forms.form import inputs
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.text import code
from bot.domain.delivery import Block
from bot.domain.hub import Renamed
from bot.domain.ids import ExperimentId
from bot.domain.model_card import ITEM, CardAnswer, ModelCard, NoCard
from bot.domain.plans import Experiment
from bot.errors import OldButton

REPO = "repo"
LIMIT = 300
_TYPED = re.compile(
    r"(?:https?://[^/\s]+/)?([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})"
    r"(?:@([A-Za-z0-9][\w.-]{0,99}))?(?:/(?:tree|blob)/.*)?/?",
    re.ASCII,
)


class Shown(BaseModel):
    """What of a card was shown and is kept when it is confirmed."""

    model_config = ConfigDict(frozen=True)

    repo: str
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")
    page: str
    license_id: str | None = None

    @property
    def card(self) -> ModelCard:
        """As the rest of owroute knows it."""
        return ModelCard(self.repo, self.revision, self.page, self.license_id)


class CardSheet(BaseModel):
    """What the view remembers. `back`: where the checklist can be shown anew."""

    model_config = ConfigDict(frozen=True)

    v: Literal[1] = 1
    e: ExperimentId
    back: str = ""
    shown: Shown | None = None

    def dump(self) -> str:
        """The text a view carries."""
        return self.model_dump_json(exclude_none=True)


@dataclass(frozen=True, slots=True)
class Repository:
    """What was typed: a repository, and a revision where one was named."""

    repo: str
    revision: str | None = None


def offer(x: Experiment, item: str, lang: str) -> list[Block]:
    """The button in the form of the item that a model card fills."""
    if item != ITEM:
        return []
    say_, ref = words(lang).model_card, PlanRef(e=x.id, r=x.latest.number, item=item)
    return [section(say_.offer(), accessory=button(say_.read(), ids.HUB_CARD, value=ref.dump()))]


def sheet_in(view: Mapping[str, Any]) -> CardSheet:
    """What a view remembers; `OldButton` when another version of owroute drew it."""
    try:
        return CardSheet.model_validate_json(str(view.get("private_metadata") or ""))
    except ValidationError:
        raise OldButton from None


def repository_in(view: Mapping[str, Any]) -> Repository | None:
    """What was typed, `owner/name@revision` or a page's address; None when it is neither."""
    found = _TYPED.fullmatch((inputs(view).get(REPO) or "").strip())
    return Repository(found[1], found[2]) if found else None


def asking_modal(x: Experiment, lang: str, *, back: str = "") -> Block:
    """Which repository; at first the one the decision runs."""
    about = section(words(lang).model_card.about(x.label))
    return _asking(x, [about], cards.weights(x), lang, back)


def reading_modal(x: Experiment, repo: str, lang: str, *, back: str, external_id: str) -> Block:
    """While the hub is asked. What follows finds the view by `external_id`."""
    say_ = words(lang).model_card
    blocks = [section(say_.reading(code(repo))), context(say_.patience())]
    sheet = CardSheet(e=x.id, back=back).dump()
    view = modal(ids.MODEL_CARD_MODAL, say_.title(), blocks, close=say_.back(), metadata=sheet)
    return {**view, "external_id": external_id}


def answer_modal(
    x: Experiment, asked: Repository, answer: CardAnswer, lang: str, *, back: str
) -> Block:
    """The preview, or why there is none and the field once more."""
    if isinstance(answer, ModelCard):
        return preview_modal(x, answer, lang, back=back)
    say_ = words(lang).model_card
    why = cards.no_card(x, asked.repo, asked.revision, answer, lang)
    return _asking(x, [section(why), context(say_.by_hand())], _next(asked, answer), lang, back)


def preview_modal(x: Experiment, card: ModelCard, lang: str, *, back: str) -> Block:
    """What the card says beside what the decision says, to be confirmed."""
    say_ = words(lang).model_card
    shown = Shown(
        repo=card.repo, revision=card.revision, page=card.page, license_id=card.license_id
    )
    return modal(
        ids.MODEL_CARD_MODAL,
        say_.title(),
        [
            *paragraphs(cards.facts(card, lang)),
            *paragraphs(cards.compared(x, card, lang)),
            context(*cards.safety(card, lang)),
        ],
        submit=say_.use_this(),
        close=say_.back(),
        metadata=CardSheet(e=x.id, back=back, shown=shown).dump(),
    )


def wrong_repository(lang: str) -> dict[str, str]:
    """The sentence beside the field."""
    return {REPO: str(words(lang).model_card.wrong_repo())}


def _next(asked: Repository, answer: CardAnswer) -> str:
    """What stands in the field to be looked up next."""
    if isinstance(answer, Renamed) and answer.to:
        return answer.to
    if answer is NoCard.NO_REVISION:
        return f"{asked.repo}@main"
    return f"{asked.repo}@{asked.revision}" if asked.revision else asked.repo


def _asking(x: Experiment, above: list[Block], repo: str, lang: str, back: str) -> Block:
    say_ = words(lang).model_card
    element: Block = {
        "type": "plain_text_input",
        "action_id": ids.FIELD,
        "max_length": LIMIT,
        **({"initial_value": repo[:LIMIT]} if repo else {}),
    }
    return modal(
        ids.MODEL_CARD_MODAL,
        say_.title(),
        [*above, field(REPO, say_.label_repo(), element, hint=say_.hint_repo())],
        submit=say_.look_up(),
        close=say_.back(),
        metadata=CardSheet(e=x.id, back=back).dump(),
    )
