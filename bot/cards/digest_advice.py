"""What a digest suggests, in words: what to do, and the number that says so."""

from decimal import Decimal
from typing import assert_never

from bot.cards.digest_say import experiment_words
from bot.cards.gpu_money import hours_words, usd
from bot.cards.gpu_say import lasted, run_name
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn
from bot.domain.digest import Digest
from bot.domain.digest_advice import Rule, Suggestion
from bot.domain.gpu import GpuRun


def advice(digest: Digest, lang: str) -> list[Mrkdwn]:
    """A line for each suggestion, numbered."""
    say_ = words(lang).digest_advice
    told = (_about_run(digest, s, s.run, lang) if s.run else _about_all(digest, s, lang)
            for s in digest.suggestions)  # fmt: skip
    return [say_.numbered(n, text) for n, text in enumerate(told, 1)]


def _about_run(digest: Digest, s: Suggestion, run: GpuRun, lang: str) -> Mrkdwn:
    """What is said of one machine."""
    say_, name, cost = words(lang).digest_advice, run_name(run), _cost(s.saves, lang)
    match s.rule:
        case Rule.UNATTENDED:
            still = run.is_live and run.planless_since is not None
            tell = say_.unattended_live if still else say_.unattended_over
            return tell(name, lasted(s.time, lang), cost)
        case Rule.IDLE:
            return say_.idle(name, lasted(s.time, lang), cost)
        case Rule.DISK:
            return say_.disk(name, cost)
        case Rule.UNPRICED:
            return say_.unpriced_one(name, hours_words(s.time, lang))
        case Rule.BUDGET | Rule.OVERDUE | Rule.NO_EXPERIMENT | Rule.NO_OWNER:
            return _about_all(digest, s, lang)
        case _:
            assert_never(s.rule)


def _about_all(digest: Digest, s: Suggestion, lang: str) -> Mrkdwn:
    """What is said of several, or of none in particular."""
    say_, cost = words(lang).digest_advice, usd(s.usd, lang)
    match s.rule:
        case Rule.BUDGET:
            month = digest.month
            tell = say_.budget_past if month.is_early else say_.budget
            return tell(usd(month.expected, lang), cost, usd(month.cap.cap, lang))
        case Rule.OVERDUE:
            label = experiment_words(digest.facts, s.experiment, lang)
            known = say_.overdue(label, s.count, cost)
            return known if s.usd else say_.overdue_only(label, s.count)
        case Rule.NO_EXPERIMENT:
            known = say_.no_experiment(s.count, cost)
            return known if s.usd else say_.no_experiment_only(s.count)
        case Rule.NO_OWNER:
            known = say_.no_owner(s.count, cost)
            return known if s.usd else say_.no_owner_only(s.count)
        case Rule.UNPRICED | Rule.UNATTENDED | Rule.IDLE | Rule.DISK:
            return say_.unpriced(s.count, hours_words(s.time, lang))
        case _:
            assert_never(s.rule)


def _cost(saves: Decimal | None, lang: str) -> Mrkdwn:
    return words(lang).digest_advice.no_price() if saves is None else usd(saves, lang)
