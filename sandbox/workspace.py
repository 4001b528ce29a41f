"""The workspace: the one place that holds its state and knows who may see what."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self
from urllib.parse import quote

from sandbox import payloads
from sandbox.actor import Actor
from sandbox.changes import Changes
from sandbox.chores import Chores
from sandbox.clock import SharedClock, stopwatch
from sandbox.conversations import Conversations
from sandbox.delivery import Courier, Failure, Kind, Parcel, Reply
from sandbox.events import LAST_WORDS, Events
from sandbox.faults import Fault, Faults
from sandbox.ids import Ids
from sandbox.inspector import Inspector
from sandbox.manifest import Manifest
from sandbox.model import Channel, Installation, Json, Message, Notice, Seat, StoredFile, Team
from sandbox.oauth import Grant
from sandbox.payloads import VERIFICATION_TOKEN
from sandbox.posting import Post
from sandbox.rate import RateLimits
from sandbox.response_urls import HookKind, ResponseUrls
from sandbox.triggers import Triggers
from sandbox.views import Place, Views
from sandbox.words import Say, say

NOTICES_KEPT = 20


class Workspace:
    """State and identity. Make one with `create`; `create_app` gives it a way to the bot."""

    def __init__(
        self, *, clock: SharedClock, manifest: Manifest, team: Team, app: Installation, ids: Ids
    ) -> None:
        self.clock = clock
        self.manifest = manifest
        self.team = team
        self.app = app
        self.ids = ids
        self.base_url = ""
        self.courier: Courier | None = None
        self.people: dict[str, Seat] = {}
        self.files: dict[str, StoredFile] = {}
        self.grants: dict[str, Grant] = {}
        self.message_state: dict[tuple[str, str, str], dict[Place, Json]] = {}
        self.notices: list[Notice] = []
        self._fill()

    def _fill(self) -> None:
        clock, ids = self.clock, self.ids
        self.changes = Changes()
        self.chores = Chores(clock)
        self.conversations = Conversations(clock=clock, ids=ids, changes=self.changes)
        self.views = Views(clock=clock, ids=ids, changes=self.changes)
        self.triggers = Triggers(clock, ids)
        self.hooks = ResponseUrls(clock, ids)
        self.rate = RateLimits(clock)
        self.faults = Faults[Fault](ids)
        self.inspector = Inspector(clock)
        self.post = Post(self.conversations, self.files, ids, self.app)
        self.events = Events(
            team_id=self.team.id,
            manifest=self.manifest,
            app=self.app,
            clock=clock,
            ids=ids,
            chores=self.chores,
            deliver=self.deliver,
        )

    @classmethod
    def create(
        cls,
        clock: SharedClock,
        manifest: Manifest,
        *,
        team_id: str = "T024BE7LD",
        team_name: str = "Sandbox",
        people: Iterable[Seat] = (),
        channels: Iterable[Channel] = (),
        bot_token: str = "xoxb-sandbox-bot",  # noqa: S107 - opens nothing but this sandbox
        app_token: str = "xapp-sandbox-app",  # noqa: S107 - opens nothing but this sandbox
        bot_user_id: str = "U0SANDBOX1",
        client_id: str = "244.133",
        client_secret: str = "sandbox-client",  # noqa: S107 - opens nothing but this sandbox
        granted_optional: Iterable[str] = (),
        seed: str | None = None,
    ) -> Self:
        """A workspace with its people, channels and the installed app of `manifest`.

        With a `seed` ids repeat from run to run. A channel whose members hold `bot_user_id` has the
        bot in it. Each person gets direct messages with the app at once.
        """
        app = Installation(
            app_id="A0SANDBOX1",
            bot_id="B0SANDBOX1",
            bot_user_id=bot_user_id,
            bot_token=bot_token,
            app_token=app_token,
            client_id=client_id,
            client_secret=client_secret,
            granted_optional=frozenset(granted_optional),
        )
        team = Team(team_id, team_name, team_name.lower().replace(" ", "-"))
        workspace = cls(clock=clock, manifest=manifest, team=team, app=app, ids=Ids(seed))
        name = manifest.bot_name
        bot = Seat(bot_user_id, name, manifest.name, is_bot=True, color="7c3aed")
        for seat in (*people, bot):
            workspace.people[seat.id] = seat
        for channel in channels:
            workspace.conversations.add(channel)
        for seat in workspace.humans():
            workspace.conversations.direct(seat.id, bot_user_id)
        return workspace

    def actor(self, user: str) -> Actor:
        """The hands of a person, to type, press and submit with. Raises KeyError."""
        return Actor(self, self.people[user].id)

    def humans(self) -> list[Seat]:
        """Everybody but bots."""
        return [seat for seat in self.people.values() if not seat.is_bot]

    def change_person(self, user: str, **changes: Any) -> Seat:
        """Replace fields of a person, e.g. `deleted` or `locale`. Raises KeyError, TypeError."""
        self.people[user] = replace(self.people[user], **changes)
        self.changes.happened()
        return self.people[user]

    def granted(self) -> frozenset[str]:
        """The scopes that the bot token has."""
        return (self.manifest.scopes - self.manifest.optional_scopes) | self.app.granted_optional

    def sees(self, user: str, channel: Channel) -> bool:
        """Whether the person can look into the channel: public ones, and private ones as a member.

        Restricted people (guests) see only channels they are in.
        """
        if user in channel.members:
            return True
        return not channel.is_private and not self.people[user].is_restricted

    def hook(self, kind: HookKind, *, user: str, channel: str, source_ts: str | None = None) -> str:
        """A full response address for an interaction."""
        path = self.hooks.issue(
            kind, team=self.team.id, user=user, channel=channel, source_ts=source_ts
        )
        return self.url(path)

    def url(self, path: str) -> str:
        """An address on this workspace. Raises RuntimeError before its port is known."""
        if not self.base_url:
            raise RuntimeError("set Workspace.base_url to the address on which the app is served")
        return self.base_url + path

    def permalink(self, said: Message) -> str:
        """The lasting address of a message."""
        thread = f"?thread_ts={said.thread_ts}" if said.is_reply else ""
        return self.url(f"/archives/{said.channel}/p{said.ts.replace('.', '')}{thread}")

    def notify(self, user: str, sentence: Say, **words: object) -> str:
        """Tell one person something in their language; the answer is the sentence."""
        text = say(sentence, self.people[user].locale, app=self.manifest.name, **words)
        at = self.clock.now().isoformat()
        self.notices.append(Notice(self.ids.short("notice", 10), user, text, at))
        del self.notices[:-NOTICES_KEPT]
        self.changes.happened()
        return text

    async def deliver(self, parcel: Parcel) -> Reply:
        """Hand a payload to the bot, and write down what was said."""
        started = stopwatch()
        reply = Reply(status=None, failure=Failure.CONNECTION)
        if self.courier is not None and self._may_send(parcel):
            reply = await self.courier.send(parcel)
        self.inspector.add(
            "in",
            parcel.kind,
            parcel.name,
            request=parcel.payload,
            response=reply.body if reply.ok else {"failure": reply.failure},
            status=reply.status,
            seconds=stopwatch() - started,
        )
        self.changes.happened()
        return reply

    def _may_send(self, parcel: Parcel) -> bool:
        """A removed app hears only of its end; one without interactivity of no interactions."""
        if parcel.kind is Kind.INTERACTIVE and not self.manifest.interactive:
            return False
        return not self.app.is_revoked or parcel.name in LAST_WORDS

    async def verify_url(self) -> bool:
        """Whether the bot echoes the challenge by which Slack checks a request URL."""
        challenge = self.ids.secret("challenge")
        payload: Json = {"type": "url_verification", "challenge": challenge}
        reply = await self.deliver(Parcel(Kind.EVENT, payload | {"token": VERIFICATION_TOKEN}))
        echoed = reply.body.get("challenge") if isinstance(reply.body, dict) else reply.body
        return echoed == challenge

    async def advance(self, by: timedelta) -> None:
        """Move the clock and do what has come due."""
        self.clock.advance(by)
        await self.chores.run_due()
        self.changes.happened()

    async def uninstall(self, *, revoke_first: bool = True) -> None:
        """Remove the app: its tokens are dead, then both events go out, in either order."""
        self.app.is_revoked = True
        bot_user = self.app.bot_user_id
        revoked: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot_user]}}
        pair = [revoked, {"type": "app_uninstalled"}]
        for event in pair if revoke_first else reversed(pair):
            await self.events.publish(event)
        self.changes.happened()

    def grant(self, optional: Iterable[str]) -> None:
        """Grant these optional scopes and no others. Raises ValueError for one not on offer."""
        wanted = frozenset(optional)
        if unknown := wanted - self.manifest.optional_scopes:
            raise ValueError(f"not optional in the manifest: {', '.join(sorted(unknown))}")
        self.app.granted_optional = wanted
        self.changes.happened()

    def file_url(self, stored: StoredFile) -> str:
        """Where a file can be looked at."""
        return self.url(f"/_sandbox/files/{stored.id}/{quote(stored.name)}")

    def file_shapes(self, said: Message) -> list[Json]:
        """The files of a message, as payloads carry them."""
        stored = (self.files[file_id] for file_id in said.files)
        return [payloads.file(file, self.file_url(file)) for file in stored]

    def action_ts(self) -> str:
        """The time of an interaction, unique like a message's."""
        return self.conversations.next_ts("actions")

    async def close(self) -> None:
        """End background work and let go of connections."""
        await self.chores.close()
        if self.courier is not None:
            await self.courier.close()
