"""Lines in the thread of an experiment about the GPU run that belongs to it."""

from bot.cards.blocks import section
from bot.cards.gpu_money import usd
from bot.cards.gpu_plan import enforcer
from bot.cards.gpu_say import machine_words, price_words, provider_words, run_name, tidy, when_named
from bot.cards.gpu_view import RunView
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, joined, mention
from bot.domain.delivery import Message
from bot.domain.ids import UserId
from bot.domain.watch import MonthlyCap


def registered_note(view: RunView, by: UserId, lang: str) -> Message:
    """Somebody started or entered it: what it is, what it costs, and what will end it."""
    run, say_ = view.run, words(lang).gpu_notes
    machine = words(lang).gpu.at_provider(machine_words(run, lang), provider_words(run))
    since = when_named(run.started_at, view, lang)
    first = say_.registered(mention(by), run_name(run), machine, since)
    return _note(joined(" · ", first, price_words(view, lang), *_ends(view, lang)))


def shutdown_note(view: RunView, by: UserId, lang: str) -> Message:
    """Somebody set, moved or removed its stop time; who will see to it."""
    run, say_, deadline = view.run, words(lang).gpu_notes, view.run.deadline
    if deadline is None:
        return _note(joined(" · ", say_.removed(mention(by), run_name(run)), *_ends(view, lang)))
    at, sees = when_named(deadline.at, view, lang), enforcer(view, lang)
    first = say_.moved(mention(by), run_name(run), at)
    return _note(joined(" · ", first, *([sees] if sees else [])))


def reassigned_note(view: RunView, by: UserId, lang: str) -> Message:
    """It is in other hands: `view.run.owner`, who may be `by` (*It's mine*)."""
    run, say_, owner = view.run, words(lang).gpu_notes, view.run.owner
    if owner is None:
        return _note(say_.let_go(mention(by), run_name(run)))
    if owner == by:
        return _note(say_.taken(mention(by), run_name(run)))
    return _note(say_.handed(mention(by), run_name(run), mention(owner)))


def budget_note(label: str, cap: MonthlyCap, by: UserId, lang: str) -> Message:
    """Somebody changed what an experiment may spend on GPUs in all."""
    say_ = words(lang).gpu_budget
    if not cap.cap:
        return _note(say_.note_none(mention(by), label))
    tell = say_.note_stops if cap.stops else say_.note
    return _note(tell(mention(by), label, usd(cap.cap, lang)))


def _ends(view: RunView, lang: str) -> list[Mrkdwn]:
    """When it ends and who sees to it, or that nobody does."""
    say_, at, sees = words(lang).gpu_notes, view.plan.stops_at, enforcer(view, lang)
    told = [say_.ends(when_named(at, view, lang))] if at else []
    told += [sees] if sees else []
    return told or [say_.no_plan()]


def _note(text: Mrkdwn) -> Message:
    said = tidy(text)
    return Message(said, (section(said),))
