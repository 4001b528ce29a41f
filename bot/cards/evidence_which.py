"""Which checklist: the open experiments, each with the button that shows its evidence."""

from collections.abc import Mapping, Sequence

from bot.cards import ids
from bot.cards.blocks import actions, button, section
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.status import SHORT, listed
from bot.cards.text import code, joined, one_line
from bot.domain.delivery import Block, Message
from bot.domain.evidence import Progress
from bot.domain.ids import ExperimentId
from bot.domain.plans import Experiment

TASK = 100
TYPED = 40
OPEN_ONES = 8


def which(
    typed: str,
    experiments: Sequence[Experiment],
    progress: Mapping[ExperimentId, Progress],
    lang: str,
) -> Message:
    """Open experiments to choose from; `typed` was not found here, "" when nothing was typed."""
    say_ = words(lang).evidence
    if not experiments:
        head = say_.unknown_none(code(one_line(typed, TYPED))) if typed else say_.which_none()
        return Message(head, (section(head),))
    head = say_.unknown(code(one_line(typed, TYPED))) if typed else say_.which()
    blocks: list[Block] = [section(head)]
    for x in experiments[:OPEN_ONES]:
        value = PlanRef(e=x.id, r=x.latest.number).dump()
        show = button(say_.open(x.label), f"{ids.OPEN_EVIDENCE}:{x.number}", value=value)
        blocks += [*listed([x], progress, lang), actions([show])]
    lines = [joined(" · ", x.label, one_line(x.shown.card.task, TASK)) for x in experiments[:SHORT]]
    return Message(joined("\n", head, *lines), tuple(blocks))
