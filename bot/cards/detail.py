"""The one reply below a card: everything that six lines cannot hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import say
from bot.cards.blocks import MESSAGE, context, divider, literal, paragraphs, section, size
from bot.cards.facts import facts
from bot.cards.i18n import words
from bot.cards.items import item_name
from bot.cards.running import commands, cost, running, shutdown
from bot.cards.steps import CLOSED, fix_button
from bot.cards.text import Mrkdwn, bold, code, joined
from bot.domain.delivery import Block, Message
from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.plans import Experiment
from engine.contract import DecisionCard, Gate, Rejected

BLOCKS = 48
MARKS = {
    EvidenceState.GIVEN: ":white_check_mark:",
    EvidenceState.WAIVED: ":heavy_minus_sign:",
    EvidenceState.CLAIMED: ":eyes:",
    EvidenceState.REJECTED: ":x:",
}
MISSING = ":white_large_square:"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the reply and its title; what has a higher rank is left out before the others."""

    rank: int
    title: str
    blocks: Sequence[Block]


def detail(x: Experiment, evidence: Sequence[Evidence], lang: str) -> Message:
    """The whole decision in parts, the most important first, as far as Slack can show it."""
    decision = x.decision
    summary = words(lang).detail.summary(x.label)
    if decision is None:
        return Message(summary)
    say_ = words(lang).detail
    families, offers = decision.rejected_families, decision.rejected_offers
    parts = [
        Part(4, say_.constraints(), _constraints(x, lang)),
        Part(6, say_.scope(), _scope(decision, lang)),
        Part(3, say_.warnings(), _warnings(x, decision, lang)),
        Part(0, say_.considered(), _compared(decision, lang)),
        Part(0, say_.model(), running(decision, lang)),
        Part(0, say_.cost(), cost(decision, lang)),
        Part(1, say_.commands(), commands(decision, lang)),
        Part(0, say_.shutdown(), shutdown(decision, lang)),
        Part(2, say_.rejected(), _rejected(families, say_.rejected(), lang)),
        Part(5, say_.evidence(), _evidence(evidence, lang)),
        Part(5, say_.adaptation(), _adaptation(decision, lang)),
        Part(7, say_.rejected_offers(), _rejected(offers, say_.rejected_offers(), lang)),
    ]
    return Message(summary, tuple(_fitted(parts, context(_version(x, decision, lang)), lang)))


def _version(x: Experiment, decision: DecisionCard, lang: str) -> Mrkdwn:
    """Which answer this is, and whether the team's own data had a part in it."""
    say_, overlay = words(lang).detail, decision.inputs.overlay
    version = say_.version(decision.plan_id[:12], x.shown.number)
    return joined(" · ", version, say_.overlay(overlay.version)) if overlay else version


def _fitted(parts: Sequence[Part], last: Block, lang: str) -> list[Block]:
    """Every part in order; where not all fit, the most important ones, the others by name."""
    told = [part for part in parts if part.blocks]
    kept: list[Part] = []
    for part in sorted(told, key=lambda part: part.rank):
        if _fits(_laid_out(told, [*kept, part], last, lang)):
            kept.append(part)
    return _laid_out(told, kept, last, lang)


def _fits(blocks: Sequence[Block]) -> bool:
    return len(blocks) <= BLOCKS and size(blocks) <= MESSAGE


def _laid_out(parts: Sequence[Part], kept: Sequence[Part], last: Block, lang: str) -> list[Block]:
    """The blocks of the parts that are kept, a line between two, and the names of the others."""
    shown = [block for part in parts if part in kept for block in (divider(), *part.blocks)][1:]
    names = [part.title for part in parts if part not in kept]
    cut = [context(words(lang).detail.shortened(say.listed(names, lang)))] if names else []
    return [*shown, *cut, last]


def _constraints(x: Experiment, lang: str) -> list[Block]:
    say_ = words(lang).detail
    pairs = [say_.pair(name, value) for name, value in facts(x.shown.card, lang).values()]
    return [literal(*pairs, title=say_.constraints())]


def _scope(decision: DecisionCard, lang: str) -> list[Block]:
    if decision.model_family is None:
        return []
    say_, route = words(lang).detail, decision.route
    lines = [say_.proves(say.listed(route.can_prove, lang), say.listed(route.cannot_prove, lang))]
    if route.fallback_route:
        lines.append(say_.fallback(say.route_words(route.fallback_route.value, lang)))
    if route.copy_back:
        lines.append(say_.copy_back(say.listed(route.copy_back, lang)))
    return [context(joined("\n", *lines))]


def _warnings(x: Experiment, decision: DecisionCard, lang: str) -> list[Block]:
    """What can be mended has its Fix beside it; the rest stands together."""
    say_ = words(lang).detail
    told = [(w, say_.warning(w.text, w.change)) for w in decision.warnings]
    if not told:
        return []
    fixable = [w for w, _ in told if w.fix and x.state not in CLOSED]
    lines = [Mrkdwn(f"• {text}") for warning, text in told if warning not in fixable]
    return [
        *paragraphs([bold(say_.warnings()), *lines]),
        *(section(t, accessory=fix_button(x, w, lang)) for w, t in told if w in fixable),
    ]


def _compared(decision: DecisionCard, lang: str) -> list[Block]:
    """The routes an undecided card was tried on, in one line, each with its first reason."""
    say_ = words(lang).detail
    tried = [
        say_.pair(
            say.route_words(c.route.value, lang), say.standing_because(c.status, c.codes, lang)
        )
        for c in decision.route.considered
    ]
    return [context(say_.compared(say.listed(tried, lang)))] if tried else []


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
            by_mark.setdefault(MARKS.get(e.state, MISSING), []).append(item_name(e, lang))
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
