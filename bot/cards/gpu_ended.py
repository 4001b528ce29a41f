"""How a run ends, in words: asked for, under way, overdue, and over, with what it cost."""

from datetime import datetime

from bot.cards import say
from bot.cards.gpu_console import by_hand
from bot.cards.gpu_money import cost_words, disk_words
from bot.cards.gpu_say import (
    capital,
    day_and_hour,
    lasted,
    machine_words,
    provider_words,
    run_name,
    when,
    when_named,
)
from bot.cards.gpu_standing import Standing
from bot.cards.gpu_view import RunView
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, joined, mention
from bot.domain.fleet import Billing, Provider
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Stopping, StopReason


def ended_words(view: RunView, stands: Standing, lang: str) -> Mrkdwn:
    """`Stopped at 14:32, cost 18.40 USD`."""
    at = when(_ended_at(view.run), view.zone, view.now, lang)
    return say.spoken(lang, "gpu", f"head_{stands.value}", at, cost_words(view.spent, lang))


def ended_sentence(view: RunView, stands: Standing, lang: str) -> Mrkdwn:
    """The same as a whole sentence for a channel, and what goes on costing."""
    run, say_ = view.run, words(lang).gpu
    at = when_named(_ended_at(run), view, lang)
    name = say_.at_provider(machine_words(run, lang), provider_words(run))
    how = say.spoken(lang, "gpu", f"note_{stands.value}", run_name(run), name, at)
    cost = say_.cost_in(cost_words(view.spent, lang), lasted(run.age(view.now), lang))
    because, left = _because(view, stands, lang), _left(run, lang)
    return joined("\n", joined(" · ", how, cost, *because), *left)


def ended_lines(view: RunView, stands: Standing, lang: str) -> list[Mrkdwn]:
    """How long it ran, why it ended, and what is still billed."""
    ran = words(lang).gpu.ran(lasted(view.run.age(view.now), lang))
    return [joined(" · ", ran, *_because(view, stands, lang)), *_left(view.run, lang)]


def ending_lines(view: RunView, stands: Standing, lang: str) -> list[Mrkdwn]:
    """Who asked for it, and what is to be done where it has not happened."""
    run, say_, intent = view.run, words(lang).gpu, view.run.stopping
    provider = provider_words(run)
    if intent is None:
        return [say_.stopping_there(provider)]
    asked = capital(joined(" · ", *_because(view, stands, lang)))
    until = say_.until_missed if stands is Standing.TERMINATING else say_.until_listed
    if intent.failed_at is None:
        return [asked, say_.held() if view.hold else until(provider)]
    since = when(intent.failed_at, view.zone, view.now, lang)
    way = by_hand(run, intent.ending, lang)
    told = say_.not_seen if stands is Standing.UNPROVEN else say_.still_there
    still = say_.held() if view.hold else told(provider, since)
    return [asked, still, *([say_.do_it_yourself(way)] if way else [])]


def proof(view: RunView, stands: Standing, lang: str) -> Mrkdwn:
    """What shows that it is off, and when that was seen."""
    run, say_ = view.run, words(lang).gpu
    at, provider = day_and_hour(_ended_at(run), view.zone, lang), provider_words(run)
    if stands is Standing.REPORTED:
        return say_.proof_none(at)
    if run.machine.provider is Provider.DSTACK:
        return say_.proof_run(at)
    if stands is Standing.STOPPED and run.absent_since is None:
        return say_.proof_stopped(provider, at)
    return say_.proof_gone(provider, at)


def _ended_at(run: GpuRun) -> datetime:
    return run.ended_at or run.changed_at


def _because(view: RunView, stands: Standing, lang: str) -> list[Mrkdwn]:
    """Whose intent it was."""
    run, say_ = view.run, words(lang).gpu
    intent = run.stopping
    if intent is None:
        return [] if stands is Standing.REPORTED else [say_.not_by_us(provider_words(run))]
    at = when(_wanted_at(run, intent), view.zone, view.now, lang)
    if stands is Standing.REPORTED:
        return [say_.reported_by(mention(intent.by), at)] if intent.by else []
    by = intent.by if intent.why is StopReason.PERSON else None
    if intent.why is StopReason.DEADLINE and run.deadline is not None:
        by = run.deadline.by
    why = f"why_{intent.why.value}"
    return [say.spoken(lang, "gpu", f"{why}_by" if by else why, at, *([mention(by)] if by else []))]


def _wanted_at(run: GpuRun, intent: Stopping) -> datetime:
    """When it was to end: a stop time's own hour, also where it was carried out later."""
    timed = intent.why in (StopReason.DEADLINE, StopReason.DEFAULT) and run.deadline is not None
    return run.deadline.at if timed and run.deadline is not None else intent.at


def _left(run: GpuRun, lang: str) -> list[Mrkdwn]:
    """What is billed although it is off."""
    say_ = words(lang).gpu
    if run.billing is Billing.STORAGE:
        told = say_.disk_unpriced if run.storage_per_hour is None else say_.disk_left
        return [told(disk_words(run, lang))]
    if run.billing is Billing.UNKNOWN and not run.is_manual and run.proven:
        return [say_.disk_unknown(provider_words(run))]
    return []
