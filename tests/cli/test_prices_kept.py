"""Lists that were cut short, tables that cannot be read or written, and the team's own GPUs."""

import errno
import os
from pathlib import Path

import pytest

from engine.load import load_data
from owroute.price_table import draft, overlay_file, write_table
from sandbox.prices import lambda_type, runpod_gpu
from tests.cli.prices_shop import Shop
from tests.engine.overlays import HARDWARE, OURS, written

OUR_GPU = """\
hardware:
  - {gpu_id: quantum-48gb, name: Quantum 48, aliases: [Quantum], nominal_gb: 48, usable_gib: null,
     capability: "9.0", source: our own}
"""


def shipped(provider: str) -> set[str]:
    return {k for k, o in load_data().catalog.offers.items() if o.provider == provider}


async def test_a_list_cut_short_does_not_take_the_place_of_the_shipped_table(shop: Shop) -> None:
    shop.market.runpod = [runpod_gpu("L4", 24, secure=0.4)]
    done = await shop.refresh("--provider", "runpod")
    assert (done.exit_code, shop.files) == (1, {})
    known = len(shipped("runpod"))
    assert done.stderr.splitlines()[-1] == (
        f"RunPod does not list {known} of its {known} offers any more, more than half: that"
        " looks like a list cut short, so its old prices stay. If it is complete, run this again"
        " with --accept."
    )
    assert (await shop.refresh("--provider", "runpod", "--accept")).exit_code == 0
    assert len(shop.table("runpod")) == 1


async def test_nor_of_an_older_refresh_and_the_others_get_theirs(shop: Shop) -> None:
    shop.market.runpod += [runpod_gpu("L4", 24, secure=0.4)]
    await shop.refresh("--accept")
    before = shop.files
    shop.market.runpod = [runpod_gpu("L4", 24, secure=0.4)]
    shop.market.lambda_cloud["gpu_1x_a10"] = lambda_type("A10 (24 GB PCIe)", 130)
    done = await shop.refresh()
    assert done.exit_code == 1
    assert shop.files["runpod.csv"] == before["runpod.csv"]
    assert shop.price("lambda:gpu_1x_a10:any:on-demand") == "1.3"
    assert "RunPod does not list 2 of its 3 offers any more" in done.stderr


async def test_half_of_a_list_may_go(shop: Shop) -> None:
    await shop.refresh("--accept")
    shop.market.runpod = [runpod_gpu("RTX 4090", 24, secure=0.69)]
    assert (await shop.refresh("--provider", "runpod")).exit_code == 0
    assert sorted(shop.table("runpod")) == ["runpod:rtx4090:any:secure"]


async def test_a_dry_run_says_that_a_list_would_not_be_taken(shop: Shop) -> None:
    shop.market.runpod = [runpod_gpu("L4", 24, secure=0.4)]
    done = await shop.refresh("--provider", "runpod", "--dry-run")
    assert (done.exit_code, "run this again with --accept" in done.stderr) == (1, True)


async def test_a_list_cut_short_is_said_in_chinese(shop: Shop) -> None:
    shop.market.runpod = [runpod_gpu("L4", 24, secure=0.4)]
    done = await shop.refresh("--provider", "runpod", lang="zh_CN")
    assert done.stderr.splitlines()[-1].startswith("RunPod 的 ")


async def test_gpus_that_the_team_added_are_known(shop: Shop) -> None:
    written(shop.data / "overlay", {HARDWARE: OUR_GPU})
    shop.market.runpod += [runpod_gpu("Quantum", 48, secure=1)]
    done = await shop.refresh("--provider", "runpod", "--accept")
    assert (done.exit_code, "does not know" in done.stdout) == (0, False)
    assert "runpod:quantum-48gb:any:secure" in shop.text("runpod").replace(",", ":").replace(
        ":Quantum:1:48:1:secure:any", ":any:secure"
    )
    data = load_data(overlay=shop.data / "overlay")
    assert data.overlay is not None
    assert data.overlay.problems == ()
    again = await shop.refresh("--provider", "runpod")
    assert (again.exit_code, "3 as before" in again.stdout) == (0, True)


async def test_a_table_that_broke_does_not_hide_the_teams_gpus(shop: Shop) -> None:
    written(shop.data / "overlay", {HARDWARE: OUR_GPU})
    shop.market.runpod += [runpod_gpu("Quantum", 48, secure=1)]
    await shop.refresh("--provider", "runpod", "--accept")
    whole = shop.files
    file = overlay_file(shop.data, "runpod")
    file.write_text(shop.text("runpod").replace("0.69", "0"), "utf-8")
    assert (await shop.refresh("--provider", "runpod", "--accept")).exit_code == 0
    assert shop.files == whole


