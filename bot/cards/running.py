"""How a decision is run: model, licence, machine, memory, cost, commands, and switching it off.

Each part is a list of blocks, empty where the engine left its place null. Its sentences are one
list for Slack and for the terminal, which set words apart differently.
"""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.cards import say
from bot.cards.blocks import context, paragraphs, preformatted, section
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

LICENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")
REVISION = 12
NOTE = 300
AT_HOME = (StepKind.rent, StepKind.connect)
ANY_REGION = "any"
"""The region of an offer that does not depend on one."""


@dataclass(frozen=True, slots=True)
class Marks:
    """How a place sets words apart: a title, a name to copy, a link's address and words, a list."""

    title: Callable[[object], Mrkdwn]
    code: Callable[[str], Mrkdwn]
    link: Callable[[str, str], Mrkdwn]
    item: str


def _addressed(url: str, text: str) -> Mrkdwn:
    return esc(f"{text} ({url})" if url else text)


def _as_typed(name: str) -> Mrkdwn:
    return esc(one_line(name, NOTE))


SLACK = Marks(title=bold, code=code, link=link, item="• ")
TERMINAL = Marks(title=esc, code=_as_typed, link=_addressed, item="")


def lines(decision: DecisionCard, lang: str, marks: Marks) -> list[Mrkdwn]:
    """All its sentences: what runs, its licence, where, whether it fits, and what it costs."""
    made = decision.cost
    costs = (*_sums(made, lang, marks), *_assumed(made, lang)) if made else ()
    return [*_runs(decision, lang, marks), *costs]


def running(decision: DecisionCard, lang: str) -> list[Block]:
    """What runs, whether its licence allows it, where, and whether it fits."""
    return paragraphs(_runs(decision, lang, SLACK))


def _runs(decision: DecisionCard, lang: str, marks: Marks) -> list[Mrkdwn]:
    return [
        *(_model(decision.model, lang, marks) if decision.model else ()),
        *(_licence(decision.license, lang, marks) if decision.license else ()),
        *(_offer(decision.offer, lang, marks) if decision.offer else ()),
        *(_fit(decision.fit, lang, marks) if decision.fit else ()),
    ]


def cost(decision: DecisionCard, lang: str) -> list[Block]:
    """What an hour, a session, a month and never stopping cost, with what was assumed."""
    made = decision.cost
    if made is None:
        return []
    sums = section(joined("\n", *_sums(made, lang, SLACK)))
    return [sums, context(joined("\n", *_assumed(made, lang)))]


def _sums(made: CostEstimate, lang: str, marks: Marks) -> list[Mrkdwn]:
    """The sums in one line, then what they are made of."""
    say_, money, currency = words(lang).running, say.money, made.currency
    sums = [say_.per_hour(money(made.hourly), currency)]
    if made.session is not None:
        sums.append(say_.per_session(money(made.session), currency))
    sums.append(say_.per_month(money(made.monthly), currency))
    sums.append(say_.never_stopped(money(made.always_on), currency))
    items = [say_.item(i.label, money(i.amount), currency) for i in made.items]
    return [say_.cost(marks.title, joined(" · ", *sums)), *items]


def _assumed(made: CostEstimate, lang: str) -> list[Mrkdwn]:
    """The day of the price, and what was assumed."""
    return [words(lang).running.priced(made.as_of.isoformat()), *map(esc, made.assumptions)]


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

    Each level is copied by itself: nobody who ends the program shall delete the machine. Where
    nothing is started, nothing is to be stopped.
    """
    if not decision.runtime_commands:
        return []
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


def _model(model: ModelChoice, lang: str, marks: Marks) -> list[Mrkdwn]:
    say_, name = words(lang).running, marks.code(model.repo)
    billions, context_ = f"{model.params_total / 10**9:.1f}", say.count(model.native_context)
    files = model.weights
    of = "" if files.repo == model.repo else f"{files.repo}@"
    commit = marks.code(f"{of}{files.revision[:REVISION]}") if files.revision else None
    said = [
        say_.model(marks.title, name, billions, model.scheme, context_),
        say_.pinned(commit) if commit else say_.not_pinned(),
    ]
    return [*said, say_.gated()] if model.gated else said


def _licence(licence: LicenseVerdict, lang: str, marks: Marks) -> list[Mrkdwn]:
    say_ = words(lang).running
    verdict = say.spoken(lang, "running", f"licence_{licence.verdict.value}")
    conditions = [Mrkdwn(f"{marks.item}{esc(c)}") for c in licence.conditions]
    return [say_.licence(marks.title, _licence_name(licence, lang, marks), verdict), *conditions]


def _licence_name(licence: LicenseVerdict, lang: str, marks: Marks) -> Mrkdwn:
    """A link to its text; what somebody typed is shown as typed."""
    name = licence.license_id
    if LICENCE_ID.fullmatch(name):
        return marks.link(licence.source_url, name)
    return marks.code(name) if name else words(lang).running.licence_unnamed()


def _offer(offer: OfferChoice, lang: str, marks: Marks) -> list[Mrkdwn]:
    say_ = words(lang).running
    machine = say.machine(offer.gpu_id, offer.gpu_count)
    region = say_.any_region() if offer.region == ANY_REGION else esc(offer.region)
    provider, vram = marks.link(offer.source_url, offer.provider), offer.vram_gb_per_gpu
    return [say_.offer(marks.title, machine, provider, vram, offer.tier, region)]


def _fit(fit: FitReport, lang: str, marks: Marks) -> list[Mrkdwn]:
    say_ = words(lang).running
    sizes = (fit.need_low, fit.need_expected, fit.need_high, fit.capacity)
    said = [
        say_.memory(marks.title, say.spoken(lang, "running", f"fit_{fit.verdict.value}")),
        say_.need(*(say.gib(size) for size in sizes)),
        esc(fit.capacity_note),
    ]
    if fit.max_context_tokens:
        said.append(say_.most(say.count(fit.max_context_tokens), fit.max_concurrent or 1))
    if not fit.calibrated:
        said.append(say_.uncalibrated(fit.error_band_pct))
    return said


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
