"""Evidence in Slack: the checklist of an experiment, and the lines its thread keeps."""

from collections.abc import Sequence

from bot.cards import say
from bot.cards.i18n import words
from bot.cards.text import code, mention
from bot.domain.delivery import Message
from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.ids import UserId
from bot.domain.plans import Experiment


def attached_note(
    x: Experiment, items: Sequence[Evidence], by: UserId | None, lang: str
) -> Message:
    """Who put what down, and what of it still waits to be accepted or completed."""
    say_, who = words(lang).evidence, mention(by or x.owner)
    claimed = [e.label for e in items if e.state is EvidenceState.CLAIMED]
    given = [e.label for e in items if e.state is EvidenceState.GIVEN]
    partly = [e.label for e in items if e.state is EvidenceState.MISSING]
    lines = [
        line
        for names, line in (
            (given, say_.gave(who, say.listed(given, lang))),
            (claimed, say_.captured(say.listed(claimed, lang), mention(x.owner))),
            (partly, say_.partly(say.listed(partly, lang))),
        )
        if names
    ]
    return Message("\n".join(lines))


def accepted_note(x: Experiment, items: Sequence[Evidence], by: UserId, lang: str) -> Message:
    """Whose claims stand now."""
    names = say.listed([e.label for e in items], lang)
    return Message(words(lang).evidence.accepted(mention(by), names))


def rejected_note(x: Experiment, item: Evidence, by: UserId, lang: str) -> Message:
    """What does not do, and why."""
    return Message(words(lang).evidence.rejected(mention(by), item.label, code(item.reason or "")))


def waived_note(x: Experiment, item: Evidence, by: UserId, lang: str) -> Message:
    """What nobody needs to give any more, and why."""
    return Message(words(lang).evidence.waived(mention(by), item.label, code(item.reason or "")))


def assigned_note(x: Experiment, item: Evidence, to: UserId, by: UserId, lang: str) -> Message:
    """Who is asked for it from now on."""
    return Message(words(lang).evidence.assigned(mention(by), item.label, mention(to)))
