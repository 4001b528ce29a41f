"""What is wrong or doubtful in data files: named by file and line, in both languages."""

import ast
import re
import shutil
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml

from engine.contract import Architecture, Attention, Lang, Moe
from engine.load import layered, load_data
from engine.overlay.difference import Kind, differences
from engine.overlay.findings import sentence
from engine.overlay.layer import read_overlay
from engine.overlay.lines import parsed
from engine.overlay.lint import lint
from engine.overlay.rehearsal import rehearse, scenarios
from engine.plausible import plausible_params
from tests.engine.cards import DATA, TODAY
from tests.engine.overlays import (
    ADAPTATION,
    BUDGET,
    CATALOG,
    COLUMNS,
    CONFLICTS,
    FIRST,
    HARDWARE,
    MODEL,
    OFFERS,
    OURS,
    ROUTES,
    written,
)

SHIPPED = Path(str(resources.files("engine"))) / "data"


def said(folder: Path | None, root: Path | None = None, lang: Lang = Lang.en) -> list[str]:
    return [finding.said(lang) for finding in lint(folder, root).findings]


def test_the_built_in_data_have_no_findings() -> None:
    report = lint(None)
    assert [finding.said() for finding in report.findings] == []
    assert report.files > 10


def test_a_sound_overlay_has_no_findings_and_counts_its_files(tmp_path: Path) -> None:
    written(tmp_path, {OURS: MODEL, BUDGET: 'classes:\n  small: {max_monthly: "80"}\n'})
    report = lint(tmp_path)
    assert (report.files - lint(None).files, report.findings) == (2, ())


def test_what_keeps_an_overlay_from_serving_is_found_too(tmp_path: Path) -> None:
    written(tmp_path, {BUDGET: "colour: red\n"})
    assert said(tmp_path) == [f"{tmp_path}/{BUDGET}:{FIRST}: colour is not a known field here."]
    assert said(tmp_path, lang=Lang.zh) == [
        f"{tmp_path}/{BUDGET}:{FIRST}: colour 不是这里的已知字段。"
    ]


DOUBTFUL = [
    (
        CONFLICTS,
        "rules:\n  - id: ours.second\n    when: {route: [rented_gpu]}\n    effect: warn\n"
        "    code: RENT_NOT_JUSTIFIED\n    text: {en: Think., zh: 想一想。}\n"
        "    change: {en: Wait., zh: 等一等。}\n    source: ours\n",
        FIRST + 4,
        "RENT_NOT_JUSTIFIED with effect warn already has the rule rent.not_justified",
    ),
    (
        CONFLICTS,
        "rules:\n  - {id: rent.not_justified, disabled: true}\n",
        FIRST + 1,
        "No rule can say RENT_NOT_JUSTIFIED.",
    ),
    (
        ROUTES,
        "plans:\n  - {id: ours.late, when: {route: [rented_gpu]}, effect: plan, runtime: vllm,\n"
        "     text: {en: Late., zh: 晚。}, source: ours}\n",
        FIRST + 1,
        "ours.late can never speak",
    ),
    (
        ADAPTATION,
        "rules:\n  - {id: adaptation.rag_first, when: {needs_fine_tuning: [true, false]}}\n",
        FIRST + 1,
        "adaptation.baseline_required can never speak",
    ),
    (
        OURS,
        MODEL.replace("params_total: 7615616512", "params_total: 70615616512"),
        FIRST + 14,
        "ours/small-7b has 70615616512 parameters, but its shapes make about 7",
    ),
    (OURS, MODEL.replace("our config.json", "''"), FIRST + 17, "does not say where it is from"),
    (
        HARDWARE,
        'hardware:\n  - gpu_id: l4\n    usable_gib: "25"\n',
        FIRST + 2,
        "l4 cannot have 25 GiB usable of 24 GB",
    ),
]


@pytest.mark.parametrize(("name", "text", "line", "complaint"), DOUBTFUL)
def test_what_is_doubtful_is_found_though_it_may_serve(
    tmp_path: Path, name: str, text: str, line: int, complaint: str
) -> None:
    written(tmp_path, {name: text})
    served = load_data(overlay=tmp_path).overlay
    assert served is not None
    assert served.problems == ()
    found = said(tmp_path)
    assert any(complaint in one for one in found), found
    if "can never speak" not in complaint or name == ROUTES:
        assert any(one.startswith(f"{tmp_path}/{name}:{line}: ") for one in found), found


Edit = Callable[[Any], None]


def changed(tmp_path: Path, name: str, edit: Edit) -> Path:
    root = tmp_path / "data"
    shutil.copytree(SHIPPED, root)
    raw = yaml.safe_load((root / name).read_text("utf-8"))
    edit(raw)
    (root / name).write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), "utf-8")
    return root


def test_a_defect_of_the_built_in_data_is_named_as_theirs(tmp_path: Path) -> None:
    root = changed(tmp_path, HARDWARE, lambda d: d["hardware"][0].update(usable_gib="17"))
    (found,) = said(None, root)
    assert re.match(r"engine/data/hardware\.yaml:\d+: v100-16gb cannot have 17 GiB", found)


def test_built_in_data_that_cannot_be_loaded_are_named_with_the_file(tmp_path: Path) -> None:
    root = changed(tmp_path, HARDWARE, lambda d: d["hardware"][0].pop("name"))
    (found,) = said(None, root)
    assert "hardware.yaml" in found


