"""The nouns of a workspace: people, channels, messages, files and what a person is told."""

from dataclasses import dataclass
from mimetypes import guess_type
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Team:
    """The workspace: its id, its name and the first part of its address."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A person (or the app's bot user) with a place in the workspace."""

    id: str
    name: str
    real_name: str
    tz: str = "UTC"
    locale: str = "en-US"
    is_admin: bool = False
    is_restricted: bool = False
    deleted: bool = False
    is_bot: bool = False
    color: str = "4a5568"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel or, with `peer`, the direct messages between the app and that person.

    `members` holds user ids; list the bot's user id to have it in the channel from the start.
    """

    id: str
    name: str
    members: frozenset[str] = frozenset()
    is_private: bool = False
    is_archived: bool = False
    topic: str = ""
    peer: str | None = None

    @property
    def is_im(self) -> bool:
        """Whether these are direct messages."""
        return self.peer is not None

    @property
    def scope_family(self) -> str:
        """The first half of the scopes that open it to an app: channels, groups or im."""
        if self.is_im:
            return "im"
        return "groups" if self.is_private else "channels"

    @property
    def payload_name(self) -> str:
        """The name that payloads carry; direct messages and private channels hide theirs."""
        if self.is_im:
            return "directmessage"
        return "privategroup" if self.is_private else self.name


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `ephemeral_to` names the one person who sees it; `text` is stored escaped."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    thread_ts: str | None = None
    bot_id: str | None = None
    edited: Json | None = None
    metadata: Json | None = None
    files: tuple[str, ...] = ()
    ephemeral_to: str | None = None

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(slots=True)
class StoredFile:
    """An upload on its way: expected length first, then bytes, then a title and a channel."""

    id: str
    name: str
    length: int
    ticket: str
    alt_txt: str = ""
    title: str = ""
    content: bytes | None = None
    is_ready: bool = False

    @property
    def mimetype(self) -> str:
        """Guessed from the name."""
        return guess_type(self.name)[0] or "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that Slack itself tells one person, for instance that the app did not answer."""

    id: str
    user: str
    text: str
    at: str


@dataclass(slots=True)
class Installation:
    """The app in this workspace: its ids, tokens and what it was granted."""

    app_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    app_token: str
    client_id: str
    client_secret: str
    granted_optional: frozenset[str] = frozenset()
    is_revoked: bool = False
    refuses_newer_blocks: bool = False
