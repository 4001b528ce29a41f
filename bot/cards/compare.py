"""An experiment's card on all five routes, side by side, and the best next step."""

from collections.abc import Mapping, Sequence

from bot.cards import ids, say, status
from bot.cards.blocks import actions, button, context, headline, section
from bot.cards.help import start_buttons
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.tables import NOTHING, Rung, Table, drawn, lines
from bot.cards.text import Mrkdwn, channel, code, esc, joined, one_line
from bot.domain.compare import Advice, NextStep, blocking, next_step, rent
from bot.domain.delivery import Block, Message
from bot.domain.evidence import Progress
from bot.domain.ids import ExperimentId
from bot.domain.plans import OPEN, Experiment
from engine.contract import CostEstimate, DecisionCard, FitReport, Route, Status

TASK = 150
CHANGE = 160
TYPED = 60
OWN = 300
"""Characters of the names of a team's own files."""
LISTED = 10
SIGNS = {Status.ok: "✓", Status.needs_changes: "!", Status.refused: "✗"}
"""Plain signs beside the words: a table shows emoji names as they are typed."""


def comparison(x: Experiment, plans: Sequence[DecisionCard], rung: Rung, lang: str) -> Message:
    """The private answer to *Compare routes*."""
    say_, step = words(lang).compare, next_step(plans, x.route)
    title, compared = say_.title(x.label), table(plans, lang, say_.caption(x.label))
    best = say_.best(advice(step, plans, lang))
    task = one_line(x.latest.card.task, TASK)
    blocks = [
        headline("bar_chart", title, task),
        *drawn(compared, rung),
        section(best),
        context(*_dates(plans, lang)),
        *([_buttons(x, step, plans, lang)] if x.state in OPEN else []),
    ]
    text = joined("\n", joined(" · ", title, task), *lines(compared, lang), best)
    return Message(text, tuple(blocks))


def table(plans: Sequence[DecisionCard], lang: str, caption: object) -> Table:
    """A row per route; what is not known is a dash."""
    say_ = words(lang).compare
    head = (
        say_.head_route(), say_.head_answer(), say_.head_model(), say_.head_memory(),
        say_.head_hour(), say_.head_month(), say_.head_takes(),
    )  # fmt: skip
    return Table(esc(caption), head, tuple(_row(plan, lang) for plan in plans))


def advice(step: NextStep, plans: Sequence[DecisionCard], lang: str) -> Mrkdwn:
    """The best next step in one sentence, with the number that decided it."""
    say_, conflicts = words(lang).compare, blocking(step.plan)
    route = say.route_words(step.route.value, lang)
    what = conflicts[0].change if conflicts else NOTHING
    match step.advice:
        case Advice.KEEP:
            ready = sum(plan.status is Status.ok for plan in plans)
            return say_.keep(route, _cost(step.plan, lang), ready)
        case Advice.MOVE:
            return _move(route, step, lang)
        case Advice.CHANGE:
            return say_.change(route, what, len(conflicts))
        case Advice.NOWHERE:
            return say_.nowhere(route, what, len(conflicts))


def moved(x: Experiment, route: Route, lang: str) -> Message:
    """What a press of *Plan it on ...* leads to."""
    where = say.route_words(route.value, lang)
    return Message(words(lang).compare.moved(x.label, where, channel(x.channel)))


def which(
    typed: str,
    experiments: Sequence[Experiment],
    progress: Mapping[ExperimentId, Progress],
    lang: str,
    word: str = "compare",
) -> Message:
    """No experiment has the number that was typed behind `word`: what to type, what is open."""
    asked, shown = getattr(words(lang), word), experiments[:LISTED]
    first = asked.unknown(code(one_line(typed, TYPED))) if typed else asked.which()
    head = words(lang).compare.open(len(experiments)) if shown else words(lang).status.empty()
    names = [joined(" · ", x.label, one_line(x.shown.card.task, TASK)) for x in shown]
    listed = status.listed(shown, progress, lang)
    blocks = (section(first), section(head), *listed, start_buttons(lang))
    return Message(joined("\n", first, head, *names), blocks)


