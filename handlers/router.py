"""One listener per kind of request and a table behind it, keyed by id.

Bolt matches listeners one after the other; a table finds the last as fast as the first, and shows a
newcomer and the manifest's test all that exists. What is in no table is acknowledged and logged:
Slack must never see a 404.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from handlers import inbound
from handlers.inbound import Ask, Payload

log = structlog.get_logger(__name__)

ANY = re.compile(".*", re.DOTALL)

OnCommand = Callable[[Ask, str, AsyncAck, AsyncWebClient], Awaitable[None]]
OnAsk = Callable[[Ask, AsyncAck, AsyncWebClient], Awaitable[None]]
OnSuggest = Callable[[Ask, str, AsyncAck], Awaitable[None]]
OnEvent = Callable[[Payload, AsyncWebClient], Awaitable[None]]
OnActed = Callable[[Ask], None]


@dataclass(slots=True)
class Router:
    """The tables. An action id may carry an argument after a colon; what precedes it is the key."""

    command: str
    on_command: OnCommand
    acted: OnActed
    actions: dict[str, OnAsk] = field(default_factory=dict)
    views: dict[str, OnAsk] = field(default_factory=dict)
    shortcuts: dict[str, OnAsk] = field(default_factory=dict)
    options: dict[str, OnSuggest] = field(default_factory=dict)
    events: dict[str, OnEvent] = field(default_factory=dict)

    def register(self, app: AsyncApp) -> None:
        """Attach the tables to a Bolt application."""
        app.command(ANY)(self._command)
        app.action(ANY)(self._action)
        app.view_submission(ANY)(self._submission)
        app.view_closed(ANY)(self._closed)
        app.shortcut(ANY)(self._shortcut)
        app.options(ANY)(self._options)
        app.event(ANY)(self._event)

    async def _command(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        ask, text = inbound.command(body)
        if body.get("command") != self.command:
            log.warning("slack.unmatched", kind="command")
        await self.on_command(ask, text, ack, client)
        await _answered(ack)

    async def _action(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        ask = inbound.interaction(body)
        await self._did(self.actions, ask.action_id.partition(":")[0], "action", ask, ack, client)

    async def _submission(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient
    ) -> None:
        ask = inbound.interaction(body)
        await self._did(self.views, str(body["view"]["callback_id"]), "view", ask, ack, client)

    async def _did(
        self,
        table: dict[str, OnAsk],
        key: str,
        kind: str,
        ask: Ask,
        ack: AsyncAck,
        client: AsyncWebClient,
    ) -> None:
        """What may have changed something, so that what shows it follows, also a refusal."""
        try:
            await _call(table, key, kind, ask, ack, client)
        finally:
            self.acted(ask)

    async def _closed(self, ack: AsyncAck) -> None:
        await ack()

    async def _shortcut(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        ask = inbound.interaction(body)
        await _call(self.shortcuts, str(body["callback_id"]), "shortcut", ask, ack, client)

    async def _options(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        ask = inbound.interaction({**body, "actions": [body]})
        suggest = self.options.get(ask.action_id)
        if suggest is None:
            log.warning("slack.unmatched", kind="options")
            await ack(options=[])
            return
        await suggest(ask, str(body.get("value") or ""), ack)

    async def _event(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        kind = str(body["event"]["type"])
        handle = self.events.get(kind)
        if handle is None:
            log.warning("slack.unmatched", kind="event", event_type=kind)
        else:
            await handle(body, client)
        await ack()


async def _call(
    table: dict[str, OnAsk], key: str, kind: str, ask: Ask, ack: AsyncAck, client: AsyncWebClient
) -> None:
    handle = table.get(key)
    if handle is None:
        log.warning("slack.unmatched", kind=kind, key=key)
    else:
        await handle(ask, ack, client)
    await _answered(ack)


async def _answered(ack: AsyncAck) -> None:
    """Acknowledge what a handler left silent, so that nothing falls through to a 404."""
    if ack.response is None:
        await ack()
