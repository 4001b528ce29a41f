"""An experiment's history: short messages in the thread below its card."""

from bot.cards import ids, say
from bot.cards.blocks import actions, button, section
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.text import Mrkdwn, joined, mention, one_line
from bot.domain.delivery import Message
from bot.domain.ids import UserId
from bot.domain.plans import ARCHIVE_AFTER, ASK_AFTER, Experiment
from engine.contract import ConstraintCard, DecisionCard

VALUE = 80
QUIET = frozenset({"as_of", "machine_name", "task"})
"""Card fields whose change says nothing about the decision, and the task, which the title shows."""


def started_note(x: Experiment, by: UserId, lang: str) -> Message:
    """Somebody runs it."""
    return _line(words(lang).history.started(mention(by)))


def dropped_note(x: Experiment, by: UserId, lang: str) -> Message:
    """The plan will not be run."""
    return _line(words(lang).history.dropped(mention(by)))


def archived_note(x: Experiment, by: UserId | None, lang: str) -> Message:
    """Archived by a person, or by itself."""
    say_ = words(lang).history
    return _line(say_.archived(mention(by)) if by else say_.archived_itself(ARCHIVE_AFTER.days))


def owner_note(x: Experiment, by: UserId, lang: str) -> Message:
    """Handed over."""
    return _line(words(lang).history.owner(mention(by), mention(x.owner)))


def not_started_question(x: Experiment, lang: str) -> Message:
    """Asked once, three days after the last decision."""
    say_, ref = words(lang).history, PlanRef(e=x.id, r=x.latest.number).dump()
    text = say_.question(mention(x.owner), x.label, ASK_AFTER.days)
    row = []
    if x.decision is not None and x.decision.status.value == "ok":
        row.append(button(say_.start(), ids.START, value=ref, style="primary"))
    row.append(button(say_.drop(), ids.DROP, value=ref))
    return Message(text, (section(text), actions(row)))


def difference(x: Experiment, card: ConstraintCard, before: DecisionCard, lang: str) -> Message:
    """What a re-plan changed: the card it was given, and what the engine made of it.

    `card` and `before` are of the revision that was in force.
    """
    say_, after = words(lang).history, x.decision
    if after is None:
        return _line(say_.same())
    lines = [
        *_card_changes(card, x.shown.card, lang),
        *_decision_changes(before, after, lang),
    ]
    head = say_.replanned(x.shown.number, mention(x.shown.submitted_by))
    return _line(joined("\n", head, *(lines or [say_.same()])))


def _line(text: Mrkdwn) -> Message:
    return Message(text, (section(text),))


def _card_changes(before: ConstraintCard, after: ConstraintCard, lang: str) -> list[Mrkdwn]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [
        words(lang).history.changed(name, _value(old[name], lang), _value(new[name], lang))
        for name in new
        if name not in QUIET and old.get(name) != new[name]
    ]


def _decision_changes(before: DecisionCard, after: DecisionCard, lang: str) -> list[Mrkdwn]:
    say_ = words(lang).history
    pairs = (
        (
            say_.decision(),
            say.status_words(before.status, lang),
            say.status_words(after.status, lang),
        ),
        (
            say_.route(),
            say.route_words(before.route.route.value, lang),
            say.route_words(after.route.route.value, lang),
        ),
        (say_.family(), _family(before, lang), _family(after, lang)),
    )
    lines = [say_.changed(what, old, new) for what, old, new in pairs if old != new]
    settled = say.codes(before) - say.codes(after)
    new = say.codes(after) - say.codes(before)
    if settled:
        lines.append(say_.gone(", ".join(sorted(settled))))
    if new:
        lines.append(say_.new(", ".join(sorted(new))))
    return lines


def _family(decision: DecisionCard, lang: str) -> str:
    return decision.model_family.family if decision.model_family else words(lang).history.nothing()


def _value(value: object, lang: str) -> str:
    empty = value is None or value in ("", [])
    return words(lang).history.nothing() if empty else one_line(str(value), VALUE)
