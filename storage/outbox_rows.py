"""Messages as rows of the outbox, and back."""

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
        body["files"] = [[f.name, f.title, f.text] for f in message.files]
    return body


def _message(body: dict[str, Any]) -> Message:
    files = tuple(File(*parts) for parts in body.get("files", ()))
    return Message(body["text"], tuple(body["blocks"]), files)


def claimed(row: Any) -> ClaimedOutgoing:
    """A row in the sender's hands."""
    outgoing = Outgoing(
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
    return ClaimedOutgoing(
        OutboxId(row.id), outgoing, row.lease_token, row.attempts, row.first_try_at
    )
