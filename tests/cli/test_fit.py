"""`owroute fit`: verdicts in words and exit codes, one format at length, all of them in a line."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from engine.canonical import canonical
from engine.contract import FitReport, FitVerdict, HardwareSpec, KvDtype
from tests.cli.command import ran, typed
from tests.cli.fitting import Engine, at_a_url, report

ON_L4 = ("fit", "Qwen/Qwen3-8B", "--gpu", "l4")


async def run(
    engine: Engine, *arguments: str, cwd: Path, **env: str
) -> subprocess.CompletedProcess[bytes]:
    async with at_a_url(engine) as there:
        return await asyncio.to_thread(ran, "fit", *arguments, cwd=cwd, env={**there, **env})


def test_a_real_model_on_a_real_card(tmp_path: Path) -> None:
    done = ran(*ON_L4, "--scheme", "BF16", cwd=tmp_path)
    page = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b""), page
    assert "Qwen/Qwen3-8B in BF16 with vLLM on 1 x L4" in page
    for word in ("Needs", "Available", "weights", "Largest context", "Requests at once",
                 "Disk", "Method", "Error band", "Sources"):  # fmt: skip
        assert word in page


def test_without_a_format_every_one_has_a_line(tmp_path: Path) -> None:
    done = ran(*ON_L4, cwd=tmp_path)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0
    assert lines[0] == "Qwen/Qwen3-8B with vLLM on 1 x L4"
    assert [line.split()[0] for line in lines[1:3]] == ["Format", "BF16"]
    assert max(map(len, lines)) <= 100


def test_more_context_and_more_requests_never_need_less() -> None:
    small, large = (
        FitReport.model_validate_json(typed(*ON_L4, "--json", "--scheme", "AWQ", *more).stdout)
        for more in (("--context", "1024"), ("--context", "32768", "--concurrency", "4"))
    )
    assert small.need_expected < large.need_expected


def test_what_does_not_fit_ends_with_3() -> None:
    done = typed("fit", "Qwen/Qwen3-32B", "--gpu", "t4", "--scheme", "AWQ")
    assert (done.exit_code, done.stdout[:14]) == (3, "✗ Does not fit")


def test_a_format_the_card_cannot_run_is_said_before_any_number() -> None:
    done = typed("fit", "Qwen/Qwen3-8B", "--gpu", "t4", "--scheme", "BF16")
    assert done.exit_code == 3
    assert "Tesla T4 cannot run BF16: it has compute capability 7.5" in done.stdout
    assert "Needs" not in done.stdout


def test_a_machine_without_a_gpu() -> None:
    done = typed("fit", "Qwen/Qwen3-8B", "--ram", "32", "--context", "4096")
    assert done.exit_code == 0
    assert "with llama.cpp on a processor with 32 GiB of memory" in done.stdout


def test_several_gpus_are_told_per_gpu() -> None:
    done = typed("fit", "Qwen/Qwen3-32B", "--gpu", "l4", "--gpus", "4", "--scheme", "BF16")
    assert "4 x L4" in done.stdout
    assert "per GPU" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--gpu", "l4"), "Name a model, for example"),
        (("Qwen/Qwen3-8B",), "Say where it should fit: --gpu"),
        (("Qwen/Qwen3-8BB", "--gpu", "l4"), "Did you mean Qwen/Qwen3-8B"),
        (("qwen3 8b x", "--gpu", "l4"), "Did you mean Qwen/Qwen3-8B"),
        (("no such thing at all", "--gpu", "l4"), "Type owner/name"),
        (("Qwen/Qwen3-8B", "--gpu", "rtx409"), "--gpu: No such GPU. Did you mean rtx4090"),
        (("Qwen/Qwen3-8B", "--gpu", "abacus"), "--gpu: No such GPU"),
        (("Qwen/Qwen3-8B", "--gpu", "abacus!"), "--gpu: Type a GPU by id or name"),
        (("Qwen/Qwen3-8B", "--gpu", "l4", "--runtime", "vlmm"), "Choose one of these: vllm"),
        (("Qwen/Qwen3-8B", "--gpu", "l4", "--scheme", "AQW"), "Choose one of these"),
        (("Qwen/Qwen3-8B", "--gpu", "l4", "--context", "0"), "--context: Type a whole number"),
        (("Qwen/Qwen3-8B", "--gpu", "l4", "--context", "1000000000000"), "--context: Type"),
        (("Qwen/Qwen3-8B", "--gpu", "l4", "--gpus", "-1"), "--gpus: Type how many GPUs"),
        (("Qwen/Qwen3-8B", "--gpu", "l4", "--concurrency", "1e3"), "--concurrency: "),
        (("Qwen/Qwen3-8B", "--ram", "NaN"), "--ram: "),
        (("Qwen/Qwen3-8B", "--gpu", "l4", "--kv-dtype", "int3"), "--kv-dtype: Choose auto"),
    ],
)
def test_what_cannot_be_used_is_answered_with_what_to_type(
    arguments: tuple[str, ...], said: str
) -> None:
    done = typed("fit", *arguments)
    assert (done.exit_code, done.stdout) == (2, ""), done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("model", ["qwen3-8b", "QWEN/qwen3-8b"])
@pytest.mark.parametrize(
    "gpu", ["L4", "RTX 4090", "rtx-4090", "NVIDIA GeForce RTX 4090", "NVIDIA L4"]
)
def test_names_are_found_however_they_are_spelled(model: str, gpu: str) -> None:
    done = typed("fit", model, "--gpu", gpu, "--scheme", "fp8")
    assert done.exit_code == 0, done.stderr
    assert "Qwen/Qwen3-8B in FP8" in done.stdout


@pytest.mark.parametrize("gpu", ["V100", "NVIDIA V100 SXM2", "A100", "RTX 4060 Ti"])
def test_a_name_of_several_sizes_is_asked_back(gpu: str) -> None:
    done = typed("fit", "Qwen/Qwen3-8B", "--gpu", gpu)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--gpu: This name stands for GPUs of several memory sizes. Write " in done.stderr


@pytest.mark.parametrize(
    ("verdict", "code", "word"),
    [
        (FitVerdict.fits, 0, "✓ Fits: "),
        (FitVerdict.tight, 0, "! Tight: "),
        (FitVerdict.does_not_fit, 3, "✗ Does not fit: "),
        (FitVerdict.unknown, 4, "? Unknown: "),
    ],
)
async def test_each_verdict_has_its_word_and_its_exit_code(
    verdict: FitVerdict, code: int, word: str, tmp_path: Path
) -> None:
    engine = Engine({"AWQ": verdict})
    done = await run(engine, "Small-8B", "--gpu", "l4", "--scheme", "AWQ", cwd=tmp_path)
    page = done.stdout.decode()
    assert (done.returncode, page[: len(word)]) == (code, word)
    if verdict is FitVerdict.unknown:
        assert "do not count on it" in page
        assert "Needs" not in page


async def test_the_numbers_as_they_are_written(tmp_path: Path) -> None:
    done = await run(Engine(), "Small-8B", "--gpu", "l4", "--scheme", "awq", cwd=tmp_path)
    assert done.stdout.decode() == (
        "✓ Fits: Acme/Small-8B in AWQ with vllm on 1 x L4\n"
        "  Needs 18.0 GiB; at least 16.0, at most 19.0\n"
        "  Available 20.0 GiB: 90 % of 22.49 GiB usable\n"
        "  Of the need: weights 15.0, KV cache 1.0, activations 1.0, runtime 1.0 GiB\n"
        "  Largest context that fits: 12,000 tokens\n"
        "  Requests at once with the whole context: 3\n"
        "  Disk for the files: 17.0 GiB\n"
        "  Method: formula\n"
        "  Error band: 5 %, checked against measurements\n"
        "  Sources:\n"
        "  - config.json\n"
    )


def test_no_more_context_is_promised_than_the_model_was_made_for() -> None:
    done = typed("fit", "Qwen/Qwen3-8B", "--gpu", "h100-80gb", "--scheme", "AWQ")
    assert "Largest context that fits: 40,960 tokens, all that the model" in done.stdout


async def test_the_best_format_decides_and_what_the_card_cannot_run_is_not_asked(
    tmp_path: Path,
) -> None:
    engine = Engine({"FP16": FitVerdict.does_not_fit, "AWQ": FitVerdict.tight})
    done = await run(engine, "Acme/Small-8B", "--gpu", "t4", cwd=tmp_path)
    page = done.stdout.decode()
    assert done.returncode == 0
    assert [a.scheme for a in engine.asked] == ["FP16", "AWQ"]
    assert "Tesla T4 cannot run BF16" in page
    assert [line.split()[0] for line in page.splitlines()[2:5]] == ["BF16", "FP16", "AWQ"]


async def test_a_narrow_terminal_gets_the_same_with_its_headings(tmp_path: Path) -> None:
    done = await run(Engine(), "Small-8B", "--gpu", "l4", cwd=tmp_path, COLUMNS="60")
    page = done.stdout.decode()
    assert max(map(len, page.splitlines())) <= 60
    assert page.count("Largest context: 12,000") == 3


async def test_what_is_typed_arrives(tmp_path: Path) -> None:
    engine = Engine()
    await run(
        engine, "Small-8B", "--gpu", "nvidia l4", "--gpus", "2", "--ram", "64", "--context",
        "4096", "--concurrency", "3", "--kv-dtype", "FP8", "--scheme", "AWQ", cwd=tmp_path,
    )  # fmt: skip
    (asked,) = engine.asked
    assert asked.hardware == HardwareSpec.model_validate(
        {"gpu_id": "nvidia l4", "gpu_count": 2, "ram_gib": "64"}
    )
    assert (asked.context_tokens, asked.concurrency, asked.kv_dtype) == (4096, 3, KvDtype.fp8)
    assert (asked.model_repo, asked.runtime) == ("Acme/Small-8B", "vllm")


async def test_json_is_the_report_or_one_per_format(tmp_path: Path) -> None:
    one = await run(Engine(), "Small-8B", "--gpu", "l4", "--scheme", "AWQ", "--json", cwd=tmp_path)
    assert one.stdout == canonical(report().model_dump(mode="json"))
    many = await run(Engine(), "Small-8B", "--gpu", "t4", "--json", cwd=tmp_path)
    found = json.loads(many.stdout)
    assert {s: f and f["verdict"] for s, f in found.items()} == {
        "BF16": None, "FP16": "fits", "AWQ": "fits",
    }  # fmt: skip
    assert b"Tesla T4 cannot run BF16" in many.stderr


async def test_a_runtime_that_runs_nothing_of_the_model_is_said(tmp_path: Path) -> None:
    done = await run(Engine(), "Old-7B", "--gpu", "l4", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"vllm runs none of the formats this model is published in (GGML)" in done.stderr


async def test_what_the_engine_refuses_is_told_with_its_flag(tmp_path: Path) -> None:
    problem = {"errors": [{"pointer": "/context_tokens", "detail": "Above what it was made for."}]}
    engine = Engine(problem=json.dumps(problem))
    done = await run(engine, "Small-8B", "--gpu", "l4", "--scheme", "AWQ", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == b"The engine does not accept --context: Above what it was made for.\n"


async def test_the_page_is_chinese_where_the_reader_is(tmp_path: Path) -> None:
    done = await run(Engine(), "Small-8B", "--gpu", "l4", cwd=tmp_path, LANGUAGE="zh_CN")
    assert "放得下" in done.stdout.decode()
    assert "最大上下文" in done.stdout.decode()


def test_an_engine_that_is_away_is_said(tmp_path: Path) -> None:
    done = ran(*ON_L4, cwd=tmp_path, env={"OWROUTE_ENGINE_URL": "http://127.0.0.1:9"})
    assert (done.returncode, done.stdout) == (5, b"")
    assert b"http://127.0.0.1:9 gave no usable answer" in done.stderr
