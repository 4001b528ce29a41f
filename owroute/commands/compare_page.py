"""A comparison as people read it in a terminal, and as programs read it."""

from collections.abc import Sequence

import typer

from bot.cards.compare import advice, table
from bot.cards.tables import Table
from bot.domain.compare import next_step
from engine.canonical import canonical
from engine.contract import AvailableRoute, CompareResponse, ConstraintCard, DecisionCard, Route
from owroute.commands.exits import Code
from owroute.commands.plan_page import code_of, pair, print_bytes
from owroute.commands.speech import Speech, plain
from owroute.commands.terminal import Page, aligned, columns, may_colour, width


def print_comparison(
    card: ConstraintCard, plans: tuple[DecisionCard, ...], say: Speech, *, as_json: bool
) -> Code:
    """The plans, as canonical JSON or as a page. The exit code is the best plan's status."""
    if as_json:
        print_bytes(canonical(CompareResponse(plans=plans).model_dump(mode="json")))
    else:
        page = page_of(card, plans, say, columns(), colour=may_colour())
        typer.echo(str(page), nl=False)
    return code_of(next_step(plans, None).plan.status)


def page_of(
    card: ConstraintCard, plans: Sequence[DecisionCard], say: Speech, room: int, *, colour: bool
) -> Page:
    """Every route with its numbers, what it takes, and the best next step."""
    page, asked = Page(room, colour=colour), card.available_route
    present = None if asked is AvailableRoute.undecided else Route(asked.value)
    compared = table(plans, say.lang, say.compared_card(card.task))
    page.heading(plain(compared.caption))
    if not _side_by_side(page, compared, room, say):
        _one_below_another(page, compared, say)
    page.heading(say.next_step())
    page.line(plain(advice(next_step(plans, present), plans, say.lang)), lead="→ ")
    inputs = plans[0].inputs
    page.heading(say.rules_on(inputs.ruleset.version, inputs.as_of or "-"))
    if inputs.overlay:
        page.line(say.overlay(inputs.overlay.version))
    return page


def _side_by_side(page: Page, compared: Table, room: int, say: Speech) -> bool:
    """A line of numbers per route and what it takes below it, if the page is wide enough."""
    names = (*map(plain, compared.head[:4]), say.compared_hour(), say.compared_month())
    head, *rows = aligned([names, *([plain(t) for t in row[:-1]] for row in compared.rows)])
    if max(map(width, (head, *rows))) > room:
        return False
    page.literal(head)
    for line, row in zip(rows, compared.rows, strict=True):
        page.literal(line)
        page.line(plain(row[-1]), indent=2, lead="→ ")
    return True


def _one_below_another(page: Page, compared: Table, say: Speech) -> None:
    for row in compared.rows:
        page.line(plain(row[0]), lead="- ")
        for name, text in zip(compared.head[1:], row[1:], strict=True):
            page.line(pair(plain(name), plain(text), say), indent=4)
