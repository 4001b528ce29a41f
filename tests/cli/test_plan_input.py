"""What cannot be used: each time a sentence that says what to type instead, and exit code 2."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from owroute.cli import run
from tests.cli.command import CARD, PLAIN, environment, ran, typed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--task", ""), "--task: Say in 3 to 300 characters"),
        (("--task", "x" * 305), "--task: Too long: leave out 5 characters."),
        (("--task", "\n\u200b\n"), "--task: Say in 3 to 300 characters"),
        (("--privacy", "secret"), "--privacy: Choose public, internal, private_docs or regulated."),
        (("--available-route", "moon"), "--available-route: Choose local_cpu"),
        (("--context-tokens", "-1"), "--context-tokens: Type a whole number from 1"),
        (("--context-tokens", "8k"), "--context-tokens: Type 8192, with plain digits"),
        (("--concurrency", "２"), "--concurrency: Type 2, with plain digits"),
        (("--max-hourly", "1,5"), "--max-hourly: Type 1.5, with plain digits"),
        (("--max-hourly", "NaN"), "--max-hourly: Type an amount in USD"),
        (("--session-hours", "1e309"), "--session-hours: Type the hours"),
        (("--session-hours", "745"), "--session-hours: Type the hours"),
        (("--gpu-count", "0"), "--gpu-count: Type how many GPUs"),
        (("--review-date", "tomorrow"), "--review-date: Type a day"),
        (("--model-repo", "qwen"), "--model-repo: Type owner/name"),
        (("--revision", "main"), "--revision: Paste the 40 hex digits"),
        (("--machine-name", "Ada's box"), "--machine-name: Type a name of up to 40"),
        (("--nonsense", "1"), "There is no option --nonsense."),
        (("--privcy", "public"), "There is no option --privcy. Did you mean --privacy?"),
        (("--privacy",), "The option --privacy was not used as it is meant."),
        (("--view", "other"), "This command line was not understood"),
        (("stray",), "This command line was not understood"),
    ],
)
def test_a_bad_flag_is_named_with_what_to_type(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", *PLAIN, *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(sentence)
    assert len(said.err.splitlines()) == 1


def test_all_problems_are_told_at_once() -> None:
    done = typed("plan", *PLAIN, "--privacy", "x", "--gpu-count", "many", "--max-hourly", "much")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "--privacy", "--gpu-count", "--max-hourly",
    ]  # fmt: skip


def test_what_is_missing_is_named_by_its_flag() -> None:
    done = typed("plan", "--task", "a model run", "--needs-service-api")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--privacy --available-route --needs-fine-tuning --budget-level" in done.stderr
    assert "--task" not in done.stderr


def test_with_nothing_at_all_it_says_what_is_missing_and_does_not_wait(tmp_path: Path) -> None:
    done = ran("plan", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(b"Still missing: --task --privacy")


def test_a_closed_input_is_nobody_to_ask(tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m owroute plan <&-"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr[:14]) == (2, b"Still missing:")


def test_standard_input_that_is_no_card_is_called_by_its_name(tmp_path: Path) -> None:
    done = ran("plan", cwd=tmp_path, given=b"privacy: public")
    assert done.returncode == 2
    assert done.stderr.startswith(b"Standard input is not JSON")


def test_a_reader_that_leaves_early_is_no_accident(tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m owroute plan {shlex.join(PLAIN)} | true"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not JSON"),
        (b'{"task": ', "is not JSON: look at line and column 1:10"),
        (b"[1, 2]", "is JSON, but not a card"),
        (b'"\xff\xfe"', "is not text in UTF-8"),
        (b"[" * 100_000, "is not JSON that can be read"),
    ],
)
def test_a_file_that_is_no_card_is_answered(content: bytes, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_bytes(content)
    done = typed("plan", "--card", str(file))
    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = typed("plan", "--card", str(tmp_path / "none.json"))
    assert done.exit_code == 2
    assert "none.json cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"privcy": "public"}, '"privcy" is not a field of the card. Did you mean privacy?'),
        ({"zzz": 1}, '"zzz" is not a field of the card: leave it out.'),
        ({"max_hourly": 1.5}, "--max-hourly: Type an amount"),
        ({"needs_service_api": "yes"}, "--needs-service-api: "),
        ({"hardware": {"gpu_count": 0}}, "--gpu-count: "),
        ({"hardware": "l4"}, "hardware in the card file"),
        ({"architecture": {"layers": 0}}, "architecture.layers in the card file"),
    ],
)
def test_a_bad_field_in_a_file_is_named(fields: dict[str, object], sentence: str) -> None:
    done = typed("plan", "--card", "-", given=json.dumps(CARD | fields))
    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr
