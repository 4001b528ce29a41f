"""What happens to the app itself: its Home is opened, it is removed."""

from slack_sdk.web.async_client import AsyncWebClient

import bot.cards.errors as error_cards
from bot.cards.blocks import section
from bot.cards.gpus import on_home
from bot.cards.home import home
from bot.domain.delivery import Block
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Actor
from bot.errors import UserError
from bot.services.cases import Cases
from handlers.inbound import Payload, event_key


class LifecycleHandlers:
    """Events about the app. Each is committed before Slack gets its 200."""

    def __init__(self, *, cases: Cases) -> None:
        self._cases = cases

    async def home_opened(self, body: Payload, client: AsyncWebClient) -> None:
        """Draw the Home tab; drawing it twice is the same Home."""
        event = body["event"]
        if event.get("tab") != "home":
            return
        team, user = TeamId(str(body["team_id"])), UserId(str(event["user"]))
        actor = Actor(team, user, team)

        self._cases.background("home", lambda: self.draw(actor, client))

    async def draw(self, actor: Actor, client: AsyncWebClient) -> None:
        """Publish somebody's Home as things stand."""
        await client.views_publish(user_id=actor.user, view=await self._home(actor))

    async def _home(self, actor: Actor) -> Block:
        """Somebody's Home; who is no full member reads there why it is empty."""
        try:
            person = await self._cases.know.member(actor)
        except UserError as error:
            known = await self._cases.know.cached(actor.team, actor.user)
            said = error_cards.sentence(error, known.language if known else "en")
            return {"type": "home", "blocks": [section(said)]}
        found = await self._cases.list_plans(actor, None)
        needs = await self._cases.list_needs(actor)
        gpus = on_home(await self._cases.gpus.planless(actor), person.language)
        return home(found.experiments, found.progress, person.language, needs, gpus)

    async def uninstalled(self, body: Payload, client: AsyncWebClient) -> None:
        """The app was removed: no call is possible any more, all work ends."""
        await self._cases.remove(TeamId(str(body["team_id"])), event_key(body))

    async def tokens_revoked(self, body: Payload, client: AsyncWebClient) -> None:
        """Tokens were revoked; only the bot's own ends the work."""
        if (body["event"].get("tokens") or {}).get("bot"):
            await self.uninstalled(body, client)

    async def joined(self, body: Payload, client: AsyncWebClient) -> None:
        """Somebody came into a channel that owroute is in; it may be owroute itself."""
        event = body["event"]
        inviter = event.get("inviter")
        await self._cases.greet(
            TeamId(str(body["team_id"])),
            ChannelId(str(event["channel"])),
            UserId(str(event["user"])),
            UserId(str(inviter)) if inviter else None,
            event_key(body),
        )
        self._cases.soon.send()

    async def left(self, body: Payload, client: AsyncWebClient) -> None:
        """Owroute was taken out of a channel, or the channel was archived."""
        await self._cases.greet.left(*_place(body))

    async def unarchived(self, body: Payload, client: AsyncWebClient) -> None:
        """A channel was taken out of the archive."""
        await self._cases.greet.back(*_place(body))


def _place(body: Payload) -> tuple[TeamId, ChannelId, str]:
    """Which channel of which workspace an event is about, and the event's key."""
    channel = ChannelId(str(body["event"]["channel"]))
    return TeamId(str(body["team_id"])), channel, event_key(body)
