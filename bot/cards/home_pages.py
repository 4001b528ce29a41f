"""The row below a long section of Home that turns its pages."""

from dataclasses import asdict, replace
from typing import Any, Literal

from bot.cards import ids
from bot.cards.blocks import actions, button, context
from bot.cards.i18n import words
from bot.cards.ids import PagesRef
from bot.domain.delivery import Block
from bot.domain.home import Page, Pages

Part = Literal["needs", "plans", "gpus"]


def turning(part: Part, page: Page[Any], pages: Pages, lang: str) -> list[Block]:
    """Which of how many are shown, with *Earlier* and *Later*; nothing where all are."""
    if not page.last:
        return []
    say_ = words(lang).home
    first = page.number * page.size
    told = say_.page(first + 1, first + len(page.shown), page.total)
    row = []
    if page.number:
        row.append(_turn(say_.earlier(), part, page.number - 1, pages))
    if page.number < page.last:
        row.append(_turn(say_.later(), part, page.number + 1, pages))
    return [context(told), actions(row)]


def _turn(text: object, part: Part, to: int, pages: Pages) -> Block:
    wanted = asdict(replace(pages, **{part: to}))
    return button(text, f"{ids.HOME_PAGE}:{part}:{to}", value=PagesRef(**wanted).dump())
