"""`/owroute settings`: what holds in a channel, and with *workspace* for all GPUs."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import settings as cards
from bot.cards import workspace as workspace_cards
from bot.cards.ids import PlaceRef
from bot.errors import NotLead, OldButton
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.inbound import Ask

WORKSPACE = "workspace"


class SettingsHandlers:
    """The forms of settings; the services decide who may see them."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def typed(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute settings`, or `/owroute settings workspace`."""
        if rest.strip().lower() == WORKSPACE:
            await self._open_workspace(ask, ack, client)
            return
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
                read = await self._cases.settings.to_read(ask.actor, ask.channel)
                lang = await self._answers.language(ask.actor)
                shown = cards.settings_read(read.channel, read.cap, read.rules, lang)
                await self._answers.tell(ask, client, shown)
                return
            view = cards.settings_modal(
                found.channel,
                found.cap,
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
        errors = cards.settings_errors(ask.modal, found.person.language)
        if errors:
            await ack(response_action="errors", errors=dict(errors))
            return
        wanted, cap = cards.parse_settings(
            ask.modal, found.channel, found.rules, leads=found.names_lead
        )
        await self._cases.settings(ask.actor, wanted, cap, f"settings:{ask.modal['id']}")
        await ack()
        self._cases.soon.send()

    async def _open_workspace(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()

        async def opened() -> None:
            found = await self._cases.watch_settings.look(ask.actor)
            lang = found.person.language
            view = workspace_cards.workspace_modal(found.watching, found.cap, lang)
            await self._answers.open(ask, client, view)

        self._answers.later("workspace", ask, client, opened)

    async def submit_workspace(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The workspace's form was submitted."""
        found = await self._cases.watch_settings.look(ask.actor)
        errors = workspace_cards.workspace_errors(ask.modal, found.person.language)
        if errors:
            await ack(response_action="errors", errors=dict(errors))
            return
        wanted, cap = workspace_cards.parse_workspace(ask.modal, found.watching)
        delivery = f"settings:{ask.modal['id']}"
        await self._cases.watch_settings(ask.actor, wanted, cap, delivery)
        await ack()
        self._cases.soon.work()
