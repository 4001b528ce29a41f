"""What ends a run, in words: who will see to it and how surely, or why nobody does."""

from bot.cards import say
from bot.cards.gpu_say import code_of, provider_words, when
from bot.cards.gpu_view import RunView
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, joined, mention
from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Deadline, DeadlineKind
from bot.domain.shutdown import Enforcer

REASONS = (
    "aws_alarm",
    "aws_plans_denied",
    "aws_plans_unread",
    "aws_schedule",
    "aws_schedule_unreadable",
    "aws_scheduler_tag",
    "aws_tag",
    "aws_tag_unreadable",
    "dstack_idle_duration",
    "dstack_inactivity_duration",
    "dstack_max_duration",
    "dstack_never_ran",
    "dstack_overdue",
    "dstack_utilization_policy",
    "runpod_shutdown_at",
    "vast_label",
)
"""What providers hold, by the keys of `PlanReading.reason` with `_` for `.`; words `reason_*`."""


def plan_line(view: RunView, lang: str) -> Mrkdwn | None:
    """Who ends it and who said so; None where nobody does and nothing explains it."""
    parts = [part for part in (enforcer(view, lang), _set_by(view, lang)) if part]
    return words(lang).gpu_plan.shutdown(joined(" · ", *parts)) if parts else None


def enforcer(view: RunView, lang: str) -> Mrkdwn | None:
    """Who or what ends it; None where nobody does and nothing explains it."""
    plan, say_ = view.plan, words(lang).gpu_plan
    match plan.by:
        case Enforcer.OWROUTE:
            return say_.by_owroute()
        case Enforcer.GUARD:
            seen = view.run.guard_seen or view.now
            return say_.by_guard(when(seen, view.zone, view.now, lang))
        case Enforcer.PROVIDER:
            return _reason(plan.reason, view, lang)
        case Enforcer.PERSON:
            return _reason(plan.reason, view, lang) if plan.reason else _promised(view, lang)
        case Enforcer.NOBODY if view.run.guard_failed is not None:
            return say_.guard_failed(when(view.run.guard_failed, view.zone, view.now, lang))
        case Enforcer.NOBODY:
            return _reason(view.run.reading.reason, view, lang, nobody=True)


def _reason(key: str, view: RunView, lang: str, *, nobody: bool = False) -> Mrkdwn | None:
    name, provider = key.replace(".", "_"), provider_words(view.run)
    if name in REASONS:
        return say.spoken(lang, "gpu_plan", f"reason_{name}")
    if view.plan.grade is Grade.UNKNOWN:
        return words(lang).gpu_plan.unread(provider)
    return None if nobody else words(lang).gpu_plan.by_provider(provider)


def _promised(view: RunView, lang: str) -> Mrkdwn:
    """Nothing enforces a time that somebody promised, and why."""
    return words(lang).gpu_plan.promised(powerless(view, lang))


def powerless(view: RunView, lang: str) -> Mrkdwn:
    """Why owroute itself cannot end it, or will not just now."""
    run, say_ = view.run, words(lang).gpu_plan
    if run.is_manual:
        return say_.because_manual()
    if view.plan.by is Enforcer.PERSON and _was_guarded(run):
        seen = run.guard_seen
        return say_.because_guard(when(seen, view.zone, view.now, lang) if seen else "")
    if run.cluster:
        return say_.because_cluster(code_of(run.cluster))
    if run.can_stop:
        return say_.because_shut(provider_words(run)) if view.shut else say_.because_hold()
    why = "locked" if run.locked else "state" if run.may_stop else "key"
    return say.spoken(lang, "gpu_plan", f"because_{why}", provider_words(run))


def _was_guarded(run: GpuRun) -> bool:
    deadline = run.deadline
    return deadline is not None and deadline.kind is DeadlineKind.GUARD


def _set_by(view: RunView, lang: str) -> Mrkdwn | None:
    """Whose time it is, where it is not the provider's."""
    deadline, say_ = view.run.deadline, words(lang).gpu_plan
    if deadline is None or (view.plan.exists and view.plan.stops_at != deadline.at):
        return None
    if deadline.kind is not DeadlineKind.PERSON:
        return set_by(deadline, lang)
    if deadline.by is None:
        return None
    at = when(deadline.set_at, view.zone, view.now, lang)
    if deadline.put_off is None:
        return say_.set_by(mention(deadline.by), at)
    then = when(deadline.put_off, view.zone, view.now, lang)
    return say_.set_by_put_off(mention(deadline.by), at, then)


def set_by(deadline: Deadline, lang: str) -> Mrkdwn:
    """Whose stop time it is."""
    say_ = words(lang).gpu_plan
    match deadline.kind:
        case DeadlineKind.PERSON:
            return say_.chosen_by(mention(deadline.by)) if deadline.by else say_.chosen()
        case DeadlineKind.DEFAULT:
            return say_.set_by_default()
        case DeadlineKind.GUARD:
            return say_.set_on_machine()
