"""The control API with canned answers: the double on which the page is tested without a bot."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.page import page_routes
from tests.sandbox_page.gallery import CARD, FORM, TABLES, TEXTS, Json, modal, mrkdwn

ADA, LIN, BOT = "U0ADA", "U0LIN", "U0LAMP"
ROOM, AWAY, DIRECT = "C0ROOM", "C0AWAY", "D0ADA"
NOON = 1795521600  # 24 Nov 2026, 12:00 UTC

Answer = Callable[[Json], Json]


def seat(user: str, name: str, real_name: str, **more: Any) -> Json:
    base = {"tz": "Europe/London", "locale": "en-US", "is_admin": False, "is_restricted": False}
    known = {"deleted": False, "is_bot": False, "color": "0f766e"}
    return {"id": user, "name": name, "real_name": real_name, **base, **known, **more}


def room(channel: str, name: str, **more: Any) -> Json:
    base = {"is_private": False, "is_im": False, "is_member": True, "bot_is_member": True}
    known = {"is_archived": False, "topic": "", "peer": None, "unread": 0}
    return {"id": channel, "name": name, **base, **known, **more}


def message(n: int, user: str, text: str, **more: Any) -> Json:
    ts = f"{NOON + n * 60}.000{n:03}"
    link = f"https://sandbox.slack.com/archives/{ROOM}/p{ts.replace('.', '')}"
    base = {"ts": ts, "user": user, "username": user, "is_bot": user == BOT, "text": text}
    empty: Json = {"blocks": [], "files": [], "thread_ts": None, "edited": None, "metadata": None}
    rest = {"reply_count": 0, "ephemeral": False, "permalink": link}
    return {**base, **empty, **rest, **more}


def section(text: str) -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def first_state() -> Json:
    """A small workspace with something of each kind in it."""
    parent = message(3, BOT, "card", blocks=CARD, reply_count=2)
    thread = {"thread_ts": parent["ts"]}
    talk = [
        message(0, ADA, "Morning! Where should the *course lamp* shine? &lt;b&gt; &amp;lt;"),
        message(1, LIN, "> local CPU\nor `free Colab`, see <https://example.com|the notes>"),
        message(2, LIN, "```lamp --on\nlamp --off```"),
        {**parent, "thread_ts": parent["ts"], "edited": {"user": BOT, "ts": "1.0"}},
        message(4, BOT, "", blocks=TABLES, **thread),
        message(5, BOT, "", blocks=TEXTS, **thread),
        message(6, BOT, "Only you can read this.", ephemeral=True),
    ]
    return {
        "version": 1,
        "clock": {"now": "2026-11-24T13:00:00+00:00", "offset_seconds": 0.0},
        "team": {"id": "T1", "name": "Lamp Works", "domain": "lamps"},
        "app": {
            "name": "Lamp",
            "bot_user_id": BOT,
            "home_tab": True,
            "commands": [
                {"command": "/lamp", "description": "Switch a lamp", "usage_hint": "on | off"},
                {"command": "/lantern", "description": "Another", "usage_hint": ""},
            ],
            "shortcuts": [
                {"name": "Light up", "callback_id": "light", "type": "global", "description": "On"},
                {"name": "Point at", "callback_id": "point", "type": "message", "description": ""},
            ],
            "granted_optional": [],
        },
        "people": [
            seat(ADA, "ada", "Ada"),
            seat(LIN, "lin", "林", tz="Asia/Shanghai", locale="zh-CN", is_admin=True),
            seat(BOT, "lamp", "Lamp", is_bot=True),
        ],
        "channels": [
            room(ROOM, "lamps", topic="Where lamps are planned"),
            room(AWAY, "away", bot_is_member=False, unread=3),
            room(DIRECT, "", is_im=True, peer=BOT, unread=1),
        ],
        "messages": {ROOM: talk, AWAY: [], DIRECT: [message(7, BOT, "Hello!")]},
        "views": [],
        "home": {
            **modal("V0HOME", "", [section("*Waiting for you*"), *CARD]),
            "type": "home",
        },
        "notices": [],
        "controls": [
            {
                "id": "kill",
                "label": {"en": "Kill the bot", "zh": "终止机器人"},
                "hint": {"en": "It starts again after 5 seconds.", "zh": "5 秒后重新启动。"},
                "kind": "press",
                "on": False,
            },
            {
                "id": "silent",
                "label": {"en": "Slack: silent", "zh": "Slack：沉默"},
                "hint": {"en": "The app gets no answer.", "zh": "应用收不到回应。"},
                "kind": "toggle",
                "on": False,
            },
        ],
        "checklist": [
            {"id": "plan", "label": {"en": "Type /lamp on", "zh": "输入 /lamp on"}, "done": True},
            {"id": "read", "label": {"en": "Read the card", "zh": "阅读卡片"}, "done": False},
        ],
        "faults": {},
    }


class FakeWorkspace:
    """Canned state, a record of what the page asked for, and answers that a test can replace."""

    def __init__(self) -> None:
        self.state = first_state()
        self.acts: list[Json] = []
        self.posts: list[tuple[str, Json]] = []
        self.entries: list[Json] = []
        self.refusal = ""
        self.answers: dict[str, Answer] = {"command": self._command, "close": self._close}

    def did(self, name: str) -> list[Json]:
        """The acts of this kind so far, oldest first."""
        return [act for act in self.acts if act["do"] == name]

    def change(self, **parts: Any) -> None:
        """Change parts of the state; pages hear of it."""
        self.state = {**self.state, **parts, "version": self.state["version"] + 1}

    def open_form(self, view_id: str = "V1", blocks: list[Json] = FORM) -> None:
        """Put a modal on the stack."""
        view = modal(view_id, "Plan a lamp", copy.deepcopy(blocks))
        self.change(views=[*self.state["views"], view])

    def change_view(self, **parts: Any) -> None:
        """Change the topmost modal."""
        *below, top = self.state["views"]
        self.change(views=[*below, {**top, **parts}])

    def say(self, said: Json, channel: str = ROOM) -> None:
        """Add a message."""
        talk = self.state["messages"]
        self.change(messages={**talk, channel: [*talk[channel], said]})

    def _command(self, act: Json) -> Json:
        if act["text"].startswith("/lamp"):
            self.open_form()
            return {"ok": True}
        text = f"{act['text']} is no command here."
        return {"ok": False, "error": "unknown_command", "text": text}

    def _close(self, act: Json) -> Json:
        self.change(views=[] if act["all"] else self.state["views"][:-1])
        return {"ok": True}

    # --- the API ---------------------------------------------------------------------------------

    def app(self) -> Starlette:
        """The page and this API."""
        return Starlette(
            routes=[
                Route("/_sandbox/state", self._state),
                Route("/_sandbox/events", self._events),
                Route("/_sandbox/act", self._act, methods=["POST"]),
                Route("/_sandbox/payloads", self._payloads),
                Route("/_sandbox/{path:path}", self._post, methods=["POST", "DELETE"]),
                *page_routes(),
            ]
        )

    async def _state(self, request: Request) -> Response:
        user = request.query_params.get("user", ADA)
        me = next(seat for seat in self.state["people"] if seat["id"] == user)
        return JSONResponse({**self.state, "me": me})

    async def _events(self, request: Request) -> Response:
        return StreamingResponse(self._versions(request), media_type="text/event-stream")

    async def _versions(self, request: Request) -> AsyncIterator[str]:
        told = 0
        while not await request.is_disconnected():
            if told != self.state["version"]:
                told = self.state["version"]
                yield f"event: version\ndata: {told}\n\n"
            await asyncio.sleep(0.02)

    async def _act(self, request: Request) -> Response:
        act = await request.json()
        self.acts.append(act)
        answer = self.answers.get(act["do"])
        return JSONResponse(answer(act) if answer else {"ok": True})

    async def _payloads(self, request: Request) -> Response:
        after = int(request.query_params["after"])
        return JSONResponse([entry for entry in self.entries if entry["n"] > after])

    async def _post(self, request: Request) -> Response:
        body = json.loads(await request.body() or b"{}")
        self.posts.append((request.path_params["path"], body))
        if self.refusal:
            return JSONResponse({"ok": False, "text": self.refusal})
        return JSONResponse({"ok": True, "text": "Done."})
