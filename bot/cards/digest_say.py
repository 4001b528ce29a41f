"""What a digest speaks of, in words: its week, its parts, amounts in a cell, who and what."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date

from bot.cards import say
from bot.cards.gpu_money import HALF_A_CENT, cost_words
from bot.cards.gpu_say import PROVIDERS, named
from bot.cards.i18n import words
from bot.cards.tables import NOTHING
from bot.cards.text import Mrkdwn, channel, esc, joined, one_line
from bot.domain.costs import Spent
from bot.domain.digest import Digest, Seller, Share
from bot.domain.digest_facts import DigestFacts
from bot.domain.digest_month import LEAST
from bot.domain.digest_series import Series
from bot.domain.digest_week import Week
from bot.domain.ids import ChannelId, ExperimentId, UserId

TASK = 28
"""Characters of a task in a row of the table."""

_DAY = {"en": "d MMM", "zh_CN": "M月d日"}
_YEAR = {"en": "d MMM y", "zh_CN": "y年M月d日"}
_SHORT = {"en": "EEE d", "zh_CN": "EEE d日"}
_MONTH = {"en": "LLLL", "zh_CN": "LLLL"}


def week_words(week: Week, lang: str) -> Mrkdwn:
    """`16–22 Nov 2026`, `28 Dec 2026 – 3 Jan 2027`; Chinese dates begin with their year."""
    first, last = week.monday, week.sunday
    if lang.startswith("zh"):
        end = _YEAR[lang] if first.year != last.year else _DAY[lang]
        return Mrkdwn(f"{_date(first, _YEAR[lang], lang)}至{_date(last, end, lang)}")
    end = _date(last, _YEAR[lang], lang)
    if first.year != last.year:
        return Mrkdwn(f"{_date(first, _YEAR[lang], lang)} – {end}")
    if first.month != last.month:
        return Mrkdwn(f"{_date(first, _DAY[lang], lang)} – {end}")
    return Mrkdwn(f"{first.day}–{end}")


def day_words(day: date, lang: str) -> Mrkdwn:
    """`Mon 16`, the head of a column."""
    return Mrkdwn(_date(day, _SHORT[lang], lang))


def month_words(day: date, lang: str) -> Mrkdwn:
    """`November`."""
    return Mrkdwn(_date(day, _MONTH[lang], lang))


@lru_cache(maxsize=512)
def _date(day: date, form: str, lang: str) -> str:
    return format_date(day, form, locale=lang)


def early_words(digest: Digest, lang: str) -> list[Mrkdwn]:
    """That it is too early for a forecast of what has cost something, while it is."""
    month = digest.month
    if not (month.is_early and month.spent.known):
        return []
    return [words(lang).digest.too_early(int(month.known), LEAST)]


def cell(spent: Spent, lang: str) -> Mrkdwn:
    """An amount without its currency: what is unknown is said, nothing is a dash."""
    say_ = words(lang).digest
    if not spent.known:
        return NOTHING if spent.is_whole else say_.unknown()
    amount = bare(spent.known, lang)
    return amount if spent.is_whole else say_.at_least(amount)


def bare(amount: Decimal, lang: str) -> Mrkdwn:
    """`4.14`; what would be rounded to nothing is said to be under a cent."""
    if 0 < amount < HALF_A_CENT:
        return words(lang).digest.under()
    return Mrkdwn(say.money(amount))


def experiment_words(facts: DigestFacts, of: ExperimentId | None, lang: str) -> Mrkdwn:
    """`OW-12`, with nothing of its task."""
    if of is None:
        return words(lang).digest.no_experiment()
    known = facts.experiments.get(of)
    return esc(known.label if known else f"#{of}")


def experiment_row(facts: DigestFacts, of: ExperimentId | None, lang: str) -> Mrkdwn:
    """`OW-12 course Q&A assistant`, cut, in plain text."""
    known = facts.experiments.get(of) if of is not None else None
    label = experiment_words(facts, of, lang)
    return joined(" ", label, one_line(known.task, TASK)) if known else label


def person_words(facts: DigestFacts, of: UserId | None, lang: str) -> Mrkdwn:
    """A person's name, which notifies nobody."""
    return named(facts.names.get(of, of)) if of is not None else words(lang).digest.nobody()


def channel_words(of: ChannelId | None, lang: str) -> Mrkdwn:
    """A channel as a link, whose name only those see who may."""
    if of is None:
        return words(lang).digest.no_channel()
    return words(lang).plan.direct() if of.startswith("D") else channel(of)


def seller_words(of: Seller) -> Mrkdwn:
    """RunPod, or what somebody called it who entered the machine by hand."""
    provider, account = of
    known = PROVIDERS.get(provider)
    return Mrkdwn(known) if known else named(account)


def gpu_words(of: str | None, lang: str) -> Mrkdwn:
    """A GPU model as its maker or its provider writes it."""
    return named(of) if of is not None else words(lang).digest.no_gpu()


def row_name(digest: Digest, x: Series[ExperimentId | ChannelId | None], lang: str) -> Mrkdwn:
    """What a row of the table is called: its letter in the picture, and what that stands for."""
    if x.is_rest:
        return joined(" ", x.letter, words(lang).digest.others(x.parts))
    if digest.facts.channel is None:
        return joined(" ", x.letter, channel_words(x.of if isinstance(x.of, str) else None, lang))
    of = ExperimentId(x.of) if isinstance(x.of, int) else None
    return joined(" ", x.letter, experiment_row(digest.facts, of, lang))


def share_words(name: Mrkdwn, share: Share[object], lang: str) -> Mrkdwn:
    """`Ada 120.10 USD`."""
    return words(lang).digest.share(name, cost_words(share.spent, lang))


def first_of(parts: Sequence[Mrkdwn], most: int, lang: str) -> list[Mrkdwn]:
    """The first `most`, and how many more there are."""
    rest = len(parts) - most
    return [*parts[:most], *([words(lang).digest.others(rest)] if rest > 0 else [])]
