"""Events: sent to the bot if its manifest asks for them, and again when it does not answer."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sandbox.chores import Chores
from sandbox.clock import SharedClock
from sandbox.delivery import Failure, Kind, Parcel, Reply
from sandbox.ids import Ids
from sandbox.manifest import Manifest
from sandbox.model import Installation, Json
from sandbox.payloads import VERIFICATION_TOKEN

LAST_WORDS = frozenset({"tokens_revoked", "app_uninstalled"})
RETRY_AFTER = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
SCOPES = {
    "member_joined_channel": {"C": "channels:read", "G": "groups:read"},
    "channel_left": {"": "channels:read"},
    "group_left": {"": "groups:read"},
    "channel_archive": {"": "channels:read"},
    "group_archive": {"": "groups:read"},
    "channel_unarchive": {"": "channels:read"},
    "group_unarchive": {"": "groups:read"},
    "message": {"C": "channels:history", "G": "groups:history", "D": "im:history"},
}
SUBSCRIPTION = {"C": "channels", "G": "groups", "D": "im"}


class Events:
    """Publishes events. Three repetitions follow a failure: at once, after 1 and 5 minutes."""

    def __init__(
        self,
        *,
        team_id: str,
        manifest: Manifest,
        app: Installation,
        clock: SharedClock,
        ids: Ids,
        chores: Chores,
        deliver: Callable[[Parcel], Awaitable[Reply]],
    ) -> None:
        self._team_id = team_id
        self._manifest = manifest
        self._app = app
        self._clock = clock
        self._ids = ids
        self._chores = chores
        self._deliver = deliver
        self._held: list[Parcel] | None = None
        self.copies = 1

    async def publish(self, event: Json) -> None:
        """Send the event, if the bot subscribed to it and may see it; waits for the first try."""
        if not self._is_wanted(event):
            return
        parcel = Parcel(Kind.EVENT, self._envelope(event))
        if self._held is not None:
            self._held.append(parcel)
            return
        for _ in range(self.copies):
            await self._attempt(parcel)

    def hold(self) -> None:
        """Keep events back until `release`, to have them arrive late or in another order."""
        self._held = []

    async def release(self, *, reverse: bool = False) -> None:
        """Send what was held back, the youngest first if `reverse`."""
        held, self._held = self._held or [], None
        for parcel in reversed(held) if reverse else held:
            await self._attempt(parcel)

    def _is_wanted(self, event: Json) -> bool:
        family = event.get("channel_type", "")
        name = event["type"]
        subscribed = f"message.{SUBSCRIPTION[family]}" if name == "message" else name
        needed = SCOPES.get(name, {}).get(family)
        granted = self._manifest.scopes - self._manifest.optional_scopes
        granted |= self._app.granted_optional
        return subscribed in self._manifest.events and (needed is None or needed in granted)

    def _envelope(self, event: Json) -> Json:
        return {
            "type": "event_callback",
            "token": VERIFICATION_TOKEN,
            "team_id": self._team_id,
            "api_app_id": self._app.app_id,
            "event_id": self._ids.of("Ev"),
            "event_time": int(self._clock.now().timestamp()),
            "event": event,
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self._team_id,
                    "user_id": self._app.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }

    async def _attempt(self, parcel: Parcel) -> None:
        if self._app.is_revoked and parcel.name not in LAST_WORDS:
            return
        reply = await self._deliver(parcel)
        if reply.ok or reply.no_retry or parcel.retry >= len(RETRY_AFTER):
            return
        reason = reply.failure or Failure.HTTP_ERROR
        again = Parcel(Kind.EVENT, parcel.payload, parcel.retry + 1, reason)
        due = self._clock.now() + RETRY_AFTER[parcel.retry]

        async def repeat() -> None:
            await self._attempt(again)

        self._chores.at(due, repeat)
