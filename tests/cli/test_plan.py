"""`owroute plan`: exit codes, canonical JSON, the page people read."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.canonical import canonical
from engine.contract import ConstraintCard, DecisionCard, Lang
from engine.decide import decide
from owroute.commands.plan_flags import FLAGS, HARDWARE
from owroute.commands.plan_page import page_of
from owroute.commands.speech import Speech
from tests.cli.command import CARD, PLAIN, ran, typed
from tests.engine.cards import DATA, card

TOO_LARGE = (
    "--available-route", "local_gpu", "--gpu-id", "l4", "--model-repo",
    "meta-llama/Llama-3.3-70B-Instruct",
)  # fmt: skip
"""A model that no L4 holds."""
REFUSED = ("--privacy", "private_docs", "--available-route", "free_colab")
UNSTOPPED = ("--available-route", "rented_gpu", "--needs-service-api")


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [((), 0, "ok"), (UNSTOPPED, 3, "needs_changes"), (REFUSED, 4, "refused")],
)
def test_the_exit_code_is_the_status(
    changes: tuple[str, ...], code: int, status: str, tmp_path: Path
) -> None:
    done = ran("plan", "--json", *PLAIN, *changes, cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["status"]) == (code, status)
    assert done.stderr == b""


@pytest.mark.parametrize(("lang", "engine_lang"), [("en", Lang.en), ("zh_CN", Lang.zh)])
def test_json_is_the_engines_canonical_bytes(lang: str, engine_lang: Lang) -> None:
    done = typed("plan", "--json", *PLAIN, lang=lang)
    made = decide(card(), DATA, engine_lang)
    assert done.stdout_bytes == canonical(made.model_dump(mode="json"))


def test_every_field_of_the_card_has_a_flag_or_comes_in_the_file() -> None:
    parts_in_file_only = {"architecture", "price_seen"}
    flags = (FLAGS.keys() - set(HARDWARE)) | {"hardware"}
    assert flags == ConstraintCard.model_fields.keys() - parts_in_file_only


def test_every_flag_arrives_on_the_card() -> None:
    done = typed(
        "plan", "--json", *PLAIN, "--session-hours", "4", "--model-repo", "Qwen/Qwen3-8B",
        "--revision", "0123456789abcdef0123456789abcdef01234567", "--gpu-id", "l4",
        "--gpu-count", "2", "--ram-gib", "32", "--disk-gib", "100", "--context-tokens", "4096",
        "--concurrency", "3", "--kv-dtype", "FP8", "--hours-per-day", "6.5",
        "--days-per-month", "20", "--max-hourly", "1.50", "--max-monthly", "40",
        "--no-commercial-use", "--monthly-active-users", "12", "--eu-entity",
        "--distributes-model", "--region", "eu-west", "--providers-allowed", "runpod, aws",
        "--regulated-providers", "aws", "--eval-failures-recorded", "--access-rule", "the team",
        "--tenancy", "secure", "--public-endpoint", "--machine-name", "ow-12-ada",
        "--fallback-route", "local-gpu", "--license-id", "apache-2.0", "--license-review", "fine",
        "--always-on", "--review-date", "2026-12-24",
    )  # fmt: skip
    resolved = DecisionCard.model_validate_json(done.stdout).inputs.card
    meant: dict[str, Any] = {
        "session_hours": "4", "model_repo": "Qwen/Qwen3-8B",
        "revision": "0123456789abcdef0123456789abcdef01234567",
        "hardware": {"gpu_id": "l4", "gpu_count": 2, "ram_gib": "32", "disk_gib": "100"},
        "context_tokens": 4096, "concurrency": 3, "kv_dtype": "fp8", "hours_per_day": "6.5",
        "days_per_month": 20, "max_hourly": "1.50", "max_monthly": "40", "commercial_use": False,
        "monthly_active_users": 12, "eu_entity": True, "distributes_model": True,
        "region": "eu-west", "providers_allowed": ("aws", "runpod"),
        "regulated_providers": ("aws",), "eval_failures_recorded": True,
        "access_rule": "the team", "tenancy": "secure", "public_endpoint": True,
        "machine_name": "ow-12-ada", "fallback_route": "local_gpu", "license_id": "apache-2.0",
        "license_review": "fine", "always_on": True, "review_date": "2026-12-24",
    }  # fmt: skip
    assert resolved == card(**meant)


def test_a_file_is_a_card_and_flags_go_first(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_text(json.dumps(CARD | {"hardware": {"ram_gib": "64"}}), "utf-8")
    done = typed("plan", "--json", "--card", str(file), "--privacy", "public", "--gpu-id", "l4")
    resolved = DecisionCard.model_validate_json(done.stdout).inputs.card
    assert (resolved.task, resolved.privacy) == (CARD["task"], "public")
    assert resolved.hardware is not None
    assert (resolved.hardware.gpu_id, resolved.hardware.ram_gib) == ("l4", Decimal(64))


@pytest.mark.parametrize("arguments", [(), ("--card", "-")])
def test_a_card_may_come_on_standard_input(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = ran("plan", "--json", *arguments, cwd=tmp_path, given=json.dumps(CARD).encode())
    assert (done.returncode, json.loads(done.stdout)["project"]) == (3, CARD["task"])


def test_the_page_says_what_blocks_and_which_flags_resolve_it() -> None:
    page = typed("plan", *PLAIN, *UNSTOPPED, "--privacy", "private_docs").stdout
    assert page.startswith("! Needs changes: course Q&A assistant\n  Rented GPU · Qwen/Qwen2.5-14B")
    for words in ("What blocks Go", "--access-rule", "--tenancy", "--session-hours", "How it runs",
                  "vllm serve Qwen/", "Stop plan", "pkill -INT -f 'vllm serve'", "Evidence: ",
                  "small instruct model: "):  # fmt: skip
        assert words in page


def test_a_refusal_offers_other_routes_and_no_stop_plan() -> None:
    page = typed("plan", *PLAIN, *REFUSED).stdout
    assert page.startswith("✗ Refused: course Q&A assistant\n")
    assert "Possible instead: Local GPU, Local CPU, and Private GPU" in page
    assert "Stop plan" not in page


def test_an_undecided_card_shows_what_was_compared() -> None:
    page = typed("plan", *PLAIN, "--available-route", "undecided").stdout
    assert "Compared: Local CPU: Go, " in page


def test_the_page_is_not_coloured_where_no_terminal_is() -> None:
    assert "\x1b" not in typed("plan", *PLAIN).stdout


def test_a_task_cannot_drive_the_terminal() -> None:
    page = typed(
        "plan", *PLAIN, "--task", "quiet \x1b[2Jtask \u202eesrever <!channel> {{7*7}}"
    ).stdout
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "<!channel> {{7*7}}" in page


def test_the_page_is_chinese_where_the_reader_is() -> None:
    page = typed("plan", *PLAIN, *REFUSED, lang="zh_CN").stdout
    assert "不能放进免费 Colab" in page


def test_memory_that_is_assumed_is_named_with_its_own_flag() -> None:
    page = typed("plan", *PLAIN).stdout
    assert "No memory is named" in page
    assert "--ram-gib" in page
    assert "--gpu-id" not in page


def test_a_model_that_would_pass_is_named_as_it_is_typed() -> None:
    done = typed("plan", "--json", *PLAIN, *TOO_LARGE)
    offered = [
        conflict.passing["model_repo"]
        for conflict in DecisionCard.model_validate_json(done.stdout).conflicts
        if "model_repo" in conflict.passing
    ]
    page = typed("plan", *PLAIN, *TOO_LARGE).stdout
    assert offered
    for repo in offered:
        assert f"→ This would pass: --model-repo {repo}\n" in page


def test_what_comes_in_a_file_only_is_named_with_the_flag_of_the_file() -> None:
    rented = ("--available-route", "rented_gpu", "--session-hours", "4")
    done = typed("plan", *PLAIN, *rented, "--model-repo", "acme/owl-7b")
    page = " ".join(done.stdout.split())
    assert "Paste its config.json" in page
    assert "architecture in a --card file" in page


@pytest.mark.parametrize(
    ("optional", "heading"),
    [(0, "Evidence: 3 items, all required"), (1, "Evidence: 3 items, 2 of them required")],
)
def test_the_heading_of_the_evidence_does_not_read_as_done(optional: int, heading: str) -> None:
    decision = decide(card(), DATA, Lang.en)
    items = [
        item.model_copy(update={"required": place >= optional})
        for place, item in enumerate(decision.evidence[:3])
    ]
    shown = decision.model_copy(update={"evidence": tuple(items)})
    page = str(page_of(shown, Speech("en"), 100, colour=False))
    assert f"\n{heading}\n" in page
