"""`owroute rules`, and how the commands that run an engine tell what became of an overlay."""

import json
from pathlib import Path

import httpx
import pytest

from tests.cli.command import PLAIN, ran, typed
from tests.cli.test_engine_service import engine
from tests.cli.test_operator_commands import SETTINGS, checked, slack
from tests.engine.overlays import BUDGET, CONFLICTS, FIRST, HARDWARE, MODEL, OURS, written

HERE = "owroute-data/overlay"
SMALL = 'classes:\n  small: {max_monthly: "80"}\n'
BROKEN = "hardware:\n  - {gpu_id: l4, nominal_gb: many}\n"
WIDER = "rules:\n  - id: privacy.private_docs_on_free_colab\n    when: {route: [free_colab]}\n"


def test_lint_without_an_overlay_looks_at_the_built_in_data() -> None:
    done = typed("rules", "lint")
    assert done.exit_code == 0
    assert done.stdout.endswith(" files, no findings.\n")


def test_lint_looks_into_the_data_folder(tmp_path: Path) -> None:
    written(tmp_path / HERE, {HARDWARE: BROKEN})
    done = typed("rules", "lint")
    assert done.exit_code == 1
    assert done.stdout == (
        f"{HERE}/{HARDWARE}:{FIRST + 1}: nominal_gb must be a number; many is not.\n"
    )


def test_lint_speaks_chinese(tmp_path: Path) -> None:
    written(tmp_path / "ours", {HARDWARE: BROKEN})
    done = typed("rules", "lint", "ours", lang="zh_CN")
    assert done.stdout == f"ours/{HARDWARE}:{FIRST + 1}: nominal_gb 必须是数字，many 不是。\n"


@pytest.mark.parametrize("command", ["lint", "diff", "test"])
def test_a_folder_that_is_none_is_named(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in ("file", "nowhere"):
        done = typed("rules", command, folder)
        assert done.exit_code == 2
        assert done.stderr == f"{folder} is not a folder: name the folder of your overlay.\n"


def test_diff_shows_changes_by_file_and_entry(tmp_path: Path) -> None:
    written(tmp_path / HERE, {BUDGET: SMALL, OURS: MODEL})
    done = typed("rules", "diff")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "models/catalog.yaml",
        "  added: ours/small-7b",
        BUDGET,
        "  small max_monthly: 50 -> 80",
    ]


def test_diff_of_nothing_says_so(tmp_path: Path) -> None:
    assert "There is no overlay in " in typed("rules", "diff").stdout
    written(tmp_path / HERE, {BUDGET: SMALL.replace("80", "50")})
    assert typed("rules", "diff").stdout == "The overlay changes nothing.\n"


@pytest.mark.parametrize("command", ["diff", "test"])
def test_a_broken_overlay_has_no_effect_to_show(command: str, tmp_path: Path) -> None:
    written(tmp_path / HERE, {HARDWARE: BROKEN})
    done = typed("rules", command)
    assert done.exit_code == 1
    assert done.stdout.startswith(f"{HERE}/{HARDWARE}:{FIRST + 1}: ")
    assert done.stderr == "The overlay is not applied until this is mended.\n"


def test_test_shows_which_decisions_change_and_how_accurate_memory_is(tmp_path: Path) -> None:
    written(tmp_path / HERE, {CONFLICTS: WIDER})
    done = typed("rules", "test")
    lines = done.stdout.splitlines()
    assert lines[0] == "temporary experiment on free Colab"
    assert lines[1] == "  status: Go -> Refused"
    assert lines[2].startswith("  model: ")
    assert "16 cards decided, 1 changed by the overlay." in lines
    assert any(line.startswith("Memory: ") for line in lines)
    assert (done.exit_code == 0) == (" 0 outside their tolerance." in done.stdout)


