"""What can be wrong in an overlay: named by file and line, and then nothing of it is applied."""

from pathlib import Path

import pytest

from tests.engine.overlays import (
    ADAPTATION,
    BUDGET,
    COLUMNS,
    CONFLICTS,
    FAMILIES,
    FIRST,
    HARDWARE,
    HEAD,
    MODEL,
    OFFERS,
    OURS,
    ROUTES,
    RUNTIMES,
    refused,
    row,
    with_overlay,
)

NOWHERE = "rules/2026.10/conflicts.yaml"
HABITS = (
    "runtimes:\n  - id: vllm\n    memory: {{chunk_tokens: {c}, share: '{s}', overhead_mib: {o}, "
    "window: reserved, split: tensor, calibrated: true}}\n"
)

BROKEN: list[tuple[str, str | bytes, int, str]] = [
    # not YAML, not a data file
    (CONFLICTS, b"rules:\n  - id: [unclosed\n", 3, "not YAML"),
    (CONFLICTS, "rules:\n\t- id: x\n", FIRST + 1, "not YAML"),
    (CONFLICTS, b"schema_version: 1\nsource: \xff\xfe\n", 2, "not text in UTF-8"),
    (CONFLICTS, b"a: 1\nb: \x00\n", 2, "not YAML"),
    (CONFLICTS, b"", 1, "has no fields"),
    (CONFLICTS, b"- one\n- two\n", 1, "has no fields"),
    (CONFLICTS, b"a: 1\n---\nb: 2\n", 2, "not YAML"),
    (CONFLICTS, "rules: !!python/object:os.system []\n", FIRST, "not YAML"),
    (CONFLICTS, ("[" * 5000).encode(), 1, "nested deeper"),
    (CONFLICTS, "rules: &a [*a]\n", 1, "nested deeper"),
    (CONFLICTS, b"#" * 1_000_001, 1, "larger"),
    (NOWHERE, "rules: []\n", 1, "no file of this name"),
    ("models/more/ours.yaml", "models: []\n", 1, "no file of this name"),
    ("hardware.yml", "", 1, "has no fields"),
    ("prices.csv", COLUMNS, 1, "no file of this name"),
    ("lesson.yaml", "families: []\n", 1, "cannot be overlaid"),
    ("scenarios.yaml", "scenarios: []\n", 1, "no file of this name"),
    # the head
    (BUDGET, HEAD.replace("extends: builtin\n", "").encode(), 1, "extends is missing"),
    (BUDGET, HEAD.replace("builtin", "nothing").encode(), 5, "extends is nothing"),
    (BUDGET, HEAD.replace('"1"', "1").encode(), 2, "version must be text"),
    (BUDGET, HEAD.replace(": 1\n", ": 2\n").encode(), 1, "schema_version is 2"),
    (BUDGET, HEAD.replace("2026-11-25", "today").encode(), 4, "reviewed must be a day"),
    (BUDGET, HEAD.replace("2026-11-25", "2026-13-25").encode(), 4, "not YAML"),
    # fields, types, values
    (BUDGET, "colour: red\n", FIRST, "colour is not a known field"),
    (BUDGET, "classes:\n  small: {max_weekly: 3}\n", FIRST + 1, "max_weekly is not a known field"),
    (BUDGET, "classes:\n  huge: {max_hourly: 3}\n", FIRST + 1, "huge"),
    (BUDGET, "classes:\n  small: {max_hourly: much}\n", FIRST + 1, "max_hourly must be a number"),
    (BUDGET, "classes:\n  small: {max_hourly: -1}\n", FIRST + 1, "max_hourly"),
    (BUDGET, "classes:\n  small: {disabled: true}\n", FIRST + 1, "small cannot be removed"),
    (BUDGET, "classes: []\n", FIRST, "classes must have fields"),
    (HARDWARE, "hardware:\n  - {gpu_id: l4, nominal_gb: many}\n", FIRST + 1, "must be a number"),
    (HARDWARE, "hardware:\n  l4: {nominal_gb: 3}\n", FIRST, "hardware must be a list"),
    (HARDWARE, "hardware:\n  - {gpu_id: new}\n", FIRST + 1, "is missing"),
    (HARDWARE, "hardware:\n  - {name: new}\n", FIRST + 1, "needs its gpu_id"),
    (HARDWARE, "hardware:\n  - gpu_id: [l4]\n", FIRST + 1, "needs its gpu_id"),
    (HARDWARE, "hardware:\n  - {gpu_id: l4}\n  - {gpu_id: l4}\n", FIRST + 2, "l4 stands twice"),
    (HARDWARE, "hardware:\n  - gpu_id: l4\n    name: a\n    name: b\n", FIRST + 3, "name stands"),
    (HARDWARE, "hardware:\n  - {gpu_id: l5, disabled: true}\n", FIRST + 1, "it is not there"),
    (HARDWARE, "hardware:\n  - {gpu_id: l4, disabled: no}\n", FIRST + 1, "can only be true"),
    (ROUTES, "routes:\n  - {id: local_cpu, disabled: true}\n", FIRST + 1, "some plan needs it"),
    (ROUTES, "routes:\n  - {id: moon}\n", FIRST + 1, "moon"),
    (OURS, MODEL.replace("layers: 28", "layers: -1"), FIRST + 6, "layers"),
    (OURS, MODEL.replace("ours/small", "small", 1), FIRST + 1, "repo"),
    (OURS, MODEL.replace("gqa", "flash"), FIRST + 5, "attention is flash; possible are"),
    # what a rule may say
    (
        CONFLICTS,
        "rules:\n  - id: rent.not_justified\n    when: {weather: [rain]}\n",
        FIRST + 2,
        "weather",
    ),
    (
        CONFLICTS,
        "rules:\n  - id: rent.not_justified\n    when: {route: [mars]}\n",
        FIRST + 2,
        "mars",
    ),
    (CONFLICTS, "rules:\n  - {id: rent.not_justified, effect: maybe}\n", FIRST + 1, "maybe"),
    (CONFLICTS, "rules:\n  - {id: rent.stop_plan, fix: []}\n", FIRST + 1, "needs fix fields"),
    (CONFLICTS, "rules:\n  - {id: rent.stop_plan, fix: [colour]}\n", FIRST + 1, "colour"),
    # languages
    (
        CONFLICTS,
        "rules:\n  - id: rent.stop_plan\n    text:\n      en: Only English.\n",
        FIRST + 2,
        "en and zh",
    ),
    (
        CONFLICTS,
        "rules:\n  - id: rent.stop_plan\n    text: {en: a, zh: ' '}\n",
        FIRST + 2,
        "en and zh",
    ),
    (
        CONFLICTS,
        "rules:\n  - id: rent.stop_plan\n    text: Only English.\n",
        FIRST + 2,
        "in en and zh",
    ),
    (
        CONFLICTS,
        "rules:\n  - id: rent.stop_plan\n    text: {en: '{moon}', zh: 满}\n",
        FIRST + 2,
        "{moon} is filled in nowhere",
    ),
    (
        CONFLICTS,
        "rules:\n  - id: rent.stop_plan\n    text: {en: 'open {', zh: 满}\n",
        FIRST + 2,
        "braces",
    ),
    # what other files do not have
    (OURS, MODEL.replace("qwen_llama", "qwen_lama"), FIRST + 2, "the family qwen_lama"),
    (OURS, MODEL.replace("apache-2.0", "apache-9"), FIRST + 3, "the licence apache-9"),
    (FAMILIES, "uncatalogued: mystery\n", FIRST, "the family mystery"),
    (FAMILIES, "families:\n  - {id: mistral, disabled: true}\n", 1, "Every order"),
    (RUNTIMES, "unlisted_provider: moon\n", FIRST, "the provider moon"),
    (RUNTIMES, "runtimes:\n  - {id: transformers, disabled: true}\n", FIRST + 1, "runtime transf"),
    (ADAPTATION, "rules:\n  - {id: adaptation.rag_first, disabled: true}\n", FIRST, "no entry"),
    # commands
    (RUNTIMES, "runtimes:\n  - id: vllm\n    start: [vllm, --host, 0.0.0.0]\n", FIRST + 2, "127"),
    (RUNTIMES, "runtimes:\n  - id: vllm\n    start: [vllm, --host, '::']\n", FIRST + 2, "127"),
    (
        RUNTIMES,
        "runtimes:\n  - id: vllm\n    start: [vllm, --api-key, abc123]\n",
        FIRST + 2,
        "a secret",
    ),
    (
        RUNTIMES,
        "runtimes:\n  - id: vllm\n    start: [vllm, '{planet}']\n",
        FIRST + 2,
        "{planet} is filled in nowhere",
    ),
    (RUNTIMES, HABITS.format(c=2048, s="0", o=358), FIRST + 2, "share cannot be 0."),
    (RUNTIMES, HABITS.format(c=2048, s="1.01", o=358), FIRST + 2, "share cannot be 1.01"),
    (RUNTIMES, HABITS.format(c=2048, s="0.9", o=-1), FIRST + 2, "overhead_mib cannot be -1"),
    (RUNTIMES, HABITS.format(c=0, s="0.9", o=358), FIRST + 2, "chunk_tokens cannot be 0"),
    (
        RUNTIMES,
        "providers:\n  - {id: runpod, disk_usd_per_gib_month: '0'}\n",
        FIRST + 1,
        "disk_usd_per_gib_month cannot be 0",
    ),
    # prices
    (OFFERS, "provider,price\nrunpod,1\n", 1, "names the columns"),
    (
        OFFERS,
        "# ours\n" + COLUMNS + row(usd_per_hour="0"),
        3,
        "usd_per_hour must be a number above",
    ),
    (OFFERS, COLUMNS + row(usd_per_hour="NaN"), 2, "not 'NaN'"),
    (OFFERS, COLUMNS + row(vram_gb_per_gpu="sNaN"), 2, "vram_gb_per_gpu must be"),
    (OFFERS, COLUMNS + row(gpu_count="1.5"), 2, "gpu_count must be"),
    (OFFERS, COLUMNS + row(note='"open'), 2, "quotes"),
    (OFFERS, COLUMNS + row(note="\0"), 2, "control characters"),
    (OFFERS, COLUMNS + row(tier="a b"), 2, "plain names"),
    (OFFERS, COLUMNS + row(provider=""), 2, "plain names"),
    (OFFERS, COLUMNS + row() + row(sku="b", as_of=""), 3, "day"),
    (OFFERS, COLUMNS + row(gpu="Abacus"), 2, "GPU Abacus with 24 GB is not known"),
    (OFFERS, COLUMNS + row(source_url=""), 2, "address"),
    (OFFERS, COLUMNS + row() + row(), 3, "twice"),
    (OFFERS, COLUMNS + "runpod,a\n", 2, "cells"),
    (OFFERS, COLUMNS.encode() + b"runpod,\xff\n", 2, "not text in UTF-8"),
]


@pytest.mark.parametrize(
    ("name", "text", "line", "complaint"), BROKEN, ids=[f"{b[0]}:{b[3]}" for b in BROKEN]
)
def test_a_broken_file_is_named_with_its_line_and_the_built_in_data_serve(
    tmp_path: Path, name: str, text: str | bytes, line: int, complaint: str
) -> None:
    problems = refused(with_overlay(tmp_path, {name: text}))
    assert problems[0].startswith(f"{name}:{line}: "), problems
    assert complaint in problems[0], problems
