"""Price endpoints on bad days, hostile names, broken tables, and the writer that is killed."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.clock import SystemClock
from owroute.price_table import draft, header, overlay_file, write_table
from sandbox.prices import (
    RUNPOD_PATH,
    VAST_PATH,
    BadDay,
    lambda_type,
    runpod_gpu,
    vast_offer,
)
from tests.cli.command import environment
from tests.cli.prices_shop import PATHS, Shop

BAD_DAYS: dict[str, BadDay] = {
    "asked too often: try again in 60 s": BadDay(429, "", headers={"retry-after": "60"}),
    "asked too often: try again in a few minutes": BadDay(429, "too frequent", "text/plain"),
    "did not let us in": BadDay(401, "{}"),
    "a problem of its own (HTTP 503)": BadDay(503, "busy", "text/plain"),
    "something that is not its price list": BadDay(200, "<h1>Maintenance</h1>", "text/html"),
    "answered with something": BadDay(200, '{"gpus": [{"id": "NVIDIA", "offers": [{'),
    "sends us to another address": BadDay(302, headers={"location": "https://other.example/"}),
    "lists no price": BadDay(200, '{"gpus": [], "offers": [], "data": {}}'),
    "owroute needs an update": BadDay(410, '{"error": "deprecated_endpoint"}'),
}


@pytest.mark.parametrize(("said", "provider"), [*zip(BAD_DAYS, [*PATHS] * 3, strict=True)])
async def test_who_fails_keeps_the_old_prices_and_the_others_get_new_ones(
    said: str, provider: str, shop: Shop
) -> None:
    await shop.refresh("--accept")
    before = shop.files
    shop.market.bad[PATHS[provider]] = BAD_DAYS[said]
    shop.market.runpod = [runpod_gpu("RTX 4090", 24, secure=0.7)]
    shop.market.vast = [vast_offer("RTX 4090", 24564, 0.5)]
    shop.market.lambda_cloud = {"gpu_1x_a10": lambda_type("A10 (24 GB PCIe)", 130)}
    done = await shop.refresh()
    assert done.exit_code == 1
    unchanged = [name for name, content in shop.files.items() if before[name] == content]
    assert unchanged == [f"{provider}.csv"]
    [sentence] = [line for line in done.stderr.splitlines() if said in line]
    assert sentence.endswith("Its old prices stay.")


async def test_a_short_wait_that_was_asked_for_is_waited(shop: Shop) -> None:
    shop.market.bad[RUNPOD_PATH] = BadDay(429, "", headers={"retry-after": "1"}, times=1)
    assert (await shop.refresh("--accept", "--provider", "runpod")).exit_code == 0
    assert len(shop.market.asked) == 2


async def test_a_provider_that_is_away_is_told_with_its_address(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWROUTE_LAMBDA_URL", "http://127.0.0.1:9")
    done = await shop.refresh("--accept")
    assert (done.exit_code, sorted(shop.files)) == (1, ["runpod.csv", "vast.csv"])
    assert "cannot be reached at http://127.0.0.1:9/api/v1/instance-types" in done.stderr
    assert "OWROUTE_LAMBDA_URL" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("RUNPOD_API_KEY", "two canaries"), ("OWROUTE_VAST_URL", "http://canary.example")],
)
async def test_a_setting_that_cannot_be_is_one_sentence(
    name: str, value: str, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    done = await shop.refresh()
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert done.stderr.startswith(name)
    assert "canar" not in done.stderr


async def test_hostile_names_neither_reach_the_table_nor_the_terminal(shop: Shop) -> None:
    hostile = ["=cmd|' /C calc'!A0", 'Evil\x1b[2J\u202e,"\n=1+1', "GPU, 9", "@SUM(1)", "L4\r\n#"]
    shop.market.runpod += [
        {**runpod_gpu(name, 24, secure=0.5), "id": f"{name}-id"} for name in hostile
    ]
    shop.market.lambda_cloud["=x,\n"] = lambda_type("A10 (24 GB PCIe)", 1)
    shop.market.vast.append(vast_offer("RTX 4090\n", 24564, 0.1))
    done = await shop.refresh("--accept")
    assert done.exit_code == 0
    assert "no price above zero or cannot be read: 5 rows." in done.stdout
    assert not [sign for sign in "\x1b\u202e\r" if sign in done.stdout + done.stderr]
    for provider in PATHS:
        for offer in shop.table(provider).values():
            cells = (offer.provider, offer.sku, offer.gpu, offer.tier, offer.region, offer.note)
            assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t"}]


async def test_gpus_that_are_not_known_are_named_and_nothing_worse(shop: Shop) -> None:
    strange = [runpod_gpu(f"Quantum {n}", 48, secure=1) for n in range(15)]
    shop.market.runpod += [*strange, runpod_gpu("L4", 7, secure=1)]
    done = await shop.refresh("--accept", "--provider", "runpod")
    assert (done.exit_code, len(shop.table("runpod"))) == (0, 2)
    said = " ".join(done.stdout.split())
    assert "does not know these GPUs: L4 (7 GB), Quantum 0 (48 GB), " in said
    assert said.endswith("and 4 more.")


async def test_a_table_of_somebody_elses_is_left_alone(shop: Shop) -> None:
    await shop.refresh("--accept")
    file = overlay_file(shop.data, "lambda")
    file.write_text("# our own prices\n", "utf-8")
    done = await shop.refresh()
    assert (done.exit_code, file.read_text("utf-8")) == (1, "# our own prices\n")
    assert "give that file another name" in done.stderr


async def test_a_table_of_ours_that_broke_is_replaced(shop: Shop) -> None:
    await shop.refresh("--accept")
    whole = shop.files
    file = overlay_file(shop.data, "lambda")
    file.write_text(shop.text("lambda").replace("1.29", "0"), "utf-8")
    done = await shop.refresh("--accept")
    assert (done.exit_code, shop.files) == (0, whole)
    assert f"{file} cannot be read as a price table" in done.stderr


async def test_a_folder_that_cannot_be_made_is_said(shop: Shop) -> None:
    shop.data.mkdir()
    (shop.data / "overlay").write_text("in the way", "utf-8")
    done = await shop.refresh("--accept")
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr
    assert "It counts from" not in done.stderr


def _hears_ctrl_c() -> None:
    """What a shell starts in the background is deaf to it, and so are its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def test_an_interrupted_run_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.market.bad[VAST_PATH] = BadDay(delay=20)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "owroute", "prices", "refresh",
        cwd=tmp_path, env=environment(shop.env), stderr=asyncio.subprocess.PIPE,
        preexec_fn=_hears_ctrl_c,
    )  # fmt: skip
    while len(shop.market.asked) < 3:
        await asyncio.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = await process.communicate()
    assert (process.returncode, shop.files) == (130, {})
    assert said.decode().splitlines()[-1] == "Stopped. Nothing was written."
    shop.market.bad.clear()


KILLED = """
import os, sys, pathlib, signal
from owroute.price_table import draft
draft(pathlib.Path(sys.argv[1]), "half a table")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_before_the_change_of_names_the_old_table_stays(tmp_path: Path) -> None:
    file = overlay_file(tmp_path, "runpod")
    write_table(file, "the old table\n")
    died = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False, timeout=60)
    assert (died.returncode, file.read_text("utf-8")) == (-signal.SIGKILL, "the old table\n")
    assert [left for left in file.parent.iterdir() if left.suffix == ".csv"] == [file]
    write_table(file, "the new table\n")
    assert (file.read_text("utf-8"), file.stat().st_mode & 0o777) == ("the new table\n", 0o644)


def test_a_draft_is_hidden_and_beside_the_table(tmp_path: Path) -> None:
    file = overlay_file(tmp_path, "vast")
    drafted = draft(file, "text")
    assert (drafted.parent, drafted.name[:1], file.exists()) == (file.parent, ".", False)
    assert header("vast", SystemClock().now().date(), "https://x").count("\n") == 1
