"""What can be typed, and small private notices."""

from collections.abc import Mapping
from typing import Any

from bot.cards import ids
from bot.cards.blocks import actions, button, context, modal, section
from bot.cards.i18n import words
from bot.cards.tables import plainer
from bot.cards.text import Mrkdwn, code, joined, one_line
from bot.domain.delivery import Block, Message

WORD = 60
BLOCKS = 100
"""So many a window may have."""

SAID = "said"
"""Block id of what is said on top of a window."""

FORM = ("callback_id", "title", "submit", "close", "private_metadata")
"""What makes a view the form it is, beside its blocks."""


def usage(
    lang: str, *, unknown: str | None = None, nearest: str | None = None, of_channel: bool = True
) -> Message:
    """All commands; first what was not understood, and the nearest one that exists.

    `of_channel`: it is read in a channel, which has a digest and settings of its own.
    """
    say = words(lang).help
    lines: list[Mrkdwn] = []
    if unknown is not None:
        lines.append(say.unknown(code(one_line(unknown, WORD))))
    if nearest is not None:
        lines.append(say.nearest(nearest))
    commands = (
        say.plan(),
        say.status(),
        say.evidence(),
        say.compare(),
        say.record(),
        say.gpus(),
        say.gpu_add(),
        say.digest(),
        say.lesson(),
        say.settings(),
        say.settings_me(),
        say.settings_workspace(),
        say.audit(),
        say.hold(),
        say.help(),
    )
    text = joined("\n", *lines, say.intro(), *(Mrkdwn(f"• {c}") for c in commands))
    return Message(
        text, (section(text), context(say.shortcut()), start_buttons(lang, of_channel=of_channel))
    )


def start_buttons(lang: str, *, of_channel: bool = False) -> Block:
    """Plan, Evidence, GPUs, Status, Lesson, Help: everything that works without typing.

    A channel has **Digest** and **Settings** too.
    """
    settings = [button(words(lang).help.settings_button(), ids.OPEN_SETTINGS)]
    say = words(lang).help
    return actions(
        [
            button(say.plan_button(), ids.OPEN_PLAN, style="primary"),
            button(say.evidence_button(), ids.OPEN_EVIDENCE),
            button(say.gpus_button(), ids.OPEN_GPUS),
            *([button(say.digest_button(), ids.OPEN_DIGEST)] if of_channel else []),
            button(say.status_button(), ids.OPEN_STATUS),
            button(say.lesson_button(), ids.OPEN_LESSON),
            *(settings if of_channel else []),
            button(say.help_button(), ids.OPEN_HELP),
        ]
    )


def try_again(arguments: str, lang: str) -> Message:
    """Slack did not open the card: a button brings a fresh trigger, and what was typed."""
    say = words(lang).help
    again = button(say.plan_button(), ids.OPEN_PLAN, value=arguments[:1900], style="primary")
    return Message(say.try_again(), (section(say.try_again()), actions([again])))


def press_again(lang: str) -> Message:
    """Slack did not open what a button leads to, and nothing else happened."""
    text = words(lang).help.press_again()
    return Message(text, (section(text),))


def notice_modal(message: Message, lang: str) -> Block:
    """A window that shows a message with its buttons, for places without a private reply."""
    say = words(lang).help
    blocks = list(plainer(message.blocks))[:BLOCKS] or [section(message.text)]
    return modal(ids.NOTICE_MODAL, say.notice_title(), blocks, close=say.close())


def in_front(view: Mapping[str, Any], said: Mrkdwn, lang: str) -> Block:
    """The same window with something said on top of it, in the place of what was said before."""
    say = words(lang).help
    above = section(joined(" ", Mrkdwn(":warning:"), said), block_id=SAID)
    rest = [b for b in view.get("blocks") or () if b.get("block_id") != SAID][: BLOCKS - 1]
    return modal(ids.NOTICE_MODAL, say.notice_title(), [above, *rest], close=say.close())


def in_form(view: Mapping[str, Any], said: Mrkdwn, lang: str) -> Block:
    """The same form with something said on top of it; Slack keeps what was typed in its fields."""
    return {**in_front(view, said, lang), **{name: view[name] for name in FORM if view.get(name)}}
