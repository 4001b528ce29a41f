"""`/owroute settings`: what holds in a channel."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import settings as cards
from bot.cards.ids import PlaceRef
from bot.errors import NotLead, OldButton
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.inbound import Ask


class SettingsHandlers:
    """The form of a channel's settings; the service decides who may see it."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def typed(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute settings`."""
        await self.open(ask, ack, client)

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The Settings button."""
        await ack()

        async def opened() -> None:
            if ask.channel is None:
                raise OldButton
            try:
                found = await self._cases.settings.look(ask.actor, ask.channel)
            except NotLead:
                channel, rules = await self._cases.settings.to_read(ask.actor, ask.channel)
                lang = await self._answers.language(ask.actor)
                await self._answers.tell(ask, client, cards.settings_read(channel, rules, lang))
                return
            view = cards.settings_modal(
                found.channel,
                found.rules,
                found.person.language,
                zone=found.zone,
                leads=found.names_lead,
            )
            await self._answers.open(ask, client, view)

        self._answers.later("settings", ask, client, opened)

    async def submit(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The form was submitted."""
        place = PlaceRef.read(str(ask.modal.get("private_metadata") or ""))
        if place is None:
            raise OldButton
        found = await self._cases.settings.look(ask.actor, place.c)
        wanted = cards.parse_settings(ask.modal, found.channel, found.rules, leads=found.names_lead)
        if wanted is None:
            errors = cards.wrong_zone(ask.modal, found.person.language)
            await ack(response_action="errors", errors=dict(errors))
            return
        await self._cases.settings(ask.actor, wanted, f"settings:{ask.modal['id']}")
        await ack()
        self._cases.soon.send()
