"""An experiment's record: the command, the menu of a card, and what they answer."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import record as cards
from bot.cards.compare import which
from bot.crash import crash_point
from bot.domain.plans import number_of
from bot.services.cases import Cases
from bot.services.record import Exported
from handlers.answers import Answers
from handlers.inbound import Ask


class RecordHandlers:
    """Acknowledges once the files are sure to come; the engine looks the record over behind it."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def typed(self, ask: Ask, text: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute record OW-12`."""
        found = await self._cases.record.numbered(
            ask.actor, number_of(text), ask.channel, ask.delivery
        )
        await ack()
        if isinstance(found, Exported):
            self._exported(ask, client, found)
            return

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            message = which(text, found.experiments, found.progress, lang, word="record")
            await self._answers.tell(ask, client, message)

        self._answers.later("record", ask, client, told)

    async def chosen(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Record* in the menu of a card."""
        found = await self._cases.record(ask.actor, ask.plan.e, ask.delivery)
        await ack()
        self._exported(ask, client, found)

    def _exported(self, ask: Ask, client: AsyncWebClient, found: Exported) -> None:
        """Send the files, and show the record with what the engine says of it."""
        self._cases.soon.send()

        async def told() -> None:
            crash_point("handed.after_ack")
            lang = await self._answers.language(ask.actor)
            check = await self._cases.record.check(found.record, lang)
            message = cards.summary(found.experiment, found.record, check, found.handed, lang)
            await self._answers.tell(ask, client, message)

        self._answers.later("record", ask, client, told)
