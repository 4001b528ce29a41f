"""RunPod, REST v2: pods with their price, and their end by an action that a listing must prove."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from bot.domain.fleet import (
    Billing,
    Ended,
    Ending,
    Grade,
    Instance,
    Listing,
    Machine,
    MachineState,
    PlanReading,
    PriceSource,
    Problem,
    Provider,
    Read,
    Scope,
    Sight,
    joined_to,
    plain,
)
from bot.domain.money import price_of
from gateways.fleet.gpus import gpu_name, named_vram
from gateways.fleet.http import Answer, Failed, ProviderApi, rows_in, whole
from gateways.fleet.wire import Maybe, Number, Wire, count, instance_id, moment, percents, row_of

PODS = "/v2/pods"
STOPPED_GB_MONTH = Decimal("0.20")
"""US dollars for a GB of the volume disk, once its pod is stopped: twice the rate of a running one
(RunPod's page on storage)."""
MONTH_HOURS = 730

_STATES: Mapping[str, MachineState] = {
    "PROVISIONING": MachineState.STARTING,
    "STARTING": MachineState.STARTING,
    "RUNNING": MachineState.RUNNING,
    "EXITED": MachineState.STOPPED,
    "ERROR": MachineState.ERROR,
    "TERMINATED": MachineState.GONE,
}
_ACTIONS: Mapping[Ending, str] = {Ending.STOP: "stop", Ending.TERMINATE: "terminate"}
_OVER = {
    Ending.STOP: {MachineState.STOPPED, MachineState.GONE},
    Ending.TERMINATE: {MachineState.GONE},
}


class _Camel(Wire):
    """Fields that RunPod writes as `dataCenterId`."""

    model_config = ConfigDict(alias_generator=to_camel)


class _Gpu(Wire):
    id: Maybe[str] = None
    count: Maybe[Number] = None


class _Disk(Wire):
    size: Maybe[Number] = None


class _Mounts(Wire):
    persistent: Maybe[_Disk] = None


class _Cluster(Wire):
    id: Maybe[str] = None


class _Use(_Camel):
    util: Maybe[Number] = None
    memory_util: Maybe[Number] = None


class _Runtime(Wire):
    gpus: Maybe[list[_Use]] = None


class _OurKeys(Wire):
    """The two variables that are ours; all others are dropped here."""

    OWROUTE_OWNER: Maybe[str] = None
    OWROUTE_SHUTDOWN_AT: Maybe[str] = None


class _Pod(_Camel):
    id: Any
    name: Maybe[str] = None
    status: Maybe[str] = None
    actions: Maybe[list[str]] = None
    gpu: Maybe[_Gpu] = None
    cloud: Maybe[str] = None
    data_center_id: Maybe[str] = None
    mounts: Maybe[_Mounts] = None
    cluster: Maybe[_Cluster] = None
    cost: Maybe[Number] = None
    locked: Maybe[bool] = None
    runtime: Maybe[_Runtime] = None
    env: Maybe[_OurKeys] = None
    created_at: Maybe[str] = None
    started_at: Maybe[str] = None


class RunPod:
    """`bot.ports.Fleet` for the account of one key."""

    provider = Provider.RUNPOD

    def __init__(self, api: ProviderApi, account: str = "default") -> None:
        self._api = api
        self.account = account

    async def listings(self) -> tuple[Listing, ...]:
        """All pods that have a GPU, members of clusters among them; there are no pages."""
        return (await self._listing(),)

    async def read(self, machine: Machine) -> Read:
        """One pod, also one without a GPU."""
        try:
            found = await self._api.ask("GET", _path(machine))
        except Failed as failed:
            return Read() if failed.is_absence else Read(problem=failed.problem)
        instance = self._instance(row_of(_Pod, found))
        if instance is None or instance.machine.instance_id != machine.instance_id:
            return Read(problem=Problem.SHAPE)
        return Read(instance)

    async def end(self, machine: Machine, ending: Ending, key: str) -> Ended:
        """One action; RunPod has no keys for idempotence. Raises KeyError for END_RUN.

        What a refusal means is read from the pod, since RunPod's statuses do not tell.
        """
        del key
        said = await self._api.act(
            "POST", f"{_path(machine)}/action", body={"action": _ACTIONS[ending]}
        )
        if isinstance(said, Answer) and said.is_success:
            return Ended.ACCEPTED
        if isinstance(said, Answer) and said.is_absence:
            return Ended.ALREADY
        if isinstance(said, Answer) or said is Ended.FORBIDDEN:
            return await self._why(machine, ending, said)
        return said

    async def sight(self) -> Sight:
        """One listing; what the key may stop, only the first stop tells."""
        listing = await self._listing()
        return Sight(listing.problem, len(listing.instances), skew=listing.skew)

    async def _why(self, machine: Machine, ending: Ending, said: Answer | Ended) -> Ended:
        """A refusal, explained by the pod as it is now."""
        now = (await self.read(machine)).instance
        if now is not None and now.locked:
            return Ended.LOCKED
        if said is Ended.FORBIDDEN:
            return Ended.FORBIDDEN
        if now is not None and now.state in _OVER[ending]:
            return Ended.ALREADY
        return Ended.CLUSTER if now is not None and now.cluster else Ended.UNKNOWN

    async def _listing(self) -> Listing:
        scope = Scope(self.provider, self.account)
        try:
            found = await whole(self._api.ask("GET", PODS, params={"includeClusterPods": "true"}))
            rows = rows_in(found, "pods")
        except Failed as failed:
            return self._api.listing(scope, failed=failed)
        pods = (row_of(_Pod, row) for row in rows)
        seen = [self._instance(pod) for pod in pods if _is_watched(pod)]
        known = {found.machine.instance_id: found for found in seen if found is not None}
        problem = Problem.PARTIAL if None in seen else None
        return self._api.listing(scope, known.values(), problem)

    def _instance(self, pod: _Pod | None) -> Instance | None:
        found = instance_id(pod.id) if pod else None
        if pod is None or found is None:
            return None
        state = _STATES.get(pod.status or "", MachineState.UNKNOWN)
        gpus = count(pod.gpu.count) if pod.gpu else int(_has_gpu(pod))
        bills = state not in {MachineState.STOPPED, MachineState.GONE}
        price = price_of(pod.cost, gpus) if bills else None
        env = pod.env or _OurKeys()
        volume = _volume(pod)
        uses = pod.runtime.gpus if pod.runtime and pod.runtime.gpus else []
        return Instance(
            machine=Machine(self.provider, self.account, found, plain(pod.data_center_id) or ""),
            state=state,
            billing=_billing(pod, state, price),
            raw_status=plain(pod.status),
            name=plain(pod.name),
            joined=_joined(pod),
            gpu=gpu_name(pod.gpu.id) if pod.gpu else None,
            gpu_count=gpus,
            vram_bytes=named_vram(pod.gpu.id) if pod.gpu else None,
            tier=(plain(pod.cloud) or "").lower() or None,
            price_per_hour=price,
            price_source=PriceSource.INSTANCE if price else None,
            storage_per_hour=volume * STOPPED_GB_MONTH / MONTH_HOURS if volume else None,
            volume_gb=volume,
            created_at=moment(pod.created_at),
            started_at=moment(pod.started_at),
            plan=_plan(env),
            owner_hint=plain(env.OWROUTE_OWNER),
            gpu_util=percents(use.util for use in uses),
            gpu_mem=percents(use.memory_util for use in uses),
            endings=_endings(pod),
            locked=bool(pod.locked),
            cluster=plain(pod.cluster.id) if pod.cluster else None,
        )


def _path(machine: Machine) -> str:
    return f"{PODS}/{quote(machine.instance_id, safe='')}"


def _is_watched(pod: _Pod | None) -> bool:
    """A pod with a GPU, or one that an experiment's name claims; and what cannot be told."""
    if pod is None or instance_id(pod.id) is None:
        return True
    return _has_gpu(pod) or joined_to(_joined(pod)) is not None


def _has_gpu(pod: _Pod) -> bool:
    """Pods without a GPU do not have the field; one that cannot be read is a GPU unknown to us."""
    return "gpu" in pod.model_fields_set


def _joined(pod: _Pod) -> tuple[str, ...]:
    owner = pod.env.OWROUTE_OWNER if pod.env else None
    return tuple(filter(None, (plain(pod.name), plain(owner))))


def _billing(pod: _Pod, state: MachineState, price: Decimal | None) -> Billing:
    """What is charged; a status that we do not know is charged if it has a price."""
    match state:
        case MachineState.STARTING | MachineState.RUNNING:
            return Billing.COMPUTE
        case MachineState.GONE:
            return Billing.NONE
        case MachineState.STOPPED:
            return _after_stop(pod.mounts)
        case _:
            return Billing.COMPUTE if price else Billing.UNKNOWN


def _after_stop(mounts: _Mounts | None) -> Billing:
    if mounts is None:
        return Billing.UNKNOWN
    return Billing.STORAGE if mounts.persistent else Billing.NONE


def _volume(pod: _Pod) -> int | None:
    """GB of the disk that a stop keeps."""
    disk = pod.mounts.persistent if pod.mounts else None
    size = disk.size if disk else None
    return int(size) if size is not None and 0 < size < 10**6 else None  # a petabyte


def _plan(env: _OurKeys) -> PlanReading:
    """What somebody promised in a variable; RunPod holds no plan that could be read."""
    stops_at = moment(env.OWROUTE_SHUTDOWN_AT)
    if stops_at is None:
        return PlanReading()
    return PlanReading(Grade.DECLARED, stops_at, "runpod.shutdown_at")


def _endings(pod: _Pod) -> frozenset[Ending]:
    """What RunPod offers just now; a member of a cluster can only be ended with it."""
    if pod.cluster is not None:
        return frozenset()
    return frozenset(ending for ending, action in _ACTIONS.items() if action in (pod.actions or ()))
