"""The Web API, one module per family of methods; the table says what each call needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandbox import oauth
from sandbox.methods import apps, chat, conversations, files, people, views
from sandbox.methods.args import Args
from sandbox.model import Json

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

Call = Callable[["Workspace", Args], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what it does, its tier (None: special), its scope and whose token opens it."""

    call: Call
    tier: int | None
    scope: str | None = None
    opened_by: Literal["bot", "app"] | None = "bot"


METHODS: dict[str, Method] = {
    "apps.connections.open": Method(apps.open_connection, 1, opened_by="app"),
    "auth.test": Method(people.auth_test, None),
    "blocks.validate": Method(apps.validate, None, opened_by=None),
    "chat.delete": Method(chat.delete, 3, "chat:write"),
    "chat.getPermalink": Method(chat.permalink, None),
    "chat.postEphemeral": Method(chat.post_ephemeral, 4, "chat:write"),
    "chat.postMessage": Method(chat.post_message, None, "chat:write"),
    "chat.update": Method(chat.update, 3, "chat:write"),
    "conversations.history": Method(conversations.history, 3),
    "conversations.info": Method(conversations.info, 3),
    "conversations.open": Method(conversations.open_direct, 3, "im:write"),
    "conversations.replies": Method(conversations.replies, 3),
    "files.completeUploadExternal": Method(files.complete, 4, "files:write"),
    "files.getUploadURLExternal": Method(files.upload_address, 4, "files:write"),
    "oauth.v2.access": Method(oauth.access, 4, opened_by=None),
    "team.info": Method(people.team_info, 3, "team:read"),
    "users.info": Method(people.user_info, 4, "users:read"),
    "users.list": Method(people.user_list, 2, "users:read"),
    "views.open": Method(views.open_view, 4),
    "views.publish": Method(views.publish, 4),
    "views.push": Method(views.push, 4),
    "views.update": Method(views.update, 4),
}
