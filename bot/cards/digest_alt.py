"""The picture of a digest in words, for who cannot see it: the same figures."""

from bot.cards.digest_say import cell, day_words, row_name, week_words
from bot.cards.gpu_money import spent_words
from bot.cards.i18n import words
from bot.cards.tables import CHANNEL
from bot.cards.text import Mrkdwn, joined, one_line, unescaped
from bot.domain.digest import Digest
from bot.domain.digest_series import drawn_series

MOST = 1000
"""What Slack takes with an upload (`alt_txt`)."""


def alt_text(digest: Digest, lang: str) -> str:
    """Plain text: week and total, each day, and what the letters stand for."""
    say_ = words(lang).digest
    days = [
        say_.share(day_words(day, lang), cell(spent, lang))
        for day, spent in digest.days
        if spent.known or not spent.is_whole
    ]
    parts = [
        say_.share(_unlinked(row_name(digest, x, lang)), cell(x.spent, lang))
        for x in drawn_series(digest)
    ]
    told = say_.alt(
        week_words(digest.facts.week, lang),
        spent_words(digest.total, lang),
        joined(", ", *days),
        joined(", ", *parts),
    )
    return one_line(unescaped(told), MOST)


def _unlinked(name: Mrkdwn) -> Mrkdwn:
    """Slack shows no channel's name in plain text: its letter remains."""
    return Mrkdwn(CHANNEL.sub("", name).rstrip())
