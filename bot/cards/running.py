"""How a decision is run: model, machine, memory, commands, cost, licence, and switching it off.

Each part is a list of blocks, empty while the engine leaves its place null.
"""

import shlex
from collections.abc import Sequence

from bot.cards import say
from bot.cards.blocks import context, preformatted, section
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, bold, code, esc, joined, link, one_line
from bot.domain.delivery import Block
from engine.contract import (
    CostEstimate,
    DecisionCard,
    FitReport,
    LicenseVerdict,
    ModelChoice,
    OfferChoice,
    RuntimeCommand,
    ShutdownCommand,
    ShutdownLevel,
)

REVISION = 12
NOTE = 300


def running(decision: DecisionCard, lang: str) -> list[list[Block]]:
    """The parts of a decision that say how it runs, in reading order."""
    return [
        _model(decision.model, lang) if decision.model else [],
        _offer(decision.offer, lang) if decision.offer else [],
        _fit(decision.fit, lang) if decision.fit else [],
        _commands(decision.runtime_commands, lang),
        _cost(decision.cost, lang) if decision.cost else [],
        _licence(decision.license, lang) if decision.license else [],
    ]


def shutdown(decision: DecisionCard, lang: str) -> list[Block]:
    """Three levels: the program, the machine, what is left. Commands as they are to be typed."""
    blocks: list[Block] = []
    for level in ShutdownLevel:
        steps = [_step(c, lang) for c in decision.shutdown_commands if c.level is level]
        if steps:
            blocks.append(context(say.spoken(lang, "running", f"level_{level.value}")))
            blocks.append(preformatted("\n".join(steps)))
    return [section(bold(words(lang).running.shutdown())), *blocks] if blocks else []


def _step(command: ShutdownCommand, lang: str) -> str:
    """A command to copy; what to know before and how to check it after stand as comments."""
    check = words(lang).running.verify(one_line(command.verify, NOTE))
    note = f"# {one_line(command.note, NOTE)}" if command.note else ""
    return "\n".join(line for line in (note, command.shell, f"# {check}") if line)


def _model(model: ModelChoice, lang: str) -> list[Block]:
    say_ = words(lang).running
    billions = f"{model.params_total / 10**9:.1f}"
    lines = [
        say_.model(code(model.repo), billions, model.scheme, model.native_context),
        say_.pinned(code(model.revision[:REVISION])) if model.revision else say_.not_pinned(),
    ]
    if model.gated:
        lines.append(say_.gated())
    return [section(joined("\n", *lines))]


def _offer(offer: OfferChoice, lang: str) -> list[Block]:
    machine = f"{offer.gpu_count} x {offer.gpu_id}"
    provider = link(offer.source_url, offer.provider)
    text = words(lang).running.offer(
        machine, provider, offer.vram_gb_per_gpu, offer.tier, offer.region
    )
    return [section(text)]


def _fit(fit: FitReport, lang: str) -> list[Block]:
    say_ = words(lang).running
    sizes = (fit.need_low, fit.need_expected, fit.need_high, fit.capacity)
    lines = [
        joined(" ", say_.memory(), say.spoken(lang, "running", f"fit_{fit.verdict.value}")),
        say_.need(*(say.gib(size) for size in sizes)),
        esc(fit.capacity_note),
    ]
    if fit.max_context_tokens is not None:
        lines.append(say_.most(fit.max_context_tokens, fit.max_concurrent or 1))
    if not fit.calibrated:
        lines.append(say_.uncalibrated(fit.error_band_pct))
    return [section(joined("\n", *lines))]


def _commands(commands: Sequence[RuntimeCommand], lang: str) -> list[Block]:
    blocks: list[Block] = []
    for command in commands:
        head = [words(lang).running.start(command.runtime, code(command.bind))]
        blocks.append(section(joined("\n", *head, *command.prerequisites)))
        blocks.append(preformatted(_script(command, lang)))
    return blocks


def _script(command: RuntimeCommand, lang: str) -> str:
    say_ = words(lang).running
    exports = [f"export {name}={shlex.quote(value)}" for name, value in command.env.items()]
    return "\n".join(
        (
            *exports,
            command.version_command,
            command.shell,
            f"# {say_.check()}",
            command.health_check,
            f"# {say_.first_request()}",
            command.first_request,
        )
    )


def _cost(cost: CostEstimate, lang: str) -> list[Block]:
    say_, money, currency = words(lang).running, say.money, cost.currency
    sums = [say_.per_hour(money(cost.hourly), currency)]
    if cost.session is not None:
        sums.append(say_.per_session(money(cost.session), currency))
    sums.append(say_.per_month(money(cost.monthly), currency))
    sums.append(say_.never_stopped(money(cost.always_on), currency))
    items = [say_.item(i.label, money(i.amount), currency) for i in cost.items]
    dated = say_.priced(cost.as_of.isoformat())
    text = joined("\n", say_.cost(joined(" · ", *sums)), *items)
    return [section(text), context(joined("\n", dated, *cost.assumptions))]


def _licence(licence: LicenseVerdict, lang: str) -> list[Block]:
    say_ = words(lang).running
    verdict = say.spoken(lang, "running", f"licence_{licence.verdict.value}")
    source = link(licence.source_url, licence.license_id)
    conditions = [Mrkdwn(f"• {esc(c)}") for c in licence.conditions]
    return [section(joined("\n", say_.licence(source, verdict), *conditions))]
