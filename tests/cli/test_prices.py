"""`owroute prices refresh` against three stand-ins: what is written, shown and kept."""

import asyncio
from pathlib import Path

import pytest

from bot.clock import SystemClock
from engine.load import load_data
from sandbox.prices import (
    LAMBDA_PATH,
    RUNPOD_PATH,
    SECRET,
    VAST_PATH,
    lambda_type,
    runpod_gpu,
    vast_offer,
)
from tests.cli.command import at_terminal
from tests.cli.prices_shop import PATHS, Shop


async def test_all_three_are_written_as_the_engine_reads_them(shop: Shop) -> None:
    done = await shop.refresh("--accept")
    assert (done.exit_code, sorted(shop.files)) == (0, ["lambda.csv", "runpod.csv", "vast.csv"])
    assert {k: str(o.usd_per_hour) for p in PATHS for k, o in shop.table(p).items()} == {
        "runpod:rtx4090:any:secure": "0.69",
        "runpod:rtx4090:any:community": "0.36",
        "vast:rtx4090:any:community": "0.4",
        "vast:h100-sxm:any:community": "1.6",
        "lambda:gpu_1x_a10:any:on-demand": "1.29",
        "lambda:gpu_8x_h100_sxm5:any:on-demand": "31.92",
    }
    today = SystemClock().now().date()
    for provider, path in PATHS.items():
        first = shop.text(provider).splitlines()[0]
        assert first.startswith(f"# owroute prices refresh: {provider} from http://127.0.0.1:")
        assert first.endswith(f"{path}, {today}")
        for offer in shop.table(provider).values():
            assert offer.as_of == today
            assert offer.source_url.startswith("https://")
            assert offer.source_url.endswith(path)
    assert shop.table("vast")["vast:rtx4090:any:community"].note == "one verified offer"


async def test_it_says_what_it_reads_where_it_wrote_and_from_when_it_counts(shop: Shop) -> None:
    said = (await shop.refresh("--accept")).stderr.splitlines()
    assert [line.split(" from ")[0] for line in said[:3]] == [
        "Reading RunPod", "Reading Vast.ai", "Reading Lambda",
    ]  # fmt: skip
    assert said[3] == f"Written: {shop.data / 'overlay/offers/runpod.csv'}"
    assert said[-1] == "It counts from the next start of owroute."


async def test_keys_go_to_their_own_provider_and_nowhere_else(shop: Shop) -> None:
    done = await shop.refresh()
    sent = dict(shop.market.asked)
    assert sent == {RUNPOD_PATH: "Bearer runpod-key", VAST_PATH: None,
                    LAMBDA_PATH: "Bearer lambda-key"}  # fmt: skip
    kept = b"".join(shop.files.values()).decode() + done.stdout + done.stderr
    assert not [word for word in ("runpod-key", "lambda-key", SECRET) if word in kept]


async def test_the_difference_shows_old_and_new_with_the_day(shop: Shop) -> None:
    await shop.refresh("--accept")
    shop.market.runpod = [
        runpod_gpu("RTX 4090", 24, secure=0.759),
        runpod_gpu("L40S", 48, community=0.8),
    ]
    done = await shop.refresh("--provider", "runpod")
    today = SystemClock().now().date()
    assert (
        done.stdout
        == f"""
RunPod: 0 as before, 1 moved, 0 not taken, 1 new, 1 gone
  offer                         old USD/h (as of)  new USD/h  difference
  runpod:l40s:any:community                        0.8        new offer
  runpod:rtx4090:any:community  0.36 ({today})             not listed any more
  runpod:rtx4090:any:secure     0.69 ({today})  0.759      +10.0 %
"""
    )
    assert sorted(shop.table("runpod")) == [
        "runpod:l40s:any:community", "runpod:rtx4090:any:secure",
    ]  # fmt: skip


async def test_the_first_comparison_is_with_the_shipped_table(shop: Shop) -> None:
    shipped = load_data().catalog.offers["runpod:rtx4090:any:community"]
    done = await shop.refresh("--provider", "runpod")
    [line] = [x for x in done.stdout.splitlines() if "runpod:rtx4090:any:community" in x]
    assert f"{shipped.usd_per_hour} ({shipped.as_of})" in line


async def test_a_second_run_changes_nothing(shop: Shop) -> None:
    await shop.refresh("--accept")
    before = shop.files
    done = await shop.refresh()
    assert (done.exit_code, shop.files) == (0, before)
    assert done.stdout.splitlines() == [
        "", "RunPod: 2 as before, 0 moved, 0 not taken, 0 new, 0 gone",
        "", "Vast.ai: 2 as before, 0 moved, 0 not taken, 0 new, 0 gone",
        "", "Lambda: 2 as before, 0 moved, 0 not taken, 0 new, 0 gone",
    ]  # fmt: skip


async def test_a_dry_run_shows_the_same_and_writes_nothing(shop: Shop) -> None:
    dry = await shop.refresh("--accept", "--dry-run")
    assert (dry.exit_code, shop.data.exists()) == (0, False)
    assert dry.stderr.splitlines()[-1] == "Nothing was written: this was a dry run."
    assert dry.stdout == (await shop.refresh("--accept")).stdout


