"""A model behind a local command, and what a command line may not give away."""

import json
import sys

import pytest

from bot.domain.capture_form import masked
from capture import owroute_capture as script
from tests.capture.machine import TABLE, Machine

ECHO = """#!/bin/sh
[ "$1" = --version ] && echo 'version: 4567 (abc)' >&2 && exit
shift 2
printf '%s|' "$@"
"""

SECRETS = (
    ("vllm serve Qwen/Qwen3-4B --api-key s3cret -v", "vllm serve Qwen/Qwen3-4B --api-key *** -v"),
    ("x --token=s3cret --max-tokens 5", "x --token=*** --max-tokens 5"),
    ("x --api-key 's3cret with spaces' -v", "x --api-key *** -v"),
    ("HF_TOKEN=s3cret CUDA_VISIBLE_DEVICES=0 vllm", "HF_TOKEN=*** CUDA_VISIBLE_DEVICES=0 vllm"),
    ("OPENAI_API_KEY=\"s3cret\" x", "OPENAI_API_KEY=*** x"),
    ("x hf_s3cretS3cret y", "x hf_*** y"),
    ("x sk-s3cret-1", "x sk-***"),
    ("curl -H 'Authorization: Bearer s3cret' x", "curl -H 'Authorization: Bearer ***' x"),
    ("x --cfg '{\"api_key\": \"s3cret\"}'", "x --cfg '{\"api_key\": ***'"),
    ("x --url https://me:s3cret@host/a", "x --url https://***@host/a"),
    ("x --password s3cret", "x --password ***"),
    ("vllm serve m --api-key k1 k2s3cret -v", "vllm serve m --api-key *** -v"),
    ("x --api-key k1 k2s3cret && y -v", "x --api-key *** && y -v"),
    ("x --api_keys=s3cret,s3cret2 -v", "x --api_keys=*** -v"),
    ("curl -u ada:hunter2 x", "curl -u *** x"),
    ("curl -uada:hunter2 --user=ada:'hunter 2' x", "curl -u*** --user=*** x"),
    ("gpg --passphrase s3cret -d", "gpg --passphrase *** -d"),
    ("x --auth ada:pw --basic-auth s3cret", "x --auth *** --basic-auth ***"),
    ("x --credential s3cret --credentials=s3cret", "x --credential *** --credentials=***"),
    ("x --pass s3cret", "x --pass ***"),
    ("python -u serve.py --host 0.0.0.0", "python -u serve.py --host 0.0.0.0"),
    ("x --auth-type none --max-tokens 8", "x --auth-type none --max-tokens 8"),
    ("llama-cli -m q.gguf --tokenizer t --keep 5", "llama-cli -m q.gguf --tokenizer t --keep 5"),
)  # fmt: skip


@pytest.mark.parametrize(("command", "safe"), SECRETS)
def test_secrets_are_masked_there_and_here(command: str, safe: str) -> None:
    assert script.SECRETS.sub(r"\1\2\3\4\5\6***", command) == safe
    assert masked(command) == safe
    assert masked(safe) == safe


def test_the_prompt_is_one_argument(machine: Machine) -> None:
    machine.program("llama-cli", ECHO)
    machine.write("q.gguf", b"\0" * 2**20)
    prompt = "a; touch pwned $(touch pwned) 'q' \"d\" `touch pwned` & > x"
    ran = machine.run(
        "OW-12", "--command", "llama-cli -m q.gguf -p {prompt} --api-key s3cret", "--prompt", prompt
    )
    found = ran.capture
    assert found.first.output == f"-p|{prompt}|--api-key|s3cret|"
    assert not (machine.home / "pwned").exists()
    assert found.runtime is not None
    assert (found.runtime.name, found.runtime.version) == ("llama-cli", "version: 4567 (abc)")
    assert found.runtime.command == "llama-cli -m q.gguf -p '{prompt}' --api-key ***"
    assert found.disk_gib == pytest.approx(1 / 1024, abs=0.0006)
    assert found.memory is not None
    assert (found.memory.rss_mib or 0) >= 1
    assert found.endpoint is None


def test_without_a_place_for_it_the_prompt_is_the_input(machine: Machine) -> None:
    machine.write("cases.csv", TABLE)
    found = machine.run("OW-12", "--command", "cat", "--cases", "cases.csv").capture
    assert found.first.output == "Say 1"
    assert found.cases is not None
    assert found.cases.passed == 5


def test_all_parts_of_a_split_model_count(machine: Machine) -> None:
    for part in (1, 2, 3):
        machine.write(f"m-0000{part}-of-00003.gguf", b"\0" * 2**20)
    machine.program("llama-cli", ECHO)
    command = "llama-cli -m m-00001-of-00003.gguf {prompt}"
    assert machine.run("OW-12", "--command", command).capture.disk_gib == pytest.approx(0.003)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-program {prompt}", "FileNotFoundError"),
        ("false {prompt}", "CalledProcessError"),
        ("sleep 5", "TimeoutExpired"),
        ("{prompt}", "failed"),
    ],
)
def test_a_command_that_fails(machine: Machine, command: str, said: str) -> None:
    arguments = ("--timeout", "0.3", "--prompt", "very private", "--private")
    ran = machine.run("OW-12", "--command", command, *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


PROGRAM = """#!{python}
import sys
if sys.argv[-1] != "--version": print("Kilimanjaro: " + (sys.argv[-1]))

"""


@pytest.mark.parametrize("way", ["--command", "--endpoint"])
@pytest.mark.parametrize("cases", [5, 60])
def test_a_private_run_gives_no_text_away(
    machine: Machine, endpoint: str, way: str, cases: int
) -> None:
    machine.program("model", PROGRAM.replace("{python}", sys.executable))
    table = "case_id,prompt,expected,note\n" + "".join(
        f"c{n},Where is Zanzibar {n},Indian Ocean {n},remember Mombasa {n}\n" for n in range(cases)
    )
    machine.write("cases.csv", table)
    what = endpoint if way == "--endpoint" else "model --system 'Only Tanganyika' {prompt}"
    ran = machine.run(
        "OW-12", way, what, "--cases", "cases.csv", "--private", "--prompt", "Tell of Pemba",
        "--out", "all.json",
    )  # fmt: skip
    found = ran.capture
    assert found.private
    assert all(isinstance(text, dict) for text in found.texts())
    assert found.cases is not None
    assert found.cases.total == cases
    said = ran.out + ran.err + (machine.home / "all.json").read_text("utf-8")
    for word in ("Zanzibar", "Indian", "Mombasa", "Pemba", "Kilimanjaro", "You said", "Tanganyika"):
        assert word not in said
    assert found.first.prompt == script._hashed("Tell of Pemba")


def test_what_is_odd_in_a_text_survives_the_way(machine: Machine) -> None:
    prompt = "你好，世界 😀 & <b> \u2028 \x07 ﷺ \u202e"
    machine.write("c.jsonl", json.dumps({"case_id": "a", "prompt": prompt, "expected": "世界"}))
    ran = machine.run("OW-12", "--command", "cat", "--cases", "c.jsonl", PYTHONIOENCODING="latin-1")
    assert ran.pasted.first.prompt == prompt
    assert "你好，世界" in ran.out
    assert not {"😀", "\u2028", "\x07", "\u202e"} & set(ran.out)
