"""Durable work: due rows wake use cases, outbox rows carry messages to Slack.

A row is claimed with a lease and settled by whoever still holds it. Keys are unique and
deterministic, so that an occurrence or a message exists once however often its cause is seen.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.ids import ChannelId, DueId, ExperimentId, GpuId, OutboxId, TeamId, UserId

Block = dict[str, Any]
"""One Block Kit block: JSON at the edge, built by `bot.cards` only."""

LEASE = timedelta(seconds=30)
"""Longer than connect (3 s) + request (10 s) + reconcile; a row is claimed again only after it."""


DIGITS = 12


class DueKind(StrEnum):
    """What falls due."""

    PUBLISH_PLAN = "publish_plan"
    NOT_STARTED = "not_started"
    ARCHIVE_PLAN = "archive_plan"
    REMIND_EVIDENCE = "remind_evidence"
    POLL_FLEET = "poll_fleet"
    PING_GPU = "ping_gpu"
    WARN_STOP = "warn_stop"
    STOP_TIME = "stop_time"
    GUARD_SILENT = "guard_silent"
    PROPOSE_STOP = "propose_stop"
    LOOK_AGAIN = "look_again"
    END_GPU = "end_gpu"
    GPU_ENDED = "gpu_ended"
    KNOW_ADMINS = "know_admins"
    WATCH_BUDGETS = "watch_budgets"
    UNCLAIMED_GPU = "unclaimed_gpu"
    TELL_TROUBLE = "tell_trouble"
    WEEKLY_DIGEST = "weekly_digest"
    DRAW_DIGEST = "draw_digest"


@dataclass(frozen=True, slots=True)
class Due:
    """One occurrence: about the experiment or GPU run `subject`, or about a whole `channel`.

    `revision` fences it where given.
    """

    key: str
    kind: DueKind
    team: TeamId
    due_at: datetime
    subject: ExperimentId | GpuId | None = None
    channel: ChannelId | None = None
    revision: int | None = None

    @property
    def experiment(self) -> ExperimentId:
        """What it is about, for work on one experiment."""
        if self.subject is None:
            raise ValueError(self.key)
        return ExperimentId(self.subject)

    @property
    def gpu(self) -> GpuId:
        """What it is about, for work on one GPU run."""
        if self.subject is None:
            raise ValueError(self.key)
        return GpuId(self.subject)

    @property
    def place(self) -> ChannelId:
        """What it is about, for work on a whole channel."""
        if self.channel is None:
            raise ValueError(self.key)
        return self.channel


@dataclass(frozen=True, slots=True)
class ClaimedDue:
    """A due row in somebody's hands. Every later write to it names `lease_token`."""

    id: DueId
    due: Due
    lease_token: str
    attempts: int


class Op(StrEnum):
    """What the sender does with a row."""

    POST = "post"
    UPDATE = "update"
    DELETE = "delete"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class File:
    """A file to be uploaded: a text, or a picture's `data` with what it shows in words (`alt`).

    Its `name` is found again in a conversation's history.
    """

    name: str
    title: str
    text: str = ""
    data: bytes = b""
    alt: str = ""

    @property
    def content(self) -> bytes:
        """What is uploaded."""
        return self.data or self.text.encode()


def digest_of(*texts: str) -> str:
    """Twelve hex digits that stand for some texts: files are known by what is in them."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to send: `text` for notifications and screen readers, `blocks` as dicts.

    An upload has `files`, all in one message, with `text` above them. `plainer` blocks go instead
    where Slack refuses a newer kind of block.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    files: tuple[File, ...] = ()
    plainer: tuple[Block, ...] = ()


class Handed(StrEnum):
    """What became of files when somebody asked for them."""

    QUEUED = "queued"
    ON_ITS_WAY = "on_its_way"
    THERE = "there"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The same, and the channel whose thread they are for."""

    how: Handed
    place: ChannelId


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be queued.

    `subject` names what the message shows (`card:12`, `detail:12`), so that a later update finds
    its place; `thread` is the subject whose message it answers. `version` keeps an older rendering
    from overwriting a newer one. `fallback` gets the message as a direct message where the channel
    refuses it. `repeatable` says whether it may be posted again when Slack left it open whether
    the first try arrived and history cannot be read.
    """

    key: str
    team: TeamId
    channel: ChannelId
    op: Op
    subject: str
    message: Message
    version: int = 0
    thread: str | None = None
    fallback: UserId | None = None
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class ClaimedOutgoing:
    """An outbox row in the sender's hands; `attempts` above 1: an earlier try may have arrived."""

    id: OutboxId
    outgoing: Outgoing
    lease_token: str
    attempts: int
    first_try_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """Where a subject's message is in Slack. A direct message has its `D...` channel here."""

    subject: str
    channel: ChannelId
    ts: str
    version: int


@dataclass(frozen=True, slots=True)
class Sent:
    """Slack accepted the message; `channel` is the one from its answer.

    Files appear a moment later, when Slack has looked through them: `ts` is then empty.
    """

    channel: ChannelId
    ts: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not sent: try again after `wait`."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Permanent:
    """Slack will never take it as it is; `error` is Slack's word."""

    error: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived: look it up before repeating it."""

    error: str


Outcome = Sent | NotSent | Permanent | Unknown
