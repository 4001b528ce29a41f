"""The checklist of an experiment: what is missing first, each with its buttons; the rest in brief.

Slack takes 50 blocks and some 13,000 characters of them: what does not fit is a page further on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.cards import ids, say
from bot.cards.blocks import (
    actions,
    button,
    context,
    headline,
    option,
    overflow,
    paragraphs,
    section,
    size,
)
from bot.cards.checklist_whole import whole_list
from bot.cards.evidence import elsewhere, lacking, state_word
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.items import item_name
from bot.cards.summary import summary
from bot.cards.text import Mrkdwn, bold, code, joined, link, mention, moment, one_line
from bot.domain.delivery import Block, Message
from bot.domain.evidence import (
    Entry,
    Evidence,
    EvidenceState,
    missing,
    progress,
)
from bot.domain.plans import TAKES_EVIDENCE, Experiment
from bot.domain.privacy import is_private
from bot.domain.seen import seen_as
from bot.domain.workspace import ALL, Powers

TASK = 100
REASON = 120
ROOM = 9_200
"""Characters of all blocks together; a message's 10,000 with some to spare."""

BRIEF = 3_500
"""Characters of what is settled; longer, and each line keeps its name and state only."""

SIGNS = {
    EvidenceState.MISSING: ":white_large_square:",
    EvidenceState.CLAIMED: ":inbox_tray:",
    EvidenceState.GIVEN: ":white_check_mark:",
    EvidenceState.REJECTED: ":x:",
    EvidenceState.WAIVED: ":heavy_minus_sign:",
}


def checklist(
    x: Experiment,
    items: Sequence[Evidence],
    lang: str,
    *,
    start: int = 0,
    powers: Powers = ALL,
) -> Message:
    """The evidence of an experiment, for one reader, who is offered what they may do.

    `start` is the first open item shown.
    """
    say_, counts = words(lang).evidence, progress(items)
    takes = x.state in TAKES_EVIDENCE and any(e.can_be_given for e in items)
    owed = (*missing(items), *_renewed(items)) if takes else ()
    start = start if start < len(owed) else 0
    head = say_.head(x.label, counts.given, counts.total) if items else say_.head_none(x.label)
    title = one_line(x.shown.card.task, TASK)
    above = [
        headline("clipboard", head, title),
        context(*_standing(x, items, lang), *(_whom(x, powers, lang) if takes else ())),
    ]
    rest = _in_brief(x, items, lang, takes=takes)
    fixed = [
        *above,
        whole_list(x, items, owed, powers, lang),
        *rest,
    ]  # its buttons at their longest
    shown = _page(x, owed[start:], powers, lang, ROOM - size(fixed))
    unseen = (*owed[:start], *owed[start + len(shown) :])
    blocks = [
        *above,
        *([whole_list(x, items, unseen, powers, lang)] if takes else []),
        *(block for item in shown for block in item),
        *_turning(x, start, len(shown), len(owed), lang),
        *rest,
    ]
    lines = [joined(" · ", item_name(e, lang), _state(e, lang)) for e in items if e.counts]
    return Message(joined("\n", joined(" · ", head, title), *lines), tuple(blocks))


def _renewed(items: Sequence[Evidence]) -> list[Evidence]:
    """What is settled, with a newer capture that waits."""
    return [e for e in items if e.counts and e.settled and e.newer]


def _standing(x: Experiment, items: Sequence[Evidence], lang: str) -> list[Mrkdwn]:
    say_, owed = words(lang).evidence, missing(items)
    if not items:
        return [say_.nothing_asked(x.label)]
    if x.state not in TAKES_EVIDENCE:
        return [say_.over(x.label, say.state_words(x.state, lang))]
    lines = [say_.waits(len(owed)) if owed else say_.all_there()]
    return [*lines, say_.private()] if is_private(x) else lines


def _whom(x: Experiment, powers: Powers, lang: str) -> list[Mrkdwn]:
    """Whom to ask for what this reader may not do."""
    say_ = words(lang).evidence
    lead = mention(powers.lead) if powers.lead else None
    if not powers.steers:
        return [say_.ask_owner(mention(x.owner), lead)]
    return [] if powers.leads else [say_.ask_lead(lead)]


def _page(
    x: Experiment, owed: Iterable[Evidence], powers: Powers, lang: str, room: int
) -> list[list[Block]]:
    """As many items as there is room for, at least one."""
    drawn: list[list[Block]] = []
    for item in owed:
        blocks = _open(x, item, powers, lang)
        room -= size(blocks)
        if drawn and room < 0:
            break
        drawn.append(blocks)
    return drawn


def _open(x: Experiment, item: Evidence, powers: Powers, lang: str) -> list[Block]:
    """An item that needs somebody: how it stands, and what can be done."""
    say_ = words(lang).evidence
    ref = _ref(x).model_copy(update={"item": item.item})
    claim = ref.model_copy(update={"seen": seen_as([item])})
    accept = [_act(say_.accept(), ids.ACCEPT, claim, x, item, lang, style="primary")]
    choices = (
        *([(say_.reject(), claim, ids.REJECT_CHOICE)] if item.waits and powers.steers else []),
        *([(say_.assign(), ref, ids.ASSIGN_CHOICE)] if powers.steers else []),
        *([(say_.waive(), ref, ids.WAIVE_CHOICE)] if powers.leads and not item.settled else []),
    )
    options = [option(t, to.model_copy(update={"choice": c}).dump()) for t, to, c in choices]
    row = [
        *(accept if item.waits and powers.steers else ()),
        _act(say_.attach(), ids.ATTACH, ref, x, item, lang),
        *([overflow(ids.EVIDENCE_MORE, options)] if options else []),
    ]
    return [section(_line(x, item, lang)), actions(row)]


