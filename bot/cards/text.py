"""The one escape, and the few pieces of Slack markup that owroute writes itself.

Text from people and from other systems is shown literally: `esc` runs as Jinja's `finalize` and in
every block helper, for each `str` that is not `Mrkdwn`. Slack stores and returns text in this form
in mrkdwn, plain_text and rich_text alike.
"""

import re
from datetime import UTC, datetime

from bot.domain.ids import ChannelId, UserId

STRIP = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Control, zero-width, direction-changing and surrogate characters: nothing a name needs."""


class Mrkdwn(str):
    """Text that owroute itself wrote as Slack markup, or that is escaped already."""

    __slots__ = ()


def esc(value: object) -> Mrkdwn:
    """Escaped text that Slack shows exactly as it was typed; `Mrkdwn` passes unchanged."""
    if isinstance(value, Mrkdwn):
        return value
    text = STRIP.sub("", str(value))
    return Mrkdwn(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def unescaped(text: Mrkdwn) -> str:
    """The text itself, where it is kept as data and escaped again when it is shown."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def one_line(value: str, limit: int) -> str:
    """A person's text on one line of at most `limit` characters, an ellipsis where it was cut."""
    line = " ".join(STRIP.sub("", value).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def joined(separator: str, *parts: object) -> Mrkdwn:
    """Parts joined without losing what is markup already."""
    return Mrkdwn(separator.join(esc(p) for p in parts))


def bold(value: object) -> Mrkdwn:
    """Bold in mrkdwn. For owroute's own words only: `*` in a person's text would end it."""
    return Mrkdwn(f"*{esc(value)}*")


def code(value: str) -> Mrkdwn:
    """Inline code on one line; backticks in it become primes, so that it cannot be left."""
    return Mrkdwn(f"`{esc(one_line(value, 300).replace('`', 'ʹ'))}`")


def mention(user: UserId) -> Mrkdwn:
    """A mention, which notifies the person."""
    return Mrkdwn(f"<@{user}>")


def channel(channel_id: ChannelId) -> Mrkdwn:
    """A link to a channel, shown by its name to those who may see it; a person for a U id."""
    return Mrkdwn(f"<@{channel_id}>" if channel_id[:1] in "UW" else f"<#{channel_id}>")


def link(url: str, text: str) -> Mrkdwn:
    """A link with its own words. `url` is ours or checked: no `|` or `>` gets through."""
    return Mrkdwn(f"<{esc(url).replace('|', '%7C')}|{esc(text)}>")


def moment(at: datetime) -> Mrkdwn:
    """A time each reader sees in their own zone; the fallback is UTC."""
    fallback = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return Mrkdwn(f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>")
