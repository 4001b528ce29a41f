"""What EC2 says of its machines: the fields that are wanted, and what they mean here."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from bot.domain.fleet import (
    Billing,
    Ending,
    Instance,
    Machine,
    MachineState,
    PlanReading,
    PriceSource,
    joined_to,
    plain,
)
from bot.domain.money import price_of

PriceOf = Callable[[str, str], Decimal | None]
"""The list price on demand of a type in a region, USD per hour; it may be asked in any thread."""

LEAST_PRICE = Decimal("0.01")
"""What is cheaper per hour is a stand-in's figure, not a GPU's price."""
GP3_MONTH = {"us-east-1": Decimal("0.08")}
"""USD per GB and month of gp3 volumes, where it is known; of other kinds and regions it is not."""
MONTH_HOURS = 730
MIB = 1024 * 1024
LINUX = "Linux/UNIX"
"""What the price list is for; other systems cost more."""

_GPU_FAMILY = re.compile(r"(?:p|g|gr)[0-9]")
_WHEN = re.compile(r"\(([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) (?:UTC|GMT)\)")
_OWNER_TAGS = frozenset({"owner", "owroute:owner"})


class Wanted(BaseModel):
    """Named as AWS names it, and deaf to all else."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_pascal)


class _Tag(Wanted):
    key: str
    value: str = ""


class _State(Wanted):
    name: str


class _Placement(Wanted):
    availability_zone: str | None = None


class _Hibernation(Wanted):
    configured: bool = False


class Row(Wanted):
    """One machine in `describe_instances`. User data and key names are not among its fields."""

    instance_id: str
    instance_type: str = ""
    state: _State | None = None
    launch_time: datetime | None = None
    tags: tuple[_Tag, ...] = ()
    instance_lifecycle: str | None = None
    state_transition_reason: str = ""
    root_device_type: str | None = None
    platform_details: str = LINUX
    platform: str = ""
    hibernation_options: _Hibernation = _Hibernation()

    @property
    def tag(self) -> Mapping[str, str]:
        """Its tags by key."""
        return {tag.key: tag.value for tag in self.tags}


class _Reservation(Wanted):
    instances: tuple[Row, ...]


class Reservations(Wanted):
    """A page of `describe_instances`: machines in wrappings of those started together."""

    reservations: tuple[_Reservation, ...]


class _Region(Wanted):
    region_name: str


class Regions(Wanted):
    """What `describe_regions` says, never empty."""

    regions: tuple[_Region, ...] = Field(min_length=1)


class _Memory(Wanted):
    size: int = Field(0, alias="SizeInMiB", ge=0)


class _Gpu(Wanted):
    name: str | None = None
    count: int = Field(1, ge=0)
    memory: _Memory = Field(_Memory(), alias="MemoryInfo")


class GpuInfo(Wanted):
    """The GPUs of a type."""

    gpus: tuple[_Gpu, ...]


class TypeRow(Wanted):
    """One type in `describe_instance_types`; without `gpu_info` it has no GPU."""

    instance_type: str
    gpu_info: GpuInfo | None = None


class _Attachment(Wanted):
    instance_id: str = ""


