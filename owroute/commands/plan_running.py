"""How a decision runs, in a terminal: model, machine, memory, cost, licence, and the commands."""

from collections.abc import Iterator

from bot.cards.running import script
from bot.cards.say import gib, money
from bot.cards.text import Mrkdwn
from engine.contract import CostEstimate, DecisionCard, FitReport, LicenseVerdict, ModelChoice
from owroute.commands.speech import Speech, plain, spoken
from owroute.commands.terminal import Page


def running(page: Page, decision: DecisionCard, say: Speech) -> None:
    """What was chosen and how it is started; nothing where nothing was."""
    lines = [*_lines(decision, say)]
    if lines:
        page.heading(say.running())
        for line in lines:
            page.line(line, lead="- ")
    for command in decision.runtime_commands:
        page.heading(say.commands())
        for note in command.prerequisites:
            page.line(note, lead="- ")
        for line in plain(Mrkdwn(script(command, say.lang))).split("\n"):
            page.literal(line, indent=2)


def _lines(decision: DecisionCard, say: Speech) -> Iterator[str]:
    if decision.model:
        yield from _model(decision.model, say)
    if decision.offer:
        offer = decision.offer
        machine = f"{offer.gpu_count} x {offer.gpu_id}"
        provider = f"{offer.provider} ({offer.source_url})"
        yield _said(
            say, "offer", machine, provider, offer.vram_gb_per_gpu, offer.tier, offer.region
        )
    if decision.fit:
        yield from _fit(decision.fit, say)
    if decision.cost:
        yield from _cost(decision.cost, say)
    if decision.license:
        yield from _licence(decision.license, say)


def _model(model: ModelChoice, say: Speech) -> Iterator[str]:
    billions = f"{model.params_total / 10**9:.1f}"
    yield _said(say, "model", model.repo, billions, model.scheme, model.native_context)
    yield _said(say, "pinned", model.revision) if model.revision else _said(say, "not_pinned")


def _fit(fit: FitReport, say: Speech) -> Iterator[str]:
    sizes = map(gib, (fit.need_low, fit.need_expected, fit.need_high, fit.capacity))
    verdict = _said(say, f"fit_{fit.verdict.value}")
    yield f"{_said(say, 'memory')} {verdict}: {_said(say, 'need', *sizes)}"
    yield fit.capacity_note
    if fit.max_context_tokens:
        yield _said(say, "most", fit.max_context_tokens, fit.max_concurrent or 1)
    if not fit.calibrated:
        yield _said(say, "uncalibrated", fit.error_band_pct)


def _cost(cost: CostEstimate, say: Speech) -> Iterator[str]:
    sums = [_said(say, "per_hour", money(cost.hourly), cost.currency)]
    if cost.session is not None:
        sums.append(_said(say, "per_session", money(cost.session), cost.currency))
    sums.append(_said(say, "per_month", money(cost.monthly), cost.currency))
    sums.append(_said(say, "never_stopped", money(cost.always_on), cost.currency))
    yield _said(say, "cost", " · ".join(sums))
    yield " ".join((f"{_said(say, 'priced', cost.as_of.isoformat())}.", *cost.assumptions))


def _licence(licence: LicenseVerdict, say: Speech) -> Iterator[str]:
    name = f"{licence.license_id} ({licence.source_url})"
    yield _said(say, "licence", name, _said(say, f"licence_{licence.verdict.value}"))
    yield from licence.conditions


def _said(say: Speech, macro: str, *values: object) -> str:
    """A sentence of the decision card, without the stars that make a word bold in Slack."""
    return spoken(say.lang, "running", macro, *values).replace("*", "")
