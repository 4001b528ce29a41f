"""What an overlay may not do to licences: take their names, or read them more loosely."""

from pathlib import Path

import pytest

from engine.contract import Lang, LicenseDecision
from engine.licenses import Use, read_license
from tests.engine.cards import DATA
from tests.engine.overlays import CATALOG, FIRST, LICENSES, OURS, refused, with_overlay


def licence(name: str, aliases: str = "[]") -> str:
    return (
        f"licenses:\n  - id: {name}\n    name: Ours\n    aliases: {aliases}\n"
        '    commercial_use: "yes"\n    source_url: https://example.org/l\n    source: ours\n'
    )


TAKEN = [
    (licence("ours", "[Qwen_Research]"), FIRST + 3, "qwen-research"),
    (licence("ours", "[fine, qwen research license]"), FIRST + 3, "qwen-research"),
    (licence("qwen-research-license"), FIRST + 1, "qwen-research"),
    (licence("Qwen Research"), FIRST + 1, "qwen-research"),
    ("licenses:\n  - id: mit\n    aliases: [qwen-research]\n", FIRST + 2, "qwen-research"),
    ("licenses:\n  - id: qwen-research\n    aliases: []\n", FIRST + 2, "stricter"),
    ("licenses:\n  - id: modified-mit\n    needs_review: false\n", FIRST + 2, "stricter"),
]


@pytest.mark.parametrize(("text", "line", "complaint"), TAKEN)
def test_the_name_of_a_licence_is_its_own(
    tmp_path: Path, text: str, line: int, complaint: str
) -> None:
    problems = refused(with_overlay(tmp_path, {LICENSES: text}))
    assert any(p.startswith(f"{LICENSES}:{line}: ") and complaint in p for p in problems), problems


def test_an_id_counts_before_an_alias() -> None:
    table = DATA.rules[Lang.en].licenses
    strict = table.licenses["qwen-research"]
    ours = table.licenses["mit"].model_copy(update={"id": "ours", "aliases": ("Qwen Research",)})
    both = table.model_copy(update={"licenses": {"qwen-research": strict, "ours": ours}})
    use = Use(commercial=True, users=0, european=False, reviewed=False)
    reading = read_license(("qwen-research",), use, both, multimodal=False)
    assert reading.verdict is LicenseDecision.refuse


def model(repo: str, field: str) -> str:
    return f"models:\n  - repo: {repo}\n    {field}\n"


LOOSER = [
    ("Qwen/Qwen2.5-3B-Instruct", "license_id: apache-2.0"),
    ("mistralai/Mistral-Medium-3.5-128B", "license_id: mit"),
    ("Qwen/Qwen2.5-72B-Instruct", "license_id: apache-2.0"),
    ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "base_license_id: null"),
    ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "base_license_id: mit"),
    ("meta-llama/Llama-4-Scout-17B-16E-Instruct", "multimodal: false"),
]


@pytest.mark.parametrize(("repo", "field"), LOOSER)
def test_a_known_model_keeps_the_licence_that_binds_it(
    tmp_path: Path, repo: str, field: str
) -> None:
    (problem,) = refused(with_overlay(tmp_path, {OURS: model(repo, field)}))
    assert problem.startswith(f"{OURS}:{FIRST + 2}: ")
    assert repo in problem
    assert "license_review" in problem


STRICTER = [
    ("Qwen/Qwen3-8B", "license_id: qwen-research"),
    ("Qwen/Qwen3-8B", "license_id: mit"),
    ("Qwen/Qwen2.5-3B-Instruct", "base_license_id: apache-2.0"),
    ("Qwen/Qwen2.5-3B-Instruct", "license_id: Qwen Research License"),
]


@pytest.mark.parametrize(("repo", "field"), STRICTER)
def test_another_licence_may_bind_besides(tmp_path: Path, repo: str, field: str) -> None:
    used = with_overlay(tmp_path, {CATALOG: model(repo, field)}).overlay
    assert used is not None
    assert used.problems == ()
