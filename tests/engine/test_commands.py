"""The printed commands: they run as printed, they name exact files, and nothing listens outside."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from engine.commands import runtime_commands
from engine.contract import Lang, Route, RuntimeCommand, ShutdownCommand, Step, StepKind
from engine.run import Run
from tests.engine.cards import DATA, REVISION
from tests.engine.ways import (
    CPU,
    FILE,
    REPO,
    WORDS,
    commands,
    every_way,
    files,
    gpu,
    line_of,
    model,
    renting,
    stops,
    way,
)  # fmt: skip

ISSUED = frozenset(
    "id host ssh_port user zone offer volume allocation filesystem key_id".split()  # noqa: SIM905 - as they stand in the commands
)
SECRET = re.compile(
    r"hf_[A-Za-z0-9]{8}|sk-[A-Za-z0-9]{8}|rpa_|AKIA|"
    r"(?:--[a-z-]*(?:key|token|secret)|Bearer)[= ]+[\w'\"]"
)
HOSTILE = ["a b.gguf", "$(touch hacked).gguf", "`touch hacked`.gguf", "'; touch hacked; '.gguf",
           '"$HOME".gguf', "{id}.gguf", "模型.gguf"]  # fmt: skip


Printed = Step | RuntimeCommand | ShutdownCommand


def lines(command: RuntimeCommand) -> Iterator[str]:
    """Every line in the order in which it is typed."""
    yield from (step.shell for step in command.before if step.argv)
    yield from (command.shell, command.health_check, command.first_request)
    yield command.version_command


def all_printed(run: Run) -> tuple[RuntimeCommand, tuple[Printed, ...]]:
    """The commands of a run, and everything of it that has arguments, in the order it is typed."""
    route = Route.rented_gpu if run.offer else Route.private_gpu
    command = commands(run, route)
    printed: tuple[Printed, ...] = (*command.before, command, *stops(run, route))
    return command, printed


def in_bash(script: str, cwd: Path, *options: str) -> subprocess.CompletedProcess[str]:
    bash = which("bash") or "bash"
    return subprocess.run(
        [bash, *options], input=script, text=True, capture_output=True, cwd=cwd, check=False
    )


def taken_apart(shells: Iterable[str], cwd: Path) -> list[tuple[str, ...]]:
    """What programs would be given, as bash itself takes the lines apart."""
    script = "".join(f"printf '%s\\0' {shell}; printf '\\1\\0'\n" for shell in shells)
    done = in_bash(script, cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return [tuple(line.split("\0")[:-1]) for line in done.stdout.split("\1\0")[:-1]]


def test_every_way_reads_as_shell_and_says_the_same_as_its_arguments(tmp_path: Path) -> None:
    printed, typed = set(), set[str]()
    for run in every_way():
        command, steps = all_printed(run)
        printed |= {(s.shell, s.argv) for s in steps if s.argv}
        typed |= {*lines(command), *(s.shell for s in steps)}
    shells, argvs = zip(*sorted(printed), strict=True)
    assert shells == tuple(map(shlex.join, argvs))
    assert taken_apart(shells, tmp_path) == list(argvs)
    assert len(shells) > 150
    assert in_bash("\n".join(sorted(typed)), tmp_path, "-n").stderr == ""
    assert not list(tmp_path.iterdir())


def test_nothing_listens_beyond_loopback_and_no_secret_is_written() -> None:
    for run in every_way():
        command, steps = all_printed(run)
        words = [w for s in steps for w in s.argv]
        hosts = {b for a, b in pairwise(words) if a == "--host"}
        whole = " ".join([*words, *command.env, *command.env.values(), *lines(command)])
        assert not {"0.0.0.0", "::", "[::]", "*"} & set(re.split(r"[\s=]", whole))  # noqa: S104  # what must not be
        assert hosts <= {"127.0.0.1"}
        assert command.bind.startswith("127.0.0.1:") or not command.bind
        assert not SECRET.search(whole)


def test_only_what_a_provider_issues_is_left_to_fill_in() -> None:
    for run in every_way():
        command, steps = all_printed(run)
        told = [*(w for s in steps for w in s.argv), *command.env.values(), *lines(command)]
        told += [
            *command.prerequisites,
            *(s.note for s in steps if not isinstance(s, RuntimeCommand)),
        ]
        left = {hole for text in told for hole in re.findall(r"\{([a-z_]+)\}", text)}
        assert left <= ISSUED


def test_the_context_and_the_exact_revision_are_always_said() -> None:
    for run in every_way():
        command, _ = all_printed(run)
        assert "8192" in (*command.argv, *command.env.values())
        downloads = [s.shell for s in command.before if "hf download" in s.shell]
        assert [f"hf download {REPO}" in line for line in downloads] == [True]
        assert f"--revision {REVISION}" in downloads[0]


def test_both_languages_print_the_same_commands_in_other_words() -> None:
    chinese = DATA.rules[Lang.zh].runtimes
    for run in every_way():
        there = Run(
            run.model, run.weights, chinese.runtimes[run.runtime.id], run.machine, run.offer
        )
        route = Route.rented_gpu if run.offer else Route.private_gpu
        (english,) = runtime_commands(renting(), route, run, WORDS)
        (other,) = runtime_commands(renting(), route, there, chinese)
        assert list(lines(english)) == list(lines(other))
        assert not any(text.isascii() for text in other.prerequisites)


@pytest.mark.parametrize("file", HOSTILE)
@pytest.mark.parametrize("runtime", ["llama_cpp", "ollama"])
def test_a_hostile_file_name_stays_one_argument(runtime: str, file: str, tmp_path: Path) -> None:
    run = way(runtime, "Q4_K_M", weights=files("Q4_K_M", file=file))
    command = commands(run)
    steps: list[Printed] = [*command.before, command]
    naming = [s for s in steps if file in " ".join(s.argv)]
    assert taken_apart((s.shell for s in naming), tmp_path) == [s.argv for s in naming]
    assert all({file, f"models/{file}"} & set(s.argv) for s in naming)
    assert len(naming) == 2
    assert not (tmp_path / "hacked").exists()


def test_ollamas_model_file_names_the_file_however_it_is_called(tmp_path: Path) -> None:
    for file in HOSTILE:
        run = way("ollama", "Q4_K_M", weights=files("Q4_K_M", file=file))
        line = line_of(commands(run), StepKind.download, "Modelfile")
        assert in_bash(line, tmp_path).stderr == ""
        assert (tmp_path / "Modelfile").read_text("utf-8") == f"FROM ./models/{file}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["Modelfile"]


@pytest.mark.parametrize(
    "file", ["-rf.gguf", "/etc/passwd", "../x.gguf", "a/../../x", "a\nFROM b", ""]
)
def test_a_file_name_that_may_mean_something_else_counts_as_unknown(file: str) -> None:
    command = commands(way("ollama", "Q4_K_M", weights=files("Q4_K_M", file=file)))
    assert not file or file not in " ".join(lines(command))
    assert any("No GGUF file" in text for text in command.prerequisites)


def test_an_unknown_gguf_file_is_made_from_the_models_own_weights() -> None:
    command = commands(way("llama_cpp", "Q5_K_M", machine=CPU, weights=files("Q5_K_M")))
    made = "models/Qwen2.5-7B-Instruct-Q5_K_M.gguf"
    assert f"--revision {REVISION} --local-dir models/" in line_of(
        command, StepKind.download, "hf download"
    )
    assert line_of(command, StepKind.download, "llama-quantize").endswith(f"{made} Q5_K_M")
    assert command.argv[:3] == ("ow-llama/bin/llama-server", "-m", made)


def test_a_file_in_parts_is_downloaded_whole_and_started_from_its_first() -> None:
    first = "x/big-00001-of-00003.gguf"
    command = commands(way("llama_cpp", "Q8_0", weights=files("Q8_0", file=first)))
    assert "--include 'x/big-*-of-00003.gguf'" in line_of(command, StepKind.download, "hf download")
    assert f"models/{first}" in command.argv


def test_an_unknown_revision_is_left_out_and_said() -> None:
    for runtime in WORDS.runtimes.values():
        scheme = next(iter(runtime.schemes))
        unpinned = files(
            scheme, revision=None, file=FILE if runtime.id in ("llama_cpp", "ollama") else None
        )
        command = commands(way(runtime.id, scheme, weights=unpinned))
        assert not any("--revision" in line for line in lines(command))
        assert any("not pinned" in text for text in command.prerequisites)


@pytest.mark.parametrize(
    ("run", "said", "unsaid"),
    [
        (way("vllm", "FP16"), ["--dtype float16"], ["--kv-cache-dtype"]),
        (way("vllm", "AWQ", machine=gpu(capability="7.5")), ["--dtype float16"], []),
        (way("vllm", "BF16", machine=gpu(4)), ["--tensor-parallel-size 4"], ["--dtype"]),
        (way("sglang", "BF16", machine=gpu(2)), ["--tp-size 2", "--context-length 8192"], []),
        (way("transformers", "FP16"), ["--dtype float16", f"--revision {REVISION}"], []),
        (way("llama_cpp", "Q4_K_M"), ["-ngl 99", "-c 8192", "-np 1"], []),
        (way("llama_cpp", "Q4_K_M", machine=CPU), ["-c 8192"], ["-ngl", "-ctk"]),
    ],
)  # fmt: skip
def test_the_start_says_what_the_machine_and_the_files_ask_for(
    run: Run, said: list[str], unsaid: list[str]
) -> None:
    shell = commands(run).shell
    assert [text for text in said if text not in shell] == []
    assert [text for text in unsaid if text in shell] == []


def test_requests_at_once_and_the_type_of_the_kv_cache_reach_the_runtime() -> None:
    many: dict[str, Any] = {"concurrency": 4, "kv_dtype": "q8_0"}
    llama = commands(way("llama_cpp", "Q4_K_M"), **many)
    assert "-c 32768 -np 4 -ngl 99 -ctk q8_0 -ctv q8_0" in llama.shell
    ollama = commands(way("ollama", "Q4_K_M"), **many).env
    assert (ollama["OLLAMA_CONTEXT_LENGTH"], ollama["OLLAMA_NUM_PARALLEL"]) == ("8192", "4")
    assert ollama["OLLAMA_KV_CACHE_TYPE"] == "q8_0"
    vllm = commands(way("vllm"), **many)
    assert "q8_0" not in vllm.shell
    assert any("vLLM cannot be told" in text for text in vllm.prerequisites)
    assert "--kv-cache-dtype fp8_e4m3" in commands(way("sglang"), kv_dtype="fp8").shell


def test_quantized_files_get_the_packages_they_need() -> None:
    packages = {
        scheme: [s.shell for s in commands(way("transformers", scheme)).before if "pip" in s.shell][
            1:
        ]
        for scheme in ("BF16", "AWQ", "FP8")
    }
    assert packages["BF16"] == []
    assert "gptqmodel==" in packages["AWQ"][0]
    assert "kernels==" in packages["FP8"][0]


def test_what_must_be_so_first_is_said_once_and_only_then() -> None:
    gated = way("transformers", model=model(gated=True))
    said = commands(gated, Route.free_colab, context_tokens=40_000).prerequisites
    assert [word for word in ("HF_TOKEN", "%%bash", "YaRN") if word not in " ".join(said)] == []
    plain = " ".join(commands(way("transformers")).prerequisites)
    assert not any(word in plain for word in ("HF_TOKEN", "%%bash", "YaRN", "second one"))


def test_the_script_reads_the_arguments_it_is_started_with(tmp_path: Path) -> None:
    command = commands(way("transformers", "FP16"))
    (tmp_path / command.argv[1]).write_text(command.script, "utf-8")
    ask = "import run_local_llm as r, sys; a = r.arguments(sys.argv[1:]); print(*vars(a).values())"
    done = subprocess.run(
        [sys.executable, "-c", ask, *command.argv[2:]],
        cwd=tmp_path, text=True, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.split()[:5] == [REPO, REVISION, "8192", "512", "float16"]
    assert {r.script for r in WORDS.runtimes.values() if r.id != "transformers"} == {""}


def test_the_memory_each_runtime_reserves_is_the_memory_it_is_told_to() -> None:
    shares = {"vllm": "--gpu-memory-utilization", "sglang": "--mem-fraction-static"}
    chunks = {"vllm": "--max-num-batched-tokens", "sglang": "--chunked-prefill-size"}
    for runtime in shares:
        argv, memory = commands(way(runtime)).argv, WORDS.runtimes[runtime].memory
        assert Decimal(argv[argv.index(shares[runtime]) + 1]) == memory.share
        assert int(argv[argv.index(chunks[runtime]) + 1]) == memory.chunk_tokens


def test_a_gpu_that_new_builds_of_pytorch_left_behind_gets_one_that_has_code_for_it() -> None:
    """In order: the build of CUDA 12.6 first, which satisfies what Transformers asks for."""
    old = commands(way("transformers", "FP16", machine=gpu(capability="7.0")))
    installs = [s.shell for s in old.before if "pip install" in s.shell]
    assert installs[0] == (
        "ow-transformers/bin/pip install torch==2.11.0+cu126 "
        "--index-url https://download.pytorch.org/whl/cu126"
    )
    assert "torch>=2.6" in installs[1]
    assert "--dtype float16" in old.shell
    for run in (way("transformers", machine=gpu(capability="7.5")), way("vllm")):
        assert not any("cu126" in s.shell for s in commands(run).before)
    assert any("V100" in need and "CUDA 12.6" in need for need in old.prerequisites)
