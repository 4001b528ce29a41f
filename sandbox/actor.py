"""A person's hands: everything that somebody can do in a Slack client, one method each.

Tests call these in process; the page reaches the same methods through the control API.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING

from sandbox.acts import commands, controls, modals, rooms
from sandbox.acts.places import Where
from sandbox.errors import Refused
from sandbox.model import Json
from sandbox.outcome import Outcome, sentence_of
from sandbox.words import say

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


class Actor:
    """One person. Each method returns when the bot's acknowledgement has been processed."""

    def __init__(self, workspace: Workspace, user: str) -> None:
        self._workspace = workspace
        self.user = user

    async def command(self, channel: str, text: str, *, thread_ts: str | None = None) -> Outcome:
        """Type a slash command, e.g. `/help`. In a thread Slack refuses it."""
        return await self._try(commands.slash(self._workspace, self.user, channel, text, thread_ts))

    async def say(self, channel: str, text: str, *, thread_ts: str | None = None) -> Outcome:
        """Write a message; `data["ts"]` is its time stamp."""
        return await self._try(rooms.say(self._workspace, self.user, channel, text, thread_ts))

    async def shortcut(self, callback_id: str) -> Outcome:
        """Choose a global shortcut."""
        return await self._try(commands.shortcut(self._workspace, self.user, callback_id))

    async def message_shortcut(self, callback_id: str, channel: str, ts: str) -> Outcome:
        """Choose a shortcut in the menu of a message."""
        return await self._try(
            commands.message_shortcut(self._workspace, self.user, callback_id, channel, ts)
        )

    async def click(
        self,
        where: Where,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Json | None = None,
        confirmed: bool = False,
    ) -> Outcome:
        """Press a button or choose in an element of a message, modal or Home tab."""
        return await self._try(
            controls.act(
                self._workspace,
                self.user,
                where,
                controls.Press(block_id, action_id, value or {}, confirmed=confirmed),
            )
        )

    async def input(
        self, view_id: str, block_id: str, action_id: str, value: Json, *, enter: bool = False
    ) -> Outcome:
        """Type or choose in an input of a view; `enter` means that Enter was pressed in it."""
        return await self._try(
            controls.fill(
                self._workspace, self.user, view_id, (block_id, action_id), value, enter=enter
            )
        )

    async def suggest(
        self, where: Where, action_id: str, typed: str, *, block_id: str | None = None
    ) -> Outcome:
        """Type into a typeahead select; `data` holds `options` or `option_groups`."""
        press = controls.Press(block_id, action_id, {"value": typed})
        return await self._try(controls.suggest(self._workspace, self.user, where, press))

    async def submit(self, view_id: str) -> Outcome:
        """Press the submit button of a modal."""
        return await self._try(modals.submit(self._workspace, self.user, view_id))

    async def close(self, view_id: str, *, all: bool = False) -> Outcome:  # noqa: A002 - the API's word
        """Cancel a modal, or with `all` close the whole stack as its X button does."""
        return await self._try(modals.close(self._workspace, self.user, view_id, whole=all))

    async def open_home(self) -> Outcome:
        """Look at the app's Home tab."""
        return await self._try(rooms.open_home(self._workspace, self.user))

    async def open_channel(self, channel: str) -> Outcome:
        """Look into a channel or direct messages, which marks them read."""
        return await self._try(rooms.open_channel(self._workspace, self.user, channel))

    async def invite(self, channel: str, user: str) -> Outcome:
        """Bring somebody, or the bot, into a channel."""
        return await self._try(rooms.invite(self._workspace, self.user, channel, user))

    async def kick(self, channel: str, user: str) -> Outcome:
        """Take somebody, or the bot, out of a channel."""
        return await self._try(rooms.kick(self._workspace, self.user, channel, user))

    async def archive(self, channel: str, *, is_archived: bool = True) -> Outcome:
        """Archive a channel, or take it out of the archive."""
        return await self._try(
            rooms.archive(self._workspace, self.user, channel, is_archived=is_archived)
        )

    async def reload(self) -> Outcome:
        """Load the client anew: ephemeral messages and open modals are gone."""
        return await self._try(rooms.reload(self._workspace, self.user))

    async def _try(self, act: Coroutine[object, object, Outcome]) -> Outcome:
        if self._workspace.people[self.user].deleted:
            act.close()
            return self._refused(Refused("account_inactive"))
        try:
            return await act
        except Refused as refused:
            return self._refused(refused)

    def _refused(self, refused: Refused) -> Outcome:
        text = say(sentence_of(refused), self._workspace.people[self.user].locale)
        return Outcome(ok=False, error=refused.code, text=text, data=refused.data)
