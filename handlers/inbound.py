"""What Slack sends, parsed once into values. Ids always come with the team of the envelope."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.cards.ids import NOTICE_MODAL, GpuRef, PlanRef
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Actor
from bot.errors import OldButton

Payload = Mapping[str, Any]

WINDOW = "view:"
"""Before the id of a window, in what a form remembers of where it was opened."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing a person did. `delivery` is the same for every copy Slack sends of it.

    `ephemeral`: what was pressed is a message that only this person sees. `submits`: a form was
    submitted. `said`: the whole request
    of a message shortcut, with the message in it.
    """

    actor: Actor
    delivery: str
    trigger_id: str = ""
    response_url: str = ""
    channel: ChannelId | None = None
    action_id: str = ""
    value: str | None = None
    view: Payload | None = None
    ephemeral: bool = False
    submits: bool = False
    said: Payload | None = None

    @property
    def on_home(self) -> bool:
        """Whether it was pressed on Home, where no private reply can be given."""
        return self.view is not None and self.view.get("type") == "home"

    @property
    def in_modal(self) -> bool:
        """Whether a button in a modal was pressed, which stays open."""
        return self.view is not None and self.view.get("type") == "modal" and not self.submits

    @property
    def in_notice(self) -> bool:
        """Whether that modal only says something: nothing typed is lost where it is replaced."""
        return self.in_modal and self.modal.get("callback_id") == NOTICE_MODAL

    @property
    def window(self) -> str:
        """The window of a button, as a form that it opens remembers it; "" elsewhere."""
        return f"{WINDOW}{self.modal['id']}" if self.in_notice else ""

    def below(self, window: str | None) -> str | None:
        """The id of that window if it lies below the form. Not where the form took its place."""
        previous = self.modal.get("previous_view_id")
        return previous if previous and window == f"{WINDOW}{previous}" else None

    def replaced(self, window: str) -> bool:
        """Whether the form took the place of that window, for want of room on top of it."""
        return window == f"{WINDOW}{self.modal['id']}"

    @property
    def plan(self) -> PlanRef:
        """The experiment and revision a button was drawn for, or `OldButton`."""
        return _readable(PlanRef.read(self.value))

    @property
    def gpu(self) -> GpuRef:
        """The GPU run and generation a button was drawn for, or `OldButton`."""
        return _gpu(GpuRef.read(self.value))

    @property
    def modal(self) -> Payload:
        """The view the person was in; a request without one cannot be answered."""
        if self.view is None:
            raise OldButton
        return self.view

    @property
    def modal_plan(self) -> PlanRef:
        """The experiment and revision a modal was opened for, from its private metadata."""
        return _readable(PlanRef.read(str(self.modal.get("private_metadata") or "")))

    @property
    def modal_gpu(self) -> GpuRef:
        """The GPU run and generation a modal was opened for, from its private metadata."""
        return _gpu(GpuRef.read(str(self.modal.get("private_metadata") or "")))


def _gpu(ref: GpuRef | None) -> GpuRef:
    if ref is None:
        raise OldButton
    return ref


def _readable(ref: PlanRef | None) -> PlanRef:
    if ref is None:
        raise OldButton
    return ref


def command(body: Payload) -> tuple[Ask, str]:
    """A slash command and the text behind it."""
    team, user = TeamId(str(body["team_id"])), UserId(str(body["user_id"]))
    trigger = str(body.get("trigger_id", ""))
    ask = Ask(
        actor=Actor(team, user, team),
        delivery=f"command:{team}:{user}:{trigger}",
        trigger_id=trigger,
        response_url=str(body.get("response_url", "")),
        channel=ChannelId(str(body["channel_id"])),
    )
    return ask, str(body.get("text") or "").strip()


def interaction(body: Payload) -> Ask:
    """A click, a choice, a submission or a shortcut."""
    actor = _actor(body)
    action = (body.get("actions") or [{}])[0]
    view = body.get("view")
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    place = str(view["id"]) if view else f"{channel}:{container.get('message_ts')}"
    action_id = str(action.get("action_id", ""))
    stamp = action.get("action_ts") or body.get("action_ts") or ""
    return Ask(
        actor=actor,
        delivery=f"click:{actor.team}:{place}:{action_id}:{stamp}:{actor.user}",
        trigger_id=str(body.get("trigger_id", "")),
        response_url=str(body.get("response_url", "")),
        channel=ChannelId(str(channel)) if channel else None,
        action_id=action_id,
        value=_value(action),
        view=view,
        ephemeral=bool(container.get("is_ephemeral")),
        submits=body.get("type") == "view_submission",
        said=body if body.get("type") == "message_action" else None,
    )


def event_key(body: Payload) -> str:
    """The key under which a delivered event is remembered."""
    return f"event:{body.get('team_id')}:{body.get('event_id')}"


def input_for(view: Payload, field: str | None) -> str | None:
    """The block id an error is shown at: the field's own, else the view's first input."""
    blocks = view.get("blocks") or ()
    inputs = [str(b["block_id"]) for b in blocks if b.get("type") == "input"]
    return field if field in inputs else next(iter(inputs), None)


def _actor(body: Payload) -> Actor:
    user = body["user"]
    team = TeamId(str((body.get("team") or {}).get("id") or user.get("team_id") or ""))
    return Actor(team, UserId(str(user["id"])), TeamId(str(user.get("team_id") or team)))


def _value(action: Payload) -> str | None:
    chosen = action.get("selected_option")
    value = chosen.get("value") if chosen else action.get("value")
    return str(value) if value is not None else None
