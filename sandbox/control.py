"""The control API under `/_sandbox`: JSON over the same methods that tests call in process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.actor import Actor
from sandbox.acts.places import InMessage, InView, Where
from sandbox.asked import BadRequest, body_of, guarded, number_in, text_in
from sandbox.faults import Fault, FaultKind
from sandbox.fleet.fleet import Fleet
from sandbox.model import Json
from sandbox.outcome import Outcome
from sandbox.panel import Panel
from sandbox.snapshot import snapshot
from sandbox.socket_mode import SocketCourier

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

PING_SECONDS = 15.0
CHANGEABLE = {"name", "real_name", "tz", "locale", "is_admin", "is_restricted", "deleted"}
Act = Callable[[Actor, Json], Awaitable[Outcome]]


class ControlApi:
    """What the page and other processes do with the workspace."""

    def __init__(self, workspace: Workspace, panel: Panel, fleet: Fleet | None) -> None:
        self._workspace = workspace
        self._panel = panel
        self._fleet = fleet

    def routes(self) -> list[Route]:
        """Where it stands; each answers 400 with a sentence for a malformed request."""
        posts = {
            "/_sandbox/act": self.act,
            "/_sandbox/clock": self.clock,
            "/_sandbox/controls/{id}": self.press,
            "/_sandbox/uninstall": self.uninstall,
            "/_sandbox/scopes": self.scopes,
            "/_sandbox/people/{id}": self.person,
            "/_sandbox/switches": self.switches,
            "/_sandbox/deliveries": self.deliveries,
            "/_sandbox/sockets": self.sockets,
            "/_sandbox/verify": self.verify,
        }
        return [
            Route("/_sandbox/state", guarded(self.state)),
            Route("/_sandbox/events", guarded(self.events)),
            Route("/_sandbox/payloads", guarded(self.payloads)),
            Route("/_sandbox/faults", guarded(self.faults), methods=["POST", "DELETE"]),
            *(Route(path, guarded(serve), methods=["POST"]) for path, serve in posts.items()),
        ]

    async def state(self, request: Request) -> Response:
        """The workspace as `user` sees it; unless named, the first person."""
        seen = snapshot(self._workspace, self._panel, self._user(request))
        seen["fleet"] = self._fleet.snapshot() if self._fleet else None
        return JSONResponse(seen)

    async def events(self, request: Request) -> Response:
        """A stream of version numbers; a client that reads slowly skips some."""
        self._user(request)
        headers = {"cache-control": "no-store"}
        return StreamingResponse(self._versions(), media_type="text/event-stream", headers=headers)

    async def act(self, request: Request) -> Response:
        """A person does something; the answer comes when the bot's has been processed."""
        body = await body_of(request)
        user, name = text_in(body, "user"), text_in(body, "do")
        if user not in self._workspace.people or name not in ACTS:
            raise BadRequest(f"nobody called {user!r}, or nothing to do called {name!r}")
        outcome = await ACTS[name](self._workspace.actor(user), body)
        return JSONResponse(outcome.as_json())

    async def clock(self, request: Request) -> Response:
        """Move the clock forward."""
        seconds = number_in(await body_of(request), "advance_seconds")
        await self._workspace.advance(timedelta(seconds=seconds))
        return JSONResponse({"ok": True, "now": self._workspace.clock.now().isoformat()})

    async def faults(self, request: Request) -> Response:
        """Switch a fault on, or all of them off."""
        if request.method == "DELETE":
            self._workspace.faults.clear()
            self._workspace.changes.happened()
            return JSONResponse({"ok": True})
        fault_id = self._workspace.faults.add(_fault(await body_of(request)))
        self._workspace.changes.happened()
        return JSONResponse({"ok": True, "id": fault_id})

    async def press(self, request: Request) -> Response:
        """Use a control of the panel."""
        control = request.path_params["id"]
        if control not in {known["id"] for known in self._panel.controls()}:
            raise BadRequest(f"no control is called {control!r}")
        said = await self._panel.press(control, on=bool((await body_of(request)).get("on", True)))
        return JSONResponse({"ok": True, "text": said or ""})

    async def payloads(self, request: Request) -> Response:
        """The inspector's record after number `after`."""
        after = request.query_params.get("after", "0")
        if not after.isdigit():
            raise BadRequest("`after` is the number of an entry")
        return JSONResponse(self._workspace.inspector.after(int(after)))

    async def uninstall(self, request: Request) -> Response:
        """Remove the app from the workspace."""
        revoke_first = bool((await body_of(request)).get("revoke_first", True))
        await self._workspace.uninstall(revoke_first=revoke_first)
        return JSONResponse({"ok": True})

    async def scopes(self, request: Request) -> Response:
        """Grant exactly these optional scopes."""
        try:
            self._workspace.grant((await body_of(request)).get("granted_optional", []))
        except ValueError as wrong:
            raise BadRequest(str(wrong)) from wrong
        return JSONResponse({"ok": True})

    async def person(self, request: Request) -> Response:
        """Change a person: `deleted`, `locale`, `tz`, `is_admin`, names."""
        changes = await body_of(request)
        if not changes.keys() <= CHANGEABLE:
            raise BadRequest(f"what can be changed: {', '.join(sorted(CHANGEABLE))}")
        try:
            self._workspace.change_person(request.path_params["id"], **changes)
        except KeyError as wrong:
            raise BadRequest(f"nobody has the id {wrong}") from wrong
        return JSONResponse({"ok": True})

    async def switches(self, request: Request) -> Response:
        """`rate_limits` on or off; `newer_blocks` known to this workspace or not."""
        body = await body_of(request)
        self._workspace.rate.enabled = bool(body.get("rate_limits", self._workspace.rate.enabled))
        known = body.get("newer_blocks", not self._workspace.app.refuses_newer_blocks)
        self._workspace.app.refuses_newer_blocks = not known
        return JSONResponse({"ok": True})

    async def deliveries(self, request: Request) -> Response:
        """Events on demand: `copies` of each, `hold` them back, `release` them, maybe `reverse`."""
        body, events = await body_of(request), self._workspace.events
        if "copies" in body:
            events.copies = int(number_in(body, "copies"))
        if body.get("hold"):
            events.hold()
        if body.get("release"):
            await events.release(reverse=bool(body.get("reverse")))
        return JSONResponse({"ok": True})

    async def sockets(self, request: Request) -> Response:
        """Socket Mode on a bad day: `disconnect` with that reason, or without one just cut."""
        courier = self._workspace.courier
        if not isinstance(courier, SocketCourier):
            raise BadRequest("this workspace delivers by HTTP")
        reason = (await body_of(request)).get("disconnect")
        await (courier.disconnect(str(reason)) if reason else courier.drop())
        return JSONResponse({"ok": True})

    async def verify(self, request: Request) -> Response:
        """Check the bot's request URL as the app's settings page would."""
        del request
        return JSONResponse({"ok": await self._workspace.verify_url()})

    def _user(self, request: Request) -> str:
        first = next(iter(self._workspace.people), "")
        user = request.query_params.get("user", first)
        if user not in self._workspace.people:
            raise BadRequest(f"nobody has the id {user!r}")
        return user

    async def _versions(self) -> AsyncIterator[str]:
        version = self._workspace.changes.version
        yield f"event: version\ndata: {version}\n\n"
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    version = await self._workspace.changes.after(version)
            except TimeoutError:
                yield ": ping\n\n"
                continue
            yield f"event: version\ndata: {version}\n\n"


