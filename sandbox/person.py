"""Somebody at the keyboard, who finds things by their words and waits until the app has acted."""

from collections.abc import Awaitable, Callable

from sandbox.acts.places import Where
from sandbox.model import Channel, Json
from sandbox.outcome import Outcome
from sandbox.seen import Modal, NotThere, Shown
from sandbox.views import OpenView
from sandbox.workspace import Workspace

Settle = Callable[[], Awaitable[None]]
"""Awaited after each act, e.g. until the app has done what it started."""


class Person:
    """Somebody at the keyboard."""

    def __init__(self, workspace: Workspace, user: str, settle: Settle) -> None:
        self.workspace = workspace
        self.user = user
        self.actor = workspace.actor(user)
        self._settle = settle

    @property
    def stack(self) -> list[OpenView]:
        """The modals before this person, the topmost last."""
        return self.workspace.views.stack(self.user)

    @property
    def modal(self) -> Modal:
        """The modal in front."""
        if not self.stack:
            raise NotThere(f"no modal is open before {self.user}: {self.notices}")
        return Modal(self, self.stack[-1].id)

    @property
    def home(self) -> Modal:
        """The app's Home tab."""
        home = self.workspace.views.home(self.user)
        if home is None:
            raise NotThere(f"no Home was published for {self.user}")
        return Modal(self, home.id)

    @property
    def notices(self) -> list[str]:
        """What Slack itself complained about to this person."""
        return [n.text for n in self.workspace.notices if n.user == self.user]

    def channel(self, name: str) -> Channel:
        """A channel by name, or with `dm` the app's direct messages."""
        talk = self.workspace.conversations
        if name == "dm":
            return talk.direct(self.user, self.workspace.app.bot_user_id)
        found = talk.named(name)
        if found is None:
            raise NotThere(f"there is no channel {name}")
        return found

    def messages(self, channel: str) -> list[Shown]:
        """Everything this person sees in a place, threads and ephemerals included."""
        where = self.channel(channel).id
        return [Shown(self, m) for m in self.workspace.conversations.visible(where, self.user)]

    def cards(self, channel: str) -> list[Shown]:
        """The app's lasting messages outside threads."""
        return [s for s in self.messages(channel) if s.is_card]

    def last(self, channel: str) -> Shown:
        """The newest of them."""
        found = self.cards(channel)
        if not found:
            raise NotThere(f"the app has said nothing in {channel}: {self.notices}")
        return found[-1]

    def whispers(self, channel: str) -> list[Shown]:
        """What only this person was told there."""
        return [s for s in self.messages(channel) if s.message.ephemeral_to == self.user]

    def thread(self, card: Shown) -> list[Shown]:
        """The replies below a message."""
        said = card.message
        replies = self.workspace.conversations.replies(said.channel, said.ts)
        return [Shown(self, m) for m in replies]

    async def command(self, text: str, channel: str) -> Outcome:
        """Type a slash command in a place."""
        return await self._done(self.actor.command(self.channel(channel).id, text))

    async def shortcut(self, callback_id: str) -> Outcome:
        """Choose a global shortcut."""
        return await self._done(self.actor.shortcut(callback_id))

    async def about(self, callback_id: str, channel: str, ts: str) -> Outcome:
        """Choose a shortcut in the menu of a message."""
        return await self._done(
            self.actor.message_shortcut(callback_id, self.channel(channel).id, ts)
        )

    async def press(
        self, where: Where, block: Json, element: Json, value: Json, *, confirmed: bool = False
    ) -> Outcome:
        """Press or choose an element."""
        act = self.actor.click(
            where,
            element["action_id"],
            block_id=block["block_id"],
            value=value,
            confirmed=confirmed,
        )
        return await self._done(act)

    async def type(self, view_id: str, block_id: str, action_id: str, value: Json) -> Outcome:
        """Type or choose in an input."""
        return await self._done(self.actor.input(view_id, block_id, action_id, value))

    async def submit(self, view_id: str) -> Outcome:
        """Press a modal's submit button."""
        return await self._done(self.actor.submit(view_id))

    async def open_home(self) -> Outcome:
        """Look at the app's Home tab."""
        return await self._done(self.actor.open_home())

    async def _done(self, act: Awaitable[Outcome]) -> Outcome:
        outcome = await act
        await self._settle()
        return outcome
