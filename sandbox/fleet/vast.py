"""Vast.ai's API, as far as a watch and an end of instances go: v1 for the list, v0 for the rest."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from typing_extensions import override

from sandbox.fleet.machines import Rented
from sandbox.fleet.service import NOW, Service, always, json_of
from sandbox.model import Json
from sandbox.prices import SECRET, loose_json

VAST_KEY = "vast_demo_local_only"
PAGE = 25
_ONE = "/api/v0/instances/{id}/"
INTERVALS = {"list": 1.0, "stop": 1.0, "read": 2.0, "terminate": 3.0}
"""Seconds that must lie between two calls to the same endpoint."""
_ERRORS = {
    400: ("invalid_token", "Invalid pagination token"),
    401: ("auth_error", "Invalid user key"),
    404: ("no_such_instance", "No such instance"),
    410: ("deprecated_endpoint", "/api/v0/instances/ is deprecated. Use /api/v1/instances/."),
}


@dataclass(kw_only=True)
class Contract(Rented):
    """One instance; `storage` is US dollars per hour of its disk."""

    label: str | None
    storage: Decimal = Decimal("0.0021")
    gpu_ram: int = 24564
    util: float | None = 0.93
    is_bid: bool = False

    @override
    def state(self, now: datetime) -> str:
        """The container's state, as Vast.ai words it."""
        if self.is_gone(now):
            return "destroyed"
        if self.is_stopped(now):
            return "stopped"
        return "running" if self.is_up(now) else "loading"

    def row(self, now: datetime) -> Json:
        """The instance as it is sent, with all that a watch must not keep."""
        wanted = "running" if self.spans[-1].end is None else "stopped"
        contract = "stopped" if self.is_stopped(now) else "running"
        price = self.price(now)
        return {
            "id": int(self.id),
            "label": self.label,
            "actual_status": self.state(now),
            "intended_status": wanted,
            "cur_state": contract,
            "gpu_name": self.gpu,
            "num_gpus": self.gpus,
            "gpu_ram": self.gpu_ram,
            "gpu_util": self.util,
            "cpu_util": 0.02,
            "dph_base": float(price),
            "dph_total": float(price + self.storage),
            "storage_total_cost": float(self.storage),
            "start_date": self.created.timestamp(),
            "end_date": (self.created + timedelta(days=30)).timestamp(),
            "is_bid": self.is_bid,
            "geolocation": "Sweden, SE",
            "jupyter_token": SECRET,
            "onstart": f"export TOKEN={SECRET}",
            "extra_env": [["HF_TOKEN", SECRET]],
            "ssh_host": SECRET,
            **self.odd,
        }


