"""The decision card: six lines in the channel, in every state an experiment can be in."""

from collections.abc import Sequence

from bot.cards import ids, say
from bot.cards.blocks import actions, button, context, headline, option, overflow, section
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.text import Mrkdwn, channel, joined, mention, one_line
from bot.domain.delivery import Block, Message
from bot.domain.evidence import Progress
from bot.domain.ids import ChannelId
from bot.domain.plans import Experiment, State
from engine.contract import Conflict, DecisionCard, Route, Severity, Status

TASK = 150
ARCHIVED = frozenset({"is_archived", "is_inactive"})
NOT_MEMBER = frozenset({"not_in_channel", "channel_not_found"})
OVER = (State.ARCHIVED, State.DROPPED)


def decision_card(x: Experiment, progress: Progress, lang: str) -> Message:
    """The card of an experiment that has a decision."""
    decision = x.decision
    if decision is None:
        return waiting_card(x, lang)
    lines = [
        _where(decision, lang),
        decision.route.why,
        *([] if x.state in OVER else _blocked(decision, lang)),
        _stops(x, decision, lang),
        _evidence(x, progress, lang),
    ]
    blocks = [_title(x, lang), section(lines[0]), section(lines[1])]
    if x.state not in OVER:
        blocks += _conflicts(x, decision, lang)
    blocks += [section(_stops(x, decision, lang)), section(_evidence(x, progress, lang))]
    if x.is_deciding:
        blocks.append(context(words(lang).plan.replanning()))
    if x.state not in OVER:
        blocks.append(_buttons(x, decision, lang))
    return Message(_summary(x, lines, lang), tuple(blocks))


def waiting_card(x: Experiment, lang: str) -> Message:
    """The engine does not answer: what was typed is safe and will be decided."""
    line = words(lang).plan.waiting()
    return Message(_summary(x, [line], lang), (_title(x, lang), section(line)))


def problem_card(x: Experiment, lang: str) -> Message:
    """The engine found the card invalid: its sentence, and the way to change the card."""
    line = words(lang).plan.problem(one_line(x.latest.problem or "", 500))
    ref = PlanRef(e=x.id, r=x.latest.number)
    change = button(words(lang).plan.change_card(), ids.REPLAN, value=ref.dump(), style="primary")
    return Message(_summary(x, [line], lang), (_title(x, lang), section(line), actions([change])))


def fixable(x: Experiment, code: str | None) -> Conflict | None:
    """What a Fix button of the newest decision speaks of; None when it is settled."""
    if x.decision is None:
        return None
    found = (*x.decision.conflicts, *x.decision.warnings)
    return next((c for c in found if c.code.value == code and c.fix), None)


def fix_button(x: Experiment, conflict: Conflict, lang: str, *, primary: bool = False) -> Block:
    """**Fix** for one conflict or warning."""
    ref = PlanRef(e=x.id, r=x.latest.number, code=conflict.code.value)
    action = f"{ids.FIX}:{conflict.code.value}{':primary' if primary else ''}"
    text = words(lang).plan.fix_says(x.label, conflict.code.value)
    return button(
        words(lang).plan.fix(),
        action,
        value=ref.dump(),
        style="primary" if primary else None,
        says=text,
    )


def in_direct_message(message: Message, place: ChannelId, error: str, lang: str) -> Message:
    """A card that its channel refused, whole, with the reason and the way out on top."""
    say_ = words(lang).plan
    where = channel(place)
    if error in NOT_MEMBER:
        note = say_.moved_not_member(where)
    elif error in ARCHIVED:
        note = say_.moved_archived(where)
    else:
        note = say_.moved_other(where, error)
    return Message(joined("\n", note, Mrkdwn(message.text)), (section(note), *message.blocks))


def _title(x: Experiment, lang: str) -> Block:
    strong = joined(" · ", say.standing_words(x, lang), x.label)
    return headline(say.SIGNS[say.standing(x)], strong, one_line(x.shown.card.task, TASK))


def _summary(x: Experiment, lines: Sequence[str], lang: str) -> Mrkdwn:
    """What a notification and a screen reader get: the whole card in words."""
    task = one_line(x.shown.card.task, TASK)
    first = joined(" · ", x.label, say.standing_words(x, lang), task)
    return joined("\n", first, *lines)


def _where(decision: DecisionCard, lang: str) -> Mrkdwn:
    say_ = words(lang).plan
    route = say.route_words(decision.route.route.value, lang)
    if decision.model_family is None:
        return say_.route_refused(route)
    model = decision.model.repo if decision.model else decision.model_family.family
    parts: list[object] = [say_.route(route, model, decision.model_family.runtime)]
    if decision.offer:
        parts.append(f"{decision.offer.gpu_count} x {decision.offer.gpu_id}")
    parts.append(_price(decision, lang))
    if decision.cost and decision.cost.session is not None:
        parts.append(say_.session(say.usd(decision.cost.session)))
    return joined(" · ", *parts)