def test_test_in_chinese(tmp_path: Path) -> None:
    written(tmp_path / HERE, {CONFLICTS: WIDER})
    lines = typed("rules", "test", lang="zh_CN").stdout.splitlines()
    assert lines[0] == "免费 Colab 上的临时实验"
    assert "已决策 16 张约束卡，其中 1 张因团队数据而改变。" in lines


def test_figures_of_ones_own_can_be_off_or_unreadable(tmp_path: Path) -> None:
    head = "fact_id,metric,quant,published_value,published_unit,model_repo,use_as,tolerance_pct\n"
    rows = tmp_path / "ours.csv"
    rows.write_text(head + "ours-1,weights_memory,BF16,99,GiB,Qwen/Qwen3-8B,band,5\n")
    done = typed("rules", "test", "--facts", "ours.csv")
    assert done.exit_code == 1
    assert "Memory: 1 figure compared, 1 outside its tolerance." in done.stdout
    assert "  line 2, ours-1: published 106300440576, computed " in done.stdout
    rows.write_text("nothing\n")
    for file in ("ours.csv", "nowhere.csv"):
        done = typed("rules", "test", "--facts", file)
        assert done.exit_code == 2
        assert done.stderr.startswith(f"{file} cannot be compared (")


def test_a_plan_is_decided_with_the_overlay_and_names_it(tmp_path: Path) -> None:
    written(tmp_path / HERE, {OURS: MODEL})
    done = ran("plan", *PLAIN, "--json", cwd=tmp_path)
    inputs = json.loads(done.stdout)["inputs"]
    assert inputs["overlay"]["version"] == OURS
    assert done.stderr == b""
    page = ran("plan", *PLAIN, cwd=tmp_path).stdout.decode()
    assert page.endswith(f"\nWith your team's own data: {OURS}\n")
    moved = ran("plan", *PLAIN, "--json", cwd=tmp_path, env={"OWROUTE_DATA_DIR": "elsewhere"})
    assert json.loads(moved.stdout)["inputs"]["overlay"] is None
    assert json.loads(moved.stdout)["plan_id"] != json.loads(done.stdout)["plan_id"]


def test_a_broken_overlay_is_said_once_and_the_built_in_data_decide(tmp_path: Path) -> None:
    before = ran("plan", *PLAIN, "--json", cwd=tmp_path)
    written(tmp_path / HERE, {HARDWARE: BROKEN})
    done = ran("plan", *PLAIN, "--json", cwd=tmp_path)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(
        f"Overlay: not applied, the built-in data serve alone. {HARDWARE}:{FIRST + 1}: "
    )
    assert (done.returncode, done.stdout) == (before.returncode, before.stdout)


def test_the_engine_shows_its_overlay_in_readyz(tmp_path: Path) -> None:
    written(tmp_path / HERE, {BUDGET: SMALL})
    with engine(tmp_path) as (url, _):
        assert httpx.get(f"{url}/readyz").json()["overlay"] == f"applied: {BUDGET}"
    written(tmp_path / HERE, {HARDWARE: BROKEN})
    with engine(tmp_path) as (url, _):
        answer = httpx.get(f"{url}/readyz")
    assert answer.status_code == 200
    assert answer.json()["overlay"] == f"broken: {HARDWARE}:{FIRST + 1}"


async def test_check_tells_whether_an_overlay_is_applied(tmp_path: Path) -> None:
    written(tmp_path / HERE, {BUDGET: SMALL})
    async with slack(tmp_path) as api:
        env = {**SETTINGS, "SLACK_API_URL": api}
        _, lines = await checked(tmp_path, env)
        assert "ok   Overlay: 1 file applied." in lines
        written(tmp_path / HERE, {HARDWARE: BROKEN})
        code, lines = await checked(tmp_path, env)
    assert code == 1
    (found,) = (line for line in lines if "Overlay" in line)
    assert found.startswith(
        f"BAD  Overlay: not applied, the built-in data serve alone. {HARDWARE}:{FIRST + 1}: "
    )
