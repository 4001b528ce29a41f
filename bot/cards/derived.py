"""What owroute writes down as evidence itself, from the card and the engine's decision.

What it knows in full is given; what it knows in part is filled in for a person to complete.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from bot.cards import say
from bot.cards.i18n import words
from bot.domain.evidence import Content, Entry, Source
from bot.domain.plans import Experiment
from engine.contract import BudgetLevel, ConstraintCard, DecisionCard, Route, ShutdownLevel

MONTHLY_CAPS: Mapping[BudgetLevel, Decimal] = {
    BudgetLevel.zero: Decimal(0),
    BudgetLevel.small: Decimal(50),
    BudgetLevel.medium: Decimal(500),
}
"""USD a month by budget, as the route engine counts it; a large one has none of its own."""

_COMMIT = re.compile(r"[0-9a-f]{40}")


def derived(x: Experiment, decision: DecisionCard, lang: str, at: datetime) -> tuple[Entry, ...]:
    """The entries of the newest decision; deciding the same card again gives the same ones."""
    return tuple(
        Entry(
            key=f"derived:{x.latest.number}",
            item=item,
            source=Source.DERIVED,
            content={name: text for name, text in content.items() if text},
            at=at,
            whole=all(content.values()),
        )
        for item, content in _known(x, decision, lang)
        if any(content.values())
    )


def _known(x: Experiment, decision: DecisionCard, lang: str) -> Iterator[tuple[str, Content]]:
    """Item id and its fields; an empty text is what owroute cannot know."""
    say_, card = words(lang).derived, decision.inputs.card
    yield "model_card_license", _model(decision, lang)
    for command in decision.runtime_commands[:1]:
        yield "runtime_command", {"command": command.shell, "version": ""}
        address = f"http://{command.bind}/v1" if command.bind else ""
        yield "endpoint", {"address": address, "seen": ""}
    yield "shutdown_command", {"command": _shutdown(decision)}
    if decision.cost is not None:
        amount = f"{say.hours(decision.cost.hourly)} {decision.cost.currency}"
        priced_on = decision.cost.as_of.isoformat()
        yield "cost_per_hour", {"amount": amount, "priced_on": priced_on}
    if decision.offer is not None:
        yield "gpu_plan", _gpu_plan(x, decision, lang)
    monthly = cap_of(card)
    cap = card.max_hourly if monthly is None else monthly
    if cap is not None:
        per = say_.per_hour() if monthly is None else say_.per_month()
        yield "budget_cap", {"cap": f"{say.hours(cap)} USD", "when_reached": say_.at_cap(per)}
    yield "latency_memory_note", {"cost": _session(decision), "latency": ""}
    yield "access_rule", {"who": card.access_rule or ""}
    yield "license_review", {"conclusion": card.license_review or "", "reviewer": ""}


def cap_of(card: ConstraintCard) -> Decimal | None:
    """What a month may cost: the card's cap, where it has none its class's; never above that one.

    None: a month has no cap of its own, e.g. since the card gives one for the hour.
    """
    own, of_class = card.max_monthly, MONTHLY_CAPS.get(card.budget_level)
    if own is None:
        return None if card.max_hourly is not None else of_class
    return own if of_class is None else min(own, of_class)


def _model(decision: DecisionCard, lang: str) -> Content:
    """The repository and commit of the files that are run, and what their licence allows."""
    model, licence = decision.model, decision.license
    if model is None:
        return {}
    revision = model.weights.revision or ""
    use = f"licence_{licence.verdict.value}" if licence else ""
    return {
        "repo": model.weights.repo,
        "revision": revision if _COMMIT.fullmatch(revision) else "",
        "license_id": licence.license_id if licence else "",
        "allowed_use": say.spoken(lang, "running", use) if use else "",
    }


def _session(decision: DecisionCard) -> str:
    """What the planned session costs; where nothing is rented, nothing is paid for it."""
    cost = decision.cost
    if cost is None:
        return "" if decision.route.route is Route.rented_gpu else "0 USD"
    return f"{say.hours(cost.session)} {cost.currency}" if cost.session is not None else ""


def _shutdown(decision: DecisionCard) -> str:
    """The commands that end it, by level; where there is none, how the console does it."""
    steps = [
        c.shell or c.note
        for level in ShutdownLevel
        for c in decision.shutdown_commands
        if c.level is level
    ]
    return "\n".join(steps)


def _gpu_plan(x: Experiment, decision: DecisionCard, lang: str) -> Content:
    """The thirteen keys of a GPU plan (route engine, section 4.4)."""
    say_, offer, route = words(lang).derived, decision.offer, decision.route
    card, model = decision.inputs.card, decision.model
    command = next(iter(decision.runtime_commands), None)
    if offer is None or model is None:
        return {}
    gib = Decimal(decision.fit.disk_bytes) / 2**30 if decision.fit else Decimal(0)
    hours, machine = route.stop_after_hours, say.machine(offer.gpu_id, offer.gpu_count)
    return {
        "goal": route.goal,
        "model": f"{model.weights.repo} {model.scheme}",
        "runtime": command.runtime if command else "",
        "instance_vram": f"{machine}, {offer.vram_gb_per_gpu} GB per GPU",
        "disk": f"{gib:.0f} GiB" if gib else "",
        "region": offer.region,
        "hourly_budget": f"{say.hours(offer.hourly)} USD",
        "hard_stop_time": say_.after_hours(say.hours(hours)) if hours else _review(card, lang),
        "ports_to_open": say_.no_ports(),
        "access_method": say_.ssh_key(),
        "evidence_to_copy_back": say.listed(route.copy_back, lang),
        "shutdown_proof": say_.listing(),
        "fallback_if_oom": _fallback(decision, lang),
    }


def _review(card: ConstraintCard, lang: str) -> str:
    return words(lang).derived.review(card.review_date.isoformat()) if card.review_date else ""


def _fallback(decision: DecisionCard, lang: str) -> str:
    route = decision.route.fallback_route
    return say.route_words(route.value, lang) if route else words(lang).derived.smaller()
