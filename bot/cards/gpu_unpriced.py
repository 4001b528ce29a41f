"""What admins are told of GPUs without a price: no budget counts them, and who sets one can."""

from collections.abc import Sequence

from bot.cards import ids
from bot.cards.blocks import button, section
from bot.cards.gpu_say import provider_words, run_name
from bot.cards.i18n import words
from bot.cards.ids import GpuRef
from bot.cards.text import Mrkdwn, joined, one_line
from bot.domain.delivery import Block, Message
from bot.domain.gpu import GpuRun

MOST = 5
"""Runs that are named, each with its button; the others are counted."""

NAME = 40


def unpriced_card(runs: Sequence[GpuRun], lang: str) -> Message:
    """Which GPUs no budget can count."""
    say, named = words(lang).gpu_unpriced, runs[:MOST]
    title = say.title(len(runs))
    lines = {r.id: say.run(run_name(r), provider_words(r)) for r in named}
    rest = [say.more(len(runs) - MOST)] if len(runs) > MOST else []
    rows = [section(lines[r.id], accessory=_set_price(r, lang)) for r in named]
    text = joined("\n", title, *(Mrkdwn(f"• {x}") for x in (*lines.values(), *rest)))
    return Message(text, (section(title), *rows, *(section(line) for line in rest)))


def _set_price(run: GpuRun, lang: str) -> Block:
    say, ref = words(lang).gpu_unpriced, GpuRef(g=run.id, n=run.generation)
    heard = say.set_price_of(one_line(run.label, NAME))
    return button(say.set_price(), ids.SET_PRICE, value=ref.dump(), says=heard)
