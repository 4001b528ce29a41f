"""Whether a model fits, as people read it in a terminal, and as programs read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import typer

from bot.cards.say import gib
from bot.cards.tables import NOTHING
from engine.canonical import canonical
from engine.contract import FitReport, FitVerdict, HardwareSpec, SchemeItem
from owroute.commands.exits import Code
from owroute.commands.fit_choice import Choice
from owroute.commands.plan_page import pair, print_bytes
from owroute.commands.speech import Speech, spoken
from owroute.commands.terminal import Page, aligned, columns, may_colour, width

_SIGNS = {
    FitVerdict.fits: "✓",
    FitVerdict.tight: "!",
    FitVerdict.does_not_fit: "✗",
    FitVerdict.unknown: "?",
}
_COLOURS = {
    FitVerdict.fits: "green",
    FitVerdict.tight: "yellow",
    FitVerdict.does_not_fit: "red",
    FitVerdict.unknown: "yellow",
}
_ORDER = tuple(FitVerdict)
_CODES = {
    FitVerdict.fits: Code.OK,
    FitVerdict.tight: Code.OK,
    FitVerdict.does_not_fit: Code.NEEDS_CHANGES,
    FitVerdict.unknown: Code.REFUSED,
}
"""As for a plan: 3 asks for another format, context or card; on 4 nothing can be built."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked about, and a report per format; None where the hardware cannot run it."""

    choice: Choice
    hardware: HardwareSpec
    schemes: Sequence[SchemeItem]
    reports: Mapping[str, FitReport | None]

    @property
    def verdict(self) -> FitVerdict:
        """The best format's; what cannot run does not fit."""
        return min((_verdict(r) for r in self.reports.values()), key=_ORDER.index)


def print_json(answer: Answer, say: Speech, *, alone: bool) -> Code:
    """The one report that was asked for, else all by format; canonical bytes.

    Null stands for a format that the hardware cannot run; why is said on standard error.
    """
    written = {
        scheme: report.model_dump(mode="json") if report else None
        for scheme, report in answer.reports.items()
    }
    for scheme in answer.schemes:
        if answer.reports[scheme.scheme] is None:
            typer.echo(_unsupported(answer, scheme, say), err=True)
    print_bytes(canonical(next(iter(written.values())) if alone else written))
    return _CODES[answer.verdict]


def print_page(answer: Answer, say: Speech) -> Code:
    """One format at length, several in a line each."""
    page = Page(columns(), colour=may_colour())
    if len(answer.schemes) == 1:
        _at_length(page, answer, say)
    else:
        _a_line_each(page, answer, say)
    typer.echo(str(page), nl=False)
    return _CODES[answer.verdict]


def _verdict(report: FitReport | None) -> FitVerdict:
    return report.verdict if report else FitVerdict.does_not_fit


def _word(verdict: FitVerdict, say: Speech) -> str:
    return spoken(say.lang, "cli", f"fit_{verdict.value}")


def _where(answer: Answer, say: Speech) -> str:
    choice, spec = answer.choice, answer.hardware
    if choice.gpu_name is None:
        return say.fit_on_cpu(spec.ram_gib or "-")
    return say.fit_on_gpu(spec.gpu_count, choice.gpu.name if choice.gpu else choice.gpu_name)


def _at_length(page: Page, answer: Answer, say: Speech) -> None:
    choice, scheme = answer.choice, answer.schemes[0]
    report, verdict = answer.reports[scheme.scheme], answer.verdict
    what = say.fit_what(choice.model.repo, scheme.scheme, choice.runtime.name, _where(answer, say))
    head = pair(_word(verdict, say), what, say)
    page.line(head, lead=f"{_SIGNS[verdict]} ", colour=_COLOURS[verdict])
    if report is None:
        page.line(_unsupported(answer, scheme, say), indent=2)
        return
    per_gpu = [say.fit_per_gpu()] if answer.hardware.gpu_count > 1 else []
    native = choice.model.architecture.native_context
    for line in (*_numbers(report, native, say), *per_gpu):
        page.line(line, indent=2)
    page.line(say.fit_method(report.method), indent=2)
    band = say.fit_calibrated if report.calibrated else say.fit_uncalibrated
    page.line(band(report.error_band_pct), indent=2)
    if report.sources:
        page.line(say.fit_sources(), indent=2)
    for source in report.sources:
        page.line(source, indent=2, lead="- ")
    _read_at(page, choice)


