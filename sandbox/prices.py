"""The price endpoints of RunPod, Vast.ai and Lambda, on a good day and on bad ones.

They answer as the real ones are documented to: who may ask, what is filtered, how errors look.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.model import Json

RUNPOD_PATH = "/v2/catalog/gpus"
VAST_PATH = "/api/v0/bundles/"
LAMBDA_PATH = "/api/v1/instance-types"
SECRET = "must-never-be-stored"  # noqa: S105  # what nobody may keep, to be looked for


@dataclass(frozen=True, slots=True)
class BadDay:
    """An answer in place of the usual one; `times` None lasts. `delay` is in real seconds."""

    status: int = 200
    body: str | bytes = ""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    times: int | None = None


@dataclass
class Market:
    """What three providers have on offer, and who has asked for it.

    `runpod` are entries of `gpus`, `vast` of `offers`, `lambda_cloud` the mapping under `data`. A
    bad day is set by path.
    """

    runpod: list[Json] = field(default_factory=list)
    vast: list[Json] = field(default_factory=list)
    lambda_cloud: dict[str, Json] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    bad: dict[str, BadDay] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    one_vast_offer_is_an_object: bool = False

    @property
    def app(self) -> Starlette:
        """All three behind one address: their paths differ."""
        return Starlette(
            routes=[
                Route(RUNPOD_PATH, self._on_a_day(self._runpod)),
                Route(VAST_PATH, self._on_a_day(self._vast), methods=["POST"]),
                Route(LAMBDA_PATH, self._on_a_day(self._lambda)),
            ]
        )

    def _on_a_day(
        self, usual: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            path = request.url.path
            self.asked.append((path, request.headers.get("authorization")))
            bad = self._strikes(path)
            if bad is None:
                return await usual(request)
            await asyncio.sleep(bad.delay)
            return Response(bad.body, bad.status, dict(bad.headers), media_type=bad.kind)

        return answer

    def _strikes(self, path: str) -> BadDay | None:
        bad = self.bad.get(path)
        if bad is None or bad.times is None:
            return bad
        left = bad.times - 1
        if left < 0:
            del self.bad[path]
            return None
        self.bad[path] = BadDay(bad.status, bad.body, bad.kind, bad.headers, bad.delay, left)
        return bad

    async def _runpod(self, request: Request) -> Response:
        if not self._may_ask(request, RUNPOD_PATH):
            problem = {"title": "Unauthorized", "status": 401, "detail": "missing bearer token"}
            return JSONResponse(problem, 401, media_type="application/problem+json")
        return loose_json({"gpus": self.runpod})

    async def _vast(self, request: Request) -> Response:
        asks = request.headers.get("authorization")
        if asks is not None and not self._may_ask(request, VAST_PATH):
            problem = {"success": False, "error": "auth_error", "msg": "Invalid user key"}
            return JSONResponse(problem, 404)
        found = _searched(self.vast, await request.json())
        if len(found) == 1 and self.one_vast_offer_is_an_object:
            return loose_json({"offers": found[0]})
        return loose_json({"offers": found})

    async def _lambda(self, request: Request) -> Response:
        if not self._may_ask(request, LAMBDA_PATH):
            said = {"code": "global/invalid-api-key", "message": "API key was invalid, expired."}
            return JSONResponse({"error": said}, 401)
        return loose_json({"data": self.lambda_cloud})

    def _may_ask(self, request: Request, path: str) -> bool:
        wanted = self.keys.get(path)
        return wanted is None or request.headers.get("authorization") == f"Bearer {wanted}"


def runpod_gpu(name: str, memory: float, **prices: object) -> Json:
    """A GPU of RunPod's catalogue; a cloud is on offer if it has a price here."""
    return {
        "id": f"NVIDIA {name}",
        "name": name,
        "pool": None,
        "manufacturer": "NVIDIA",
        "memory": memory,
        "secure": "secure" in prices,
        "community": "community" in prices,
        "price": {"secure": 0.0, "community": 0.0, **prices},
        "maxCount": {"secure": 8, "community": 4},
    }


def vast_offer(name: str, memory_mib: int, usd: object, **more: object) -> Json:
    """One host's machine with one GPU."""
    return {
        "gpu_name": name,
        "num_gpus": 1,
        "gpu_ram": memory_mib,
        "dph_base": usd,
        "dph_total": usd,
        "is_bid": False,
        "rentable": True,
        "verification": "verified",
        "geolocation": "Sweden, SE",
        "jupyter_token": SECRET,
        **more,
    }


def lambda_type(description: str, cents: object, gpus: int = 1) -> Json:
    """An instance type, as it stands under its name."""
    return {
        "instance_type": {
            "description": f"{gpus}x {description}",
            "gpu_description": description,
            "price_cents_per_hour": cents,
            "specs": {"vcpus": 30, "memory_gib": 200, "storage_gib": 512, "gpus": gpus},
        },
        "regions_with_capacity_available": [],
    }


def _searched(offers: list[Json], asked: Json) -> list[Json]:
    """Offers by the filters `eq` and `in`, in the order asked for."""
    filters = {name: how for name, how in asked.items() if isinstance(how, dict)}
    found = [o for o in offers if all(_fits(_value(o, n), how) for n, how in filters.items())]
    for column, way in reversed(asked.get("order", [])):
        found.sort(key=lambda offer: _rank(offer.get(column)), reverse=way == "desc")
    return found[: asked.get("limit", len(found))]


def _value(offer: Json, name: str) -> object:
    return offer.get("verification") == "verified" if name == "verified" else offer.get(name)


def _fits(value: object, how: Json) -> bool:
    return ("eq" not in how or value == how["eq"]) and ("in" not in how or value in how["in"])


def _rank(value: object) -> float:
    return float(value) if isinstance(value, int | float | Decimal) else 0.0


def loose_json(content: Json) -> Response:
    """JSON that may hold NaN, as some servers' does."""
    return Response(json.dumps(content), media_type="application/json")
