"""App Home: what waits for a person, what owroute is in three steps, and their experiments."""

from collections.abc import Mapping, Sequence

from bot.cards import ids, say
from bot.cards.blocks import actions, button, context, divider, header, headline, section
from bot.cards.help import start_buttons
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.items import item_name
from bot.cards.status import TASK, listed
from bot.cards.text import Mrkdwn, joined, mention, one_line
from bot.domain.delivery import Block
from bot.domain.evidence import EvidenceState, Progress
from bot.domain.ids import ExperimentId
from bot.domain.needs import Need
from bot.domain.plans import Experiment

LISTED = 20
NEEDED = 10


def home(
    experiments: Sequence[Experiment],
    progress: Mapping[ExperimentId, Progress],
    lang: str,
    needs: Sequence[Need] = (),
    gpus: Sequence[Block] = (),
) -> Block:
    """The Home view of one person; what needs them stands first, a GPU that burns before all."""
    say_ = words(lang).home
    steps = (say_.step_one(), say_.step_two(), say_.step_three())
    mine = listed(experiments[:LISTED], progress, lang) or [section(say_.nothing())]
    blocks = [
        *gpus,
        *_needs(needs, lang),
        header(say_.title()),
        section(say_.intro()),
        *(section(step) for step in steps),
        start_buttons(lang),
        divider(),
        header(say_.mine()),
        *mine,
    ]
    return {"type": "home", "blocks": blocks}


def _needs(needs: Sequence[Need], lang: str) -> list[Block]:
    """What waits for this person, each with the way to its checklist."""
    say_ = words(lang).home
    own, led = [n for n in needs if not n.leads], [n for n in needs if n.leads]
    blocks = [*_part(say_.needs_you(), own, lang), *_part(say_.needs_lead(), led, lang)]
    return [*blocks, divider()] if blocks else []


def _part(title: Mrkdwn, needs: Sequence[Need], lang: str) -> list[Block]:
    blocks = [header(title)] if needs else []
    for need in needs[:NEEDED]:
        blocks += _need(need, lang)
    if len(needs) > NEEDED:
        blocks.append(context(words(lang).status.more(len(needs) - NEEDED)))
    return blocks


def _need(need: Need, lang: str) -> list[Block]:
    say_, x = words(lang).home, need.experiment
    task = one_line(x.shown.card.task, TASK)
    value = PlanRef(e=x.id, r=x.latest.number).dump()
    says = words(lang).plan.says(say_.open(), x.label)
    row = [button(say_.open(), ids.OPEN_EVIDENCE, value=value, says=says)]
    if not need.items:
        decide = words(lang).plan.decide()
        says = words(lang).plan.says(decide, x.label)
        row.insert(0, button(decide, ids.DECIDE, value=value, style="primary", says=says))
    return [headline(say.SIGNS[say.standing(x)], x.label, task), section(_asked(need, lang)),
            actions(row)]  # fmt: skip


def _asked(need: Need, lang: str) -> Mrkdwn:
    """What to attach and what to accept, or that all is there."""
    say_ = words(lang).home
    there = [(item_name(e, lang), e.state is EvidenceState.CLAIMED) for e in need.items]
    claimed = [name for name, waits in there if waits]
    missing = [name for name, waits in there if not waits]
    lines = [
        *([say_.to_accept(len(claimed), say.some_of(claimed, lang))] if claimed else []),
        *([say_.to_attach(len(missing), say.some_of(missing, lang))] if missing else []),
    ]
    owner = [say_.of_owner(mention(need.experiment.owner))] if need.leads else []
    return joined("\n", *(lines or [say_.to_decide()]), *owner)
