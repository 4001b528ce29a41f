"""App Home: opened, its pages, and drawn anew after whatever somebody did there."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.ids import PagesRef
from bot.domain.home import Pages
from bot.domain.ids import TeamId, UserId
from bot.domain.workspace import Actor
from bot.errors import OldButton
from bot.services.cases import Cases
from handlers.inbound import Ask, Payload, event_key


class HomeHandlers:
    """What is to be drawn is kept first; the view follows behind the acknowledgement."""

    def __init__(self, *, cases: Cases) -> None:
        self._cases = cases

    async def opened(self, body: Payload, client: AsyncWebClient) -> None:
        """Somebody looks at the Home tab, or at the messages, which are none of it."""
        event = body["event"]
        if event.get("tab") != "home":
            return
        team, user = TeamId(str(body["team_id"])), UserId(str(event["user"]))
        name = (event.get("view") or {}).get("hash")
        actor = Actor(team, user, team)
        self._cases.home_soon.kept(await self._cases.home.opened(actor, name, event_key(body)))

    async def turn(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Earlier* or *Later* below a section."""
        ref = PagesRef.read(ask.value)
        if ref is None:
            raise OldButton
        pages = Pages(ref.needs, ref.plans, ref.gpus)
        key = await self._cases.home.turn(ask.actor, pages, ask.delivery)
        await ack()
        self._cases.home_soon.kept(key)

    async def got_it(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """What owroute is was read."""
        key = await self._cases.home.got_it(ask.actor, ask.delivery)
        await ack()
        self._cases.home_soon.kept(key)

    def acted(self, ask: Ask) -> None:
        """After a press on Home, and in what may have been opened from there: a form, a window."""
        if ask.on_home or ask.submits or ask.in_notice:
            self._cases.home_soon.acted(ask.actor)
