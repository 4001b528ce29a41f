"""The line on an alert that counts the GPUs for which the day had no alert left."""

from bot.cards.blocks import context
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, joined
from bot.domain.delivery import Message


def with_others(card: Message, others: int, lang: str) -> Message:
    """The card with so many more GPUs named below it; as it is without any."""
    if not others:
        return card
    line = words(lang).gpu_others.more(others)
    return Message(joined("\n", Mrkdwn(card.text), line), (*card.blocks, context(line)))