def _fault(body: Json) -> Fault:
    texts = ("method", "error", "retry_after", "channel")
    given: Json = {key: text_in(body, key) for key in texts if body.get(key) is not None}
    if body.get("seconds") is not None:
        given["seconds"] = number_in(body, "seconds")
    if body.get("times") is not None:
        given["times"] = int(number_in(body, "times"))
    try:
        return Fault(FaultKind(text_in(body, "kind")), **given)
    except ValueError as wrong:
        raise BadRequest(str(wrong)) from wrong


def _where(body: Json) -> Where:
    place = body.get("where")
    if not isinstance(place, dict):
        raise BadRequest("`where` is missing")
    if "view_id" in place:
        return InView(text_in(place, "view_id"))
    return InMessage(text_in(place, "channel"), text_in(place, "ts"))


def _value(body: Json) -> Json:
    value = body.get("value") or {}
    return value if isinstance(value, dict) else {"value": value}


ACTS: dict[str, Act] = {
    "command": lambda actor, b: actor.command(
        text_in(b, "channel"), text_in(b, "text"), thread_ts=b.get("thread_ts")
    ),
    "message": lambda actor, b: actor.say(
        text_in(b, "channel"), text_in(b, "text"), thread_ts=b.get("thread_ts")
    ),
    "shortcut": lambda actor, b: actor.shortcut(text_in(b, "callback_id")),
    "message_shortcut": lambda actor, b: actor.message_shortcut(
        text_in(b, "callback_id"), text_in(b, "channel"), text_in(b, "ts")
    ),
    "action": lambda actor, b: actor.click(
        _where(b),
        text_in(b, "action_id"),
        block_id=b.get("block_id"),
        value=_value(b),
        confirmed=bool(b.get("confirmed")),
    ),
    "input": lambda actor, b: actor.input(
        text_in(b, "view_id"),
        text_in(b, "block_id"),
        text_in(b, "action_id"),
        _value(b),
        enter=bool(b.get("enter")),
    ),
    "submit": lambda actor, b: actor.submit(text_in(b, "view_id")),
    "close": lambda actor, b: actor.close(text_in(b, "view_id"), all=bool(b.get("all"))),
    "suggest": lambda actor, b: actor.suggest(
        _where(b), text_in(b, "action_id"), str(b.get("value") or ""), block_id=b.get("block_id")
    ),
    "open_home": lambda actor, _: actor.open_home(),
    "open_channel": lambda actor, b: actor.open_channel(text_in(b, "channel")),
    "invite": lambda actor, b: actor.invite(text_in(b, "channel"), text_in(b, "invited")),
    "kick": lambda actor, b: actor.kick(text_in(b, "channel"), text_in(b, "invited")),
    "reload": lambda actor, _: actor.reload(),
}
