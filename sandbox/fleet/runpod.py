"""RunPod's REST API v2, as far as a watch and an end of pods go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import override

from sandbox.fleet.machines import Rented
from sandbox.fleet.service import NOW, Service, always, json_of
from sandbox.model import Json
from sandbox.prices import SECRET, loose_json

RUNPOD_KEY = "rpa_demo_local_only"
_TITLES = {
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 410: "Gone",
    429: "Too Many Requests",
}  # fmt: skip
_ACTIONS = {
    "PROVISIONING": ["stop", "terminate"],
    "RUNNING": ["stop", "restart", "terminate"],
    "EXITED": ["start", "terminate"],
    "TERMINATED": [],
}


@dataclass(kw_only=True)
class Pod(Rented):
    """A pod. One that is not `stoppable` can only be terminated.

    So it was with pods on a network volume until May 2026; today RunPod stops those too.
    """

    volume_gb: int | None = None
    network_volume: str | None = None
    cluster: str | None = None
    cloud: str = "SECURE"
    region: str | None = "US-KS-2"
    env: dict[str, str]
    locked: bool = False
    stoppable: bool = True
    util: int | None = 93
    memory: int | None = 71

    @override
    def state(self, now: datetime) -> str:
        """A pod's `status`."""
        if self.is_gone(now):
            return "TERMINATED"
        if self.is_stopped(now):
            return "EXITED"
        return "RUNNING" if self.is_up(now) else "PROVISIONING"

    @override
    def shown(self, now: datetime) -> Json:
        """With what stands in the way of its end."""
        return {**super().shown(now), "locked": self.locked, "stoppable": self.stoppable}

    def actions(self, now: datetime) -> list[str]:
        """What may be done to it now."""
        if self.cluster:
            return []
        found = _ACTIONS[self.state(now)]
        return [a for a in found if self.stoppable or a not in {"stop", "restart"}]

    def row(self, now: datetime) -> Json:
        """The pod as it is sent, with all that a watch must not keep."""
        status = self.state(now)
        boots_in = self.boots_in or timedelta(0)
        row: Json = {
            "id": self.id,
            "name": self.name,
            "status": status,
            "actions": self.actions(now),
            "image": "example/vllm:1",
            "args": f"--token {SECRET}",
            "disk": 50,
            "ports": ["22/tcp"],
            "env": {"HF_TOKEN": SECRET, **self.env},
            "registry": None,
            "mounts": self._mounts(),
            "gpu": {"id": self.gpu, "count": self.gpus},
            "cloud": self.cloud,
            "dataCenterId": self.region,
            "ssh": {"proxy": {"command": f"ssh {SECRET}"}, "direct": None},
            "cost": float(self.price(now)) if status in {"RUNNING", "PROVISIONING"} else 0.0,
            "locked": self.locked,
            "runtime": self._runtime(now) if status == "RUNNING" else None,
            "createdAt": _time(self.created),
            "startedAt": _time(self.begun + boots_in) if self.is_up(now) else None,
        }
        if self.cluster:
            row["cluster"] = {"id": self.cluster, "rank": 0}
        return {name: value for name, value in {**row, **self.odd}.items() if value is not ABSENT}

    def _mounts(self) -> Json:
        if self.network_volume:
            return {"network": [{"volumeId": self.network_volume, "path": "/workspace"}]}
        if self.volume_gb:
            return {"persistent": {"size": self.volume_gb, "path": "/workspace"}}
        return {}

    def _runtime(self, now: datetime) -> Json:
        gpu = {"util": self.util, "memoryUtil": self.memory}
        gpus = {} if self.util is None else {"gpus": [gpu] * self.gpus}
        uptime = int((now - self.begun).total_seconds())
        return {"uptime": uptime, **gpus, "cpu": {"util": 4}, "memory": {"util": 12}, "ports": []}


ABSENT: Any = object()
"""In `odd`: the field is not sent at all."""


class RunPod(Service):
    """One account with its pods."""

    locked_status = 409
    """What a locked pod answers to a stop; RunPod's own status is not known."""

    def __init__(self, *args: Any, key: str = RUNPOD_KEY, **more: Any) -> None:
        super().__init__(*args, key=key, **more)
        self.pods: dict[str, Pod] = {}

    @property
    @override
    def machines(self) -> Mapping[str, Pod]:
        """The pods."""
        return self.pods

    @override
    def start(
        self,
        name: str,
        *,
        usd: str = "0.69",
        gpu: str = "NVIDIA GeForce RTX 4090",
        gpus: int = 1,
        ago: timedelta = NOW,
        owner: str | None = None,
        until: datetime | None = None,
        **more: Any,
    ) -> Pod:
        """Rent a pod, `ago` before now; `usd` is per hour of the whole pod.

        `owner` and `until` become the two variables that the bot reads.
        """
        created = self.clock.now() - ago
        env = {"OWROUTE_OWNER": owner, "OWROUTE_SHUTDOWN_AT": until and _time(until)}
        kept = {key: value for key, value in env.items() if value}
        pod = Pod(
            more.pop("id", None) or f"pod_{self.ids.short('pod', 10).lower()}",
            name, gpu, gpus, created, [(created, Decimal(usd))], env=kept, **more,
        )  # fmt: skip
        self.pods[pod.id] = pod
        self.changed()
        return pod

    @override
    def routes(self) -> Sequence[Route]:
        """Pods: all, one, and what may be done to one."""
        return (
            self.route("/v2/pods", "GET", self._list, always("list")),
            self.route("/v2/pods/{id}", "GET", self._read, always("read")),
            self.route("/v2/pods/{id}", "DELETE", self._terminate, always("terminate")),
            self.route("/v2/pods/{id}/action", "POST", self._act, _action),
        )

    @override
    def problem(self, status: int, *, about_key: bool = False) -> Response:
        """RFC 9457, as RunPod does."""
        detail = "missing bearer token" if about_key else "action not valid for status"
        body = {"title": _TITLES.get(status, "Error"), "status": status, "detail": detail}
        return JSONResponse(body, status, media_type="application/problem+json")

    @override
    def nothing(self) -> Response:
        """No pods."""
        return JSONResponse({"pods": []})

    async def _list(self, request: Request) -> Response:
        """Members of clusters are left out unless they are asked for."""
        now = self.clock.now()
        clusters = request.query_params.get("includeClusterPods") == "true"
        found = [
            pod.row(now) for pod in self.pods.values()
            if not pod.is_gone(now) and (clusters or not pod.cluster)
        ]  # fmt: skip
        return loose_json({"pods": found})

    async def _read(self, request: Request) -> Response:
        pod = self._pod(request)
        return loose_json(pod.row(self.clock.now())) if pod else self.problem(404)

    async def _terminate(self, request: Request) -> Response:
        return self._done(self._pod(request), "terminate")

    async def _act(self, request: Request) -> Response:
        return self._done(self._pod(request), await _action(request))

    def _done(self, pod: Pod | None, action: str) -> Response:
        now = self.clock.now()
        if pod is None:
            return self.problem(404)
        if pod.locked and action != "start":
            return self.problem(self.locked_status)
        if action not in pod.actions(now):
            return self.problem(409)
        if action == "terminate":
            pod.remove(now)
            return Response(status_code=204)
        if action == "stop":
            pod.stop(now)
        else:
            pod.start(now)
        return loose_json(pod.row(now))

    def _pod(self, request: Request) -> Pod | None:
        pod = self.pods.get(request.path_params["id"])
        return None if pod is None or pod.is_gone(self.clock.now()) else pod


async def _action(request: Request) -> str:
    return str((await json_of(request)).get("action"))


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