@pytest.mark.parametrize("leap", [5.01, 0.19])
async def test_a_leap_is_listed_and_taken_only_when_accepted(leap: float, shop: Shop) -> None:
    await shop.refresh("--accept")
    shop.market.runpod = [runpod_gpu("RTX 4090", 24, secure=0.69 * leap, community=0.4)]
    done = await shop.refresh()
    assert done.exit_code == 1
    [line] = [x for x in done.stdout.splitlines() if "runpod:rtx4090:any:secure" in x]
    assert line.endswith("%, not taken")
    assert "run this again with --accept" in done.stderr
    assert shop.price("runpod:rtx4090:any:secure") == "0.69"
    assert shop.price("runpod:rtx4090:any:community") == "0.4"
    assert (await shop.refresh("--accept")).exit_code == 0
    assert shop.price("runpod:rtx4090:any:secure") == f"{0.69 * leap:.4f}"


async def test_five_times_is_no_leap(shop: Shop) -> None:
    await shop.refresh("--accept")
    shop.market.lambda_cloud["gpu_1x_a10"] = lambda_type("A10 (24 GB PCIe)", 645)
    assert (await shop.refresh()).exit_code == 0
    assert shop.price("lambda:gpu_1x_a10:any:on-demand") == "6.45"


async def test_a_leap_against_the_shipped_price_keeps_it_with_its_own_day(shop: Shop) -> None:
    offers = load_data().catalog.offers
    shipped = offers["vast:rtx4090:any:community"]
    shop.market.vast = [
        vast_offer(o.gpu, int(o.vram_gb_per_gpu * 1024), float(o.usd_per_hour))
        for o in offers.values()
        if o.provider == "vast" and o != shipped
    ]
    shop.market.vast.append(vast_offer("RTX 4090", 24564, 40))
    assert (await shop.refresh("--provider", "vast")).exit_code == 1
    assert shop.table("vast")["vast:rtx4090:any:community"] == shipped


async def test_one_or_two_providers_may_be_named(shop: Shop) -> None:
    done = await shop.refresh("--accept", "--provider", "lambda", "--provider", "runpod")
    assert (done.exit_code, sorted(shop.files)) == (0, ["lambda.csv", "runpod.csv"])
    assert {path for path, _ in shop.market.asked} == {RUNPOD_PATH, LAMBDA_PATH}
    assert (await shop.refresh("--provider", "aws")).exit_code == 2


async def test_without_a_key_a_provider_is_passed_over_and_said(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNPOD_API_KEY")
    monkeypatch.delenv("LAMBDA_API_KEY")
    done = await shop.refresh("--accept")
    assert (done.exit_code, sorted(shop.files)) == (0, ["vast.csv"])
    assert [line.partition(": ")[2] for line in done.stderr.splitlines()[:2]] == [
        "set RUNPOD_API_KEY and run this again.", "set LAMBDA_API_KEY and run this again.",
    ]  # fmt: skip
    alone = await shop.refresh("--accept", "--provider", "runpod")
    assert (alone.exit_code, alone.stdout) == (1, "")
    assert alone.stderr.splitlines()[-1] == "No prices were read, so nothing changed."


async def test_a_key_is_used_where_none_is_needed_and_a_wrong_one_is_said(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAST_API_KEY", "vast-key")
    assert (await shop.refresh("--accept", "--provider", "vast")).exit_code == 0
    assert {key for _, key in shop.market.asked} == {"Bearer vast-key"}
    monkeypatch.setenv("VAST_API_KEY", "wrong-canary")
    done = await shop.refresh("--accept", "--provider", "vast")
    assert (done.exit_code, "set VAST_API_KEY to a valid key" in done.stderr) == (1, True)
    assert "canary" not in done.stderr


async def test_the_cheapest_of_two_rows_for_one_offer_counts(shop: Shop) -> None:
    shop.market.runpod = [
        runpod_gpu("H100 PCIe", 80, secure=2.5), runpod_gpu("H100 SXM", 80, secure=3.4),
        runpod_gpu("RTX 4090", 24, secure=0.7),
        runpod_gpu("NVIDIA GeForce RTX 4090", 24, secure=0.6),
    ]  # fmt: skip
    await shop.refresh("--accept", "--provider", "runpod")
    assert {key: str(o.usd_per_hour) for key, o in shop.table("runpod").items()} == {
        "runpod:h100-pcie:any:secure": "2.5",
        "runpod:h100-sxm:any:secure": "3.4",
        "runpod:rtx4090:any:secure": "0.6",
    }


async def test_it_speaks_chinese(shop: Shop) -> None:
    done = await shop.refresh("--dry-run", lang="zh_CN")
    assert "RunPod：1 项不变，1 项变动" in done.stdout
    assert done.stderr.splitlines()[-1] == "没有写入任何内容：这只是试运行。"


async def test_a_terminal_shows_a_bar(shop: Shop, tmp_path: Path) -> None:
    code, seen = await asyncio.to_thread(
        at_terminal, "prices", "refresh", "--accept", keys="", cwd=tmp_path, env=shop.env
    )
    assert code == 0
    assert "Reading prices  [####################################]  100%" in seen
    assert "RunPod: 1 as before, 1 moved" in seen
