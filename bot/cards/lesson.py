"""The lesson's three runs beside our decisions, and a box for the family one rejected."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.cards import ids, say
from bot.cards.blocks import (
    actions,
    button,
    context,
    divider,
    field,
    modal,
    option,
    plain,
    preformatted,
    quoted,
    section,
)
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, bold, joined
from bot.domain.delivery import Block, Message
from engine.contract import ConstraintCard, DecisionCard

FAMILY, REASON = "family", "reason"
REASON_LIMIT = 500


class Run(Protocol):
    """One of the three runs: its card, the lesson's JSON, our decision."""

    @property
    def card(self) -> ConstraintCard:
        """What was asked."""
        ...

    @property
    def lesson(self) -> str:
        """The lesson's own answer."""
        ...

    @property
    def decision(self) -> DecisionCard:
        """Ours."""
        ...


def lesson(runs: Sequence[Run], lang: str) -> Message:
    """Per run: the lesson's JSON, our verdict, why they differ."""
    say_ = words(lang).lesson
    blocks = [section(bold(say_.title())), context(say_.intro())]
    lines: list[Mrkdwn] = [say_.title()]
    for run in runs:
        title, verdict = _title(run, lang), _verdict(run, lang)
        lines += [title, verdict]
        blocks += [
            divider(),
            section(joined("\n", bold(title), say_.says())),
            preformatted(run.lesson),
            section(verdict),
        ]
    blocks.append(actions([button(say_.reject(), ids.REJECT)]))
    return Message(joined("\n", *lines), tuple(blocks))


def rejection_modal(runs: Sequence[Run], lang: str) -> Block:
    """Which family, and why."""
    say_ = words(lang).lesson
    families = {r.id for run in runs for r in run.decision.rejected_families}
    element = {
        "type": "static_select",
        "action_id": ids.FIELD,
        "options": [option(f, f) for f in sorted(families)],
    }
    reason = {
        "type": "plain_text_input",
        "action_id": ids.FIELD,
        "multiline": True,
        "max_length": REASON_LIMIT,
        "placeholder": plain(say_.reason_hint(), 150),
    }
    blocks = [field(FAMILY, say_.family(), element), field(REASON, say_.reason(), reason)]
    return modal(
        ids.LESSON_MODAL, say_.modal_title(), blocks, submit=say_.compare(), close=say_.cancel()
    )


def parse_rejection(view: Mapping[str, Any]) -> tuple[str, str]:
    """The family and the reason somebody typed."""
    values = view["state"]["values"]
    chosen = values[FAMILY][ids.FIELD].get("selected_option") or {}
    return str(chosen.get("value", "")), str(values[REASON][ids.FIELD].get("value") or "")


def rejection_answer(family: str, reason: str, runs: Sequence[Run], lang: str) -> Block:
    """The person's reason beside the engine's, run by run."""
    say_ = words(lang).lesson
    lines = [_on(run, family, lang) for run in runs]
    blocks = [
        section(say_.yours(family)),
        quoted(reason),
        section(joined("\n", bold(say_.ours()), *lines)),
    ]
    return modal(ids.NOTICE_MODAL, say_.modal_title(), blocks, close=words(lang).help.close())


def _title(run: Run, lang: str) -> Mrkdwn:
    return say.spoken(lang, "lesson", f"run_{run.card.available_route.value}")


def _verdict(run: Run, lang: str) -> Mrkdwn:
    say_, decision = words(lang).lesson, run.decision
    status = say_.we_say(say.status_words(decision.status, lang))
    reasons = [c.text for c in decision.conflicts] or [say_.agrees()]
    return joined("\n", status, *(say_.because(why) for why in reasons))


def _on(run: Run, family: str, lang: str) -> Mrkdwn:
    say_, title = words(lang).lesson, _title(run, lang)
    for rejected in run.decision.rejected_families:
        if rejected.id == family:
            return say_.rejected(title, rejected.reason)
    return say_.took(title)
