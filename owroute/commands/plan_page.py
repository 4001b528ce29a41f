"""A decision as people read it in a terminal, and as programs read it."""

import sys
from collections.abc import Sequence
from typing import assert_never

import typer

from bot.cards.say import hours, listed, route_words, standing_because, status_words
from engine.canonical import canonical
from engine.contract import (
    Conflict,
    ConflictCode,
    DecisionCard,
    Route,
    ShutdownCommand,
    Status,
)
from owroute.commands.exits import Code
from owroute.commands.plan_flags import FLAGS
from owroute.commands.plan_running import running
from owroute.commands.speech import Speech, plain, spoken
from owroute.commands.terminal import Page, columns, may_colour

_SIGNS = {Status.ok: "✓", Status.needs_changes: "!", Status.refused: "✗"}
_COLOURS = {Status.ok: "green", Status.needs_changes: "yellow", Status.refused: "red"}


def print_lesson(text: str) -> Code:
    """Exactly the lesson's bytes; a terminal gets the line end that they lack."""
    print_bytes(text.encode("ascii"))
    if sys.stdout.isatty():
        typer.echo()
    return Code.OK


def print_decision(decision: DecisionCard, say: Speech, *, as_json: bool) -> Code:
    """The decision, as canonical JSON or as a page. The exit code is its status."""
    if as_json:
        print_bytes(canonical(decision.model_dump(mode="json")))
    else:
        typer.echo(str(page_of(decision, say, columns(), colour=may_colour())), nl=False)
    return code_of(decision.status)


def code_of(status: Status) -> Code:
    """What a status means to a script."""
    match status:
        case Status.ok:
            return Code.OK
        case Status.needs_changes:
            return Code.NEEDS_CHANGES
        case Status.refused:
            return Code.REFUSED
        case _:
            assert_never(status)


def print_bytes(raw: bytes) -> None:
    """Bytes as they are, behind what has been said before."""
    sys.stdout.flush()
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


def page_of(decision: DecisionCard, say: Speech, room: int, *, colour: bool) -> Page:
    """The whole decision: first what matters, last what was passed over."""
    page = Page(room, colour=colour)
    _verdict(page, decision, say)
    _conflicts(page, say.blocks(), decision.conflicts, say)
    _conflicts(page, say.warnings(), decision.warnings, say)
    running(page, decision, say)
    _stop(page, decision, say)
    _adaptation(page, decision, say)
    _evidence(page, decision, say)
    _passed_over(page, decision, say)
    _made_from(page, decision, say)
    return page


def _verdict(page: Page, decision: DecisionCard, say: Speech) -> None:
    status, route, family = decision.status, decision.route, decision.model_family
    verdict = _status(status, say)
    page.line(
        pair(verdict, decision.project, say), lead=f"{_SIGNS[status]} ", colour=_COLOURS[status]
    )
    where = _route(route.route, say)
    if decision.model:
        where = f"{where} · {decision.model.repo} {decision.model.scheme}"
    elif family:
        where = f"{where} · {family.family} · {family.runtime}"
    page.line(where, indent=2)
    page.line(route.why, indent=2)
    page.line(say.goal(route.goal), indent=2)
    if route.considered:
        tried = [
            pair(_route(c.route, say), plain(standing_because(c.status, c.codes, say.lang)), say)
            for c in route.considered
        ]
        page.line(say.compared(_listed(tried, say)), indent=2)


def _conflicts(page: Page, title: str, conflicts: Sequence[Conflict], say: Speech) -> None:
    if not conflicts:
        return
    page.heading(title)
    for conflict in conflicts:
        page.line(conflict.text, lead="- ")
        page.line(_change(conflict, say), indent=2, lead="→ ")
        if model := conflict.passing.get("model_repo"):
            page.line(say.passing(f"{FLAGS['model_repo'].option} {model}"), indent=2, lead="→ ")
        if conflict.alternatives:
            others = _listed([_route(route, say) for route in conflict.alternatives], say)
            page.line(say.instead(others), indent=2, lead="→ ")


def _change(conflict: Conflict, say: Speech) -> str:
    """The edit that resolves it, and the flags it is made with."""
    options = [
        FLAGS[name].option if name in FLAGS else say.in_card_file(name) for name in _flags(conflict)
    ]
    return f"{conflict.change} ({', '.join(options)})" if options else conflict.change


def _flags(conflict: Conflict) -> tuple[str, ...]:
    part = "ram_gib" if conflict.code is ConflictCode.HARDWARE_ASSUMED else "gpu_id"
    return tuple(part if name == "hardware" else name for name in conflict.fix)


def _stop(page: Page, decision: DecisionCard, say: Speech) -> None:
    if decision.status is Status.refused:
        return
    page.heading(say.stop_plan())
    route = decision.route
    if route.stop_after_hours is not None:
        page.line(say.stops_after(hours(route.stop_after_hours)), lead="- ")
    page.line(say.stop_when(_listed(route.stop_when, say)), lead="- ")
    if route.copy_back:
        page.line(say.copy_back(_listed(route.copy_back, say)), lead="- ")
    for command in decision.shutdown_commands if decision.runtime_commands else ():
        _shutdown(page, command, say)


def _shutdown(page: Page, command: ShutdownCommand, say: Speech) -> None:
    page.line(command.note, lead="- ")
    if command.shell:
        page.literal(command.shell, indent=4)
    page.line(say.verify(command.verify), indent=4)


def _adaptation(page: Page, decision: DecisionCard, say: Speech) -> None:
    page.heading(say.adaptation())
    page.line(decision.adaptation.text, lead="- ")
    page.line(decision.adaptation.next_step, lead="- ")


def _evidence(page: Page, decision: DecisionCard, say: Speech) -> None:
    required = sum(item.required for item in decision.evidence)
    page.heading(say.evidence(len(decision.evidence), required))
    for item in decision.evidence:
        label = item.label if item.required else say.optional(item.label)
        page.line(pair(label, item.template, say), lead="[ ] ")


def _passed_over(page: Page, decision: DecisionCard, say: Speech) -> None:
    if not decision.rejected_families:
        return
    page.heading(say.passed_over())
    for rejected in decision.rejected_families:
        page.line(pair(rejected.label, rejected.reason, say), lead="- ")


def _made_from(page: Page, decision: DecisionCard, say: Speech) -> None:
    inputs = decision.inputs
    page.heading(say.made_from(inputs.ruleset.version, inputs.as_of or "-", decision.plan_id[:12]))
    if inputs.overlay:
        page.line(say.overlay(inputs.overlay.version))


def _listed(items: Sequence[str], say: Speech) -> str:
    return plain(listed(items, say.lang))


def pair(name: str, text: str, say: Speech) -> str:
    """A name and what belongs to it, on one line."""
    return spoken(say.lang, "form_wrong", "of_field", name, text)


def _status(status: Status, say: Speech) -> str:
    return plain(status_words(status, say.lang))


def _route(route: Route, say: Speech) -> str:
    return plain(route_words(route, say.lang))