def _act(
    text: Mrkdwn,
    action: str,
    ref: PlanRef,
    x: Experiment,
    item: Evidence,
    lang: str,
    *,
    style: str | None = None,
) -> Block:
    says = words(lang).evidence.says(text, item_name(item, lang), x.label)
    return button(text, action, value=ref.dump(), style=style, says=says)


def _turning(x: Experiment, start: int, shown: int, owed: int, lang: str) -> list[Block]:
    """The way to the open items that are on another page."""
    say_, ref = words(lang).evidence, _ref(x)
    left = owed - start - shown
    row = []
    if left > 0:
        there = ref.model_copy(update={"choice": str(start + shown)}).dump()
        row.append(button(say_.more(left), f"{ids.OPEN_EVIDENCE}:more", value=there))
    if start:
        row.append(button(say_.first(), f"{ids.OPEN_EVIDENCE}:first", value=ref.dump()))
    return [actions(row)] if row else []


def _in_brief(x: Experiment, items: Sequence[Evidence], lang: str, *, takes: bool) -> list[Block]:
    """What needs nobody, a line each; what is not asked for, in one line."""
    say_ = words(lang).evidence
    shown = _renewed(items) if takes else []
    there = [e for e in items if e.counts and (e.settled or not takes) and e not in shown]
    gone = [item_name(e, lang) for e in items if e.state is EvidenceState.RETIRED]
    later = [
        item_name(e, lang) for e in items if not e.required and e.state is not EvidenceState.RETIRED
    ]
    small = [
        *([say_.after_lora(say.listed(later, lang))] if later else []),
        *([say_.retired(say.listed(gone, lang))] if gone else []),
    ]
    told = paragraphs(_line(x, e, lang) for e in there)
    if size(told) > BRIEF:
        told = paragraphs(_name(e, lang) for e in there)
    return [*told, *([context(*small)] if small else [])]


def _name(item: Evidence, lang: str) -> Mrkdwn:
    """Sign, name, state in words."""
    name = joined(" · ", bold(item_name(item, lang)), _state(item, lang))
    return joined(" ", Mrkdwn(SIGNS[item.state]), name)


def _line(x: Experiment, item: Evidence, lang: str) -> Mrkdwn:
    """Sign, name, state in words; below, what is there, whence, by whom and when."""
    first = _name(item, lang)
    known = summary(item, private=is_private(x), lang=lang)
    say_, rest = words(lang).evidence, lacking(x, item, lang)
    told = [
        *([code(known)] if known else []),
        *([say_.still(say.listed(rest, lang))] if rest else []),
        *_origin(item, lang),
        *_doubts(x, item, lang),
        *_asked(item, lang),
    ]
    return joined("\n", first, joined(" · ", *told)) if told else first


def _state(item: Evidence, lang: str) -> Mrkdwn:
    say_, word = words(lang).evidence, state_word(item, lang)
    reasoned = item.state in (EvidenceState.REJECTED, EvidenceState.WAIVED) and item.reason
    return say_.because(word, code(one_line(item.reason or "", REASON))) if reasoned else word


def _origin(item: Evidence, lang: str) -> list[Mrkdwn]:
    say_ = words(lang).evidence
    told = []
    if item.is_looked_up:
        told.append(say_.source_hub())
    elif item.source is not None:
        told.append(say.spoken(lang, "evidence", f"source_{item.source.value}"))
    if item.by is not None:
        told.append(say_.done_by(mention(item.by), moment(item.changed_at)))
    if item.link and item.link.startswith("https://"):
        told.append(link(item.link, say_.source_link()))
    return told


def _doubts(x: Experiment, item: Evidence, lang: str) -> list[Mrkdwn]:
    """What to look at before Accept is pressed."""
    say_, newer = words(lang).evidence, item.newer
    contents = [newer.content if newer else item.content]
    other = elsewhere(x, contents)
    moved = item.is_doubted
    return [
        *([say_.doubted()] if moved else []),
        *([say_.newer(mention(newer.by or x.owner), moment(newer.at))] if newer else []),
        *([code(_newer(x, newer, item, lang))] if newer else []),
        *([say_.of_elsewhere(code(other))] if other else []),
    ]


def _newer(x: Experiment, newer: Entry, item: Evidence, lang: str) -> str:
    """What the newer capture says."""
    content = {**item.basis(newer), **newer.content}
    return summary(replace(item, content=content), private=is_private(x), lang=lang)


def _asked(item: Evidence, lang: str) -> list[Mrkdwn]:
    waits = item.assignee is not None and not item.settled
    return (
        [words(lang).evidence.asked_of(mention(item.assignee))] if waits and item.assignee else []
    )


def _ref(x: Experiment) -> PlanRef:
    return PlanRef(e=x.id, r=x.latest.number)
