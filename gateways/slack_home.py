"""Home tabs in Slack: views.publish, guarded by the hash of the view that is replaced."""

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.delivery import Block
from bot.domain.home import Overtaken, Shown
from bot.domain.ids import TeamId, UserId
from bot.ports.home import Published
from gateways.slack_outcomes import error_of, failure


class SlackHomeTabs:
    """`bot.ports.HomeTabs`. No call is ever re-sent from here."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def publish(
        self, team: TeamId, user: UserId, view: Block, instead_of: str | None
    ) -> Published:
        """One views.publish; the same view twice is the same Home."""
        try:
            answer = await self._client.views_publish(user_id=user, view=view, hash=instead_of)
        except SlackApiError as error:
            return Overtaken() if error_of(error) == "hash_conflict" else failure(error)
        except (aiohttp.ClientError, TimeoutError) as error:
            return failure(error)
        return Shown(str(answer["view"]["hash"]))
