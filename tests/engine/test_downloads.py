"""What is fetched of a repository: its weights once, as they are read, and all that is beside."""

from collections.abc import Iterator
from fnmatch import fnmatch
from itertools import pairwise
from typing import Any

import pytest

from engine.contract import Lang, ModelItem, StepKind
from engine.memory.schemes import is_gguf
from engine.run import Run
from tests.engine.cards import DATA
from tests.engine.plans import plan
from tests.engine.ways import WORDS, commands, gpu, model, way

MODELS = DATA.catalog.models.models

NEEDED = """
    config.json generation_config.json quantize_config.json preprocessor_config.json params.json
    model.safetensors model-00001-of-00030.safetensors model.safetensors.index.json
    tokenizer.json tokenizer_config.json tokenizer.model tokenizer.model.v3 tekken.json
    special_tokens_map.json vocab.json merges.txt added_tokens.json chat_template.jinja
    modeling_phi3.py configuration_deepseek.py LICENSE README.md
""".split()  # noqa: SIM905 - as a folder lists them

TWICE = """
    consolidated.safetensors consolidated-00001-of-00051.safetensors
    consolidated.safetensors.index.json consolidated.00.pth original/consolidated.00.pth
    original/model-00001-of-00002.safetensors metal/model.bin model.pt weights/model.pth
""".split()  # noqa: SIM905 - as a folder lists them
PICKLED = ("pytorch_model.bin", "pytorch_model-00001-of-00002.bin")


def fetching(item: ModelItem) -> Iterator[tuple[str, ...]]:
    """The commands that fetch a repository, of every runtime and format a model has files of."""
    for runtime in WORDS.runtimes.values():
        for files in DATA.shelf.files(item, runtime, named=True):
            run = Run(item, files.weights, runtime, gpu(), None)
            steps = [s for s in commands(run).before if s.kind is StepKind.download]
            argvs = (s.argv for s in steps if "download" in s.argv)
            yield from (argv for argv in argvs if not any(w.endswith(".gguf") for w in argv))


def left_out(argv: tuple[str, ...]) -> set[str]:
    return {pattern for option, pattern in pairwise(argv) if option == "--exclude"}


@pytest.mark.parametrize("repo", MODELS)
def test_weights_are_fetched_once_and_nothing_that_is_needed_is_left_out(repo: str) -> None:
    found = list(fetching(MODELS[repo]))
    assert found
    for argv in found:
        patterns = left_out(argv)
        for name in (*TWICE, *PICKLED):
            assert any(fnmatch(name, pattern) for pattern in patterns), name
        for name in NEEDED:
            assert not any(fnmatch(name, pattern) for pattern in patterns), name


def test_a_model_that_nobody_has_looked_at_may_have_nothing_but_pickled_weights() -> None:
    for argv in fetching(model(family_id="")):
        assert not any(fnmatch(name, p) for name in PICKLED for p in left_out(argv))
        assert all(any(fnmatch(name, p) for p in left_out(argv)) for name in TWICE)


def test_vllm_reads_the_form_that_is_fetched_and_not_the_makers_own() -> None:
    """Where a repository has consolidated files, it would fetch and read those at the start."""
    argv = commands(way("vllm")).argv
    assert {("--config-format", "hf"), ("--load-format", "hf")} <= set(pairwise(argv))


@pytest.mark.parametrize(
    ("runtime", "option", "told"),
    [
        ("vllm", "--max-num-seqs", {1: "1", 32: "32", 4096: "2048"}),
        ("sglang", "--max-running-requests", {1: "1", 32: "32", 4096: "4096"}),
        ("llama_cpp", "-np", {1: "1", 32: "32"}),
    ],
)
def test_a_server_takes_as_many_requests_at_once_as_its_memory_was_counted_for(
    runtime: str, option: str, told: dict[int, str]
) -> None:
    """vLLM starts only with at most as many as a batch has tokens."""
    scheme = next(s for s in WORDS.runtimes[runtime].schemes if is_gguf(s) or s == "BF16")
    for requests, said in told.items():
        argv = commands(way(runtime, scheme), concurrency=requests).argv
        assert (option, said) in set(pairwise(argv))


@pytest.mark.parametrize(("lang", "said"), [(Lang.en, "what was counted"), (Lang.zh, "估算也按")])
def test_a_cache_that_cannot_be_smaller_is_counted_as_large_as_it_is(lang: Lang, said: str) -> None:
    asked: dict[str, Any] = {"available_route": "local_gpu", "hardware": {"gpu_id": "l4"}}
    plain, told = plan(lang=lang, **asked), plan(lang=lang, **asked, kv_dtype="fp8")
    assert plain.fit == told.fit
    (command,) = told.runtime_commands
    assert any("fp8" in text and said in text for text in command.prerequisites)
