"""Channels, direct messages and what was said in them."""

from collections.abc import Iterator
from dataclasses import replace

from sandbox.changes import Changes
from sandbox.clock import SharedClock
from sandbox.ids import Ids, Timestamps
from sandbox.model import Channel, Json, Message


class Conversations:
    """All conversations of the workspace. Knows membership; permission is asked elsewhere."""

    def __init__(self, *, clock: SharedClock, ids: Ids, changes: Changes) -> None:
        self._clock = clock
        self._ids = ids
        self._changes = changes
        self._stamps = Timestamps()
        self._channels: dict[str, Channel] = {}
        self._messages: dict[str, dict[str, Message]] = {}
        self._read: dict[tuple[str, str], str] = {}

    def __iter__(self) -> Iterator[Channel]:
        return iter(self._channels.values())

    def add(self, channel: Channel) -> None:
        """Open a channel; one with the same id is replaced, its messages stay."""
        self._channels[channel.id] = channel
        self._messages.setdefault(channel.id, {})
        self._changes.happened()

    def get(self, channel_id: str) -> Channel | None:
        """The channel with this id."""
        return self._channels.get(channel_id)

    def named(self, name: str) -> Channel | None:
        """The channel called `name`, without its hash sign."""
        return next((c for c in self if c.name == name and not c.is_im), None)

    def direct(self, user: str, bot_user: str) -> Channel:
        """The direct messages between the app and `user`, opened at the first asking."""
        found = next((c for c in self if c.peer == user), None)
        if found:
            return found
        members = frozenset({user, bot_user})
        opened = Channel(id=self._ids.of("D"), name="", members=members, is_private=True, peer=user)
        self.add(opened)
        return opened

    def join(self, channel_id: str, user: str) -> bool:
        """Make `user` a member; False if they were one already."""
        channel = self._channels[channel_id]
        if user in channel.members:
            return False
        self.add(replace(channel, members=channel.members | {user}))
        return True

    def leave(self, channel_id: str, user: str) -> bool:
        """End a membership; False if there was none."""
        channel = self._channels[channel_id]
        if user not in channel.members:
            return False
        self.add(replace(channel, members=channel.members - {user}))
        return True

    def archive(self, channel_id: str, *, is_archived: bool = True) -> None:
        """Close a channel for new messages, or open it again."""
        self.add(replace(self._channels[channel_id], is_archived=is_archived))

    def next_ts(self, channel_id: str) -> str:
        """The time stamp of a message that enters the channel now."""
        return self._stamps.next(channel_id, self._clock.now())

    def post(self, message: Message) -> Message:
        """Keep a new message, or the new state of one that is there."""
        self._messages[message.channel][message.ts] = message
        self._changes.happened()
        return message

    def edit(self, message: Message, *, by: str | None = None, **changes: object) -> Message:
        """Replace fields of a message; `by` leaves the mark "(edited)"."""
        edited: Json | None = {"user": by, "ts": self.next_ts(message.channel)} if by else None
        changed = replace(message, **changes)  # type: ignore[arg-type]  # the callers name fields
        return self.post(replace(changed, edited=edited or message.edited))

    def remove(self, channel_id: str, ts: str) -> None:
        """Delete a message."""
        del self._messages[channel_id][ts]
        self._changes.happened()

    def find(self, channel_id: str, ts: str) -> Message | None:
        """The message at `ts`, ephemeral ones included."""
        return self._messages.get(channel_id, {}).get(ts)

    def messages(self, channel_id: str) -> list[Message]:
        """Every message of the channel, threads and ephemeral ones included, oldest first."""
        held = self._messages.get(channel_id, {})
        return sorted(held.values(), key=lambda message: message.ts)

    def replies(self, channel_id: str, ts: str) -> list[Message]:
        """The lasting replies below the message at `ts`, oldest first."""
        said = self.messages(channel_id)
        return [m for m in said if m.is_reply and m.thread_ts == ts and not m.ephemeral_to]

    def visible(self, channel_id: str, user: str) -> list[Message]:
        """What `user` sees there: the lasting messages and the ephemeral ones meant for them."""
        return [m for m in self.messages(channel_id) if m.ephemeral_to in (None, user)]

    def forget_ephemerals(self, user: str) -> None:
        """A client that is loaded anew has lost its ephemeral messages."""
        for held in self._messages.values():
            for ts in [m.ts for m in held.values() if m.ephemeral_to == user]:
                del held[ts]
        self._changes.happened()

    def mark_read(self, channel_id: str, user: str) -> None:
        """The person has seen everything said so far."""
        said = self.visible(channel_id, user)
        if said and self._read.get((user, channel_id)) != said[-1].ts:
            self._read[user, channel_id] = said[-1].ts
            self._changes.happened()

    def unread(self, channel_id: str, user: str) -> int:
        """How many messages of others came since the person looked."""
        read = self._read.get((user, channel_id), "")
        return sum(m.ts > read and m.user != user for m in self.visible(channel_id, user))
