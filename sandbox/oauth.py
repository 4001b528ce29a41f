"""Installing the app by OAuth: a page that asks, a code that works once, a token."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from sandbox.errors import SlackError
from sandbox.model import Json

if TYPE_CHECKING:
    from sandbox.methods.args import Args
    from sandbox.workspace import Workspace

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{app}</title>
<h1>{app} → {team}</h1><p>{scopes}</p>
<p><a href="{allow}">Allow · <span lang="zh">允许</span></a></p>
<p><a href="{cancel}">Cancel · <span lang="zh">取消</span></a></p></html>"""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for until it is exchanged."""

    user: str
    redirect_uri: str
    scopes: frozenset[str]


class OAuth:
    """Asks the installer, gives codes out, and exchanges each of them once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def authorize(self, request: Request) -> Response:
        """The page that asks; with `answer=allow` or `deny` it has been answered."""
        asked = dict(request.query_params)
        workspace, answer = self._workspace, asked.pop("answer", "")
        scopes = frozenset(filter(None, asked.get("scope", "").split(",")))
        back = asked.get("redirect_uri", "")
        if asked.get("client_id") != workspace.app.client_id:
            return PlainTextResponse("invalid_client_id", status_code=400)
        if not back or not scopes or scopes - workspace.manifest.scopes:
            return PlainTextResponse("invalid_scope or redirect_uri", status_code=400)
        if not answer:
            return self._page(request.url.path, asked, scopes)
        outcome = {"state": asked.get("state", "")}
        if answer == "allow":
            first = next(iter(workspace.people))
            outcome["code"] = self._code(Grant(asked.get("user", first), back, scopes))
        else:
            outcome["error"] = "access_denied"
        return RedirectResponse(f"{back}?{urlencode(outcome)}", status_code=302)

    def _code(self, grant: Grant) -> str:
        code = self._workspace.ids.secret("code")
        self._workspace.grants[code] = grant
        return code

    def _page(self, path: str, asked: dict[str, str], scopes: frozenset[str]) -> Response:
        def link(answer: str) -> str:
            return escape(f"{path}?{urlencode(asked | {'answer': answer})}")

        html = PAGE.format(
            app=escape(self._workspace.manifest.name),
            team=escape(self._workspace.team.name),
            scopes=escape(", ".join(sorted(scopes))),
            allow=link("allow"),
            cancel=link("deny"),
        )
        return HTMLResponse(html, headers={"content-security-policy": "default-src 'none'"})


async def access(workspace: Workspace, args: Args) -> Json:
    """oauth.v2.access: a code for a token. A removed app gets a new one. Raises SlackError."""
    app = workspace.app
    if args.text("client_id") != app.client_id:
        raise SlackError("invalid_client_id")
    if args.text("client_secret") != app.client_secret:
        raise SlackError("bad_client_secret")
    grant = workspace.grants.pop(args.text("code"), None)
    if grant is None:
        raise SlackError("invalid_code")
    if args.text("redirect_uri") not in ("", grant.redirect_uri):
        raise SlackError("bad_redirect_uri")
    if app.is_revoked:
        app.bot_token = f"xoxb-{workspace.ids.secret('token')}"
        app.is_revoked = False
    workspace.grant(grant.scopes & workspace.manifest.optional_scopes)
    return {
        "access_token": app.bot_token,
        "token_type": "bot",
        "scope": ",".join(sorted(workspace.granted())),
        "bot_user_id": app.bot_user_id,
        "app_id": app.app_id,
        "team": {"id": workspace.team.id, "name": workspace.team.name},
        "enterprise": None,
        "authed_user": {"id": grant.user},
        "is_enterprise_install": False,
    }
