"""Messages as rows of the outbox, and back."""

import base64
from datetime import datetime
from typing import Any

from bot.domain.delivery import ClaimedOutgoing, File, Message, Op, Outgoing
from bot.domain.ids import ChannelId, OutboxId, TeamId, UserId


def queued(outgoing: Outgoing, now: datetime) -> dict[str, Any]:
    """A row that nobody has claimed yet."""
    return {
        "key": outgoing.key,
        "team": outgoing.team,
        "channel": outgoing.channel,
        "op": outgoing.op.value,
        "subject": outgoing.subject,
        "thread": outgoing.thread,
        "version": outgoing.version,
        "body": body(outgoing.message),
        "fallback": outgoing.fallback,
        "repeatable": outgoing.repeatable,
        "state": "pending",
        "created_at": now,
        "not_before": now,
    }


def body(message: Message) -> dict[str, Any]:
    """A message as the JSON that is kept of it."""
    body: dict[str, Any] = {"text": message.text, "blocks": list(message.blocks)}
    if message.files:
        body["files"] = [_parts(file) for file in message.files]
    if message.plainer:
        body["plainer"] = list(message.plainer)
    return body


def _message(body: dict[str, Any]) -> Message:
    files = tuple(_file(*parts) for parts in body.get("files", ()))
    return Message(body["text"], tuple(body["blocks"]), files, tuple(body.get("plainer", ())))


def _parts(file: File) -> list[str]:
    parts = [file.name, file.title, file.text]
    return [*parts, base64.b64encode(file.data).decode(), file.alt] if file.data else parts


def _file(name: str, title: str, text: str, data: str = "", alt: str = "") -> File:
    return File(name, title, text, base64.b64decode(data), alt)


def claimed(row: Any) -> ClaimedOutgoing:
    """A row in the sender's hands."""
    return ClaimedOutgoing(
        OutboxId(row.id), outgoing_of(row), row.lease_token, row.attempts, row.first_try_at
    )


def outgoing_of(row: Any) -> Outgoing:
    """The message of a row."""
    return Outgoing(
        key=row.key,
        team=TeamId(row.team),
        channel=ChannelId(row.channel),
        op=Op(row.op),
        subject=row.subject,
        message=_message(row.body),
        version=row.version,
        thread=row.thread,
        fallback=UserId(row.fallback) if row.fallback else None,
        repeatable=row.repeatable,
    )
