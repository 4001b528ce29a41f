"""users.*, team.info and auth.test: who is who."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox.errors import SlackError
from sandbox.methods.args import Args
from sandbox.methods.paging import page
from sandbox.model import Json, Seat

if TYPE_CHECKING:
    from sandbox.workspace import Workspace


async def user_info(workspace: Workspace, args: Args) -> Json:
    """users.info; the locale only with `include_locale`."""
    seat = workspace.people.get(args.required("user", "user_not_found"))
    if seat is None:
        raise SlackError("user_not_found")
    return {"user": _shape(workspace, seat, with_locale=args.flag("include_locale"))}


async def user_list(workspace: Workspace, args: Args) -> Json:
    """users.list, page by page."""
    with_locale = args.flag("include_locale")
    shapes = [_shape(workspace, s, with_locale=with_locale) for s in workspace.people.values()]
    members, metadata = page(shapes, args, default=200)
    now = int(workspace.clock.now().timestamp())
    return {"members": members, "cache_ts": now, "response_metadata": metadata}


async def team_info(workspace: Workspace, args: Args) -> Json:
    """team.info of this one workspace."""
    if args.text("team") not in ("", workspace.team.id):
        raise SlackError("team_not_found")
    team = workspace.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain}}


async def auth_test(workspace: Workspace, _args: Args) -> Json:
    """auth.test: who the token belongs to."""
    app = workspace.app
    return {
        "url": workspace.url("/"),
        "team": workspace.team.name,
        "team_id": workspace.team.id,
        "user": workspace.people[app.bot_user_id].name,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def _shape(workspace: Workspace, seat: Seat, *, with_locale: bool) -> Json:
    offset = workspace.clock.now().astimezone(ZoneInfo(seat.tz)).utcoffset() or timedelta()
    shape: Json = {
        "id": seat.id,
        "team_id": workspace.team.id,
        "name": seat.name,
        "deleted": seat.deleted,
        "color": seat.color,
        "real_name": seat.real_name,
        "tz": seat.tz,
        "tz_label": seat.tz,
        "tz_offset": int(offset.total_seconds()),
        "profile": {"real_name": seat.real_name, "display_name": seat.name, "team": ""},
        "is_admin": seat.is_admin,
        "is_owner": False,
        "is_restricted": seat.is_restricted,
        "is_ultra_restricted": False,
        "is_bot": seat.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    return {**shape, "locale": seat.locale} if with_locale else shape
