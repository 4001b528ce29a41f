"""The open experiments of a place: `/owroute status`, and in short for a bare `/owroute`."""

from collections.abc import Mapping, Sequence

from bot.cards import say
from bot.cards.blocks import context, headline, section
from bot.cards.help import start_buttons
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, bold, joined, mention, one_line
from bot.domain.delivery import Block, Message
from bot.domain.evidence import Progress
from bot.domain.ids import ExperimentId
from bot.domain.plans import Experiment, State

LISTED = 15
SHORT = 3
TASK = 80


def status(
    experiments: Sequence[Experiment], progress: Mapping[ExperimentId, Progress], lang: str
) -> Message:
    """Every open experiment with its state, route, evidence and owner."""
    return _list(experiments, progress, lang, LISTED, (), start_buttons(lang))


def overview(
    experiments: Sequence[Experiment],
    progress: Mapping[ExperimentId, Progress],
    lang: str,
    gpus: Mrkdwn | None = None,
) -> Message:
    """The newest three, what burns, and what can be done."""
    first = (words(lang).status.hello(), *([gpus] if gpus else []))
    return _list(experiments, progress, lang, SHORT, first, start_buttons(lang, of_channel=True))


def listed(
    experiments: Sequence[Experiment], progress: Mapping[ExperimentId, Progress], lang: str
) -> list[Block]:
    """Two blocks per experiment: its title, and how it stands."""
    blocks: list[Block] = []
    for x in experiments:
        title = one_line(x.shown.card.task, TASK)
        blocks.append(headline(say.SIGNS[say.standing(x)], x.label, title))
        blocks.append(context(_line(x, progress.get(x.id), lang)))
    return blocks


def _list(
    experiments: Sequence[Experiment],
    progress: Mapping[ExperimentId, Progress],
    lang: str,
    limit: int,
    first: tuple[Mrkdwn, ...],
    buttons: Block,
) -> Message:
    say_, shown = words(lang).status, experiments[:limit]
    head = say_.title(len(experiments)) if experiments else say_.empty()
    blocks = [*(section(line) for line in first), section(bold(head) if experiments else head)]
    blocks += listed(shown, progress, lang)
    if len(experiments) > limit:
        blocks.append(context(say_.more(len(experiments) - limit)))
    lines = [joined(" · ", x.label, one_line(x.shown.card.task, TASK)) for x in shown]
    return Message(joined("\n", *first, head, *lines), (*blocks, buttons))


def _line(x: Experiment, progress: Progress | None, lang: str) -> Mrkdwn:
    say_, card = words(lang).status, x.shown.card
    route = x.decision.route.route if x.decision else card.available_route
    line = say_.line(
        say.standing_words(x, lang), say.route_words(route.value, lang), mention(x.owner)
    )
    parts = [line]
    if progress is not None and progress.total:
        parts.append(say_.evidence(progress.given, progress.total))
        if progress.claimed:
            parts.append(say_.claimed(progress.claimed))
    if x.conclusion is not None and x.state is not State.DECIDED:
        parts.append(words(lang).decide.standing(say.conclusion_words(x.conclusion, lang)))
    return joined(" · ", *parts)