def _read_at(page: Page, choice: Choice) -> None:
    """Where a model outside the catalogue was read."""
    if not choice.is_catalogued:
        page.line(choice.model.source, indent=2)


def _numbers(report: FitReport, native: int, say: Speech) -> list[str]:
    """Memory in GiB: needed, available, where it goes; then what else fits in it."""
    if report.verdict is FitVerdict.unknown:
        return [say.fit_unknown_why(report.capacity_note)]
    need = map(gib, (report.need_low, report.need_expected, report.need_high))
    parts = report.breakdown
    where = map(gib, (parts.weights, parts.kv, parts.activation, parts.runtime))
    return [
        say.fit_need(*need),
        say.fit_capacity(gib(report.capacity), report.capacity_note),
        say.fit_breakdown(*where),
        *_most(report, native, say),
        say.fit_disk(gib(report.disk_bytes)),
    ]


def _most(report: FitReport, native: int, say: Speech) -> list[str]:
    """What else fits, as far as it is known and anything does."""
    context, requests = report.max_context_tokens, report.max_concurrent
    lines = []
    if context:
        text = f"{min(context, native):,}"
        lines.append(say.fit_context_whole(text) if context >= native else say.fit_context(text))
    return [*lines, say.fit_concurrent(f"{requests:,}")] if requests else lines


def _a_line_each(page: Page, answer: Answer, say: Speech) -> None:
    choice = answer.choice
    page.line(say.fit_several(choice.model.repo, choice.runtime.name, _where(answer, say)))
    native = choice.model.architecture.native_context
    names = [scheme.scheme for scheme in answer.schemes]
    rows = [_line(name, answer.reports[name], native, say) for name in names]
    lines = aligned([_head(say), *rows], gap="   ")
    if max(map(width, lines)) > columns():
        lines = []
        for row in rows:
            named = zip(_head(say)[2:], row[2:], strict=True)
            cells = [pair(*cell, say) for cell in named if cell[1] != NOTHING]
            page.line(" · ".join([row[1], *cells]), lead=f"{row[0]}  ")
    for line in lines:
        page.literal(line)
    _remarks(page, answer, say)


def _head(say: Speech) -> tuple[str, ...]:
    return (
        say.fit_head_scheme(), say.fit_head_verdict(), say.fit_head_need(), say.fit_head_context(),
        say.fit_head_concurrent(),
    )  # fmt: skip


def _line(scheme: str, report: FitReport | None, native: int, say: Speech) -> tuple[str, ...]:
    verdict = f"{_SIGNS[_verdict(report)]} {_word(_verdict(report), say)}"
    if report is None:
        return scheme, verdict, *[NOTHING] * 3
    sizes = map(gib, (report.need_expected, report.need_high, report.capacity))
    context, requests = report.max_context_tokens, report.max_concurrent
    return (
        scheme,
        verdict,
        say.fit_short(*sizes) if report.verdict is not FitVerdict.unknown else NOTHING,
        f"{min(context, native):,}" if context is not None else NOTHING,
        f"{requests:,}" if requests is not None else NOTHING,
    )


def _remarks(page: Page, answer: Answer, say: Speech) -> None:
    _read_at(page, answer.choice)
    if answer.hardware.gpu_count > 1:
        page.line(say.fit_per_gpu())
    for scheme in answer.schemes:
        if answer.reports[scheme.scheme] is None:
            page.line(_unsupported(answer, scheme, say))


def _unsupported(answer: Answer, scheme: SchemeItem, say: Speech) -> str:
    gpu = answer.choice.gpu
    if gpu is None or gpu.capability is None:
        return say.fit_needs_cuda(scheme.scheme, scheme.capability)
    return say.fit_needs_newer(scheme.scheme, scheme.capability, gpu.name, gpu.capability)
