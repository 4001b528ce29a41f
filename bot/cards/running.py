"""How a decision is run: model, licence, machine, memory, cost, commands, and switching it off.

Each part is a list of blocks, empty where the engine left its place null.
"""

import re
import shlex
from collections.abc import Sequence

from bot.cards import say
from bot.cards.blocks import context, paragraphs, preformatted, section
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, bold, code, esc, joined, link, one_line
from bot.domain.delivery import Block
from engine.contract import (
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

LICENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")
REVISION = 12
NOTE = 300
AT_HOME = (StepKind.rent, StepKind.connect)
ANY_REGION = "any"
"""The region of an offer that does not depend on one."""


def running(decision: DecisionCard, lang: str) -> list[Block]:
    """What runs, whether its licence allows it, where, and whether it fits."""
    lines = [
        *(_model(decision.model, lang) if decision.model else ()),
        *(_licence(decision.license, lang) if decision.license else ()),
        *(_offer(decision.offer, lang) if decision.offer else ()),
        *(_fit(decision.fit, lang) if decision.fit else ()),
    ]
    return paragraphs(lines)


def cost(decision: DecisionCard, lang: str) -> list[Block]:
    """What an hour, a session, a month and never stopping cost, with what was assumed."""
    made = decision.cost
    if made is None:
        return []
    say_, money, currency = words(lang).running, say.money, made.currency
    sums = [say_.per_hour(money(made.hourly), currency)]
    if made.session is not None:
        sums.append(say_.per_session(money(made.session), currency))
    sums.append(say_.per_month(money(made.monthly), currency))
    sums.append(say_.never_stopped(money(made.always_on), currency))
    items = [say_.item(i.label, money(i.amount), currency) for i in made.items]
    dated = say_.priced(made.as_of.isoformat())
    text = joined("\n", say_.cost(joined(" · ", *sums)), *items)
    return [section(text), context(joined("\n", dated, *made.assumptions))]


def commands(decision: DecisionCard, lang: str) -> list[Block]:
    """From a bare machine to the first answer."""
    blocks: list[Block] = []
    for command in decision.runtime_commands:
        say_ = words(lang).running
        head = say_.start(command.runtime, code(command.bind)) if command.bind else None
        lines = [head or say_.start_once(command.runtime), *map(esc, command.prerequisites)]
        blocks.append(section(joined("\n", lines[0], *(Mrkdwn(f"• {n}") for n in lines[1:]))))
        blocks.append(preformatted(*_stages(command, lang)))
    return blocks


def shutdown(decision: DecisionCard, lang: str) -> list[Block]:
    """Three levels: the program, the machine, what is left. Commands as they are to be typed.

    Each level is copied by itself: nobody who ends the program shall delete the machine.
    """
    levels: list[str] = []
    for level in ShutdownLevel:
        steps = [_step(c, lang) for c in decision.shutdown_commands if c.level is level]
        if steps:
            title = _comment(say.spoken(lang, "running", f"level_{level.value}"))
            levels.append("\n".join((title, *steps)))
    head = section(bold(words(lang).running.shutdown()))
    return [head, preformatted(*levels)] if levels else []


def _step(command: ShutdownCommand, lang: str) -> str:
    """A command to copy; what to know before and how to check it after stand as comments."""
    check = words(lang).running.verify(one_line(command.verify, NOTE))
    note = f"# {one_line(command.note, NOTE)}" if command.note else ""
    return "\n".join(line for line in (note, command.shell, f"# {check}") if line)


def _model(model: ModelChoice, lang: str) -> list[Mrkdwn]:
    say_ = words(lang).running
    billions = f"{model.params_total / 10**9:.1f}"
    lines = [
        say_.model(code(model.repo), billions, model.scheme, say.count(model.native_context)),
        say_.pinned(code(model.revision[:REVISION])) if model.revision else say_.not_pinned(),
    ]
    return [*lines, say_.gated()] if model.gated else lines


def _licence(licence: LicenseVerdict, lang: str) -> list[Mrkdwn]:
    say_ = words(lang).running
    verdict = say.spoken(lang, "running", f"licence_{licence.verdict.value}")
    conditions = [Mrkdwn(f"• {esc(c)}") for c in licence.conditions]
    return [say_.licence(_licence_name(licence, lang), verdict), *conditions]


def _licence_name(licence: LicenseVerdict, lang: str) -> Mrkdwn:
    """A link to its text; what somebody typed is shown as typed."""
    name = licence.license_id
    if LICENCE_ID.fullmatch(name):
        return link(licence.source_url, name)
    return code(name) if name else words(lang).running.licence_unnamed()


def _offer(offer: OfferChoice, lang: str) -> list[Mrkdwn]:
    say_ = words(lang).running
    machine = say.machine(offer.gpu_id, offer.gpu_count)
    region = say_.any_region() if offer.region == ANY_REGION else esc(offer.region)
    provider = link(offer.source_url, offer.provider)
    return [say_.offer(machine, provider, offer.vram_gb_per_gpu, offer.tier, region)]


def _fit(fit: FitReport, lang: str) -> list[Mrkdwn]:
    say_ = words(lang).running
    sizes = (fit.need_low, fit.need_expected, fit.need_high, fit.capacity)
    lines = [
        joined(" ", say_.memory(), say.spoken(lang, "running", f"fit_{fit.verdict.value}")),
        say_.need(*(say.gib(size) for size in sizes)),
        esc(fit.capacity_note),
    ]
    if fit.max_context_tokens:
        lines.append(say_.most(say.count(fit.max_context_tokens), fit.max_concurrent or 1))
    if not fit.calibrated:
        lines.append(say_.uncalibrated(fit.error_band_pct))
    return lines


def script(command: RuntimeCommand, lang: str) -> str:
    """From a bare machine to the first answer, as it is to be typed; notes stand as comments."""
    return "\n".join(_stages(command, lang))


def _stages(command: RuntimeCommand, lang: str) -> list[str]:
    """The same by where it is typed: on one's own computer, on the machine, and to start."""
    here = [step for step in command.before if step.kind in AT_HOME]
    there = [step for step in command.before if step.kind not in AT_HOME]
    stages = (_before(here, lang), _before(there, lang), _started(command, lang))
    return ["\n".join(lines) for lines in stages if lines]


def _started(command: RuntimeCommand, lang: str) -> list[str]:
    say_ = words(lang).running
    exports = [f"export {name}={shlex.quote(value)}" for name, value in command.env.items()]
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
    return [_comment(say_.step_start()), *_saved(command), *exports, command.shell, *asked]


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
    """A line that a shell skips; a Chinese colon has its space in itself."""
    line = f"# {what} {one_line(note, NOTE)}".rstrip()
    return line.replace("#  ", "# ").replace("： ", "：")
