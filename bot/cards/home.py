"""App Home: what owroute is, in three steps, and one's own open experiments."""

from collections.abc import Mapping, Sequence

from bot.cards.blocks import divider, header, section
from bot.cards.help import start_buttons
from bot.cards.i18n import words
from bot.cards.status import listed
from bot.domain.delivery import Block
from bot.domain.evidence import Progress
from bot.domain.ids import ExperimentId
from bot.domain.plans import Experiment

LISTED = 20


def home(
    experiments: Sequence[Experiment], progress: Mapping[ExperimentId, Progress], lang: str
) -> Block:
    """The Home view of one person."""
    say = words(lang).home
    steps = (say.step_one(), say.step_two(), say.step_three())
    mine = listed(experiments[:LISTED], progress, lang) or [section(say.nothing())]
    blocks = [
        header(say.title()),
        section(say.intro()),
        *(section(step) for step in steps),
        start_buttons(lang),
        divider(),
        header(say.mine()),
        *mine,
    ]
    return {"type": "home", "blocks": blocks}