class Volume(Wanted):
    """One EBS volume; its size is in GiB."""

    size: int = Field(0, ge=0)
    volume_type: str = ""
    attachments: tuple[_Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Gpus:
    """What a type has; None is unknown. Memory is per GPU, and as AWS counts it."""

    name: str | None = None
    count: int = 1
    vram_bytes: int | None = None


def gpus_of(row: TypeRow) -> Gpus | None:
    """The GPUs of a type; None for none."""
    if row.gpu_info is None or not row.gpu_info.gpus:
        return None
    first = row.gpu_info.gpus[0]
    count = sum(gpu.count for gpu in row.gpu_info.gpus)
    return Gpus(plain(first.name), max(count, 1), first.memory.size * MIB or None)


def guessed(instance_type: str) -> Gpus | None:
    """A type that AWS did not describe: its P and G families have GPUs."""
    return Gpus() if _GPU_FAMILY.match(instance_type) else None


_RUNNING = (MachineState.RUNNING, Billing.COMPUTE)
_STATES = {
    "pending": (MachineState.STARTING, Billing.NONE),
    "running": _RUNNING,
    "stopping": (MachineState.STOPPING, Billing.STORAGE),
    "shutting-down": (MachineState.STOPPING, Billing.NONE),
    "stopped": (MachineState.STOPPED, Billing.STORAGE),
    "terminated": (MachineState.GONE, Billing.NONE),
}
STATE_NAMES = tuple(_STATES)
UNKNOWN = (MachineState.UNKNOWN, Billing.UNKNOWN)
_ENDED = frozenset({MachineState.STOPPING, MachineState.STOPPED, MachineState.GONE})


def state_of(row: Row) -> tuple[MachineState, Billing]:
    """What it does and what is charged; a machine that hibernates may be charged until it rests."""
    name = row.state.name if row.state else ""
    if name == "stopping" and row.hibernation_options.configured:
        return MachineState.STOPPING, Billing.UNKNOWN
    return _STATES.get(name, UNKNOWN)


def is_ended(row: Row, ending: Ending) -> bool:
    """Whether that end has come or is on its way."""
    name = row.state.name if row.state else ""
    if ending is Ending.TERMINATE:
        return name in {"shutting-down", "terminated"}
    return state_of(row)[0] in _ENDED


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known of a machine when it is put into words."""

    machine: Machine
    gpus: Gpus | None
    plan: PlanReading
    volumes: Iterable[Volume] | None
    price: PriceOf


def names_experiment(row: Row) -> bool:
    """Whether a tag's key or value says `ow-12-ada`."""
    return bool(_joined(row))


def instance(row: Row, around: Around) -> Instance:
    """The machine as the core knows it."""
    state, billing = state_of(row)
    gpus = around.gpus or Gpus(count=0)
    price = _price(row, gpus.count, around)
    volumes = None if around.volumes is None else tuple(around.volumes)
    return Instance(
        machine=around.machine,
        state=state,
        billing=billing,
        raw_status=plain(row.state.name) if row.state else None,
        name=plain(row.tag.get("Name")),
        joined=_joined(row),
        gpu=gpus.name,
        gpu_count=gpus.count,
        vram_bytes=gpus.vram_bytes,
        tier=plain(row.instance_lifecycle) or "on-demand",
        price_per_hour=price,
        price_source=PriceSource.TABLE if price is not None else None,
        storage_per_hour=_storage(volumes, around.machine.region),
        volume_gb=None if volumes is None else sum(v.size for v in volumes),
        started_at=row.launch_time.astimezone(UTC) if row.launch_time else None,
        stopped_at=_stopped(row) if state in _ENDED else None,
        plan=around.plan,
        owner_hint=_owner(row),
        endings=_endings(row, state),
    )


def _joined(row: Row) -> tuple[str, ...]:
    said = (text for tag in row.tags for text in (tag.value, tag.key))
    return tuple(text for text in said if joined_to((text,)))


def _owner(row: Row) -> str | None:
    return next((plain(t.value) for t in row.tags if t.key.lower() in _OWNER_TAGS), None)


def _price(row: Row, count: int, around: Around) -> Decimal | None:
    """The list's, for Linux on demand; of spot, reserved blocks and other systems none is known."""
    is_listed = not row.instance_lifecycle and not row.platform and row.platform_details == LINUX
    if not is_listed:
        return None
    price = price_of(around.price(row.instance_type, around.machine.region), count)
    return price if price is not None and price >= LEAST_PRICE else None


def _storage(volumes: tuple[Volume, ...] | None, region: str) -> Decimal | None:
    """What its disks cost an hour, also when it is stopped; None where one has no known price."""
    month = GP3_MONTH.get(region)
    if not volumes or month is None or any(v.volume_type != "gp3" for v in volumes):
        return None
    return month * sum(v.size for v in volumes) / MONTH_HOURS


def _stopped(row: Row) -> datetime | None:
    """AWS writes the time into the reason: `User initiated (2026-11-23 14:37:01 UTC)`."""
    found = _WHEN.search(row.state_transition_reason)
    if not found:
        return None
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError:
        return None


def _endings(row: Row, state: MachineState) -> frozenset[Ending]:
    """What may be asked for: a spot machine and one without a disk of its own cannot be stopped."""
    if state is MachineState.GONE:
        return frozenset()
    keeps_disk = row.root_device_type != "instance-store" and not row.instance_lifecycle
    can_stop = keeps_disk and state not in _ENDED
    return frozenset({Ending.TERMINATE, Ending.STOP} if can_stop else {Ending.TERMINATE})