def _price(decision: DecisionCard, lang: str) -> Mrkdwn:
    say_ = words(lang).plan
    if decision.cost is not None:
        return say_.price(say.usd(decision.cost.hourly))
    match decision.route.route:
        case Route.rented_gpu:
            return say_.price_unknown()
        case Route.free_colab:
            return say_.price_free()
        case _:
            return say_.price_own()


def _blocked(decision: DecisionCard, lang: str) -> list[Mrkdwn]:
    if not decision.conflicts:
        return [words(lang).plan.nothing_blocks()]
    return [words(lang).plan.blocks(c.text, c.change) for c in decision.conflicts]


def _conflicts(x: Experiment, decision: DecisionCard, lang: str) -> list[Block]:
    if not decision.conflicts:
        return [section(words(lang).plan.nothing_blocks())]
    blocks = []
    for conflict in decision.conflicts:
        fix = fix_button(x, conflict, lang) if _can_fix(conflict) else None
        blocks.append(
            section(words(lang).plan.blocks(conflict.text, conflict.change), accessory=fix)
        )
    routes = _alternatives(decision)
    if decision.status is Status.refused and routes:
        blocks.append(context(words(lang).plan.instead()))
        blocks.append(actions([_alternative(x, route, lang) for route in routes]))
    return blocks


def _can_fix(conflict: Conflict) -> bool:
    return conflict.severity is Severity.change and bool(conflict.fix)


def _alternatives(decision: DecisionCard) -> list[Route]:
    """Routes that no refusal of this card rules out, each once, in the refusals' order."""
    offered = [set(c.alternatives) for c in decision.conflicts if c.severity is Severity.refuse]
    common = set.intersection(*offered) if offered else set()
    return [r for r in Route if r in common]


def _alternative(x: Experiment, route: Route, lang: str) -> Block:
    ref = PlanRef(e=x.id, r=x.latest.number)
    text = say.route_words(route.value, lang)
    return button(
        text,
        f"{ids.ALTERNATIVE}:{route.value}",
        value=ref.dump(),
        says=words(lang).plan.says(text, x.label),
    )


def _stops(x: Experiment, decision: DecisionCard, lang: str) -> Mrkdwn:
    say_, card, owner = words(lang).plan, x.shown.card, mention(x.owner)
    if decision.status is Status.refused:
        return say_.stops_never_started()
    if card.always_on and card.review_date is not None:
        return say_.stops_review(card.review_date.isoformat(), owner)
    if decision.route.stop_after_hours is not None:
        return say_.stops_after(say.hours(decision.route.stop_after_hours), owner)
    match decision.route.route:
        case Route.rented_gpu:
            return say_.stops_unknown()
        case Route.free_colab:
            return say_.stops_colab(owner)
        case _:
            return say_.stops_own(owner)


def _evidence(x: Experiment, progress: Progress, lang: str) -> Mrkdwn:
    say_, owner = words(lang).plan, mention(x.owner)
    if not progress.total:
        return say_.evidence_none(owner)
    if not progress.open:
        return say_.evidence_done(progress.total, owner)
    return say_.evidence(progress.given, progress.total, progress.open, owner)


def _buttons(x: Experiment, decision: DecisionCard, lang: str) -> Block:
    say_, ref = words(lang).plan, PlanRef(e=x.id, r=x.latest.number)
    row: list[Block] = []
    replan = button(
        say_.replan(), ids.REPLAN, value=ref.dump(), says=say_.says(say_.replan(), x.label)
    )
    if x.state is State.REFUSED:
        replan["text"] = button(say_.change_card(), ids.REPLAN)["text"]
        replan["style"] = "primary"
    elif x.state is State.PLANNED:
        row += _primary(x, decision, lang)
    menu = overflow(
        ids.MORE,
        [
            option(text, ref.model_copy(update={"choice": choice}).dump())
            for text, choice in (
                (say_.change_owner(), ids.CHANGE_OWNER),
                (say_.archive(), ids.ARCHIVE),
            )
        ],
    )
    return actions([*row, replan, menu])


def _primary(x: Experiment, decision: DecisionCard, lang: str) -> list[Block]:
    """The one thing to do next: mend what blocks, or start."""
    mendable = [c for c in decision.conflicts if _can_fix(c)]
    if mendable:
        return [fix_button(x, mendable[0], lang, primary=True)]
    if decision.status is not Status.ok or x.is_deciding:
        return []
    say_, ref = words(lang).plan, PlanRef(e=x.id, r=x.latest.number)
    rented = decision.route.route is Route.rented_gpu
    text = say_.gpu_started() if rented else say_.running_it()
    start = button(
        text, ids.START, value=ref.dump(), style="primary", says=say_.says(text, x.label)
    )
    return [start]
