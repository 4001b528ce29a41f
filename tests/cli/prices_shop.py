"""Stand-ins of the price endpoints, and the command that asks them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import Result

from engine.contract import OfferItem
from engine.load import load_data
from engine.offers import read_offers
from owroute.price_table import overlay_file
from owroute.server import served
from sandbox.prices import (
    LAMBDA_PATH,
    RUNPOD_PATH,
    VAST_PATH,
    Market,
    lambda_type,
    runpod_gpu,
    vast_offer,
)
from tests.cli.command import typed

KEYS = {RUNPOD_PATH: "runpod-key", VAST_PATH: "vast-key", LAMBDA_PATH: "lambda-key"}
PATHS = {"runpod": RUNPOD_PATH, "vast": VAST_PATH, "lambda": LAMBDA_PATH}


@dataclass
class Shop:
    """The stand-ins, served, and the data folder of the command that asks them."""

    market: Market
    env: Mapping[str, str]
    data: Path

    async def refresh(self, *arguments: str, lang: str = "en") -> Result:
        return await asyncio.to_thread(typed, "prices", "refresh", *arguments, lang=lang)

    def table(self, provider: str) -> Mapping[str, OfferItem]:
        """What the engine reads there."""
        return read_offers(self.text(provider), load_data().catalog.hardware)

    def text(self, provider: str) -> str:
        return overlay_file(self.data, provider).read_text("utf-8")

    def price(self, offer_id: str) -> str:
        return str(self.table(offer_id.partition(":")[0])[offer_id].usd_per_hour)

    @property
    def files(self) -> dict[str, bytes]:
        folder = self.data / "overlay/offers"
        return (
            {file.name: file.read_bytes() for file in folder.iterdir()} if folder.exists() else {}
        )


def goods() -> Market:
    """Prices near those of the shipped table."""
    return Market(
        runpod=[runpod_gpu("RTX 4090", 24, secure=0.69, community=0.36)],
        vast=[vast_offer("RTX 4090", 24564, 0.4), vast_offer("H100 SXM", 81559, 1.6)],
        lambda_cloud={
            "gpu_1x_a10": lambda_type("A10 (24 GB PCIe)", 129),
            "gpu_8x_h100_sxm5": lambda_type("H100 (80 GB SXM5)", 3192, 8),
        },
        keys=KEYS,
    )


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[Shop]:
    """A shop with its doors open; nobody has set its `env` yet."""
    market = goods()
    async with served(market.app, grace=1) as port:
        url = f"http://127.0.0.1:{port}"
        env = {
            "OWROUTE_RUNPOD_URL": url, "OWROUTE_VAST_URL": url, "OWROUTE_LAMBDA_URL": url,
            "RUNPOD_API_KEY": "runpod-key", "VAST_API_KEY": "", "LAMBDA_API_KEY": "lambda-key",
            "OWROUTE_DATA_DIR": str(data),
        }  # fmt: skip
        yield Shop(market, env, data)
