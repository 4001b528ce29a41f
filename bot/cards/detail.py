"""The one reply below a card: everything that six lines cannot hold."""

import json
from collections.abc import Sequence

from bot.cards import say
from bot.cards.blocks import context, divider, literal, paragraphs, section
from bot.cards.facts import facts
from bot.cards.i18n import words
from bot.cards.plan import fix_button
from bot.cards.running import running, shutdown
from bot.cards.text import Mrkdwn, bold, code, joined
from bot.domain.delivery import Block, Message
from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.plans import Experiment
from engine.contract import Conflict, DecisionCard, Gate, Rejected

JSON_LIMIT = 9_500
"""Slack refuses messages whose blocks exceed about 13,200 characters; we stay well below."""

BLOCKS = 48
MARKS = {
    EvidenceState.GIVEN: ":white_check_mark:",
    EvidenceState.WAIVED: ":heavy_minus_sign:",
    EvidenceState.CLAIMED: ":eyes:",
    EvidenceState.REJECTED: ":x:",
}
MISSING = ":white_large_square:"


def detail(x: Experiment, evidence: Sequence[Evidence], lang: str) -> Message:
    """The whole decision in parts, the most important first, as far as Slack can show it."""
    decision = x.decision
    summary = words(lang).detail.summary(x.label)
    if decision is None:
        return Message(summary)
    parts = [
        _constraints(x, decision, lang),
        _warnings(x, decision, lang),
        *running(decision, lang),
        shutdown(decision, lang),
        _rejected(decision.rejected_families, words(lang).detail.rejected(), lang),
        _evidence(evidence, lang),
        _adaptation(decision, lang),
        _considered(decision, lang),
        _rejected(decision.rejected_offers, words(lang).detail.rejected_offers(), lang),
    ]
    return Message(summary, tuple(_fitted(parts, context(_version(x, decision, lang)), lang)))


def _version(x: Experiment, decision: DecisionCard, lang: str) -> Mrkdwn:
    """Which answer this is, and whether the team's own data had a part in it."""
    say_, overlay = words(lang).detail, decision.inputs.overlay
    version = say_.version(decision.plan_id[:12], x.shown.number)
    return joined(" · ", version, say_.overlay(overlay.version)) if overlay else version


def _fitted(parts: Sequence[list[Block]], last: Block, lang: str) -> list[Block]:
    """Every part that fits, in order; a sentence says so where one is missing."""
    blocks: list[Block] = []
    cut = context(words(lang).detail.shortened())
    is_whole = True
    for part in (p for p in parts if p):
        wanted = [*blocks, *([divider()] if blocks else []), *part]
        size = len(json.dumps([*wanted, cut, last], ensure_ascii=False))
        if len(wanted) > BLOCKS or size > JSON_LIMIT:
            is_whole = False
        else:
            blocks = wanted
    return [*blocks, *([] if is_whole else [cut]), last]


def _constraints(x: Experiment, decision: DecisionCard, lang: str) -> list[Block]:
    say_ = words(lang).detail
    pairs = [say_.pair(name, value) for name, value in facts(x.shown.card, lang).values()]
    blocks = [literal(*pairs, title=say_.constraints())]
    if decision.model_family is not None:
        blocks.append(context(_scope(decision, lang)))
    return blocks


def _scope(decision: DecisionCard, lang: str) -> Mrkdwn:
    say_, route = words(lang).detail, decision.route
    lines = [say_.proves(say.listed(route.can_prove, lang), say.listed(route.cannot_prove, lang))]
    if route.fallback_route:
        lines.append(say_.fallback(say.route_words(route.fallback_route.value, lang)))
    if route.copy_back:
        lines.append(say_.copy_back(say.listed(route.copy_back, lang)))
    if decision.model is None:
        lines.append(say_.nothing_runs())
    return joined("\n", *lines)


def _warnings(x: Experiment, decision: DecisionCard, lang: str) -> list[Block]:
    if not decision.warnings:
        return []
    return [
        section(bold(words(lang).detail.warnings())),
        *(_warning(x, warning, lang) for warning in decision.warnings),
    ]


def _warning(x: Experiment, warning: Conflict, lang: str) -> Block:
    fix = fix_button(x, warning, lang) if warning.fix else None
    return section(joined(" ", warning.text, warning.change), accessory=fix)


def _considered(decision: DecisionCard, lang: str) -> list[Block]:
    say_ = words(lang).detail
    lines = [
        joined(
            " ",
            say_.pair(
                say.route_words(tried.route.value, lang), say.status_words(tried.status, lang)
            ),
            *(code(c.value) for c in tried.codes),
        )
        for tried in decision.route.considered
    ]
    return [section(joined("\n", bold(say_.considered()), *lines))] if lines else []


def _adaptation(decision: DecisionCard, lang: str) -> list[Block]:
    say_, plan = words(lang).detail, decision.adaptation
    lines: list[object] = [bold(say_.adaptation()), plan.text, plan.next_step]
    if plan.gate is not Gate.lora_allowed:
        lines.append(say_.lora_locked())
    return [section(joined("\n", *lines))]


def _evidence(evidence: Sequence[Evidence], lang: str) -> list[Block]:
    """The checklist by how far it is: what is there, what is claimed, what is missing."""
    by_mark: dict[str, list[str]] = {}
    for e in evidence:
        if e.counts:
            by_mark.setdefault(MARKS.get(e.state, MISSING), []).append(e.label)
    lines = [joined(" ", Mrkdwn(mark), say.listed(n, lang)) for mark, n in by_mark.items()]
    return paragraphs((bold(words(lang).detail.evidence()), *lines)) if lines else []


def _rejected(rejected: Sequence[Rejected], title: Mrkdwn, lang: str) -> list[Block]:
    """One line for all that were not chosen for the same reason."""
    say_ = words(lang).detail
    alike: dict[tuple[str, str], list[str]] = {}
    for r in rejected:
        alike.setdefault((r.reason, r.code.value), []).append(r.label)
    lines = [
        say_.rejected_one(say.listed(names, lang), reason, code(why))
        for (reason, why), names in alike.items()
    ]
    return paragraphs((bold(title), *lines)) if lines else []
