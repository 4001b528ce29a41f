"""The providers behind one address, and `/_sandbox/fleet` to do to them what people do."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from sandbox.asked import BadRequest, body_of, guarded, number_in, text_in
from sandbox.clock import SharedClock
from sandbox.fleet.machines import Rented
from sandbox.fleet.runpod import RunPod
from sandbox.fleet.service import FleetFault, FleetFaultKind, Service
from sandbox.fleet.vast import Vast
from sandbox.model import Json

RUNPOD_PATH = "/fleet/runpod"
"""Where it is mounted: what `OWROUTE_RUNPOD_URL` names, behind the sandbox's address."""
VAST_PATH = "/fleet/vast"
"""The same for `OWROUTE_VAST_URL`."""
CONTROL_PATH = "/_sandbox/fleet"


class Fleet:
    """Everything that can be rented here."""

    def __init__(self, clock: SharedClock, changed: Callable[[], None] = lambda: None) -> None:
        self.runpod = RunPod(clock, changed=changed)
        self.vast = Vast(clock, changed=changed)
        self.services: dict[str, Service] = {"runpod": self.runpod, "vast": self.vast}

    def snapshot(self) -> Json:
        """Per provider its machines, its faults, and what its key may."""
        return {name: service.snapshot() for name, service in self.services.items()}

    @property
    def app(self) -> Starlette:
        """By itself; serve it without a `Date` of the server's own, since it sends its clock's."""
        return Starlette(routes=list(self.routes()))

    def routes(self) -> Sequence[BaseRoute]:
        """The providers' APIs and the control of them."""
        return (
            Mount(RUNPOD_PATH, routes=list(self.runpod.routes())),
            Mount(VAST_PATH, routes=list(self.vast.routes())),
            Route(CONTROL_PATH, self._state),
            Route(f"{CONTROL_PATH}/{{service}}", guarded(self._control), methods=["POST"]),
        )

    async def _state(self, _request: Request) -> Response:
        return JSONResponse(self.snapshot())

    async def _control(self, request: Request) -> Response:
        """`do` something, by a name of `DOES`; 400 with a sentence where that makes no sense."""
        body = await body_of(request)
        service = self.services.get(request.path_params["service"])
        do = DOES.get(text_in(body, "do"))
        if service is None or do is None:
            raise BadRequest(f"providers: {', '.join(self.services)}; to do: {', '.join(DOES)}")
        try:
            said = do(service, body)
        except (ArithmeticError, TypeError) as wrong:
            raise BadRequest("a value is of the wrong kind") from wrong
        service.changed()
        return JSONResponse({"ok": True, **said})


def _start(service: Service, body: Json) -> Json:
    """Rent a machine: `name`, and as wished `usd`, `gpu`, `gpus`, `hours_ago`, `owner`."""
    given = {key: body[key] for key in ("usd", "gpu", "gpus", "owner") if key in body}
    ago = timedelta(hours=number_in(body, "hours_ago")) if "hours_ago" in body else timedelta(0)
    return {"id": service.start(text_in(body, "name"), ago=ago, **given).id}


def _stop(service: Service, body: Json) -> Json:
    """Somebody stops it at the provider's own console."""
    _machine(service, body).stop(service.clock.now())
    return {}


def _resume(service: Service, body: Json) -> Json:
    """Somebody starts it there again."""
    _machine(service, body).start(service.clock.now())
    return {}


def _remove(service: Service, body: Json) -> Json:
    """Somebody deletes it there."""
    _machine(service, body).remove(service.clock.now())
    return {}


def _price(service: Service, body: Json) -> Json:
    """From now on it costs `usd` per hour."""
    service.reprice(_machine(service, body), text_in(body, "usd"))
    return {}


def _change(service: Service, body: Json) -> Json:
    """Set what is `CHANGEABLE` of it."""
    machine = _machine(service, body)
    changes = {key: value for key, value in body.items() if key not in {"do", "id"}}
    can = {name for name in CHANGEABLE if hasattr(machine, name)}
    if not changes.keys() <= can:
        raise BadRequest(f"what can be changed: {', '.join(sorted(can))}")
    if "stop_takes" in changes:
        changes["stop_takes"] = timedelta(seconds=number_in(changes, "stop_takes"))
    for name, value in changes.items():
        setattr(machine, name, value)
    return {}


def _key(service: Service, body: Json) -> Json:
    """Revoke the key, or take away what it may do: `revoked`, `may_write`."""
    service.is_revoked = bool(body.get("revoked", service.is_revoked))
    service.may_write = bool(body.get("may_write", service.may_write))
    return {}


def _fault(service: Service, body: Json) -> Json:
    """Switch a fault on: `kind`, and as wished the other fields of `FleetFault`."""
    names = ("call", "times", "retry_after", "instance")
    given: Json = {key: body[key] for key in names if key in body}
    if "seconds" in body:
        given["seconds"] = number_in(body, "seconds")
    try:
        kind = FleetFaultKind(text_in(body, "kind"))
    except ValueError as wrong:
        raise BadRequest(f"kinds: {', '.join(FleetFaultKind)}") from wrong
    return {"id": service.faults.add(FleetFault(kind, **given))}


def _clear(service: Service, body: Json) -> Json:
    """Switch off one fault by its `id`, or all."""
    if "id" in body:
        service.faults.remove(text_in(body, "id"))
    else:
        service.faults.clear()
    return {}


def _machine(service: Service, body: Json) -> Rented:
    found = service.machines.get(text_in(body, "id"))
    if found is None:
        raise BadRequest("no machine has this `id`")
    return found


CHANGEABLE = {"lies", "locked", "stoppable", "util", "memory", "stop_takes", "odd"}
DOES: dict[str, Callable[[Service, Json], Json]] = {
    "start": _start,
    "stop": _stop,
    "resume": _resume,
    "remove": _remove,
    "price": _price,
    "change": _change,
    "key": _key,
    "fault": _fault,
    "clear": _clear,
}