def _row(plan: DecisionCard, lang: str) -> tuple[Mrkdwn, ...]:
    answer = joined(" ", SIGNS[plan.status], say.status_words(plan.status, lang))
    return (
        say.route_words(plan.route.route.value, lang),
        answer,
        _model(plan, lang),
        _memory(plan.fit, lang) if plan.fit else NOTHING,
        *_prices(plan, lang),
        _takes(plan, lang),
    )


def _model(plan: DecisionCard, lang: str) -> Mrkdwn:
    if plan.model is not None:
        name = plan.model.repo.rpartition("/")[2]
        return words(lang).compare.model(name, plan.model.scheme)
    return esc(plan.model_family.family) if plan.model_family else NOTHING


def _memory(fit: FitReport, lang: str) -> Mrkdwn:
    sizes = (fit.need_expected, fit.need_high, fit.capacity)
    return words(lang).compare.memory(*map(say.gib, sizes))


def _prices(plan: DecisionCard, lang: str) -> tuple[Mrkdwn, Mrkdwn]:
    """USD per hour and per month, or why there is nothing to pay."""
    say_ = words(lang).compare
    if plan.cost is not None:
        return _amount(plan.cost, "hourly", lang), _amount(plan.cost, "monthly", lang)
    if plan.status is Status.refused or rent(plan) is None:
        return NOTHING, NOTHING
    free = say_.free() if plan.route.route is Route.free_colab else say_.no_rent()
    return free, free


def _amount(cost: CostEstimate, of: str, lang: str) -> Mrkdwn:
    amount = say.money(getattr(cost, of))
    if cost.currency == "USD":
        return esc(amount)
    return words(lang).compare.in_currency(amount, cost.currency)


def _takes(plan: DecisionCard, lang: str) -> Mrkdwn:
    say_, conflicts = words(lang).compare, blocking(plan)
    if not conflicts:
        return say_.nothing()
    change = esc(one_line(conflicts[0].change, CHANGE))
    return say_.takes(change, len(conflicts) - 1) if len(conflicts) > 1 else change


def _move(route: Mrkdwn, step: NextStep, lang: str) -> Mrkdwn:
    say_, cost, present = words(lang).compare, _cost(step.plan, lang), step.present
    if present is None:
        return say_.move(route, cost)
    own = say.route_words(present.route.route.value, lang)
    number = _cost(present, lang) if present.status is Status.ok else len(blocking(present))
    return say.spoken(
        lang, "compare", f"move_from_{present.status.value}", route, cost, own, number
    )


def _cost(plan: DecisionCard, lang: str) -> Mrkdwn:
    say_ = words(lang).compare
    if plan.cost is not None:
        return say_.cost_month(say.money(plan.cost.monthly), plan.cost.currency)
    if rent(plan) is None:
        return say_.cost_unknown()
    return say_.cost_free() if plan.route.route is Route.free_colab else say_.cost_none()


def _dates(plans: Sequence[DecisionCard], lang: str) -> list[Mrkdwn]:
    """The day it was decided for, the day of the oldest price, and the team's own data."""
    say_, priced = words(lang).compare, [plan.cost.as_of for plan in plans if plan.cost]
    own = plans[0].inputs.overlay
    return [
        say_.as_of(plans[0].inputs.as_of or NOTHING),
        *([say_.prices(min(priced))] if priced else []),
        *([say_.overlay(one_line(own.version, OWN))] if own else []),
    ]


def _buttons(x: Experiment, step: NextStep, plans: Sequence[DecisionCard], lang: str) -> Block:
    """The other routes that are not refused, the best one marked, and Re-plan."""
    ref, says = PlanRef(e=x.id, r=x.latest.number), words(lang).plan.says
    open_to = [p.route.route for p in plans if p.status is not Status.refused]
    others = [
        _on(x, route, lang, best=route is step.route) for route in open_to if route is not x.route
    ]
    replan = words(lang).plan.replan()
    again = button(replan, ids.REPLAN, value=ref.dump(), says=says(replan, x.label))
    return actions([*others, again])


def _on(x: Experiment, route: Route, lang: str, *, best: bool) -> Block:
    text = words(lang).compare.plan_on(say.route_words(route.value, lang))
    ref = PlanRef(e=x.id, r=x.latest.number, choice=ids.COMPARE)
    return button(
        text,
        f"{ids.ALTERNATIVE}:{route.value}",
        value=ref.dump(),
        style="primary" if best else None,
        says=words(lang).plan.says(text, x.label),
    )
