"""The decision card: six lines in the channel, in every state an experiment can be in."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards import ids, say
from bot.cards.blocks import actions, button, context, headline, quoted, section
from bot.cards.decide import concluded_line
from bot.cards.i18n import words
from bot.cards.steps import CLOSED, OVER, buttons, can_fix, fix_button, menu, ref
from bot.cards.text import Mrkdwn, bold, channel, esc, joined, mention, one_line, unescaped
from bot.domain.delivery import Block, Message
from bot.domain.evidence import Progress
from bot.domain.ids import ChannelId
from bot.domain.plans import Experiment, State
from engine.contract import Conflict, ConflictCode, DecisionCard, Route, Severity, Status

TASK = 150
PROBLEM = 500
ARCHIVED = frozenset({"is_archived", "is_inactive"})
NOT_MEMBER = frozenset({"not_in_channel", "channel_not_found"})


def decision_card(x: Experiment, progress: Progress, lang: str) -> Message:
    """The card of an experiment that has a decision."""
    decision = x.decision
    if decision is None:
        return waiting_card(x, lang)
    top = (_where(x, decision, lang), esc(decision.route.why))
    closed = x.state in CLOSED
    blocking = [] if closed else _blocking(x, decision, lang)
    stops = [] if closed else [_stops(x, decision, lang)]
    concluded = _concluded(x, lang) if closed or decision.conflicts else []
    bottom = (*stops, *concluded, _evidence(x, progress, lang))
    blocks = [
        _title(x, lang),
        *(section(line) for line in top),
        *(section(line, accessory=fix) for line, fix in blocking),
        *([] if closed else _instead(x, decision, lang)),
        *(section(line) for line in bottom),
        *([context(words(lang).plan.replanning())] if x.is_deciding else []),
        *([] if x.state in OVER else [buttons(x, decision, lang)]),
    ]
    lines = (*top, *(line for line, _ in blocking), *bottom)
    return Message(_summary(x, lines, lang), tuple(blocks))


def waiting_card(x: Experiment, lang: str) -> Message:
    """The engine does not answer: what was typed is safe and will be decided."""
    if x.state in CLOSED:
        return _closed_card(x, lang)
    line = words(lang).plan.waiting()
    return Message(_summary(x, [line], lang), (_title(x, lang), section(line)))


def _closed_card(x: Experiment, lang: str) -> Message:
    """An experiment that ended before the engine could decide it."""
    lines = (*_concluded(x, lang), words(lang).plan.evidence_none(mention(x.owner)))
    row = [] if x.state in OVER else [actions([menu(x, lang)])]
    blocks = (_title(x, lang), *(section(line) for line in lines), *row)
    return Message(_summary(x, lines, lang), blocks)


def problem_card(x: Experiment, lang: str) -> Message:
    """The engine found the card invalid: its sentence, and the way to change the card."""
    say_, problem = words(lang).plan, one_line(x.latest.problem or "", PROBLEM)
    shape = _unaccepted_shape(x, lang)
    about = "problem_shape" if shape else "problem"
    stands = say.spoken(lang, "plan", f"{about}_stands" if x.decision else about)
    fix = [fix_button(x, shape, lang, primary=True)] if shape else []
    style = None if fix else "primary"
    change = button(say_.change_card(), ids.REPLAN, value=ref(x).dump(), style=style)
    row = actions([*fix, change, menu(x, lang)])
    text = _summary(x, (stands, problem), lang)
    return Message(text, (_title(x, lang), section(stands), quoted(problem), row))


def fixable(x: Experiment, code: str | None, lang: str) -> Conflict | None:
    """What a Fix button of the newest card speaks of; None when it is settled."""
    shape = _unaccepted_shape(x, lang)
    decided = x.decision if x.latest.problem is None else None
    found = (*decided.conflicts, *decided.warnings) if decided else (shape,) if shape else ()
    return next((c for c in found if c.code.value == code and c.fix), None)


def _unaccepted_shape(x: Experiment, lang: str) -> Conflict | None:
    """What the engine found about a shape that somebody gave, as something to fix.

    All else on a card the contract has held to its rules before the engine saw it.
    """
    if x.latest.problem is None or x.latest.card.architecture is None:
        return None
    return Conflict(
        code=ConflictCode.ARCH_UNSUPPORTED, severity=Severity.change, rule_id="shape",
        text=x.latest.problem, change=unescaped(words(lang).plan.describe_again()),
        fix=("architecture", "model_repo"), alternatives=(),
    )  # fmt: skip


def other_model(x: Experiment) -> str | None:
    """The model that every refusal of the newest decision offers instead, if there is one."""
    found = x.decision.conflicts if x.decision else ()
    offered = {c.passing.get("model_repo") for c in found if c.severity is Severity.refuse}
    only = offered.pop() if len(offered) == 1 else None
    return str(only) if only else None


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
    return replace(
        message,
        text=joined("\n", note, Mrkdwn(message.text)),
        blocks=(section(note), *message.blocks),
        files=(),
        plainer=(section(note), *message.plainer) if message.plainer else (),
    )


def _title(x: Experiment, lang: str) -> Block:
    strong = joined(" · ", say.standing_words(x, lang), x.label)
    return headline(say.SIGNS[say.standing(x)], strong, one_line(x.shown.card.task, TASK))


def _summary(x: Experiment, lines: Sequence[str], lang: str) -> Mrkdwn:
    """What a notification and a screen reader get: the whole card in words."""
    task = one_line(x.shown.card.task, TASK)
    first = joined(" · ", x.label, say.standing_words(x, lang), task)
    return joined("\n", first, *lines)


def _where(x: Experiment, decision: DecisionCard, lang: str) -> Mrkdwn:
    say_ = words(lang).plan
    route = say.route_words(decision.route.route.value, lang)
    if decision.model_family is None and decision.model is None:
        return say_.route_refused(route)
    machine = _machine(x, decision)
    parts: list[object] = [bold(route), *_what(decision), *machine, _price(decision, lang)]
    if decision.cost and decision.cost.session is not None:
        parts.append(say_.session(say.money(decision.cost.session), decision.cost.currency))
    elif decision.cost and x.shown.card.always_on:
        month = say.money(decision.cost.monthly)
        parts.append(words(lang).running.per_month(month, decision.cost.currency))
    return joined(" · ", *parts)


def _what(decision: DecisionCard) -> list[str]:
    """The model in its format, and the runtime it starts in; the family where none was chosen."""
    family, model = decision.model_family, decision.model
    told = f"{model.repo} {model.scheme}" if model else family.family if family else ""
    command = next(iter(decision.runtime_commands), None)
    runtime = command.runtime if command else family.runtime if family else ""
    return [text for text in (told, runtime) if text]


def _machine(x: Experiment, decision: DecisionCard) -> list[str]:
    """The GPUs: the offer's, else those the card names for a route that has its own."""
    if decision.offer:
        return [say.machine(decision.offer.gpu_id, decision.offer.gpu_count)]
    spec = x.shown.card.hardware
    own = decision.route.route in (Route.local_gpu, Route.private_gpu)
    return [say.machine(spec.gpu_id, spec.gpu_count)] if own and spec and spec.gpu_id else []