def test_built_in_files_are_held_to_the_same_yaml(tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(SHIPPED, root)
    text = (root / HARDWARE).read_text("utf-8")
    (root / HARDWARE).write_text(text.replace("schema_version: 1", "schema_version: 1\n" * 2))
    (found,) = said(None, root)
    assert "schema_version stands twice here" in found


def shape(**changes: Any) -> Architecture:
    qwen = DATA.catalog.models.models["Qwen/Qwen2.5-7B-Instruct"].architecture
    return qwen.model_copy(update=changes)


def test_a_parameter_count_is_estimated_from_the_shapes() -> None:
    embedding, d = 152064 * 3584, 3584
    layer = 2 * d * d + 2 * d * 4 * 128 + 3 * d * 18944
    assert plausible_params(shape()) == 2 * embedding + 28 * layer
    assert plausible_params(shape(tied=True)) == embedding + 28 * layer
    moe = Moe(experts=8, active=2, expert_intermediate=1000)
    experts = 28 * 8 * 3 * d * 1000
    mixed = shape(moe=moe)
    attention = 28 * (2 * d * d + 2 * d * 4 * 128)
    assert plausible_params(mixed) == 2 * embedding + attention + experts
    half = plausible_params(mixed, experts_every=2)
    assert half == 2 * embedding + attention + experts // 2 + 14 * 3 * d * 18944


def test_every_gqa_model_of_the_catalogue_is_plausible_by_its_shapes() -> None:
    dense = [
        m.architecture
        for m in DATA.catalog.models.models.values()
        if m.architecture.attention is Attention.gqa and m.architecture.moe is None
    ]
    assert len(dense) > 20
    for one in dense:
        assert abs(plausible_params(one) - one.params_total) * 4 <= one.params_total


def test_what_an_overlay_changes_is_told_by_file_and_entry(tmp_path: Path) -> None:
    offer = "runpod,ours,L4,1,24,0.41,secure,any,2026-11-25,https://www.runpod.io/pricing,\n"
    written(
        tmp_path,
        {
            CATALOG: "models:\n  - {repo: Qwen/Qwen3-4B, disabled: true}\n",
            OURS: MODEL,
            CONFLICTS: "rules:\n  - id: rent.stop_plan\n    text: {en: Stop it., zh: 停。}\n",
            BUDGET: 'classes:\n  small: {max_monthly: "80"}\n',
            OFFERS: COLUMNS + offer,
        },
    )
    layer = read_overlay(tmp_path)
    assert layer is not None
    changes = differences(layer, DATA, layered(None, layer), Lang.en)
    shown = {(c.file, c.entry, c.kind, c.field, c.new) for c in changes}
    assert shown == {
        (CATALOG, "Qwen/Qwen3-4B", Kind.removed, "", ""),
        (CATALOG, "ours/small-7b", Kind.added, "", ""),
        (CONFLICTS, "rent.stop_plan", Kind.changed, "text", "Stop it."),
        (BUDGET, "small", Kind.changed, "max_monthly", "80"),
        ("offers/", "runpod:ours:any:secure", Kind.added, "", ""),
    }
    assert next(c.old for c in changes if c.file == BUDGET) == "50"


def test_an_overlay_that_says_the_same_changes_nothing(tmp_path: Path) -> None:
    written(tmp_path, {BUDGET: 'classes:\n  small: {max_monthly: "50"}\n'})
    layer = read_overlay(tmp_path)
    assert layer is not None
    assert differences(layer, DATA, layered(None, layer), Lang.zh) == ()


def test_every_scenario_is_decided_and_some_are_refused() -> None:
    tried = rehearse(DATA, DATA, TODAY)
    assert len(tried) == len(scenarios()) >= 12
    assert not any(one.changed for one in tried)
    assert {one.before.status.value for one in tried} == {"ok", "needs_changes", "refused"}


def test_a_changed_decision_is_found(tmp_path: Path) -> None:
    wider = "rules:\n  - id: privacy.private_docs_on_free_colab\n    when: {route: [free_colab]}\n"
    after = load_data(overlay=written(tmp_path, {CONFLICTS: wider}))
    moved = {one.scenario.id for one in rehearse(DATA, after, date(2026, 11, 25)) if one.changed}
    assert moved == {"temporary_experiment"}


def test_every_sentence_is_used_and_speaks_both_languages() -> None:
    raw = yaml.safe_load((SHIPPED / "findings.yaml").read_text("utf-8"))["findings"]
    source = "".join(f.read_text("utf-8") for f in SHIPPED.parent.rglob("*.py"))
    for code in raw:
        kind = code.removesuffix("_unknown")
        assert f'"{code}"' in source or f'"{kind}"' in source, code
        english, chinese = sentence(code, Lang.en), sentence(code, Lang.zh)
        assert _fields(english) == _fields(chinese), code
        assert english.isascii()
        assert code == "data_broken" or not chinese.isascii()


def test_every_code_has_a_sentence() -> None:
    known = yaml.safe_load((SHIPPED / "findings.yaml").read_text("utf-8"))["findings"]
    for file in SHIPPED.parent.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"Finding", "Defect"}:
                code = call.args[2] if len(call.args) > 2 else None
                if isinstance(code, ast.Constant):
                    assert code.value in known, code.value


def _fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def test_a_value_is_found_by_the_ids_on_its_way() -> None:
    text = b"a: 1\nlist:\n  - {id: x, n: 1}\n  - id: y\n    deep:\n      - 5\n      - 6\n"
    document = parsed("f.yaml", text)
    assert document.place(("list", "y", "deep", 1)).line == 7
    assert document.place(("list", 0, "n")).line == 3
    assert document.place(("list", "z")).line == 2
    assert document.place(("list", "y", "not there")).line == 4
    assert document.place(()).line == 1
