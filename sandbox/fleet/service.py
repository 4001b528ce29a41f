"""What the providers have in common: a key, a record of calls, faults, and the clock's time."""

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.clock import SharedClock
from sandbox.faults import Faults
from sandbox.fleet.machines import Rented
from sandbox.ids import Ids
from sandbox.model import Json
from sandbox.prices import SECRET
from sandbox.silence import HangUp, silence

NOW = timedelta(0)
Serve = Callable[[Request], Awaitable[Response]]


class FleetFaultKind(StrEnum):
    """How a call goes wrong. The two `_after_accept` do the work, then lose the answer.

    `lies` answers an end of a machine with yes, and the machine runs on.
    """

    SERVER_ERROR = "500"
    TOO_MANY = "429"
    TOO_MANY_PLAIN = "429_plain"
    GONE = "410"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    CONFLICT = "409"
    REDIRECT = "302"
    SLOW = "slow"
    REFUSE = "refuse"
    CUT_AFTER_ACCEPT = "cut_after_accept"
    SILENT_AFTER_ACCEPT = "silent_after_accept"
    EMPTY = "empty"
    HTML = "html"
    TRUNCATED = "truncated"
    A_LIST = "a_list"
    NO_LIST = "no_list"
    SUCCESS_FALSE = "success_false"
    LIES = "lies"


_LATER = frozenset(
    {
        FleetFaultKind.SLOW, FleetFaultKind.TRUNCATED, FleetFaultKind.LIES,
        FleetFaultKind.CUT_AFTER_ACCEPT, FleetFaultKind.SILENT_AFTER_ACCEPT,
    }
)  # fmt: skip
"""Faults of calls that are done nevertheless."""


@dataclass(frozen=True, slots=True)
class FleetFault:
    """A fault for calls that match: `call` may hold `*`, `instance` None means any.

    `seconds` is real time (of slow, of silence), `times` None lasts until the fault is cleared.
    """

    kind: FleetFaultKind
    call: str = "*"
    seconds: float = 30.0
    times: int | None = None
    retry_after: str = "12"
    instance: str | None = None

    def matches(self, method: str, where: str | None) -> bool:
        """Whether this call is hit."""
        return fnmatchcase(method, self.call) and self.instance in (None, where)


@dataclass(slots=True)
class Call:
    """One request: `list`, `read`, `stop`, `terminate`...; status None: not answered, or cut."""

    kind: str
    instance: str | None
    at: datetime
    status: int | None = None

    def shown(self) -> Json:
        """For a page: what was asked, when, and how it was answered."""
        return {"kind": self.kind, "at": self.at.isoformat(), "status": self.status}


