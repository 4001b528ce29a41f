"""The one reply below a card: constraints, shutdown, evidence, what was rejected and why."""

import json
from collections.abc import Sequence

from bot.cards import say
from bot.cards.blocks import context, divider, preformatted, section
from bot.cards.i18n import words
from bot.cards.plan import fix_button
from bot.cards.text import Mrkdwn, bold, code, joined, one_line
from bot.domain.delivery import Block, Message
from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.plans import Experiment
from engine.contract import Conflict, DecisionCard, Gate, ShutdownCommand

JSON_LIMIT = 9_500
"""Slack refuses messages whose blocks exceed about 13,200 characters; we stay well below."""

BLOCKS = 48
SHOWN = ("privacy", "available_route", "needs_service_api", "needs_fine_tuning", "budget_level")
MARKS = {
    EvidenceState.GIVEN: ":white_check_mark:",
    EvidenceState.WAIVED: ":heavy_minus_sign:",
    EvidenceState.CLAIMED: ":eyes:",
    EvidenceState.REJECTED: ":x:",
}


def detail(x: Experiment, evidence: Sequence[Evidence], lang: str) -> Message:
    """Everything that six lines cannot hold, least important last, cut where Slack's limit is."""
    decision = x.decision
    summary = words(lang).detail.summary(x.label)
    if decision is None:
        return Message(summary)
    parts = [
        _constraints(x, decision, lang),
        _warnings(x, decision, lang),
        _considered(decision, lang),
        _adaptation(decision, lang),
        _shutdown(decision, lang),
        _evidence(evidence, lang),
        _rejected(decision, lang),
    ]
    version = words(lang).detail.version(decision.plan_id[:12], x.shown.number)
    return Message(summary, tuple(_fitted(parts, context(version), lang)))


def _fitted(parts: Sequence[list[Block]], last: Block, lang: str) -> list[Block]:
    """As many parts as fit, in order; a sentence says so where something is missing."""
    blocks: list[Block] = []
    for part in (p for p in parts if p):
        wanted = [*blocks, *([divider()] if blocks else []), *part]
        if len(wanted) > BLOCKS or len(json.dumps([*wanted, last])) > JSON_LIMIT:
            return [*blocks, context(words(lang).detail.shortened()), last]
        blocks = wanted
    return [*blocks, last]


def _constraints(x: Experiment, decision: DecisionCard, lang: str) -> list[Block]:
    say_, card = words(lang).detail, x.shown.card.model_dump(mode="json")
    pairs = [
        say_.pair(say.spoken(lang, "form", f"label_{name}"), _choice(name, card[name], lang))
        for name in SHOWN
    ]
    text = joined("\n", bold(say_.constraints()), joined(" · ", *pairs))
    blocks = [section(text)]
    if decision.model_family is not None:
        blocks.append(context(_scope(decision, lang)))
        if decision.model is None:
            blocks.append(context(say_.not_yet()))
    return blocks


def _choice(name: str, value: object, lang: str) -> Mrkdwn:
    if isinstance(value, bool):
        return say.spoken(lang, "form", "yes" if value else "no")
    return say.spoken(lang, "form", f"{name}_{value}")


def _scope(decision: DecisionCard, lang: str) -> Mrkdwn:
    say_, route = words(lang).detail, decision.route
    lines = [say_.proves(", ".join(route.can_prove), ", ".join(route.cannot_prove))]
    if route.fallback_route:
        lines.append(say_.fallback(say.route_words(route.fallback_route.value, lang)))
    if route.copy_back:
        lines.append(say_.copy_back(", ".join(route.copy_back)))
    return joined(" ", *lines)


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
        say_.considered_one(
            say.route_words(tried.route.value, lang),
            say.status_words(tried.status, lang),
            joined(" ", *(code(c.value) for c in tried.codes)),
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


def _shutdown(decision: DecisionCard, lang: str) -> list[Block]:
    """Three levels: the process, the machine, what is left. Commands as they are to be typed."""
    if not decision.shutdown_commands:
        return []
    blocks = [section(bold(words(lang).detail.shutdown()))]
    for level in ("process", "instance", "storage"):
        found = [c for c in decision.shutdown_commands if c.level.value == level]
        if found:
            lines = [_stop(c, lang) for c in found]
            blocks.append(context(say.spoken(lang, "detail", f"level_{level}")))
            blocks.append(preformatted("\n".join(lines)))
    return blocks


def _stop(command: ShutdownCommand, lang: str) -> str:
    """A command to copy; what is to be known and how to check it stand before it as comments."""
    comment = f"# {one_line(command.note, 200)}\n" if command.note else ""
    check = f"   # {words(lang).detail.verify(one_line(command.verify, 120))}"
    return f"{comment}{command.shell or '#'}{check}"


def _evidence(evidence: Sequence[Evidence], lang: str) -> list[Block]:
    lines = [
        Mrkdwn(f"{MARKS.get(e.state, ':white_large_square:')} {joined('', e.label)}")
        for e in evidence
        if e.counts
    ]
    return [section(joined("\n", bold(words(lang).detail.evidence()), *lines))] if lines else []


def _rejected(decision: DecisionCard, lang: str) -> list[Block]:
    say_ = words(lang).detail
    lines = [
        say_.rejected_one(r.id, r.reason, code(r.code.value)) for r in decision.rejected_families
    ]
    return [section(joined("\n", bold(say_.rejected()), *lines))] if lines else []
