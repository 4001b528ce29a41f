"""App Home: what waits for a person stands first, with the buttons that settle it in place."""

import json
from collections.abc import Sequence

from bot.cards import ids
from bot.cards.blocks import actions, button, context, divider, header, section
from bot.cards.gpu_admin import hold_card
from bot.cards.help import start_buttons
from bot.cards.home_mine import my_experiments, my_gpus
from bot.cards.home_needs import needs
from bot.cards.home_places import overviews
from bot.cards.home_view import HomeSeen
from bot.cards.i18n import words
from bot.cards.ids import PagesRef
from bot.cards.text import Mrkdwn, joined, moment
from bot.domain.delivery import Block, digest_of
from bot.domain.home import Pages


def home(seen: HomeSeen, lang: str, said: Mrkdwn | None = None) -> Block:
    """The Home view of one person. `said` is what they have to be told of their last press."""
    blocks = [
        *([section(joined(" ", Mrkdwn(":warning:"), said))] if said else []),
        *_hold(seen, lang),
        *_first(seen, lang),
        divider(),
        *my_experiments(seen, lang),
        divider(),
        *my_gpus(seen, lang),
        *overviews(seen, lang),
        divider(),
        *_settings(seen, lang),
        *_help(lang),
        context(words(lang).home.as_of(moment(seen.now))),
    ]
    return _view(blocks, seen.pages)


def turned_away(sentence: Mrkdwn) -> Block:
    """The Home of somebody who is shown nothing: why."""
    return _view([section(sentence)], Pages())


def fingerprint(view: Block) -> str:
    """What stands for a view, but for the hour that it ends with."""
    *above, last = view["blocks"]
    told = above if last["type"] == "context" else view["blocks"]
    return digest_of(json.dumps(told, sort_keys=True), view["private_metadata"])


def _view(blocks: Sequence[Block], pages: Pages) -> Block:
    ref = PagesRef(needs=pages.needs, plans=pages.plans, gpus=pages.gpus)
    return {"type": "home", "blocks": list(blocks), "private_metadata": ref.dump()}


def _first(seen: HomeSeen, lang: str) -> list[Block]:
    """What waits for them; a newcomer for whom nothing does reads what owroute is instead."""
    if not seen.first:
        return needs(seen, lang)
    return [*(needs(seen, lang) if seen.needs.total else []), *_welcome(lang)]


def _hold(seen: HomeSeen, lang: str) -> list[Block]:
    """That owroute stops nothing just now; an admin can end that here."""
    if not seen.watching.hold:
        return []
    told = [b for b in hold_card(seen.watching, lang).blocks if seen.is_admin or _is_words(b)]
    return [*told, divider()]


def _is_words(block: Block) -> bool:
    return bool(block["type"] != "actions")


def _welcome(lang: str) -> list[Block]:
    """What owroute is, in three steps, until they have planned something or have read it."""
    say_ = words(lang).home
    steps = (say_.step_one(), say_.step_two(), say_.step_three())
    row = [
        button(words(lang).help.plan_button(), ids.OPEN_PLAN, style="primary"),
        button(words(lang).help.lesson_button(), ids.OPEN_LESSON),
        button(say_.got_it(), ids.HOME_GOT_IT),
    ]
    told = section(joined("\n", say_.intro(), *steps))
    return [header(say_.title()), told, actions(row)]


def _settings(seen: HomeSeen, lang: str) -> list[Block]:
    """One's own, and for an admin the workspace's; a channel's stand beside it, or in it."""
    say_ = words(lang).home
    row = [button(words(lang).personal.title(), ids.OPEN_MINE)]
    if seen.is_admin:
        row.append(button(words(lang).workspace.title(), ids.OPEN_WORKSPACE))
    return [header(say_.settings()), section(say_.settings_text()), actions(row)]


def _help(lang: str) -> list[Block]:
    say_ = words(lang).home
    return [header(say_.help()), section(say_.help_text()), start_buttons(lang)]
