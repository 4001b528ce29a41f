"""The three price endpoints: what is understood, what is put up with, and what is no price list."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from gateways.outgoing import PublicOnly, public
from gateways.prices import lambda_cloud, runpod, vast
from gateways.prices.asking import MAX_BYTES, Asking, NoPrices, Trouble
from gateways.prices.rows import PriceList, PriceRow, nominal
from gateways.provider_http import provider_client
from sandbox.prices import (
    LAMBDA_PATH,
    RUNPOD_PATH,
    VAST_PATH,
    BadDay,
    Market,
    lambda_type,
    runpod_gpu,
    vast_offer,
)
from tests.gateways.conftest import listening

SIZES = {"RTX 4090": (24,), "A100 SXM4": (40, 80)}
RTX_4090 = runpod_gpu("RTX 4090", 24, secure=0.69)


@dataclass
class Still:
    """A clock that stands, and remembers how long it was told to wait."""

    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime(2026, 11, 25, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@asynccontextmanager
async def asking(
    app: ASGIApp, clock: Still | None = None, key: str | None = "key", **client: Any
) -> AsyncIterator[Asking]:
    async with (
        listening(app) as port,
        provider_client(f"http://127.0.0.1:{port}", key, **client) as http,
    ):
        yield Asking(http, clock or Still())


async def runpods(market: Market, clock: Still | None = None) -> PriceList:
    async with asking(market.app, clock) as ask:
        return await runpod.read(ask)


async def lambdas(**types: Any) -> PriceList:
    async with asking(Market(lambda_cloud=types).app) as ask:
        return await lambda_cloud.read(ask)


async def vasts(market: Market, sizes: Mapping[str, tuple[int, ...]] = SIZES) -> PriceList:
    async with asking(market.app, key=None) as ask:
        return await vast.read(ask, sizes, clock=Still(), pace=0, step=lambda: None)


async def test_runpod_has_a_row_per_cloud_that_is_on_offer() -> None:
    found = await runpods(
        Market(runpod=[runpod_gpu("RTX 4090", 24, secure=0.69, community=0.34), RTX_4090])
    )
    names = ("RTX 4090", "NVIDIA RTX 4090")
    row = PriceRow(names, Decimal(24), 1, Decimal("0.69"), "secure")
    community = PriceRow(names, Decimal(24), 1, Decimal("0.34"), "community")
    assert found == PriceList((row, community, row), 0)


@pytest.mark.parametrize(
    "price", [0, 0.0, None, -1, float("nan"), float("inf"), "0.69", True, 1e9, {}, [0.69]]
)
async def test_a_price_that_cannot_be_one_is_left_out_and_counted(price: object) -> None:
    found = await runpods(Market(runpod=[RTX_4090, runpod_gpu("L4", 24, secure=price)]))
    assert ([row.names[0] for row in found.rows], found.left_out) == (["RTX 4090"], 1)
    with pytest.raises(NoPrices) as empty:
        await runpods(Market(runpod=[runpod_gpu("L4", 24, secure=price)]))
    assert empty.value.trouble is Trouble.empty


@pytest.mark.parametrize(
    "entry",
    [
        None, 7, "RTX", [], {}, {**RTX_4090, "memory": "24"}, {**RTX_4090, "memory": float("nan")},
        {**RTX_4090, "memory": 0}, {**RTX_4090, "memory": 10**4000},
        {**RTX_4090, "price": None}, {**RTX_4090, "secure": 1}, {**RTX_4090, "name": None},
        {**RTX_4090, "name": "=cmd|' /C calc'!A0", "id": "+x"},
    ],
)  # fmt: skip
async def test_an_entry_that_is_no_gpu_does_not_spoil_the_others(entry: Any) -> None:
    found = await runpods(Market(runpod=[entry, RTX_4090]))
    assert (len(found.rows), found.left_out) == (1, 1)


async def test_names_arrive_without_what_could_do_harm() -> None:
    names = ["RTX\x1b[2J 4090\n", "-RTX 4090", 'RTX 4090,"x"', "RTX\u20284090", "R" * 500]
    found = await runpods(Market(runpod=[{**RTX_4090, "name": name, "id": "L4"} for name in names]))
    assert [row.names for row in found.rows] == [
        ("L4",), ("L4",), ("L4",), ("RTX 4090", "L4"), ("L4",),
    ]  # fmt: skip


async def test_lambda_speaks_of_cents_and_of_whole_machines() -> None:
    found = await lambdas(
        gpu_1x_a100=lambda_type("A100 (40 GB SXM4)", 199),
        gpu_8x_v100=lambda_type("Tesla V100 (16 GB)", 632, 8),
        cpu_4x_general=lambda_type("N/A", 20, 0),
    )
    a100 = PriceRow(
        ("A100 SXM4", "A100"), Decimal(40), 1, Decimal("1.99"), "on-demand", "gpu_1x_a100"
    )
    v100 = PriceRow(
        ("Tesla V100", "Tesla V100"), Decimal(16), 8, Decimal("6.32"), "on-demand", "gpu_8x_v100"
    )
    assert found == PriceList((a100, v100), 0)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("gpu_1x_x", lambda_type("A100", 199)),
        ("gpu_1x_x", lambda_type("A100 (40 GB SXM4)", 0)),
        ("gpu_1x_x", lambda_type("A100 (40 GB SXM4)", 199, -1)),
        ("gpu_1x_x", lambda_type("A100 (40 GB SXM4)", 199, 65)),
        ("=gpu,x", lambda_type("A100 (40 GB SXM4)", 199)),
        ("gpu\n1x", lambda_type("A100 (40 GB SXM4)", 199)),
        ("gpu_1x_x", {}),
        ("gpu_1x_x", []),
    ],
)
async def test_an_instance_type_that_cannot_be_read_is_left_out(name: str, entry: Any) -> None:
    found = await lambdas(**{name: entry, "gpu_1x_a10": lambda_type("A10 (24 GB PCIe)", 129)})
    assert ([row.sku for row in found.rows], found.left_out) == (["gpu_1x_a10"], 1)


async def test_vast_is_the_median_of_the_ten_cheapest_and_says_of_how_many() -> None:
    many = [vast_offer("RTX 4090", 24564, round(0.3 + n / 100, 2)) for n in range(30)]
    forty, eighty = vast_offer("A100 SXM4", 40960, 0.5), vast_offer("A100_SXM4", 81559, 0.9)
    found = await vasts(Market(vast=[*many, eighty, vast_offer("A100 SXM4", 40536, 0.7), forty]))
    assert [(r.names[0], int(r.vram_gb), r.usd_per_hour, r.note) for r in found.rows] == [
        ("RTX 4090", 24, Decimal("0.345"), "median of the 10 cheapest verified offers"),
        ("A100 SXM4", 40, Decimal("0.6"), "median of the 2 cheapest verified offers"),
        ("A100 SXM4", 80, Decimal("0.9"), "one verified offer"),
    ]
    assert {row.tier for row in found.rows} == {"community"}


async def test_one_object_stands_for_a_list_of_one() -> None:
    market = Market(vast=[vast_offer("RTX 4090", 24564, 0.4)], one_vast_offer_is_an_object=True)
    found = await vasts(market)
    assert [row.usd_per_hour for row in found.rows] == [Decimal("0.4")]


async def test_offers_that_were_not_asked_for_do_not_count() -> None:
    others = [
        vast_offer("RTX 4090", 24564, 0.01, num_gpus=2),
        vast_offer("RTX 4090", 24564, 0.01, is_bid=True),
        vast_offer("RTX 3060", 12288, 0.01),
        vast_offer("RTX 4090", 8192, 0.01),
    ]
    said = json.dumps({"offers": [*others, vast_offer("RTX 4090", 24564, 0.4)]})
    found = await vasts(Market(bad={VAST_PATH: BadDay(body=said)}), {"RTX 4090": (24,)})
    assert [row.usd_per_hour for row in found.rows] == [Decimal("0.4")]


async def test_searches_keep_their_distance_and_report_each() -> None:
    clock, steps = Still(), []
    async with asking(Market(vast=[vast_offer("RTX 4090", 24564, 0.4)]).app, clock) as ask:
        sizes = {"RTX 4090": (24,), "L4": (24,), "L40S": (48,)}
        await vast.read(ask, sizes, clock=clock, pace=6.1, step=lambda: steps.append(1))
    assert (clock.slept, len(steps)) == ([6.1, 6.1], 3)


@pytest.mark.parametrize(
    ("bad", "trouble", "detail"),
    [
        (BadDay(429, "slow down", headers={"retry-after": "31"}), Trouble.rate, "31"),
        (BadDay(429, "API requests too frequent", "text/plain"), Trouble.rate, ""),
        (BadDay(429, "{}", headers={"retry-after": "Wed, 25 Nov 2026 10:00:00 GMT"}),
         Trouble.rate, ""),
        (BadDay(401, "{}"), Trouble.auth, ""),
        (BadDay(403, "<html>"), Trouble.auth, ""),
        (BadDay(404, '{"success": false, "error": "auth_error"}'), Trouble.auth, ""),
        (BadDay(404, "{}"), Trouble.status, "404"),
        (BadDay(410, "{}"), Trouble.gone, ""),
        (BadDay(302, headers={"location": "http://127.0.0.1:9/"}), Trouble.moved, ""),
        (BadDay(500, "{}"), Trouble.server, "500"),
        (BadDay(200, "<h1>Welcome</h1>", "text/html"), Trouble.shape, ""),
        (BadDay(200, '{"gpus": [{"id": "NVID'), Trouble.shape, ""),
        (BadDay(200, "[" * 100_000), Trouble.shape, ""),
        (BadDay(200, b"\xff\xfe"), Trouble.shape, ""),
        (BadDay(200, ""), Trouble.shape, ""),
        (BadDay(200, "[]"), Trouble.shape, ""),
        (BadDay(200, '{"success": false, "gpus": []}'), Trouble.shape, ""),
        (BadDay(200, '{"gpus": {"0": {}}}'), Trouble.shape, ""),
        (BadDay(200, '{"pods": []}'), Trouble.shape, ""),
        (BadDay(200, '{"gpus": []}'), Trouble.empty, ""),
        (BadDay(200, '{"gpus": [' + "1," * 6000 + "1]}"), Trouble.shape, ""),
        (BadDay(200, "{}", headers={"content-encoding": "gzip"}), Trouble.shape, ""),
        (BadDay(200, " " * (MAX_BYTES + 1)), Trouble.too_large, ""),
    ],
)  # fmt: skip
async def test_what_is_no_price_list_says_why(bad: BadDay, trouble: Trouble, detail: str) -> None:
    with pytest.raises(NoPrices) as failed:
        await runpods(Market(runpod=[RTX_4090], bad={RUNPOD_PATH: bad}))
    assert (failed.value.trouble, failed.value.detail) == (trouble, detail)


@pytest.mark.parametrize(
    ("bad", "waited"),
    [
        (BadDay(429, "", headers={"retry-after": "12"}, times=1), [12]),
        (BadDay(429, "", headers={"retry-after": "0"}, times=1), [0]),
        (BadDay(503, "", times=1), [2]),
    ],
)
async def test_one_bad_moment_is_waited_for_and_a_second_is_not(
    bad: BadDay, waited: list[float]
) -> None:
    clock, market = Still(), Market(runpod=[RTX_4090], bad={RUNPOD_PATH: bad})
    assert len((await runpods(market, clock)).rows) == 1
    assert clock.slept == waited
    market.bad[RUNPOD_PATH] = BadDay(bad.status, bad.body, headers=bad.headers, times=2)
    with pytest.raises(NoPrices):
        await runpods(market)
    assert len(market.asked) == 4


async def test_a_redirect_does_not_take_the_key_elsewhere() -> None:
    elsewhere = Market()
    async with listening(elsewhere.app) as port:
        there = {"location": f"http://127.0.0.1:{port}{RUNPOD_PATH}"}
        with pytest.raises(NoPrices):
            await runpods(Market(bad={RUNPOD_PATH: BadDay(307, headers=there)}))
    assert elsewhere.asked == []


async def test_a_slow_answer_and_a_closed_door_are_given_up(closed_port: int) -> None:
    slow = Market(bad={LAMBDA_PATH: BadDay(delay=2)})
    async with asking(slow.app, read_seconds=0.2) as ask:
        with pytest.raises(NoPrices) as late:
            await lambda_cloud.read(ask)
    assert late.value.trouble is Trouble.timeout
    async with provider_client(f"http://127.0.0.1:{closed_port}", None) as client:
        with pytest.raises(NoPrices) as closed:
            await lambda_cloud.read(Asking(client, Still()))
    assert closed.value.trouble is Trouble.network


@pytest.mark.parametrize(
    "host",
    [
        "127.1", "2130706433", "0x7f000001", "017700000001", "169.254.169.254",
        "10.0.0.8", "192.168.1.1", "100.64.0.1", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]", "[::ffff:169.254.169.254]", "[::]",
    ],
)  # fmt: skip
async def test_addresses_that_are_not_public_are_not_connected_to(host: str) -> None:
    async with provider_client(f"https://{host}:9", "key") as client:
        with pytest.raises(NoPrices) as refused:
            await runpod.read(Asking(client, Still()))
    assert refused.value.trouble is Trouble.not_public


def test_public_addresses_are_public() -> None:
    assert all(map(public, ("1.1.1.1", "93.184.216.34", "2606:4700:4700::1111")))
    assert not any(map(public, ("224.0.0.1", "ff02::1", "198.18.0.1", "192.0.0.9", "fe80::1%lo")))


async def test_a_name_without_an_address_is_a_network_problem() -> None:
    async with httpx.AsyncClient(transport=PublicOnly()) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("https://nowhere.invalid/")


@pytest.mark.parametrize(
    ("reported", "meant"),
    [("24", 24), ("22.49", 24), ("45", 48), ("79.6", 80), ("30", None), ("0", None), ("-24", None)],
)
def test_a_reported_size_is_the_sticker_it_is_nearest_to(reported: str, meant: int | None) -> None:
    assert nominal((16, 24, 48, 80), Decimal(reported)) == meant
    assert nominal((), Decimal(reported)) is None
