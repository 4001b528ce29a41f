"""What happens to the app itself: it is removed."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.ids import TeamId
from bot.services.cases import Cases
from handlers.inbound import Payload, event_key


class LifecycleHandlers:
    """Events about the app. Each is committed before Slack gets its 200."""

    def __init__(self, *, cases: Cases) -> None:
        self._cases = cases

    async def uninstalled(self, body: Payload, client: AsyncWebClient) -> None:
        """The app was removed: no call is possible any more, all work ends."""
        await self._cases.remove(TeamId(str(body["team_id"])), event_key(body))

    async def tokens_revoked(self, body: Payload, client: AsyncWebClient) -> None:
        """Tokens were revoked; only the bot's own ends the work."""
        if (body["event"].get("tokens") or {}).get("bot"):
            await self.uninstalled(body, client)
