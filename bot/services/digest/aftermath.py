"""What becomes of a digest that Slack refused, or that may have arrived or not."""

from dataclasses import replace
from datetime import datetime

import structlog

from bot.cards.digest_status import may_be_missing, paused_by_refusal
from bot.domain.delivery import Message, Op, Outgoing
from bot.domain.digest_when import Subject
from bot.domain.ids import ChannelId, UserId
from bot.ports import UnitOfWork
from bot.services.digest.readers import answering, language_of

log = structlog.get_logger(__name__)

CLOSED = frozenset(
    {"is_archived", "is_inactive", "channel_not_found", "not_in_channel", "restricted_action"}
)
"""Slack's words for a channel that takes nothing from us any more."""


class Aftermath:
    """Asked by the sender, in the transaction that settles the row. All but digests is let pass."""

    async def refused(self, uow: UnitOfWork, out: Outgoing, error: str, now: datetime) -> None:
        """Stop trying: the channel's digest is paused, and who answers for it hears so once."""
        subject = _digest_in(out)
        if subject is None or subject.channel is None or error not in CLOSED:
            return
        if out.channel != subject.channel:
            return  # a copy that was moved to somebody's direct messages
        # Whoever saves the channel's settings meanwhile waits.
        await uow.reminders.standing(subject.team, [subject.channel])
        here = await uow.channels.get(subject.team, subject.channel)
        if here.digest.is_paused:
            return
        await uow.channels.put(replace(here, digest=here.digest.paused))
        await uow.audit.add(
            None, out.team, "digest.paused", subject.channel, now,
            before=here.digest.value, after=error,
        )  # fmt: skip
        log.warning("digest.channel_closed", channel=subject.channel, error=error)
        for user in await answering(uow, out.team, subject.channel):
            lang = await _language(uow, subject, user)
            message = paused_by_refusal(subject.channel, error, lang)
            await uow.outbox.add(_note("closed", out, subject, user, message), now)

    async def undecided(self, uow: UnitOfWork, out: Outgoing, now: datetime) -> None:
        """Nobody knows whether it is there: who answers for it is offered to send it again."""
        subject = _digest_in(out)
        if subject is None:
            return
        told: tuple[UserId, ...] = (subject.user,) if subject.user else ()
        if subject.channel is not None:
            told = await answering(uow, out.team, subject.channel)
        for user in told:
            lang = await _language(uow, subject, user)
            message = may_be_missing(subject, lang, again=out.key in subject.repeatable)
            await uow.outbox.add(_note("undecided", out, subject, user, message), now)


def _digest_in(out: Outgoing) -> Subject | None:
    return Subject.read(out.subject) if out.op is Op.POST else None


async def _language(uow: UnitOfWork, subject: Subject, user: UserId) -> str:
    return await language_of(uow, replace(subject, channel=None, user=user))


def _note(kind: str, out: Outgoing, subject: Subject, user: UserId, message: Message) -> Outgoing:
    return Outgoing(
        key=f"post:digest_{kind}:{out.key}:{user}",
        team=out.team,
        channel=ChannelId(user),
        op=Op.POST,
        subject=f"digest_{kind}:{subject}:{user}",
        message=message,
    )
