"""Slack, outbound: the messenger and the directory. No call is ever re-sent from here.

Every answer becomes one of four outcomes, because only the outbox may decide to try again: a second
chat.postMessage after a lost answer would be a second card.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import Clock
from bot.domain.delivery import Op, Outcome, Outgoing, Permanent, Post, Sent
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Person
from bot.ports import CannotLook, LookupFailed, Store
from gateways import slack_files
from gateways.slack_outcomes import error_of, outcome_of

log = structlog.get_logger(__name__)

EVENT_TYPE = "owroute_msg"
LOOK_BACK = timedelta(minutes=5)
"""How far before the first try history is searched: clocks differ."""

CLOSED = frozenset(
    {
        "missing_scope", "not_allowed_token_type", "no_permission", "access_denied",
        "not_in_channel", "channel_not_found", "is_archived", "thread_not_found",
    }
)  # fmt: skip
"""Answers that say we shall never see this history: waiting for another answer is no use."""

PAGE = 200
PAGES = 25
LOOK_SECONDS = 10.0


class SlackMessenger:
    """Posts, edits and deletes our messages; `secret` signs the key each message carries."""

    def __init__(self, client: AsyncWebClient, secret: bytes) -> None:
        self._client = client
        self._secret = secret

    async def post(
        self, team: TeamId, outgoing: Outgoing, thread_ts: str | None, channel: ChannelId
    ) -> Outcome:
        """chat.postMessage with the outbox key in the metadata, as an opaque HMAC."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"k": self._opaque(outgoing.key)}}
        return await outcome_of(
            lambda: self._client.chat_postMessage(
                channel=channel,
                text=outgoing.message.text,
                blocks=list(outgoing.message.blocks) or None,
                thread_ts=thread_ts,
                metadata=metadata,
                parse="none",
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        )

    async def upload(
        self, team: TeamId, outgoing: Outgoing, thread_ts: str | None, channel: ChannelId
    ) -> Outcome:
        """files.completeUploadExternal at the end of the file flow; nothing is posted before it."""
        return await slack_files.upload(self._client, outgoing, thread_ts, channel)

    async def update(self, team: TeamId, outgoing: Outgoing, post: Post) -> Outcome:
        """chat.update in place; the same edit twice is the same message."""
        return await outcome_of(
            lambda: self._client.chat_update(
                channel=post.channel,
                ts=post.ts,
                text=outgoing.message.text,
                blocks=list(outgoing.message.blocks),
                parse="none",
                link_names=False,
            )
        )

    async def delete(self, team: TeamId, post: Post) -> Outcome:
        """chat.delete; a message that is gone already counts as deleted."""
        outcome = await outcome_of(
            lambda: self._client.chat_delete(channel=post.channel, ts=post.ts)
        )
        gone = isinstance(outcome, Permanent) and outcome.error == "message_not_found"
        return Sent(post.channel, post.ts) if gone else outcome

    async def find(
        self,
        team: TeamId,
        outgoing: Outgoing,
        channel: ChannelId,
        thread_ts: str | None,
        since: datetime,
    ) -> Sent | None:
        """Read the conversation from five minutes before the first try, within ten seconds."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._found(outgoing, channel, thread_ts, since)
        except TimeoutError as error:
            raise LookupFailed from error

    async def _found(
        self, outgoing: Outgoing, channel: ChannelId, thread_ts: str | None, since: datetime
    ) -> Sent | None:
        oldest = f"{(since - LOOK_BACK).timestamp():.6f}"
        cursor: str | None = None
        for _ in range(PAGES):
            page = await self._page(channel, thread_ts, oldest, cursor)
            for message in page.get("messages") or ():
                if self._is_it(message, outgoing):
                    return Sent(ChannelId(page.get("channel") or channel), str(message["ts"]))
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        raise CannotLook  # more than five thousand messages: not to be read on every try

    def _is_it(self, message: dict[str, Any], outgoing: Outgoing) -> bool:
        """Whether this is what was sent: by its key; files have none, but names of their own."""
        if outgoing.op is Op.UPLOAD:
            return {file.name for file in outgoing.message.files} <= slack_files.names_in(message)
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        return hmac.compare_digest(str(payload.get("k", "")), self._opaque(outgoing.key))

    async def _page(
        self, channel: ChannelId, thread_ts: str | None, oldest: str, cursor: str | None
    ) -> AsyncSlackResponse:
        if channel[:1] in "UW":
            raise CannotLook  # a direct message that was never opened has no id to read
        try:
            if thread_ts:
                return await self._client.conversations_replies(
                    channel=channel, ts=thread_ts, oldest=oldest, limit=PAGE, cursor=cursor,
                    include_all_metadata=True,
                )  # fmt: skip
            return await self._client.conversations_history(
                channel=channel, oldest=oldest, limit=PAGE, cursor=cursor,
                include_all_metadata=True,
            )  # fmt: skip
        except SlackApiError as error:
            if error_of(error) in CLOSED:
                raise CannotLook from error
            raise LookupFailed from error
        except (TimeoutError, aiohttp.ClientError) as error:
            raise LookupFailed from error

    def _opaque(self, key: str) -> str:
        return hmac.new(self._secret, key.encode(), hashlib.sha256).hexdigest()


class Identity:
    """Who the bot is, asked once: Bolt's `authorize` and the readiness body share it."""

    def __init__(self, client: AsyncWebClient, store: Store, clock: Clock) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._known: AuthorizeResult | None = None

    async def __call__(self, team_id: str | None) -> AuthorizeResult | None:
        """The bot's own identity for requests of its workspace; None for any other workspace."""
        known = self._known or await self._ask()
        return known if team_id in (None, known.team_id) else None

    async def greet(self) -> None:
        """Ask at the start, if Slack answers; otherwise the first request asks."""
        try:
            await self(None)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("slack.not_reached", error=type(error).__name__)

    def whose(self) -> TeamId | None:
        """The workspace of the bot's token, once Slack has told us."""
        return TeamId(str(self._known.team_id)) if self._known else None

    @property
    def status(self) -> str:
        """One word for the readiness body: whether Slack has told us who we are."""
        return "ok" if self._known else "not reached yet"

    async def _ask(self) -> AuthorizeResult:
        answer = await self._client.auth_test()
        team, bot_user = TeamId(str(answer["team_id"])), UserId(str(answer["user_id"]))
        async with self._store() as uow:
            await uow.workspaces.seen(team, str(answer["team"]), bot_user, self._clock.now())
            await uow.commit()
        self._known = AuthorizeResult(
            enterprise_id=answer.get("enterprise_id"),
            team_id=team,
            team=answer.get("team"),
            bot_user_id=bot_user,
            bot_id=answer.get("bot_id"),
            bot_token=self._client.token,
        )
        return self._known


class SlackDirectory:
    """Members, by users.info and users.list."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def person(
        self, team: TeamId, user: UserId, now: datetime, *, within: float
    ) -> Person | None:
        """One users.info with the locale. Raises OSError when there is no usable answer."""
        try:
            async with asyncio.timeout(within):
                answer = await self._client.users_info(user=user, include_locale=True)
        except SlackApiError as error:
            if error_of(error) in ("user_not_found", "users_not_found"):
                return None
            raise OSError(error_of(error)) from error
        except aiohttp.ClientError as error:
            raise OSError(type(error).__name__) from error
        found = answer.get("user") or {}
        if "id" not in found:
            raise OSError("no_user")
        return _person(team, found, now)

    async def admins(self, team: TeamId, now: datetime) -> Sequence[Person]:
        """Every page of users.list, once a day: Slack allows it twenty times a minute."""
        found: list[Person] = []
        cursor = ""
        for _ in range(PAGES):
            try:
                answer = await self._client.users_list(
                    limit=PAGE, cursor=cursor, include_locale=True
                )
            except SlackApiError as error:
                raise OSError(error_of(error)) from error
            except aiohttp.ClientError as error:
                raise OSError(type(error).__name__) from error
            people = [_person(team, member, now) for member in answer.get("members") or ()]
            found += [person for person in people if person.is_admin and person.is_full_member]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found
        raise OSError("too_many_members")


def _person(team: TeamId, found: dict[str, Any], now: datetime) -> Person:
    profile = found.get("profile") or {}
    name = profile.get("display_name") or found.get("name") or found.get("real_name") or ""
    return Person(
        team=team,
        user=UserId(str(found["id"])),
        home_team=_home_team(team, found),
        name=str(name),
        locale=found.get("locale"),
        tz=found.get("tz"),
        is_admin=bool(found.get("is_admin") or found.get("is_owner")),
        is_guest=bool(found.get("is_restricted") or found.get("is_ultra_restricted")),
        is_bot=bool(found.get("is_bot")),
        deleted=bool(found.get("deleted")),
        fetched_at=now,
    )


def _home_team(team: TeamId, found: dict[str, Any]) -> TeamId:
    """The workspace somebody belongs to; on Enterprise Grid one may belong to several."""
    belongs_to = (found.get("enterprise_user") or {}).get("teams") or ()
    return team if team in belongs_to else TeamId(str(found.get("team_id") or team))
