"""**Decide**: the five conclusions to choose from, and what card and thread say of the choice."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards import ids, say
from bot.cards.blocks import context, field, modal, option, plain, section
from bot.cards.forms.form import inputs
from bot.cards.i18n import words
from bot.cards.ids import PlanRef
from bot.cards.items import item_name
from bot.cards.text import Mrkdwn, joined, mention, moment, unescaped
from bot.domain.delivery import Block, Message
from bot.domain.evidence import Evidence, EvidenceState, missing, progress
from bot.domain.gate import has_failures
from bot.domain.ids import UserId
from bot.domain.plans import Conclusion, Experiment
from engine.contract import EvidenceItem, EvidenceKind

FIELD = "conclusion"
LORA_ITEMS = ("before_after_eval", "adapter_artifact")


def decide_modal(x: Experiment, items: Sequence[Evidence], lang: str) -> Block:
    """The five conclusions, each with what it means, below what the gate says today."""
    say_ = words(lang).decide
    element: Block = {
        "type": "static_select",
        "action_id": ids.FIELD,
        "placeholder": plain(say_.choose(), 150),
        "options": [_choice(c, lang) for c in Conclusion],
    }
    seen = x.conclusion.value if x.conclusion else None
    return modal(
        ids.DECIDE_MODAL,
        say_.title(x.label),
        [*_gate(items, lang), field(FIELD, say_.question(), element)],
        submit=say_.submit(),
        close=words(lang).form.close(),
        metadata=PlanRef(e=x.id, r=x.latest.number, choice=seen).dump(),
    )


def parse_decision(view: Mapping[str, Any]) -> Conclusion | None:
    """What was chosen; None for an odd payload."""
    chosen = inputs(view).get(FIELD)
    return next((c for c in Conclusion if c.value == chosen), None)


def seen_conclusion(ref: PlanRef) -> Conclusion | None:
    """What was decided when the form was opened."""
    return Conclusion(ref.choice) if ref.choice else None


def concluded_note(x: Experiment, by: UserId, lang: str) -> Message:
    """Who decided what; after LoRA, what is asked for now."""
    say_, conclusion = words(lang).decide, x.conclusion or Conclusion.STOP
    line = say_.note(mention(by), x.label, say.conclusion_words(conclusion, lang))
    if conclusion is Conclusion.LORA:
        labels = [n.label for n in lora_items(lang)]
        line = joined("\n", line, say_.goes_on(say.listed(labels, lang)))
    return Message(line, (section(line),))


def concluded_line(x: Experiment, lang: str) -> Mrkdwn | None:
    """What was decided, by whom and when, on the card."""
    if x.conclusion is None or x.concluded_by is None or x.concluded_at is None:
        return None
    conclusion = say.conclusion_words(x.conclusion, lang)
    return words(lang).decide.line(conclusion, mention(x.concluded_by), moment(x.concluded_at))


def lora_items(lang: str) -> tuple[EvidenceItem, ...]:
    """What LoRA asks for afterwards, where the decision did not list it."""
    return tuple(
        EvidenceItem(
            id=item,
            label=unescaped(say.spoken(lang, "evidence_items", f"name_{item}")),
            kind=EvidenceKind.tuning,
            required=True,
            template=unescaped(say.spoken(lang, "evidence_items", f"what_{item}")),
            lesson_index=None,
        )
        for item in LORA_ITEMS
    )


def _choice(conclusion: Conclusion, lang: str) -> Block:
    means = say.spoken(lang, "decide", f"means_{conclusion.value}")
    named = option(say.conclusion_words(conclusion, lang), conclusion.value)
    return {**named, "description": plain(means, 75)}


def _gate(items: Sequence[Evidence], lang: str) -> list[Block]:
    """How far the evidence is, and what that leaves out."""
    say_, how_far, owed = words(lang).decide, progress(items), missing(items)
    absent = [item_name(e, lang) for e in owed if e.state is not EvidenceState.CLAIMED]
    claims = [item_name(e, lang) for e in owed if e.state is EvidenceState.CLAIMED]
    if not owed:
        line = say_.nothing_missing(how_far.total)
    elif absent:
        line = say_.still_missing(how_far.given, how_far.total, say.some_of(absent, lang))
    else:
        line = say_.none_missing(how_far.given, how_far.total)
    waits = [say_.waits(say.some_of(claims, lang), n=len(claims))] if claims else []
    return [
        section(joined("\n", line, *waits)),
        *([] if has_failures(items) else [context(say_.no_failures())]),
    ]
