"""What can be typed, and small private notices."""

from bot.cards import ids
from bot.cards.blocks import actions, button, context, modal, section
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, code, joined, one_line
from bot.domain.delivery import Block, Message

WORD = 60


def usage(lang: str, *, unknown: str | None = None, nearest: str | None = None) -> Message:
    """All commands; first what was not understood, and the nearest one that exists."""
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
        text, (section(text), context(say.shortcut()), start_buttons(lang, of_channel=True))
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
    """A modal that only says something, for places without a private reply."""
    say = words(lang).help
    blocks = [b for b in message.blocks if b["type"] != "actions"] or [section(message.text)]
    return modal("notice", say.notice_title(), blocks, close=say.close())