def _price(decision: DecisionCard, lang: str) -> Mrkdwn:
    say_ = words(lang).plan
    if decision.cost is not None:
        price = say_.price(say.money(decision.cost.hourly), decision.cost.currency)
        stale = any(w.code is ConflictCode.PRICE_STALE for w in decision.warnings)
        return say_.price_as_of(price, decision.cost.as_of.isoformat()) if stale else price
    match decision.route.route:
        case Route.rented_gpu:
            return say_.price_unknown()
        case Route.free_colab:
            return say_.price_free()
        case _:
            return say_.price_own()


def _blocking(
    x: Experiment, decision: DecisionCard, lang: str
) -> list[tuple[Mrkdwn, Block | None]]:
    """What is in the way of Go, each with its Fix. What line three said is not said again."""
    say_ = words(lang).plan
    if not decision.conflicts:
        return [(line, None) for line in _concluded(x, lang) or [say_.nothing_blocks()]]
    return [
        (
            say_.change(c.change)
            if c.text == decision.route.why
            else say_.blocks(c.text, c.change),
            fix_button(x, c, lang) if can_fix(c) else None,
        )
        for c in decision.conflicts
    ]


def _instead(x: Experiment, decision: DecisionCard, lang: str) -> list[Block]:
    """Routes that no refusal of this card rules out, and the model that all of them offer."""
    offered = [set(c.alternatives) for c in decision.conflicts if c.severity is Severity.refuse]
    common = set.intersection(*offered) if offered else set()
    buttons = [_alternative(x, r, lang) for r in Route if r in common]
    repo = other_model(x)
    if repo is not None:
        buttons.insert(0, _instead_model(x, repo, lang))
    if not buttons:
        return []
    return [context(words(lang).plan.instead()), actions(buttons)]


def _instead_model(x: Experiment, repo: str, lang: str) -> Block:
    text = words(lang).plan.with_model(repo.partition("/")[2])
    value = ref(x).model_copy(update={"choice": repo}).dump()
    return button(text, ids.OTHER_MODEL, value=value, says=words(lang).plan.says(text, x.label))


def _alternative(x: Experiment, route: Route, lang: str) -> Block:
    text = say.route_words(route.value, lang)
    says = words(lang).plan.says(text, x.label)
    return button(text, f"{ids.ALTERNATIVE}:{route.value}", value=ref(x).dump(), says=says)


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
    if x.state in CLOSED:
        return say_.evidence_closed(progress.given, progress.total, owner)
    if not progress.total or x.state is State.REFUSED:
        return say_.evidence_none(owner)
    if not progress.open:
        return say_.evidence_done(progress.total, owner)
    counts = (progress.given, progress.total, progress.open)
    if progress.claimed:
        return say_.evidence_claimed(*counts, progress.claimed, owner)
    return say_.evidence(*counts, owner)


def _concluded(x: Experiment, lang: str) -> list[Mrkdwn]:
    line = concluded_line(x, lang)
    return [] if line is None else [line]