async def test_an_overlay_that_does_not_serve_is_said(shop: Shop) -> None:
    written(shop.data / "overlay", {HARDWARE: "hardware: 7\n"})
    done = await shop.refresh("--provider", "lambda", "--accept")
    assert done.stderr.startswith("Overlay: not applied, the built-in data serve alone. hardware")
    assert done.exit_code == 0


@pytest.mark.parametrize(
    "broken", [{HARDWARE: OUR_GPU.replace("capability", "capabilty")}, {OURS: "models: 7\n"}]
)
async def test_a_table_with_the_teams_gpus_is_not_replaced_while_they_do_not_count(
    shop: Shop, broken: dict[str, str | bytes]
) -> None:
    written(shop.data / "overlay", {HARDWARE: OUR_GPU})
    shop.market.runpod += [runpod_gpu("Quantum", 48, secure=1)]
    await shop.refresh("--accept")
    before = shop.files
    written(shop.data / "overlay", broken)
    shop.market.lambda_cloud["gpu_1x_a10"] = lambda_type("A10 (24 GB PCIe)", 130)
    done = await shop.refresh("--accept")
    assert (done.exit_code, shop.files["runpod.csv"]) == (1, before["runpod.csv"])
    assert (
        f"RunPod was not asked, because {overlay_file(shop.data, 'runpod')} prices a GPU of yours"
        " that does not count while the overlay is not applied"
    ) in done.stderr
    assert shop.price("lambda:gpu_1x_a10:any:on-demand") == "1.3"


async def test_a_rest_of_the_teams_own_is_said_to_be_kept(shop: Shop) -> None:
    file = overlay_file(shop.data, "lambda")
    written(shop.data / "overlay", {"offers/lambda.csv": "by hand\n"})
    done = await shop.refresh("--provider", "lambda")
    assert (
        f"Lambda was not asked, because {file} was not made by this command and would be replaced:"
        " give that file another name. Its rows then count over those that are read here."
    ) in done.stderr


async def test_a_table_that_cannot_be_read_is_not_taken_for_somebody_elses(shop: Shop) -> None:
    file = overlay_file(shop.data, "lambda")
    file.mkdir(parents=True)
    done = await shop.refresh("--provider", "lambda")
    assert (done.exit_code, "was not made by this command" in done.stderr) == (1, False)
    assert done.stderr.startswith(
        f"Lambda was not asked, because {file} cannot be read (Is a directory) and would be"
        " replaced: "
    )


async def test_the_help_names_every_exit_code(shop: Shop) -> None:
    said = " ".join((await shop.refresh("--help")).stdout.split())
    assert "130 stopped with Ctrl-C" in said


@pytest.mark.parametrize("trouble", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_draft_that_fails_leaves_nothing(
    trouble: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_handle: int) -> None:
        raise trouble

    file = overlay_file(tmp_path, "runpod")
    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(type(trouble)):
        draft(file, "half a table")
    assert list(file.parent.iterdir()) == []


def test_a_table_that_cannot_take_its_name_leaves_nothing(tmp_path: Path) -> None:
    file = overlay_file(tmp_path, "runpod")
    (file / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_table(file, "a table")
    assert list(file.parent.iterdir()) == [file]


async def test_the_only_board_of_a_gpu_is_the_same_with_or_without_its_form(shop: Shop) -> None:
    """Shipped as `A10`; listed as `A10 (24 GB PCIe)`, under the provider's own id."""
    a10 = load_data().catalog.offers["lambda:a10:any:on-demand"]
    cents = int(a10.usd_per_hour * 100)
    shop.market.lambda_cloud = {"gpu_1x_a10": lambda_type("A10 (24 GB PCIe)", cents)}
    same = await shop.refresh("--provider", "lambda", "--dry-run", "--accept")
    assert "a10:" not in same.stdout
    assert "Lambda: 1 as before, 0 moved, 0 not taken, 0 new" in same.stdout


async def test_at_another_price_it_may_be_another_board(shop: Shop) -> None:
    shop.market.lambda_cloud = {"gpu_1x_a10": lambda_type("A10 (24 GB PCIe)", 75)}
    done = await shop.refresh("--provider", "lambda", "--dry-run", "--accept")
    assert "Lambda: 0 as before, 0 moved, 0 not taken, 1 new" in done.stdout


async def test_a_board_that_has_a_match_leaves_the_others_alone(shop: Shop) -> None:
    """Shipped are an A100 PCIe and an A100 SXM of 40 GB, at one price."""
    shop.market.lambda_cloud = {"gpu_1x_a100": lambda_type("A100 (40 GB PCIe)", 199)}
    done = await shop.refresh("--provider", "lambda", "--dry-run", "--accept")
    [gone] = [x for x in done.stdout.splitlines() if "lambda:a100-" in x and "40gb" in x]
    assert "a100-sxm-40gb" in gone
    assert gone.endswith("not listed any more")
