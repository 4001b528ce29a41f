"""An experiment's history: short messages in the thread below its card."""

from collections.abc import Iterable, Sequence

from bot.cards import ids, say
from bot.cards.blocks import actions, button, literal, section
from bot.cards.facts import facts
from bot.cards.hub import can_be_given, hub_sentences
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.text import Mrkdwn, esc, joined, mention, one_line
from bot.domain.delivery import Message
from bot.domain.hub import HubAnswer
from bot.domain.ids import UserId
from bot.domain.plans import ARCHIVE_AFTER, ASK_AFTER, Experiment
from engine.contract import Conflict, ConstraintCard, DecisionCard, Status

TASK = 150


def started_note(x: Experiment, by: UserId, lang: str) -> Message:
    """Somebody runs it."""
    return _line(words(lang).history.started(mention(by), x.label))


def dropped_note(x: Experiment, by: UserId, lang: str) -> Message:
    """The plan will not be run."""
    return _line(words(lang).history.dropped(mention(by), x.label))


def archived_note(x: Experiment, by: UserId | None, lang: str) -> Message:
    """Archived by a person, or by itself where `by` is None."""
    say_ = words(lang).history
    if by is None:
        return _line(say_.archived_itself(x.label, ARCHIVE_AFTER.days))
    return _line(say_.archived(mention(by), x.label))


def owner_note(x: Experiment, by: UserId, lang: str) -> Message:
    """Handed over."""
    return _line(words(lang).history.owner(mention(by), x.label, mention(x.owner)))


def not_started_question(x: Experiment, lang: str) -> Message:
    """Asked once, three days after the last decision."""
    say_, ref = words(lang).history, PlanRef(e=x.id, r=x.latest.number).dump()
    text = say_.question(mention(x.owner), x.label, ASK_AFTER.days, ARCHIVE_AFTER.days)
    row = []
    if x.decision is not None and x.decision.status is Status.ok:
        row.append(button(say_.start(), ids.START, value=ref, style="primary"))
    row.append(button(say_.drop(), ids.DROP, value=ref))
    return Message(text, (section(text), actions(row)))


def difference(x: Experiment, card: ConstraintCard, before: DecisionCard, lang: str) -> Message:
    """What a re-plan changed: the card it was given, and what the engine made of it.

    `card` and `before` are of the revision that was in force.
    """
    say_, after = words(lang).history, x.decision
    head = say_.replanned(x.shown.number, mention(x.shown.submitted_by))
    decided = _decision_changes(before, after, lang) if after else []
    lines = [*decided, *_card_changes(card, x.shown.card, lang)]
    if not decided:
        lines = [say_.same(), *lines]
    return Message(joined("\n", head, *lines), (section(head), literal(*lines)))


def hub_note(card: ConstraintCard, answer: HubAnswer, lang: str) -> Message:
    """Why the hub could not say what the card needs, and what to do."""
    next_step = [words(lang).hub.use_fix()] if can_be_given(answer) else []
    return _line(joined(" ", *hub_sentences(card, answer, lang), *next_step))


def together(messages: Sequence[Message]) -> Message:
    """Several messages as one, in this order."""
    text = joined("\n", *(Mrkdwn(m.text) for m in messages))
    return Message(text, tuple(block for m in messages for block in m.blocks))


def _line(text: Mrkdwn) -> Message:
    return Message(text, (section(text),))


def _card_changes(before: ConstraintCard, after: ConstraintCard, lang: str) -> list[Mrkdwn]:
    say_, old, new = words(lang).history, facts(before, lang), facts(after, lang)
    nothing = (say_.nothing(), say_.nothing())
    changed = [n for n in {**old, **new} if old.get(n) != new.get(n)]
    lines = [
        say_.changed((new.get(n) or old[n])[0], old.get(n, nothing)[1], new.get(n, nothing)[1])
        for n in changed
    ]
    if before.task != after.task:
        lines.insert(0, say_.task(one_line(after.task, TASK)))
    return lines


def _decision_changes(before: DecisionCard, after: DecisionCard, lang: str) -> list[Mrkdwn]:
    say_ = words(lang).history
    sides = tuple(_decision(d, lang) for d in (before, after))
    named = (say_.decision(), say_.route(), say_.family(), words(lang).detail.model())
    pairs = zip(named, *sides, strict=True)
    return [
        *(say_.changed(what, old, new) for what, old, new in pairs if old != new),
        *(say_.settled(c.text) for c in _without(before.conflicts, after.conflicts)),
        *(say_.new(c.text) for c in _without(after.conflicts, before.conflicts)),
    ]


def _decision(decision: DecisionCard, lang: str) -> tuple[Mrkdwn, Mrkdwn, Mrkdwn, Mrkdwn]:
    nothing, family = words(lang).history.nothing(), decision.model_family
    return (
        say.status_words(decision.status, lang),
        say.route_words(decision.route.route.value, lang),
        esc(family.family) if family else nothing,
        joined(" · ", *_runs(decision, lang)) or nothing,
    )


def _runs(decision: DecisionCard, lang: str) -> list[str]:
    """What runs, on which rented machine, at which price."""
    model, offer, cost = decision.model, decision.offer, decision.cost
    parts: list[str] = [f"{model.repo} {model.scheme}"] if model else []
    if offer:
        parts.append(say.machine(offer.gpu_id, offer.gpu_count))
    if cost:
        parts.append(words(lang).plan.price(say.money(cost.hourly), cost.currency))
    return parts


def _without(some: Iterable[Conflict], others: Iterable[Conflict]) -> list[Conflict]:
    known = {c.code for c in others}
    return [c for c in some if c.code not in known]
