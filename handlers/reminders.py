"""The menu of an experiment in a reminder: snooze, assign, waive, mute, its checklist."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import forms, ids
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.inbound import Ask
from handlers.router import OnAsk

WEEK = 7


class ReminderHandlers:
    """A line of the menu carries the experiment it was drawn for; the service decides."""

    def __init__(self, *, cases: Cases, answers: Answers, checklist: OnAsk, waive: OnAsk) -> None:
        self._cases = cases
        self._answers = answers
        self._elsewhere = {ids.CHECKLIST: checklist, ids.WAIVE_CHOICE: waive}

    async def more(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """A line was chosen; one that this version does not know is only acknowledged."""
        ref, quiet = ask.plan, self._cases.quiet
        if ref.choice in self._elsewhere:
            await self._elsewhere[ref.choice](ask, ack, client)
            return
        if ref.choice == ids.CHANGE_OWNER:
            x = await self._cases.find.to_steer(ask.actor, ref.e, ref.r)
            lang = await self._answers.language(ask.actor)
            await self._answers.open(ask, client, forms.owner_modal(x, lang))
        elif ref.choice in (ids.SNOOZE_DAY, ids.SNOOZE_WEEK):
            days = 1 if ref.choice == ids.SNOOZE_DAY else WEEK
            await quiet.snooze(ask.actor, ref.e, days, ask.delivery)
        elif ref.choice == ids.MUTE:
            await quiet.mute(ask.actor, ref.e, ask.delivery)
        elif ref.choice == ids.WAKE:
            await quiet.wake(ask.actor, ref.e, ask.delivery)
        await ack()
        self._cases.soon.send()
