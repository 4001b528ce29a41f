"""`/owroute settings`: what holds in a channel, what new plans begin with there, and *Mute*."""

from collections.abc import Mapping

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import settings as cards
from bot.cards import settings_defaults as defaults_cards
from bot.cards import settings_said
from bot.cards.ids import PlaceRef
from bot.domain.ids import ChannelId
from bot.errors import NotLead, OldButton
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.inbound import Ask
from handlers.settings_own import OwnHandlers
from handlers.settings_workspace import (
    WorkspaceHandlers,
    defaults_errors,
    known_providers,
    push_or_say,
)

WORKSPACE = "workspace"
ME = ("me", "mine", "my")


class SettingsHandlers:
    """The forms of a channel's settings; the services decide who may see them."""

    def __init__(
        self, *, cases: Cases, answers: Answers, own: OwnHandlers, workspace: WorkspaceHandlers
    ) -> None:
        self._cases = cases
        self._answers = answers
        self._own = own
        self._workspace = workspace

    async def typed(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute settings`, or with `me` or `workspace` behind it."""
        word = rest.strip().lower()
        if word == WORKSPACE:
            await self._workspace.open(ask, ack, client)
        elif word in ME:
            await self._own.open(ask, ack, client)
        else:
            await self.open(ask, ack, client)

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The Settings button."""
        await ack()

        async def opened() -> None:
            named = PlaceRef.read(ask.value)  # on Home, where there is no channel
            place = named.c if named else ask.channel
            if place is None:
                raise OldButton
            try:
                found = await self._cases.settings.look(ask.actor, place)
            except NotLead:
                read = await self._cases.settings.to_read(ask.actor, place)
                lang = await self._answers.language(ask.actor)
                shown = settings_said.settings_read(read.channel, read.cap, read.rules, lang)
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
            await self._answers.open_or_say(ask, client, view, found.person.language)

        self._answers.later("settings", ask, client, opened)

    async def submit(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The form was submitted."""
        place = _place(ask)
        found = await self._cases.settings.look(ask.actor, place)
        errors = cards.settings_errors(ask.modal, found.person.language)
        await self._saved(ask, ack, place, errors, cards.settings_edit(ask.modal))

    async def defaults(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*What new plans begin with*, inside the form of a channel or of the workspace."""
        await ack()
        place = ChannelId(ask.value) if ask.value else None

        async def opened() -> None:
            if place is None:
                await self._workspace.push_defaults(ask, client)
                return
            found = await self._cases.settings.look(ask.actor, place)
            held, above = found.channel.defaults, found.watching.defaults
            lang = found.person.language
            known = await known_providers(self._cases)
            view = defaults_cards.defaults_modal(held, above, lang, place, providers=known)
            await push_or_say(self._answers, ask, client, view, lang)

        self._answers.later("defaults", ask, client, opened)

    async def submit_defaults(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """What new plans begin with in a channel was submitted."""
        place = _place(ask)
        found = await self._cases.settings.look(ask.actor, place)
        errors = await defaults_errors(self._cases, ask, found.person.language)
        await self._saved(ask, ack, place, errors, defaults_cards.defaults_edit(ask.modal))

    async def mute(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Mute* on the first message in a channel; the channel is told by whom."""
        place = PlaceRef.read(ask.value)
        if place is None:
            raise OldButton
        await self._cases.settings(ask.actor, place.c, cards.muting(), ask.delivery)
        await ack()
        self._cases.soon.send()

    async def _saved(
        self,
        ask: Ask,
        ack: AsyncAck,
        place: ChannelId,
        errors: Mapping[str, str],
        edit: cards.Edit,
    ) -> None:
        """Beside their fields what is wrong; else the change, which the channel is told of."""
        if errors:
            await ack(response_action="errors", errors=dict(errors))
            return
        await self._cases.settings(ask.actor, place, edit, f"settings:{ask.modal['id']}")
        await ack()
        self._cases.soon.send()


def _place(ask: Ask) -> ChannelId:
    """The channel a form was opened for."""
    place = PlaceRef.read(str(ask.modal.get("private_metadata") or ""))
    if place is None:
        raise OldButton
    return place.c
