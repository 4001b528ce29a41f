"""What a row of Vast.ai's list means: a contract, its container, and what is charged for both."""

import re

from bot.domain.fleet import (
    Billing,
    Ending,
    Grade,
    Instance,
    Machine,
    MachineState,
    PlanReading,
    PriceSource,
    Provider,
    plain,
)
from bot.domain.money import price_of
from gateways.fleet.gpus import MIB, gpu_name
from gateways.fleet.wire import Maybe, Number, Wire, count, moment, moment_since_epoch

_OWNER = re.compile(r"\bowner[=:](\S+)")
_UNTIL = re.compile(r"^owroute\b.*\buntil=(\S+)")
_MOST_MIB = 2**20
_RELEASED = frozenset({"stopped", "unloaded"})
_STATES = {
    "created": (MachineState.STARTING, Billing.STORAGE),
    "loading": (MachineState.STARTING, Billing.STORAGE),
    "running": (MachineState.RUNNING, Billing.COMPUTE),
    "rebooting": (MachineState.RUNNING, Billing.COMPUTE),
    "frozen": (MachineState.RUNNING, Billing.COMPUTE),
    "offline": (MachineState.UNKNOWN, Billing.NONE),
}
"""By the container's state. Loading is not charged for the GPU, a frozen container is; hosts that
are offline are not charged for."""
_UNKNOWN = (MachineState.UNKNOWN, Billing.UNKNOWN)


class Row(Wire):
    """The columns that are asked for; whole rows hold secrets."""

    id: Maybe[int] = None
    label: Maybe[str] = None
    actual_status: Maybe[str] = None
    intended_status: Maybe[str] = None
    cur_state: Maybe[str] = None
    gpu_name: Maybe[str] = None
    num_gpus: Maybe[Number] = None
    gpu_ram: Maybe[Number] = None
    gpu_util: Maybe[Number] = None
    dph_total: Maybe[Number] = None
    storage_total_cost: Maybe[Number] = None
    start_date: Maybe[Number] = None
    is_bid: Maybe[bool] = None
    geolocation: Maybe[str] = None


COLUMNS = list(Row.model_fields)


def instance_of(row: Row, key: str, account: str) -> Instance:
    """The row as a machine; one without its contract's state or its GPUs is unknown."""
    state, billing = _meaning(row)
    gpus = count(row.num_gpus)
    price = price_of(row.dph_total, gpus) if state is not MachineState.STOPPED else None
    created = moment_since_epoch(row.start_date)
    label = plain(row.label) or ""
    owner = _OWNER.search(label)
    return Instance(
        machine=Machine(Provider.VAST, account, key, plain(row.geolocation) or ""),
        state=state,
        billing=billing,
        raw_status=plain(row.actual_status),
        name=label or None,
        joined=tuple(label.split()),
        gpu=gpu_name(row.gpu_name),
        gpu_count=gpus,
        vram_bytes=_vram(row.gpu_ram),
        tier="interruptible" if row.is_bid else None,
        price_per_hour=price,
        price_source=PriceSource.INSTANCE if price else None,
        storage_per_hour=price_of(row.storage_total_cost),
        created_at=created,
        started_at=created,
        plan=_plan(label),
        owner_hint=owner[1] if owner else None,
        gpu_util=_use(row.gpu_util),
        endings=_endings(state),
    )


def _meaning(row: Row) -> tuple[MachineState, Billing]:
    """What the container's, the wanted and the contract's state say together.

    Stopped is what both contract and container say; until then a machine that is to stop stops.
    """
    if row.cur_state is None or row.num_gpus is None:
        return _UNKNOWN
    is_released = row.cur_state in _RELEASED
    if row.actual_status in {"stopped", "exited"} and is_released:
        return MachineState.STOPPED, Billing.STORAGE
    if row.actual_status == "exited":
        return MachineState.ERROR, Billing.UNKNOWN
    if row.actual_status == "stopped":
        return MachineState.STOPPING, Billing.UNKNOWN
    state, billing = _STATES.get(row.actual_status or "created", _UNKNOWN)
    is_to_stop = is_released or row.intended_status == "stopped"
    if is_to_stop and state in {MachineState.STARTING, MachineState.RUNNING}:
        return MachineState.STOPPING, billing
    return state, billing


def _plan(label: str) -> PlanReading:
    """`owroute owner=U0AAA until=2026-11-24T18:00Z`: a promise; Vast.ai itself holds no plan."""
    until = _UNTIL.search(label)
    stops_at = moment(until[1]) if until else None
    return PlanReading(Grade.DECLARED, stops_at, "vast.label") if stops_at else PlanReading()


def _endings(state: MachineState) -> frozenset[Ending]:
    if state is MachineState.STOPPED:
        return frozenset({Ending.TERMINATE})
    return frozenset({Ending.STOP, Ending.TERMINATE})


def _vram(mib: Number | None) -> int | None:
    return int(mib) * MIB if mib is not None and 0 < mib <= _MOST_MIB else None


def _use(util: Number | None) -> tuple[int, ...] | None:
    """Only an exact zero says something: whether 0.5 is half or half a percent, nobody knows."""
    return (0,) if util == 0 else None
