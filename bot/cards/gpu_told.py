"""What is said to whoever has just changed a GPU run, where no card shows it by itself."""

from datetime import timedelta
from decimal import Decimal

from bot.cards import say
from bot.cards.blocks import context, section
from bot.cards.gpu_money import spent_words, usd
from bot.cards.gpu_plan import plan_line, set_by
from bot.cards.gpu_say import provider_words, run_name, when
from bot.cards.gpu_view import RunView
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, joined, mention
from bot.domain.costs import Spent
from bot.domain.delivery import Message
from bot.domain.fleet import Grade, PriceSource
from bot.domain.gpu_parts import Deadline
from bot.domain.ids import UserId
from bot.domain.watch import MonthlyCap


def shutdown_told(view: RunView, lang: str) -> Message:
    """The time, who sees to it and how surely, and when they hear of it again."""
    return _told([_set(view, lang)], view, lang)


def registered_told(
    view: RunView,
    unlisted: bool,
    missing: int | None,
    lang: str,
    instead: Deadline | None = None,
) -> Message:
    """It is watched, what will end it, and what of it may be a slip of the pen.

    `instead` is the stop time that was replaced.
    """
    run, say_ = view.run, words(lang).gpus
    name = run_name(run)
    first = [say_.added(name) if run.is_manual else say_.joined(name, provider_words(run))]
    first += [say_.unlisted(name, provider_words(run))] if unlisted else []
    first += [say_.no_experiment(missing)] if missing is not None else []
    set_ = _set(view, lang) if run.deadline else say_.no_stop_time()
    was = [_was(instead, view, lang)] if instead else []
    return _told([*first, set_, *was], view, lang)


def reassigned_told(view: RunView, lang: str) -> Message:
    """Whose it is now."""
    run = view.run
    owner = mention(run.owner) if run.owner else words(lang).gpus.nobody()
    return _message(words(lang).gpus.handed(run_name(run), owner))


def priced_told(view: RunView, lang: str) -> Message:
    """What it counts from now on, and for how long."""
    run, say_ = view.run, words(lang).gpus
    price = say.money(run.price_per_hour or Decimal(0))
    own = run.price_source is PriceSource.DECLARED and not run.is_manual
    tell = say_.priced_own if own else say_.priced
    return _message(tell(run_name(run), price))


def budget_told(label: str, cap: MonthlyCap, spent: Spent, lang: str) -> Message:
    """What an experiment may spend from now on, and what follows."""
    say_ = words(lang).gpu_budget
    if not cap.cap:
        return _message(say_.told_none(label))
    tell = say_.told_stops if cap.stops else say_.told
    return _message(tell(label, usd(cap.cap, lang), spent_words(spent, lang)))


def stopping_told(label: str, by: UserId, lang: str) -> Message:
    """Somebody else was first with Stop now."""
    return _message(words(lang).gpus.stopping_by(label, mention(by)))


def _set(view: RunView, lang: str) -> Mrkdwn:
    run = view.run
    at = when(run.deadline.at, view.zone, view.now, lang) if run.deadline else Mrkdwn()
    return words(lang).gpus.set(run_name(run), at)


def _was(held: Deadline, view: RunView, lang: str) -> Mrkdwn:
    at = when(held.at, view.zone, view.now, lang)
    return words(lang).gpus.instead(at, set_by(held, lang))


def _told(first: list[Mrkdwn], view: RunView, lang: str) -> Message:
    say_, line = words(lang).gpus, plan_line(view, lang)
    text = joined("\n", joined(" ", *first), *([line] if line else []))
    if view.plan.stops_at is None:
        return _message(text)
    small = say_.warned((view.plan.stops_at - view.now) / timedelta(minutes=1))
    if view.plan.grade is not Grade.ENFORCED:
        small = joined(" ", say_.reminded(), words(lang).guard.can_keep_it())
    return Message(joined("\n", text, small), (section(text), context(small)))


def _message(text: Mrkdwn) -> Message:
    return Message(text, (section(text),))
