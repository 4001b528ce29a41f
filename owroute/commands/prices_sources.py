"""The providers whose prices can be read: where, with which key, and by which gateway."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from bot.clock import Clock
from engine.gpus import HardwareFile
from gateways.outgoing import is_this_machine
from gateways.prices import lambda_cloud, runpod, vast
from gateways.prices.asking import Asking
from gateways.prices.rows import PriceList, Step
from gateways.provider_http import provider_client
from owroute.commands.alone import Alone
from owroute.commands.prices import Provider
from owroute.price_rows import sizes_of
from owroute.settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """A provider's price list; `setting` and `key_name` are what an operator would change."""

    provider: Provider
    title: str
    base: str
    path: str
    setting: str
    key: str | None = field(repr=False)
    key_name: str
    needs_key: bool

    @property
    def address(self) -> str:
        """Where it is read."""
        return f"{self.base}{self.path}"

    @property
    def cited(self) -> str:
        """The https address its rows name: the usual one where a stand-in here is read."""
        usual = {f.alias: f.default for f in Settings.model_fields.values()}
        base = self.base if self.base.startswith("https://") else usual[self.setting]
        return f"{base}{self.path}"


def sources(settings: Alone) -> tuple[Source, ...]:
    """All of them, in the order in which they are shown."""
    keys = (settings.runpod_key, settings.vast_key, settings.lambda_key)
    runpods, vasts, lambdas = (key.get_secret_value() if key else None for key in keys)
    return (
        Source(
            Provider.runpod, "RunPod", settings.runpod_url, runpod.PATH, "OWROUTE_RUNPOD_URL",
            runpods, "RUNPOD_API_KEY", needs_key=True,
        ),
        Source(
            Provider.vast, "Vast.ai", settings.vast_url, vast.PATH, "OWROUTE_VAST_URL",
            vasts, "VAST_API_KEY", needs_key=False,
        ),
        Source(
            Provider.lambda_cloud, "Lambda", settings.lambda_url, lambda_cloud.PATH,
            "OWROUTE_LAMBDA_URL", lambdas, "LAMBDA_API_KEY", needs_key=True,
        ),
    )  # fmt: skip


def requests(source: Source, hardware: HardwareFile) -> int:
    """How many requests the price list takes."""
    return len(_searches(hardware)) if source.provider is Provider.vast else 1


async def prices(source: Source, hardware: HardwareFile, clock: Clock, step: Step) -> PriceList:
    """The price list as it is now; `step` is called after each request. Raises NoPrices."""
    async with provider_client(source.base, source.key) as client:
        asking = Asking(client, clock)
        if source.provider is Provider.vast:
            searches, pace = _searches(hardware), _pace(source)
            return await vast.read(asking, searches, clock=clock, pace=pace, step=step)
        read = runpod.read if source.provider is Provider.runpod else lambda_cloud.read
        found = await read(asking)
        step()
        return found


def _searches(hardware: HardwareFile) -> Mapping[str, tuple[int, ...]]:
    """The names hosts give to the GPUs that are known here, with the sizes these have."""
    return {name: of for name in vast.NAMES if (of := sizes_of(name, hardware))}


def _pace(source: Source) -> float:
    """A stand-in on this machine has no limit to be kept."""
    return 0 if is_this_machine(httpx.URL(source.base).host) else vast.PACE_SECONDS
