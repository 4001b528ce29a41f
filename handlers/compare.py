"""An experiment's card on every route: the command, the menu of a card, and what they answer."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import compare as cards
from bot.domain.plans import number_of
from bot.services.cases import Cases
from bot.services.compare import Comparison
from handlers.answers import Answers
from handlers.inbound import Ask


class CompareHandlers:
    """Acknowledges at once: Slack says only through the response_url whether it takes a table."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def typed(self, ask: Ask, text: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute compare OW-12`."""
        await ack()

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            number = number_of(text)
            found = await self._cases.compare.numbered(ask.actor, number, ask.channel, lang)
            if isinstance(found, Comparison):
                await self._show(ask, client, found, lang)
                return
            message = cards.which(text, found.experiments, found.progress, lang)
            await self._answers.tell(ask, client, message)

        self._answers.later("compare", ask, client, told)

    async def chosen(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Compare routes* in the menu of a card."""
        experiment = ask.plan.e
        await ack()

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            found = await self._cases.compare(ask.actor, experiment, lang)
            await self._show(ask, client, found, lang)

        self._answers.later("compare", ask, client, told)

    async def _show(self, ask: Ask, client: AsyncWebClient, found: Comparison, lang: str) -> None:
        await self._answers.tell_table(
            ask, client, lambda rung: cards.comparison(found.experiment, found.plans, rung, lang)
        )