class Vast(Service):
    """One account with its contracts.

    With `keeps_intervals` calls that come too soon are refused. `miscounts` last pages name one
    instance more than there are; with `loops` the same page comes again and again, with `endless`
    under a new token each time.
    """

    def __init__(self, *args: Any, key: str = VAST_KEY, **more: Any) -> None:
        super().__init__(*args, key=key, **more)
        self.contracts: dict[str, Contract] = {}
        self.keeps_intervals = False
        self.miscounts = 0
        self.loops = False
        self.endless = False
        self._last: dict[str, float] = {}
        self._tokens = 0

    @property
    @override
    def machines(self) -> Mapping[str, Contract]:
        """The contracts."""
        return self.contracts

    @override
    def start(
        self,
        name: str,
        *,
        usd: str = "0.69",
        gpu: str = "RTX 4090",
        gpus: int = 1,
        ago: timedelta = NOW,
        **more: Any,
    ) -> Contract:
        """Rent an instance, `ago` before now; the name becomes its label."""
        created = self.clock.now() - ago
        contract = Contract(
            str(312 + len(self.contracts)), name, gpu, gpus, created, [(created, Decimal(usd))],
            label=more.pop("label", name), **more,
        )  # fmt: skip
        self.contracts[contract.id] = contract
        self.changed()
        return contract

    @override
    def routes(self) -> Sequence[Route]:
        """The list in its new place, its old place, and one instance."""
        return (
            self.route("/api/v1/instances/", "GET", self._list, _list_kind),
            self.route("/api/v0/instances/", "GET", self._moved, always("old_list")),
            self.route(_ONE, "GET", self._read, always("read")),
            self.route(_ONE, "PUT", self._put, _put_kind),
            self.route(_ONE, "DELETE", self._delete, always("terminate")),
        )

    @override
    def problem(self, status: int, *, about_key: bool = False) -> Response:
        """`success` false and a code; a bad key looks as if nothing were there."""
        error, text = _ERRORS[401] if about_key else _ERRORS.get(status, ("error", "Error"))
        body = {"success": False, "error": error, "msg": text}
        return JSONResponse(body, {401: 404}.get(status, status) if about_key else status)

    @override
    def nothing(self) -> Response:
        """A last page without rows."""
        return JSONResponse(_page([], 0, None))

    async def _list(self, request: Request) -> Response:
        """A page by ascending id; what was not selected is left out, what is unknown is null."""
        if late := self._too_soon("list"):
            return late
        now, asked = self.clock.now(), request.query_params
        after = _after(asked.get("after_token"))
        if after is None:
            return self.problem(400)
        all_of_them = [one for one in self.contracts.values() if not one.is_gone(now)]
        left = sorted((o for o in all_of_them if int(o.id) > after), key=lambda one: int(one.id))
        size = min(int(asked.get("limit", PAGE)), PAGE)
        rows = [_selected(one.row(now), asked.get("select_cols")) for one in left[:size]]
        is_last = len(left) <= size
        return loose_json(_page(rows, self._total(all_of_them, is_last), self._token(left, size)))

    def _total(self, found: Sequence[Contract], is_last: bool) -> int:
        if not is_last or not self.miscounts:
            return len(found)
        self.miscounts -= 1
        return len(found) + 1

    def _token(self, left: Sequence[Contract], size: int) -> str | None:
        """The last id of the page; on bad days not that."""
        self._tokens += 1
        if self.loops:
            return _packed(0)
        if self.endless:
            return _packed(-self._tokens)
        return _packed(int(left[size - 1].id)) if len(left) > size else None

    async def _moved(self, _request: Request) -> Response:
        return self.problem(410)

    async def _read(self, request: Request) -> Response:
        one = self._contract(request)
        if late := self._too_soon("read"):
            return late
        return loose_json({"instances": one.row(self.clock.now())}) if one else self.problem(404)

    async def _put(self, request: Request) -> Response:
        body, one, now = await json_of(request), self._contract(request), self.clock.now()
        if late := self._too_soon("stop"):
            return late
        if one is None:
            return self.problem(404)
        if "label" in body:
            one.label = body["label"]
        if body.get("state") == "stopped":
            one.stop(now)
        elif body.get("state") == "running" and one.is_stopped(now):
            one.start(now)
        return JSONResponse({"success": True})

    async def _delete(self, request: Request) -> Response:
        one = self._contract(request)
        if late := self._too_soon("terminate"):
            return late
        if one is None:
            return self.problem(404)
        one.remove(self.clock.now())
        return JSONResponse({"success": True})

    def _too_soon(self, endpoint: str) -> Response | None:
        now, least = self.clock.monotonic(), INTERVALS[endpoint]
        last = self._last.get(endpoint)
        self._last[endpoint] = now
        if not self.keeps_intervals or last is None or now - last >= least:
            return None
        return PlainTextResponse(f"API requests too frequent: endpoint threshold={least}", 429)

    def _contract(self, request: Request) -> Contract | None:
        one = self.contracts.get(request.path_params["id"])
        return None if one is None or one.is_gone(self.clock.now()) else one


def _page(rows: list[Json], total: int, token: str | None) -> Json:
    return {
        "success": True, "instances_found": len(rows), "total_instances": total,
        "label_counts": {}, "next_token": token, "instances": rows,
    }  # fmt: skip


def _selected(row: Json, columns: str | None) -> Json:
    return row if columns is None else {name: row.get(name) for name in json.loads(columns)}


def _packed(after: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"x": after}).encode()).decode()


def _after(token: str | None) -> int | None:
    """The id after which the page begins; None for a token that is none."""
    if token is None:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token))["x"])
    except (ValueError, KeyError, TypeError):
        return None


async def _list_kind(request: Request) -> str:
    return "page" if "after_token" in request.query_params else "list"


async def _put_kind(request: Request) -> str:
    body = await json_of(request)
    if "state" not in body:
        return "label"
    return "stop" if body["state"] == "stopped" else "start"
