"""What becomes of a message Slack refuses for good: another form, another place, or an alarm."""

from dataclasses import replace
from datetime import timedelta

import structlog

from bot.cards.plan import in_direct_message
from bot.clock import Clock
from bot.domain.delivery import ClaimedOutgoing, Op, Outgoing
from bot.domain.ids import ChannelId
from bot.ports import Store, UnitOfWork
from bot.services.digest.aftermath import Aftermath

log = structlog.get_logger(__name__)

NO_ACCESS = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}
)
"""The bot's own key is refused: nothing is lost, everything waits for the operator."""

UNREADABLE = frozenset({"invalid_blocks", "msg_too_long", "msg_blocks_too_long"})
"""Slack did not like the form: plainer blocks, or the text, a full summary, go instead."""

VANISHED = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""The message to edit is gone or locked: a card is posted anew."""

ASK_AGAIN = timedelta(minutes=10)


class Refused:
    """Decide what a refused row becomes, in the one transaction that settles it."""

    def __init__(self, *, store: Store, clock: Clock, aftermath: Aftermath) -> None:
        self._store = store
        self._clock = clock
        self._aftermath = aftermath

    @property
    def aftermath(self) -> Aftermath:
        """What else follows from what became of a message."""
        return self._aftermath

    async def __call__(self, row: ClaimedOutgoing, error: str) -> None:
        """Turn the row into what is sent instead, or end it."""
        now = self._clock.now()
        async with self._store() as uow:
            if error in NO_ACCESS:
                log.error("slack.no_access", error=error, team=row.outgoing.team)
                await uow.outbox.release(row, now + ASK_AGAIN)
            elif (instead := await self._instead(uow, row.outgoing, error)) is not None:
                log.warning("outbox.refused", key=row.outgoing.key, error=error)
                if row.outgoing.op is Op.UPLOAD:
                    await uow.outbox.add(_below(row.outgoing, instead), now)
                if await uow.outbox.turn(row, instead, now) and row.outgoing.op is Op.UPDATE:
                    await uow.outbox.forget(row.outgoing.team, row.outgoing.subject)
            else:
                log.error("outbox.dead", key=row.outgoing.key, error=error)
                await uow.outbox.dead(row, error, now)
            await self._aftermath.refused(uow, row.outgoing, error, now)
            await uow.commit()

    async def _instead(self, uow: UnitOfWork, out: Outgoing, error: str) -> Outgoing | None:
        if out.op is Op.DELETE:
            return None
        if error in UNREADABLE and out.message.blocks:
            plainer = replace(out.message, blocks=out.message.plainer, plainer=())
            return replace(out, message=plainer)
        if out.op is Op.UPDATE and error in VANISHED:
            return replace(out, op=Op.POST)
        if out.fallback is None:
            return None
        reader = await uow.people.get(out.team, out.fallback)
        lang = reader.language if reader else "en"
        moved = in_direct_message(out.message, out.channel, error, lang)
        place = ChannelId(out.fallback)
        return replace(out, op=Op.POST, channel=place, message=moved, thread=None, fallback=None)


def _below(out: Outgoing, note: Outgoing) -> Outgoing:
    """The files of a refused upload, in the thread of the note that goes to a person instead.

    An upload needs the conversation's own id, which Slack tells when the note is posted.
    """
    return replace(
        out,
        key=f"{out.key}:moved",
        channel=note.channel,
        subject=f"{out.subject}:files",
        thread=out.subject,
        fallback=None,
    )
