"""The objects that the bot receives: people, messages, views and interactions in Slack's shapes."""

from collections.abc import Sequence

from sandbox import inputs
from sandbox.model import Channel, Installation, Json, Message, Seat, StoredFile, Team
from sandbox.views import OpenView

VERIFICATION_TOKEN = "verification-token"  # noqa: S105 - deprecated by Slack, sent all the same


def user(seat: Seat, team: Team) -> Json:
    """Who did it."""
    return {"id": seat.id, "username": seat.name, "name": seat.name, "team_id": team.id}


def frame(kind: str, seat: Seat, team: Team, app: Installation) -> Json:
    """What every interaction carries."""
    return {
        "type": kind,
        "team": {"id": team.id, "domain": team.domain},
        "user": user(seat, team),
        "api_app_id": app.app_id,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def channel(room: Channel) -> Json:
    """The channel of an interaction, with the name that payloads may show."""
    return {"id": room.id, "name": room.payload_name}


def message(
    said: Message, team: Team, *, files: Sequence[Json] = (), with_metadata: bool = False
) -> Json:
    """A message as the Web API and interactions carry it."""
    shape: Json = {
        "type": "message",
        "user": said.user,
        "ts": said.ts,
        "text": said.text,
        "team": team.id,
        "blocks": list(said.blocks),
    }
    if said.bot_id:
        shape |= {"bot_id": said.bot_id}
    if said.thread_ts:
        shape |= {"thread_ts": said.thread_ts}
    if said.edited:
        shape |= {"edited": said.edited}
    if said.metadata and with_metadata:
        shape |= {"metadata": said.metadata}
    if files:
        shape |= {"files": list(files)}
    return shape


def file(stored: StoredFile, url: str) -> Json:
    """A file as messages and upload answers carry it; `url` shows it on this machine."""
    return {
        "id": stored.id,
        "name": stored.name,
        "title": stored.title or stored.name,
        "alt_txt": stored.alt_txt,
        "mimetype": stored.mimetype,
        "size": stored.length,
        "url_private": url,
        "permalink": url,
    }


def view(shown: OpenView, team: Team, app: Installation) -> Json:
    """A view with its state, its hash and its place in the stack."""
    return {
        **shown.body,
        "id": shown.id,
        "team_id": team.id,
        "state": {"values": shown.values()},
        "hash": shown.hash,
        "root_view_id": shown.root_id,
        "previous_view_id": shown.previous_id,
        "app_id": app.app_id,
        "app_installed_team_id": team.id,
        "bot_id": app.bot_id,
    }


def action(block: Json, element: Json, value: Json | None, action_ts: str) -> Json:
    """One entry of `actions`: what was pressed or chosen. `value` is None for a button."""
    entry: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": action_ts,
    }
    if value is not None:
        return {**entry, **value}
    kept = ("text", "value", "style", "url")
    return {**entry, **{key: element[key] for key in kept if key in element}}


def initial_values(message_blocks: Sequence[Json]) -> Json:
    """`state.values` of a message nobody has touched."""
    found: Json = {}
    for block, element in inputs.placed(list(message_blocks)):
        if inputs.is_stateful(element):
            value = inputs.initial(element, None)
            found.setdefault(block["block_id"], {})[element["action_id"]] = value
    return found
