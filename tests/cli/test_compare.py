"""`owroute compare`: five decisions side by side, exit codes, canonical JSON."""

import json
from pathlib import Path

import pytest

from engine.canonical import canonical
from engine.contract import CompareResponse, Lang, Route, Status
from engine.decide import compare
from tests.cli.command import CARD, PLAIN, at_terminal, ran, typed
from tests.engine.cards import DATA, card
from tests.engine.overlays import MODEL, OURS, written

REGULATED = ("--privacy", "regulated", "--budget-level", "zero", "--needs-service-api")
GUARDED = ("--privacy", "private_docs", "--needs-service-api")


@pytest.mark.parametrize(("lang", "engine_lang"), [("en", Lang.en), ("zh_CN", Lang.zh)])
def test_json_is_the_engines_canonical_bytes(lang: str, engine_lang: Lang) -> None:
    done = typed("compare", "--json", *PLAIN, lang=lang)
    made = CompareResponse(plans=compare(card(), DATA, engine_lang))
    assert done.stdout_bytes == canonical(made.model_dump(mode="json"))


@pytest.mark.parametrize("changes", [(), GUARDED, REGULATED])
def test_the_exit_code_is_that_of_the_best_route(changes: tuple[str, ...], tmp_path: Path) -> None:
    done = ran("compare", "--json", *PLAIN, *changes, cwd=tmp_path)
    found = {plan.status for plan in CompareResponse.model_validate_json(done.stdout).plans}
    best = min(found, key=list(Status).index)
    assert done.returncode == {"ok": 0, "needs_changes": 3, "refused": 4}[best]
    assert done.stderr == b""


def test_the_page_has_every_route_what_it_takes_and_the_next_step(tmp_path: Path) -> None:
    page = ran("compare", *PLAIN, *GUARDED, cwd=tmp_path, env={"COLUMNS": "100"}).stdout.decode()
    lines = page.splitlines()
    assert lines[1] == "course Q&A assistant, on every route"
    for name in ("Local CPU", "Local GPU", "Private GPU", "Free Colab", "Rented GPU"):
        assert sum(name in line[:15] for line in lines) == 1
    assert "✗ Refused" in page
    assert "Best next step\n→ " in page
    assert max(map(len, lines)) <= 100


def test_on_a_narrow_terminal_nothing_is_cut_off(tmp_path: Path) -> None:
    wide = ran("compare", *PLAIN, cwd=tmp_path, env={"COLUMNS": "100"}).stdout.decode()
    narrow = ran("compare", *PLAIN, cwd=tmp_path, env={"COLUMNS": "48"}).stdout.decode()
    assert max(map(len, narrow.splitlines())) <= 48
    assert "Answer: ✓ Go" in narrow
    assert "✓ Go" in wide


def test_the_route_one_has_may_be_left_out_or_named() -> None:
    without = [*PLAIN[:4], *PLAIN[6:]]
    assert typed("compare", "--json", *without).stdout == typed("compare", "--json", *PLAIN).stdout
    assert "Keep Local CPU" in typed("compare", *PLAIN).stdout
    assert "Plan it on Local CPU" in typed("compare", *without).stdout


def test_a_teams_own_data_are_named(tmp_path: Path) -> None:
    assert "own data" not in typed("compare", *PLAIN).stdout
    written(tmp_path / "owroute-data/overlay", {OURS: MODEL})
    assert "With your team's own data: models/ours.yaml\n" in typed("compare", *PLAIN).stdout


def test_a_card_file_is_read_as_for_plan(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_text(json.dumps(CARD), "utf-8")
    done = typed("compare", "--json", "--card", str(file), "--privacy", "public")
    plans = CompareResponse.model_validate_json(done.stdout).plans
    assert [p.route.route for p in plans] == list(Route)
    assert {p.inputs.card.privacy for p in plans} == {"public"}


def test_what_is_missing_is_asked_and_the_command_is_repeated(tmp_path: Path) -> None:
    keys = "course helper\n1\nn\nn\n1\n\n"
    code, seen = at_terminal("compare", keys=keys, cwd=tmp_path)
    assert "The same without questions: owroute compare --available-route undecided" in seen
    assert "Best next step" in seen
    assert code in (0, 3)


def test_what_is_missing_is_named_to_programs(tmp_path: Path) -> None:
    done = ran("compare", "--task", "x y z", cwd=tmp_path)
    assert done.returncode == 2
    assert b"--privacy" in done.stderr
    assert b"--available-route" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--context-tokens", "0"), "--context-tokens: Type a whole number from 1"),
        (("--gpu-count", "-1"), "--gpu-count: Type how many GPUs"),
        (("--budget-level", "vast"), "--budget-level: "),
    ],
)
def test_a_bad_value_is_named(arguments: tuple[str, ...], said: str) -> None:
    done = typed("compare", *PLAIN, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_an_engine_that_is_away_is_said(tmp_path: Path) -> None:
    away = {"OWROUTE_ENGINE_URL": "http://127.0.0.1:9"}
    done = ran("compare", *PLAIN, cwd=tmp_path, env=away)
    assert (done.returncode, done.stdout) == (5, b"")
    assert b"http://127.0.0.1:9 gave no usable answer" in done.stderr


def test_the_page_is_chinese_where_the_reader_is() -> None:
    page = typed("compare", *PLAIN, lang="zh_CN").stdout
    assert "最佳下一步" in page
    assert "本地 CPU" in page
