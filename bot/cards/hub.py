"""What the model hub said, in words. The next step is the reader's: Fix in Slack, else a file."""

from typing import assert_never

from bot.cards.i18n import words
from bot.cards.say import spoken
from bot.cards.text import Mrkdwn
from bot.domain.hub import Found, HubAnswer, Lack, Refusal, Renamed, Unreachable
from engine.contract import ConstraintCard


def hub_sentences(card: ConstraintCard, answer: HubAnswer, lang: str) -> list[Mrkdwn]:
    """Why the hub was no help for the card's model, a sentence for each reason."""
    say, repo = words(lang).hub, card.model_repo or ""
    match answer:
        case Found(lacks=lacks):
            return [spoken(lang, "hub", f"lacks_{lack.value}", repo) for lack in lacks]
        case Renamed(to=new):
            return [say.renamed(repo, new) if new else say.moved(repo)]
        case Unreachable(reason=reason):
            return [say.unreachable(reason)]
        case Refusal():
            return [spoken(lang, "hub", f"refused_{answer.value}", repo, card.revision or "")]
        case _:
            assert_never(answer)


def can_be_given(answer: HubAnswer) -> bool:
    """Whether people can give what the hub did not; another name or another model they choose."""
    wants_another = isinstance(answer, Found) and set(answer.lacks) <= {Lack.ATTENTION}
    return not wants_another and not isinstance(answer, Renamed)
