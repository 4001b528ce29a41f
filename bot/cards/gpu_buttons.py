"""The row of a GPU card: the same labels for every provider, what helps most often first."""

from collections.abc import Callable
from datetime import datetime

from bot.cards import ids
from bot.cards.blocks import actions, button, option, overflow, plain
from bot.cards.gpu_confirm import disown_dialog, stop_dialog, terminate_dialog
from bot.cards.gpu_standing import ENDING, Standing
from bot.cards.gpu_view import RunView
from bot.cards.i18n import words
from bot.cards.ids import GpuRef
from bot.cards.text import Mrkdwn
from bot.domain.alerts import AlertKind
from bot.domain.delivery import Block
from bot.domain.fleet import Ending, Grade
from bot.domain.gpu import GpuRun
from bot.domain.shutdown import Enforcer

OURS = (Enforcer.OWROUTE, Enforcer.GUARD)
"""Whose stop time *Extend 1 h* and *Keep until...* can move."""

_FIRST: dict[Standing, tuple[str, ...]] = {
    Standing.NOT_OURS: (ids.MINE,),
    Standing.UNCLAIMED: (ids.MINE, ids.NOT_OURS),
    Standing.PROPOSAL: (ids.KEEP_GPU, ids.SET_SHUTDOWN),
}
"""Where something else is asked first; *Stop now* stands behind it."""


def buttons(view: RunView, kind: AlertKind, stands: Standing, lang: str) -> list[Block]:
    """The row, or nothing where there is nothing left to do."""
    row = _row(view, kind, stands, lang)
    return [actions(row)] if row else []


def _row(view: RunView, kind: AlertKind, stands: Standing, lang: str) -> list[Block]:
    if not view.run.is_live or stands in ENDING:
        return _left(view, stands, lang)
    first = _FIRST.get(stands, ())
    if stands is Standing.ENFORCED and kind is AlertKind.WARNING and view.plan.by in OURS:
        first = (ids.EXTEND, ids.KEEP_UNTIL)
    if not first:
        return _usual(view, lang)
    ask = {ids.NOT_OURS: disown_dialog(view, lang)}
    row = [_plain(view.run, action, lang, confirm=ask.get(action)) for action in first]
    row[0]["style"] = "primary"
    return row if stands is Standing.NOT_OURS else [*row, *_stop(view, lang)]


def _left(view: RunView, stands: Standing, lang: str) -> list[Block]:
    """What can be done to a run that is over, or about to be."""
    run = view.run
    if stands in (Standing.NOT_STOPPED, Standing.UNPROVEN):
        return [_plain(run, ids.ALREADY_STOPPED, lang)]
    disk = stands is Standing.STOPPED and Ending.TERMINATE in run.endings
    return [_terminate(view, lang)] if disk else []


def _usual(view: RunView, lang: str) -> list[Block]:
    """Everything that can be done to a run that bills, in one row and its menu."""
    run = view.run
    asks = view.plan.grade in (Grade.NONE, Grade.CONDITIONAL)
    row = [*_stop(view, lang), _plain(run, ids.SET_SHUTDOWN, lang)]
    row += [_snooze(view, lang)] if asks else []
    row += [_terminate(view, lang)] if run.can_stop and run.also_terminates else []
    return [*row, _more(run, lang)]


def price_button(view: RunView, lang: str) -> Block | None:
    """*Set price*, beside what it costs, where nobody knows that."""
    run = view.run
    if not run.is_live or run.disowned or run.price_per_hour is not None:
        return None
    return _plain(run, ids.SET_PRICE, lang)


def _stop(view: RunView, lang: str) -> list[Block]:
    """*Stop now*; where owroute cannot, only *Already stopped* is left."""
    run = view.run
    if not run.can_stop:
        return [_plain(run, ids.ALREADY_STOPPED, lang)]
    dialog = stop_dialog(view, lang)
    return [_plain(run, ids.STOP_GPU, lang, style="danger", confirm=dialog)]


def _terminate(view: RunView, lang: str) -> Block:
    return _plain(view.run, ids.TERMINATE_GPU, lang, confirm=terminate_dialog(view, lang))


def _plain(
    run: GpuRun, action: str, lang: str, *, style: str | None = None, confirm: Block | None = None
) -> Block:
    text = _label(action, lang)
    says = words(lang).plan.says(text, run.label)
    shown = run.deadline.at if run.deadline and action == ids.EXTEND else None
    value = _ref(run, at=shown)
    return button(text, action, value=value, style=style, says=says, confirm=confirm)


def _snooze(view: RunView, lang: str) -> Block:
    say_ = words(lang).gpu_buttons
    choices = (
        (say_.snooze_hours(1), ids.SNOOZE_HOUR),
        (say_.snooze_hours(4), ids.SNOOZE_HOURS),
        (say_.snooze_morning(), ids.SNOOZE_MORNING),
    )
    return {
        "type": "static_select",
        "action_id": ids.SNOOZE_GPU,
        "placeholder": plain(say_.snooze()),
        "options": [option(text, _ref(view.run, choice)) for text, choice in choices],
    }


def _more(run: GpuRun, lang: str) -> Block:
    """What is rarely wanted; a choice is the id of the button that it stands for."""
    off = (ids.ALREADY_STOPPED,) if run.can_stop else ()  # else it has a button of its own
    budget = (ids.GPU_BUDGET,) if run.experiment is not None else ()
    acts = (ids.REASSIGN, *off, *budget, ids.GUARD)
    return overflow(ids.GPU_MORE, [option(_label(act, lang), _ref(run, act)) for act in acts])


def _ref(run: GpuRun, choice: str | None = None, at: datetime | None = None) -> str:
    return GpuRef(g=run.id, n=run.generation, choice=choice, at=at).dump()


def _label(action: str, lang: str) -> Mrkdwn:
    say_ = words(lang).gpu_buttons
    labels: dict[str, Callable[..., Mrkdwn]] = {
        ids.STOP_GPU: say_.stop_now,
        ids.TERMINATE_GPU: say_.terminate,
        ids.SET_SHUTDOWN: say_.set_shutdown,
        ids.EXTEND: say_.extend,
        ids.KEEP_UNTIL: say_.keep_until,
        ids.REASSIGN: say_.reassign,
        ids.ALREADY_STOPPED: say_.already_stopped,
        ids.MINE: say_.mine,
        ids.NOT_OURS: say_.not_ours,
        ids.KEEP_GPU: say_.keep,
        ids.SET_PRICE: say_.set_price,
        ids.GPU_BUDGET: say_.budget,
        ids.GUARD: words(lang).guard.command,
    }
    return labels[action]()
