"""What the model hub said, in words. The next step is the reader's: Fix in Slack, else a file."""

from collections.abc import Sequence
from typing import Any, assert_never

from bot.cards.i18n import words
from bot.cards.say import spoken
from bot.cards.text import Mrkdwn, joined, unescaped
from bot.domain.hub import Found, HubAnswer, Lack, Refusal, Renamed, Unreachable
from engine.contract import Conflict, ConflictCode, ConstraintCard, DecisionCard

_ABOUT = {
    Lack.LICENCE: ConflictCode.LICENSE_UNKNOWN,
    Lack.LICENCE_ID: ConflictCode.LICENSE_UNKNOWN,
    Lack.REVISION: ConflictCode.REVISION_NOT_PINNED,
}
"""The conflict that a lack leaves open, where it is not the shape."""


UNREADABLE = ("too_large", "not_the_hub", "redirect", "unannounced")
"""Reasons of an answer that came and was of no use."""


def hub_sentences(card: ConstraintCard, answer: HubAnswer, lang: str) -> list[Mrkdwn]:
    """Why the hub was no help for the card's model, a sentence for each reason."""
    return told(card.model_repo or "", card.revision, answer, lang)


def told(repo: str, revision: str | None, answer: HubAnswer, lang: str) -> list[Mrkdwn]:
    """The same of any repository, at a commit or as it is now."""
    say = words(lang).hub
    match answer:
        case Found(lacks=lacks):
            return [spoken(lang, "hub", f"lacks_{lack.value}", repo) for lack in lacks]
        case Renamed(to=new):
            return [say.renamed(repo, new) if new else say.moved(repo)]
        case Unreachable(reason=reason):
            return [say.unreachable(repo, why_unreachable(reason, lang))]
        case Refusal():
            return [spoken(lang, "hub", f"refused_{answer.value}", repo, revision or "")]
        case _:
            assert_never(answer)


def why_unreachable(reason: str, lang: str) -> Mrkdwn:
    """Why nothing came of asking, in words: the reason itself is for the log."""
    kind, _, status = reason.partition("_")
    if kind == "http" and status.isdecimal():
        return spoken(lang, "hub", "why_status", status)
    if "timeout" in reason.lower():
        return spoken(lang, "hub", "why_late", "")
    name = "why_unreadable" if reason in UNREADABLE else "why_unreached"
    return spoken(lang, "hub", name, "")


def explained(
    decision: DecisionCard, card: ConstraintCard, answer: HubAnswer | None, lang: str
) -> DecisionCard:
    """The decision with the hub's reason in the line of what it leaves open.

    A repository with another name needs that name only: it is all that its Fix asks for. A shape
    that is there and does not help is not asked for again.
    """
    conflicts = decision.conflicts
    for about, part in _by_conflict(answer, [c.code for c in conflicts]) if answer else ():
        reason = unescaped(joined(" ", *hub_sentences(card, part, lang)))
        conflicts = tuple(
            _because(c, reason, part, lang) if c.code is about else c for c in conflicts
        )
    if _has_shape(card, answer):
        conflicts = tuple(_of_another_kind(c, card.model_repo or "", lang) for c in conflicts)
    return decision.model_copy(update={"conflicts": conflicts})


def _has_shape(card: ConstraintCard, answer: HubAnswer | None) -> bool:
    """Whether the shape is known: on the card, or by what the hub adds to it."""
    of_hub = isinstance(answer, Found) and answer.facts.architecture is not None
    return of_hub or card.architecture is not None


def _of_another_kind(conflict: Conflict, repo: str, lang: str) -> Conflict:
    """What the engine says of no shape, said of one whose memory cannot be calculated."""
    if conflict.code is not ConflictCode.ARCH_UNSUPPORTED:
        return conflict
    said = {
        "text": unescaped(words(lang).hub.another_kind(repo)),
        "change": unescaped(words(lang).hub.another_model()),
    }
    return conflict.model_copy(update=said)


def _by_conflict(
    answer: HubAnswer, present: Sequence[ConflictCode]
) -> list[tuple[ConflictCode, HubAnswer]]:
    """Which conflict a reason belongs to; one that concerns all of a model stands at the first."""
    if isinstance(answer, Found):
        return [
            (_ABOUT.get(lack, ConflictCode.ARCH_UNSUPPORTED), Found(answer.facts, (lack,)))
            for lack in answer.lacks
        ]
    open_ = [c for c in present if c in (ConflictCode.ARCH_UNSUPPORTED, *_ABOUT.values())]
    return [(open_[0], answer)] if open_ else []


def _because(conflict: Conflict, reason: str, answer: HubAnswer, lang: str) -> Conflict:
    text = unescaped(words(lang).hub.because(conflict.text, reason))
    changes: dict[str, Any] = {"text": text}
    if isinstance(answer, Renamed) and answer.to:
        changes |= {"fix": ("model_repo",), "passing": {"model_repo": answer.to}}
        changes["change"] = unescaped(words(lang).hub.use_name(answer.to))
    return conflict.model_copy(update=changes)


def can_be_given(answer: HubAnswer) -> bool:
    """Whether people can give what the hub did not; another name or another model they choose."""
    wants_another = isinstance(answer, Found) and set(answer.lacks) <= {Lack.ATTENTION}
    return not wants_another and not isinstance(answer, Renamed)
