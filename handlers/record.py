"""An experiment's record: the command, the menu of a card, and what they answer."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import record as cards
from bot.cards.compare import which
from bot.domain.plans import number_of
from bot.services.cases import Cases
from bot.services.record import Exported
from handlers.answers import Answers
from handlers.inbound import Ask


class RecordHandlers:
    """Acknowledges at once: the engine looks the record over before it is shown."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def typed(self, ask: Ask, text: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute record OW-12`."""
        await ack()

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            found = await self._cases.record.numbered(
                ask.actor, number_of(text), ask.channel, lang, ask.delivery
            )
            if isinstance(found, Exported):
                await self._show(ask, client, found, lang)
                return
            message = which(text, found.experiments, found.progress, lang, word="record")
            await self._answers.tell(ask, client, message)

        self._answers.later("record", ask, client, told)

    async def chosen(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Record* in the menu of a card."""
        experiment = ask.plan.e
        await ack()

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            found = await self._cases.record(ask.actor, experiment, lang, ask.delivery)
            await self._show(ask, client, found, lang)

        self._answers.later("record", ask, client, told)

    async def _show(self, ask: Ask, client: AsyncWebClient, found: Exported, lang: str) -> None:
        self._cases.soon.send()
        message = cards.summary(found.experiment, found.record, found.check, found.handed, lang)
        await self._answers.tell(ask, client, message)