class Service(ABC):
    """One account. `key` opens it until it `is_revoked`, without `may_write` for looking only."""

    def __init__(
        self, clock: SharedClock, *, key: str, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.clock = clock
        self.key = key
        self.is_revoked = False
        self.may_write = True
        self.ids = Ids()
        self.faults = Faults[FleetFault](self.ids)
        self.calls: list[Call] = []
        self.changed = changed

    @property
    @abstractmethod
    def machines(self) -> Mapping[str, Rented]:
        """What was rented here, by id, also what is gone."""

    @abstractmethod
    def start(self, name: str, *, usd: str = "0.69", ago: timedelta = NOW, **more: Any) -> Rented:
        """Rent a machine, `ago` before now; `usd` is per hour of the whole machine."""

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """The API, below the account's own address."""

    def snapshot(self) -> Json:
        """For a page: the machines as they now are, what goes wrong, and who has called."""
        now, last = self.clock.now(), self.calls[-1] if self.calls else None
        return {
            "machines": [machine.shown(now) for machine in self.machines.values()],
            "faults": self.faults.snapshot(),
            "may_write": self.may_write,
            "calls": len(self.calls),
            "last_call": last and last.shown(),
        }

    @abstractmethod
    def problem(self, status: int, *, about_key: bool = False) -> Response:
        """A refusal in the provider's own shape."""

    @abstractmethod
    def nothing(self) -> Response:
        """A complete list without a machine."""

    def reprice(self, machine: Rented, usd: str) -> None:
        """From now on it costs this much per hour."""
        machine.prices.append((self.clock.now(), Decimal(usd)))
        self.changed()

    def count(self, kind: str, instance: str | None = None) -> int:
        """How many calls of a kind there were, whatever came of them."""
        return sum(1 for c in self.calls if c.kind == kind and instance in (None, c.instance))

    def route(
        self, path: str, method: str, serve: Serve, kind: Callable[[Request], Awaitable[str]]
    ) -> Route:
        """A route whose calls are recorded, and hit by faults."""

        async def answer(request: Request) -> Response:
            call = Call(await kind(request), request.path_params.get("id"), self.clock.now())
            self.calls.append(call)
            fault = self.faults.hit(call.kind, call.instance)
            response = await self._answer(request, call.kind, serve, fault)
            call.status = None if isinstance(response, HangUp) else response.status_code
            response.headers["date"] = format_datetime(self.clock.now(), usegmt=True)
            self.changed()
            return response

        return Route(path, answer, methods=[method])

    async def _answer(
        self, request: Request, name: str, serve: Serve, fault: FleetFault | None
    ) -> Response:
        if fault is not None and fault.kind not in _LATER:
            return self._struck(fault)
        if fault is not None and fault.kind is FleetFaultKind.SLOW:
            is_awaited = await silence(request, fault.seconds)
            if not is_awaited:
                return HangUp()
        with self._lying(request, fault):
            response = await self._authorized(request, name, serve)
        return response if fault is None else await _spoilt(request, response, fault)

    @contextmanager
    def _lying(self, request: Request, fault: FleetFault | None) -> Iterator[None]:
        """While the fault `lies` is answered, the machine of the call does not end."""
        machine = self.machines.get(request.path_params.get("id", ""))
        if machine is None or fault is None or fault.kind is not FleetFaultKind.LIES:
            yield
            return
        was, machine.lies = machine.lies, True
        yield
        machine.lies = was

    async def _authorized(self, request: Request, name: str, serve: Serve) -> Response:
        given = request.headers.get("authorization")
        if self.is_revoked or given != f"Bearer {self.key}":
            return self.problem(401, about_key=True)
        if not self.may_write and name not in {"list", "read"}:
            return self.problem(403, about_key=True)
        return await serve(request)

    def _struck(self, fault: FleetFault) -> Response:
        """The answer to a call that a fault keeps from being done."""
        kinds: dict[FleetFaultKind, Callable[[], Response]] = {
            FleetFaultKind.SERVER_ERROR: lambda: PlainTextResponse("Internal Server Error", 500),
            FleetFaultKind.TOO_MANY_PLAIN: lambda: PlainTextResponse(
                "API requests too frequent: endpoint threshold=1.0", 429
            ),
            FleetFaultKind.REDIRECT: lambda: Response(
                status_code=302, headers={"location": "http://127.0.0.1:9/"}
            ),
            FleetFaultKind.REFUSE: HangUp,
            FleetFaultKind.EMPTY: self.nothing,
            FleetFaultKind.HTML: lambda: HTMLResponse(f"<h1>Welcome</h1> {SECRET}"),
            FleetFaultKind.A_LIST: lambda: Response("[]", media_type="application/json"),
            FleetFaultKind.NO_LIST: lambda: JSONResponse({"items": SECRET}),
            FleetFaultKind.SUCCESS_FALSE: lambda: JSONResponse(
                {"success": False, "error": "other", "msg": SECRET}
            ),
        }
        if fault.kind in kinds:
            return kinds[fault.kind]()
        response = self.problem(int(fault.kind))
        if fault.kind is FleetFaultKind.TOO_MANY:
            response.headers["retry-after"] = fault.retry_after
        return response


async def _spoilt(request: Request, response: Response, fault: FleetFault) -> Response:
    """What was done, and what is left of its answer."""
    if fault.kind in (FleetFaultKind.SLOW, FleetFaultKind.LIES):
        return response
    if fault.kind is FleetFaultKind.TRUNCATED:
        half = bytes(response.body)[: len(response.body) // 2]
        return Response(half, response.status_code, media_type="application/json")
    if fault.kind is FleetFaultKind.SILENT_AFTER_ACCEPT:
        await silence(request, fault.seconds)
    return HangUp()


async def json_of(request: Request) -> Json:
    """The body as an object; empty for anything else."""
    try:
        found = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def always(name: str) -> Callable[[Request], Awaitable[str]]:
    """A kind of call that the route alone tells."""

    async def kind(_request: Request) -> str:
        return name

    return kind
