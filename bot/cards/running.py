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
    Step,
    StepKind,
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
    if fit.max_context_tokens:
        lines.append(say_.most(fit.max_context_tokens, fit.max_concurrent or 1))
    if not fit.calibrated:
        lines.append(say_.uncalibrated(fit.error_band_pct))
    return [section(joined("\n", *lines))]


def _commands(commands: Sequence[RuntimeCommand], lang: str) -> list[Block]:
    blocks: list[Block] = []
    for command in commands:
        say_ = words(lang).running
        head = say_.start(command.runtime, code(command.bind)) if command.bind else None
        lines = [head or say_.start_once(command.runtime), *map(esc, command.prerequisites)]
        blocks.append(section(joined("\n", lines[0], *(Mrkdwn(f"• {n}") for n in lines[1:]))))
        blocks.append(preformatted(script(command, lang)))
    return blocks


def script(command: RuntimeCommand, lang: str) -> str:
    """From a bare machine to the first answer, as it is to be typed; notes stand as comments."""
    say_ = words(lang).running
    exports = [f"export {name}={shlex.quote(value)}" for name, value in command.env.items()]
    started = [_comment(say_.step_start()), *_saved(command), *exports, command.shell]
    checks = [
        (say_.version(), command.version_command),
        (say_.check(), command.health_check),
        (say_.first_request(), command.first_request),
    ]
    asked = [
        line
        for what, line in checks
        if line and line != command.shell
        for line in (_comment(what), line)
    ]
    return "\n".join((*_before(command.before, lang), *started, *asked))


def _before(steps: Sequence[Step], lang: str) -> list[str]:
    """What comes before the start, each kind of step named once."""
    lines: list[str] = []
    known: StepKind | None = None
    for step in steps:
        if step.kind is not known or step.note:
            what = say.spoken(lang, "running", f"step_{step.kind.value}")
            lines.append(_comment(what if step.kind is not known else "", step.note))
        known = step.kind
        lines += [step.shell] if step.shell else []
    return lines


def _saved(command: RuntimeCommand) -> list[str]:
    """The file that the start command runs, written by the shell itself."""
    if not command.script:
        return []
    name = next(part for part in command.argv if part.endswith(".py"))
    return [f"cat > {shlex.quote(name)} <<'END_OF_FILE'", command.script.rstrip(), "END_OF_FILE"]


def _comment(what: object, note: str = "") -> str:
    return f"# {what} {one_line(note, NOTE)}".rstrip().replace("#  ", "# ")


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
