"""The buttons of a decision card: the one thing to do next, by state, and the menu."""

from bot.cards import ids
from bot.cards.blocks import actions, button, option, overflow
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.text import Mrkdwn
from bot.domain.delivery import Block
from bot.domain.plans import Experiment, State
from engine.contract import Conflict, DecisionCard, Route, Severity, Status

OVER = (State.ARCHIVED, State.DROPPED)
CLOSED = (*OVER, State.DECIDED)
"""Nothing is planned or asked for any more."""


def fix_button(x: Experiment, conflict: Conflict, lang: str, *, primary: bool = False) -> Block:
    """**Fix** for one conflict or warning."""
    code = conflict.code.value
    return button(
        words(lang).plan.fix(),
        f"{ids.FIX}:{code}{':primary' if primary else ''}",
        value=ref(x).model_copy(update={"code": code}).dump(),
        style="primary" if primary else None,
        says=words(lang).plan.fix_says(x.label, conflict.text),
    )


def can_fix(conflict: Conflict) -> bool:
    """Whether a Fix is offered for it."""
    return conflict.severity is Severity.change and bool(conflict.fix)


def buttons(x: Experiment, decision: DecisionCard, lang: str) -> Block:
    """One thing to do next where there is one, Re-plan, and the menu."""
    return actions([*_next_step(x, decision, lang), *_replan(x, lang), menu(x, lang)])


def first_step(x: Experiment, lang: str) -> Block | None:
    """The one button that stands out on its card, for a list; None where there is none."""
    if x.state in CLOSED:
        return None
    if x.state is State.REFUSED or x.latest.problem is not None:
        return _primary(x, words(lang).plan.change_card(), ids.REPLAN, lang)
    return next(iter(_next_step(x, x.decision, lang)), None) if x.decision else None


def _next_step(x: Experiment, decision: DecisionCard, lang: str) -> list[Block]:
    """What stands out: mend or start a plan, attach evidence to a run, decide what is complete."""
    match x.state:
        case State.PLANNED:
            return _towards_go(x, decision, lang)
        case State.RUNNING:
            return [_primary(x, words(lang).plan.attach(), ids.ATTACH, lang)]
        case State.COMPLETE:
            return [_primary(x, words(lang).plan.decide(), ids.DECIDE, lang)]
        case _:
            return []


def _replan(x: Experiment, lang: str) -> list[Block]:
    """*Re-plan*, which is the thing to do where the card was refused; nothing once decided."""
    say_ = words(lang).plan
    if x.state is State.REFUSED:
        return [_primary(x, say_.change_card(), ids.REPLAN, lang)]
    if x.state in CLOSED:
        return []
    says = say_.says(say_.replan(), x.label)
    return [button(say_.replan(), ids.REPLAN, value=ref(x).dump(), says=says)]


def _primary(x: Experiment, text: Mrkdwn, action_id: str, lang: str) -> Block:
    says = words(lang).plan.says(text, x.label)
    return button(text, action_id, value=ref(x).dump(), style="primary", says=says)


def _towards_go(x: Experiment, decision: DecisionCard, lang: str) -> list[Block]:
    """Mend what blocks, or start."""
    mendable = [c for c in decision.conflicts if can_fix(c)]
    if mendable:
        return [fix_button(x, mendable[0], lang, primary=True)]
    if decision.status is not Status.ok or x.is_deciding:
        return []
    say_ = words(lang).plan
    rented = decision.route.route is Route.rented_gpu
    return [_primary(x, say_.gpu_started() if rented else say_.running_it(), ids.START, lang)]


def menu(x: Experiment, lang: str) -> Block:
    """The menu behind three dots: at most five lines."""
    say_ = words(lang).plan
    choices = (
        (say_.compare_routes(), ids.COMPARE),
        (say_.record(), ids.RECORD),
        (say_.change_owner(), ids.CHANGE_OWNER),
        (say_.decide(), ids.DECIDE_CHOICE),
        (say_.archive(), ids.ARCHIVE),
    )
    return overflow(
        ids.MORE,
        [option(t, ref(x).model_copy(update={"choice": c}).dump()) for t, c in choices],
    )


def ref(x: Experiment) -> PlanRef:
    """The experiment and revision that a button is drawn for."""
    return PlanRef(e=x.id, r=x.latest.number)
