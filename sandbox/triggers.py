"""Trigger ids: proof that a person has just done something. Valid for 3 seconds, and once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import SharedClock
from sandbox.errors import SlackError
from sandbox.ids import Ids

LIFETIME = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Who did something, in which channel or modal, and when."""

    user: str
    channel: str | None
    view_id: str | None
    at: datetime


class Triggers:
    """Gives trigger ids out and takes them back."""

    def __init__(self, clock: SharedClock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._open: dict[str, Trigger] = {}
        self._spent: set[str] = set()

    def issue(self, user: str, *, channel: str | None = None, view_id: str | None = None) -> str:
        """A fresh trigger id for an interaction of `user`."""
        trigger_id = self._ids.trigger()
        self._open[trigger_id] = Trigger(user, channel, view_id, self._clock.now())
        return trigger_id

    def spend(self, trigger_id: str) -> Trigger:
        """Use a trigger id up. Raises SlackError with the code that Slack has for each misuse."""
        if trigger_id in self._spent:
            raise SlackError("exchanged_trigger_id")
        trigger = self._open.pop(trigger_id, None)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        self._spent.add(trigger_id)
        if self._clock.now() - trigger.at > LIFETIME:
            raise SlackError("expired_trigger_id")
        return trigger
