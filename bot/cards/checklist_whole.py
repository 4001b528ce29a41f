"""What can be done with a whole checklist at once, in the row above its items."""

from collections.abc import Sequence

from bot.cards import ids, say
from bot.cards.blocks import actions, button, confirm
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.items import item_name
from bot.domain.delivery import Block
from bot.domain.evidence import Evidence, EvidenceState, missing
from bot.domain.plans import Experiment
from bot.domain.seen import seen_as
from bot.domain.workspace import Powers

NAMED = 4
"""Items of other pages that are named before all is accepted; the rest is counted."""


def whole_list(
    x: Experiment,
    items: Sequence[Evidence],
    unseen: Sequence[Evidence],
    powers: Powers,
    lang: str,
) -> Block:
    """What can be done with the whole list; `unseen` are the open items of other pages."""
    say_, ref = words(lang).evidence, PlanRef(e=x.id, r=x.latest.number)
    claimed = [e for e in items if e.state is EvidenceState.CLAIMED]
    judged = [e for e in items if e.counts and e.state is EvidenceState.GIVEN]
    style = None if claimed or not missing(items) else "primary"
    row = [
        button(say_.attach_any(), f"{ids.ATTACH}:any", value=ref.dump(), style=style),
        button(say_.capture(), ids.CAPTURE, value=ref.dump()),
    ]
    if len(claimed) > 1 and powers.steers:
        every = ref.model_copy(update={"choice": ids.ALL, "seen": seen_as(claimed)}).dump()
        text, sure = say_.accept_all(len(claimed)), _sure(claimed, unseen, lang)
        row.append(button(text, f"{ids.ACCEPT}:all", value=every, style="primary", confirm=sure))
    if judged and powers.steers:
        one = ref.model_copy(update={"choice": ids.REJECT_CHOICE}).dump()
        row.append(button(say_.reject_given(), f"{ids.EVIDENCE_MORE}:given", value=one))
    return actions(row)


def _sure(claimed: Sequence[Evidence], unseen: Sequence[Evidence], lang: str) -> Block | None:
    """The question before all is accepted where some of it is on another page."""
    say_, names = words(lang).evidence, [item_name(e, lang) for e in claimed if e in unseen]
    if not names:
        return None
    total, listed = len(claimed), say.some_of(names, lang, NAMED)
    text, yes = say_.accept_unseen(total, len(names), listed), say_.accept_all(total)
    return confirm(say_.accept_all_title(total), text, yes, say_.cancel())
