"""Modals, up to three on top of each other per person, and each person's Home tab."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox import inputs
from sandbox.changes import Changes
from sandbox.clock import SharedClock
from sandbox.errors import SlackError
from sandbox.ids import Ids
from sandbox.model import Channel, Json

STACK_LIMIT = 3
SIZE_LIMIT = 250 * 1024
Place = tuple[str, str]


@dataclass(slots=True)
class OpenView:
    """A view that somebody has before them. `body` is what the bot sent, ids filled in."""

    id: str
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    conversation: Channel | None = None
    typed: dict[Place, Json] = field(default_factory=dict)
    suggested: dict[Place, list[Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    busy: bool = False

    @property
    def blocks(self) -> list[Json]:
        """The blocks as they stand."""
        found: list[Json] = self.body["blocks"]
        return found

    @property
    def is_home(self) -> bool:
        """Whether this is a Home tab."""
        return bool(self.body["type"] == "home")

    def values(self) -> Json:
        """`state.values`: every stateful element, untouched ones as null or an empty list."""
        found: Json = {}
        for block, element in inputs.placed(self.blocks):
            if inputs.is_stateful(element):
                place = (block["block_id"], element["action_id"])
                found.setdefault(place[0], {})[place[1]] = self.typed[place]
        return found


class Views:
    """Opens, changes and closes views. Every change gives a view another hash."""

    def __init__(self, *, clock: SharedClock, ids: Ids, changes: Changes) -> None:
        self._clock = clock
        self._ids = ids
        self._changes = changes
        self._stacks: dict[str, list[OpenView]] = {}
        self._homes: dict[str, OpenView] = {}

    def stack(self, user: str) -> list[OpenView]:
        """The modals before a person, the topmost last."""
        return list(self._stacks.get(user, []))

    def home(self, user: str) -> OpenView | None:
        """The person's Home tab, once the bot has published one."""
        return self._homes.get(user)

    def find(self, view_id: str | None, external_id: str | None = None) -> OpenView:
        """The open view with this id, or with the app's own id. Raises SlackError not_found."""
        for view in self._all():
            own = view.body.get("external_id")
            if view.id == view_id or (external_id and own == external_id):
                return view
        raise SlackError("not_found")

    def open(self, user: str, body: Json, conversation: Channel | None) -> OpenView:
        """Put a modal on the person's stack. Raises SlackError where it is full."""
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= STACK_LIMIT:
            raise SlackError("push_limit_reached")
        below = stack[-1] if stack else None
        view_id = self._ids.of("V")
        view = OpenView(
            id=view_id,
            user=user,
            body={},
            hash="",
            root_id=below.root_id if below else view_id,
            previous_id=below.id if below else None,
            conversation=conversation,
        )
        self._show(view, body)
        stack.append(view)
        self._changes.happened()
        return view

    def publish(self, user: str, body: Json, expected_hash: str | None) -> OpenView:
        """Show a person's Home tab. Raises SlackError hash_conflict."""
        view = self._homes.get(user)
        if view is None:
            view_id = self._ids.of("V")
            view = OpenView(id=view_id, user=user, body={}, hash="", root_id=view_id)
        elif expected_hash not in (None, view.hash):
            raise SlackError("hash_conflict")
        self._show(view, body)
        self._homes[user] = view
        self._changes.happened()
        return view

    def update(self, view: OpenView, body: Json, expected_hash: str | None = None) -> OpenView:
        """Show another body in an open view. Raises SlackError hash_conflict."""
        if expected_hash not in (None, view.hash):
            raise SlackError("hash_conflict")
        self._show(view, body)
        self._changes.happened()
        return view

    def touch(self, view: OpenView, place: Place, value: Json) -> None:
        """A person typed or chose something."""
        view.typed[place] = value
        view.errors.pop(place[0], None)
        self._changes.happened()

    def reject(self, view: OpenView, errors: dict[str, str]) -> None:
        """Show errors beside the inputs they belong to."""
        view.errors = dict(errors)
        self._changes.happened()

    def set_busy(self, view: OpenView, *, busy: bool) -> None:
        """The answer to a submission is awaited, or has come."""
        view.busy = busy
        self._changes.happened()

    def pop(self, view: OpenView) -> None:
        """Take a modal from its stack; the one below shows again."""
        self._stacks[view.user] = [v for v in self.stack(view.user) if v is not view]
        self._changes.happened()

    def clear(self, user: str) -> None:
        """Close all modals of a person."""
        self._stacks.pop(user, None)
        self._changes.happened()

    def _all(self) -> Iterator[OpenView]:
        for stack in self._stacks.values():
            yield from stack
        yield from self._homes.values()

    def _show(self, view: OpenView, body: Json) -> None:
        """Typed values survive where block id, action id and kind of element stay the same."""
        if len(json.dumps(body, ensure_ascii=False).encode()) > SIZE_LIMIT:
            raise SlackError("view_too_large")
        kept = view.typed
        view.body = body
        view.typed = {}
        view.errors = {}
        view.hash = self._ids.hash(self._clock.now())
        for block, element in inputs.placed(view.blocks):
            if not inputs.is_stateful(element):
                continue
            place = (block["block_id"], element["action_id"])
            before = kept.get(place)
            same = before is not None and before["type"] == element["type"]
            fresh = inputs.initial(element, view.conversation)
            view.typed[place] = before if before is not None and same else fresh
