"""Runtimes and providers as data: what runs which format, how it is installed, started, stopped."""

from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from engine.contract import KvDtype, SchemeItem, ShutdownLevel, StepKind, Wire
from engine.datafile import DataFile, by_key

MOST_OVERHEAD_MIB = 2**20
"""A TiB: no runtime takes as much for itself."""


class MemoryHabits(Wire):
    """How a runtime uses memory.

    `chunk_tokens` is how many tokens of prompts it works on at once (None: all of them), `share`
    the part of the device it may fill, `overhead_mib` what it needs beside the model, `window`
    whether windowed layers keep only their window, `split` what several GPUs share.
    """

    chunk_tokens: Annotated[int, Field(ge=1)] | None
    share: Annotated[Decimal, Field(gt=0, le=1)]
    overhead_mib: Annotated[int, Field(ge=0, le=MOST_OVERHEAD_MIB)]
    window: Literal["honoured", "reserved"]
    split: Literal["tensor", "layers"]
    calibrated: bool


class StepTemplate(Wire):
    """A command before the start; an empty `argv` is a console path told in `note`.

    `schemes`, when given, are the only weight formats it belongs to; `gpu` true or false: only
    with or without one; `file` true or false: only when the GGUF file is known or is not; `below`:
    only on GPUs of a lower CUDA capability.
    """

    kind: StepKind
    argv: tuple[str, ...] = ()
    note: str = ""
    schemes: tuple[str, ...] = ()
    gpu: bool | None = None
    file: bool | None = None
    below: Decimal | None = None


class Runtime(Wire):
    """A runtime: argv with placeholders to install, start and stop it, and how to see it stopped.

    `schemes` are in the order they are preferred. `script` is a file that the start command runs.
    `needs` are sentences on what the machine must have. `kv` gives the types of a KV cache that
    the runtime can be told, by the card's name for them. An empty `first_request`: the start asks.
    """

    id: str
    name: str
    version: str
    serves: bool
    memory: MemoryHabits
    schemes: Annotated[dict[str, SchemeItem], by_key("scheme")]
    kv: dict[str, str] = Field(default_factory=dict)
    needs: tuple[str, ...] = ()
    before: tuple[StepTemplate, ...]
    start: tuple[str, ...]
    env: dict[str, str] = Field(default_factory=dict)
    script: str = ""
    bind: str
    stop: tuple[str, ...]
    verify: str
    stop_note: str
    version_command: str
    health_check: str
    first_request: str
    choose_for: str
    source: str

    def keeps(self, kv_dtype: KvDtype) -> KvDtype:
        """The type of KV cache it really uses: what it cannot be told is its own default."""
        return kv_dtype if kv_dtype.value in self.kv else KvDtype.auto


class StopStep(Wire):
    """One step of switching a machine off; an empty `argv` is a console path told in `note`."""

    level: ShutdownLevel
    argv: tuple[str, ...]
    stops_billing: bool = False
    verify: str
    note: str


class Provider(Wire):
    """A provider: its way to rent, its disk price, and its steps until nothing bills.

    `disk_usd_per_gib_month` null is unknown. `linear`: n GPUs cost n times one. `dead_man` stops
    the machine after the session when nobody does, as a second line. `gpus` and `tiers` are its own
    words for the price table's. `region_ids` is how the ids are spelled that its command takes for
    a region, empty where it takes none.
    """

    id: str
    name: str
    console: str
    rent: tuple[StepTemplate, ...]
    connect: tuple[str, ...]
    dead_man: StopStep | None = None
    gpus: dict[str, str] = Field(default_factory=dict)
    tiers: dict[str, str] = Field(default_factory=dict)
    region_ids: str = ""
    disk_usd_per_gib_month: Annotated[Decimal, Field(gt=0)] | None = None
    linear: bool = False
    steps: tuple[StopStep, ...]


class DiskRate(NamedTuple):
    """What a GiB of disk costs a month in USD; not `known`: what is assumed in its place."""

    usd: Decimal
    known: bool


class CommandWords(Wire):
    """Sentences around the commands: prerequisites, connecting, and the timer."""

    gated: str
    not_pinned: str
    no_file: str
    long_context: str
    kv_ignored: str
    weights_only: str
    colab: str
    unnamed: str
    issued: str
    second_terminal: str
    connect: str
    tunnel: str
    dead_man: str
    no_timer: str
    bill: str


class RuntimesFile(DataFile):
    """runtimes.yaml.

    `assumed_disk_usd_per_gib_month` is counted where a provider's own rate is unknown.
    """

    unlisted_provider: str
    assumed_disk_usd_per_gib_month: Annotated[Decimal, Field(gt=0)]
    runtimes: Annotated[dict[str, Runtime], by_key("id")]
    providers: Annotated[dict[str, Provider], by_key("id")]
    colab: tuple[StopStep, ...]
    rented_note: str
    words: CommandWords

    def provider(self, provider: str) -> Provider:
        """The provider, or what holds for any that is not in the list."""
        return self.providers.get(provider) or self.providers[self.unlisted_provider]

    def disk(self, provider: str) -> DiskRate:
        """The provider's rate, else the assumed one: an unknown disk is never a free one."""
        rate = self.provider(provider).disk_usd_per_gib_month
        return DiskRate(rate or self.assumed_disk_usd_per_gib_month, known=rate is not None)
