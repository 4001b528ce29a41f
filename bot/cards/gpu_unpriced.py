"""What admins are told of GPUs without a price: no budget counts them, and who sets one can."""

from collections.abc import Sequence

from bot.cards import ids
from bot.cards.blocks import actions, button, section
from bot.cards.gpu_say import provider_words, run_name
from bot.cards.i18n import words
from bot.cards.ids import GpuRef
from bot.cards.text import Mrkdwn, joined, one_line
from bot.domain.delivery import Message
from bot.domain.gpu import GpuRun

MOST = 5
"""Runs that are named, each with its button; the others are counted."""

NAME = 40


def unpriced_card(runs: Sequence[GpuRun], lang: str) -> Message:
    """Which GPUs no budget can count."""
    say, named = words(lang).gpu_unpriced, runs[:MOST]
    lines = [say.run(run_name(r), provider_words(r)) for r in named]
    rest = [say.more(len(runs) - MOST)] if len(runs) > MOST else []
    text = joined("\n", say.title(len(runs)), *(Mrkdwn(f"• {x}") for x in (*lines, *rest)))
    buttons = [
        button(
            say.set_price(one_line(r.label, NAME)),
            ids.SET_PRICE,
            value=GpuRef(g=r.id, n=r.generation).dump(),
        )
        for r in named
    ]
    return Message(text, (section(text), actions(buttons)))
