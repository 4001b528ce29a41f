"""A team's own data over the built-in ones: merged by id, whole or not at all, never looser."""

from decimal import Decimal
from pathlib import Path

import pytest

from engine.contract import BudgetLevel, Lang, Severity
from engine.load import EngineData, load_data
from engine.overlay.layer import OverlayUse
from tests.engine.cards import DATA
from tests.engine.overlays import (
    BUDGET,
    CATALOG,
    COLUMNS,
    CONFLICTS,
    FIRST,
    HARDWARE,
    LICENSES,
    MODEL,
    OFFERS,
    OURS,
    refused,
    row,
    with_overlay,
    written,
)


def applied(data: EngineData) -> OverlayUse:
    assert data.overlay is not None
    assert data.overlay.problems == ()
    return data.overlay


def test_without_a_folder_or_with_an_empty_one_there_is_no_overlay(tmp_path: Path) -> None:
    assert load_data(overlay=tmp_path / "nowhere").overlay is None
    (tmp_path / "README.md").write_text("not data")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.yaml").write_text(": : :")
    data = load_data(overlay=tmp_path)
    assert data.overlay is None
    assert data == DATA


def test_a_new_model_is_appended_and_a_known_one_keeps_its_place(tmp_path: Path) -> None:
    known = "models:\n  - {repo: Qwen/Qwen3-8B, gated: true, source: we looked}\n"
    data = with_overlay(tmp_path, {OURS: MODEL, CATALOG: known})
    assert applied(data).files == (CATALOG, OURS)
    models, before = data.catalog.models.models, DATA.catalog.models.models
    assert list(models) == [*before, "ours/small-7b"]
    changed, old = models["Qwen/Qwen3-8B"], before["Qwen/Qwen3-8B"]
    assert (changed.gated, changed.source) == (True, "we looked")
    assert changed.model_copy(update={"gated": old.gated, "source": old.source}) == old


def test_files_of_one_list_are_laid_over_each_other_in_the_order_of_their_names(
    tmp_path: Path,
) -> None:
    files: dict[str, str | bytes] = {
        f"models/{name}.yaml": f"models:\n  - {{repo: Qwen/Qwen3-8B, source: {name}}}\n"
        for name in ("b", "a", "c")
    }
    data = with_overlay(tmp_path, files)
    assert data.catalog.models.models["Qwen/Qwen3-8B"].source == "c"


def test_an_entry_is_removed_by_disabled(tmp_path: Path) -> None:
    data = with_overlay(
        tmp_path,
        {
            CATALOG: "models:\n  - {repo: Qwen/Qwen3-8B, disabled: true}\n",
            CONFLICTS: "rules:\n  - {id: rent.not_justified, disabled: true}\n",
        },
    )
    applied(data)
    assert "Qwen/Qwen3-8B" not in data.catalog.models.models
    assert "rent.not_justified" not in data.rules[Lang.zh].conflicts.rules


def test_a_rule_changes_field_by_field_in_both_languages(tmp_path: Path) -> None:
    rule = (
        "rules:\n"
        "  - id: rent.not_justified\n"
        "    text: {en: Ask the platform team first., zh: 先问平台组。}\n"
    )
    data = with_overlay(tmp_path, {CONFLICTS: rule})
    applied(data)
    english, chinese = (
        data.rules[lang].conflicts.rules["rent.not_justified"] for lang in (Lang.en, Lang.zh)
    )
    assert (english.text, chinese.text) == ("Ask the platform team first.", "先问平台组。")
    assert english.change == DATA.rules[Lang.en].conflicts.rules["rent.not_justified"].change
    assert list(data.rules[Lang.en].conflicts.rules) == list(DATA.rules[Lang.en].conflicts.rules)


def test_budget_classes_merge_by_their_names(tmp_path: Path) -> None:
    data = with_overlay(tmp_path, {BUDGET: 'classes:\n  small: {max_monthly: "80"}\n'})
    applied(data)
    classes = data.rules[Lang.en].budget.classes
    assert classes[BudgetLevel.small].max_monthly == Decimal(80)
    assert classes[BudgetLevel.small].max_hourly == Decimal(1)
    assert classes[BudgetLevel.medium] == DATA.rules[Lang.en].budget.classes[BudgetLevel.medium]


def test_offers_replace_rows_by_id_and_later_files_win(tmp_path: Path) -> None:
    known = next(o for o in DATA.catalog.offers.values() if o.provider == "aws")
    again = row(
        provider="aws",
        sku=known.sku,
        gpu=known.gpu,
        gpu_count=str(known.gpu_count),
        vram_gb_per_gpu=str(known.vram_gb_per_gpu),
        tier=known.tier,
        region=known.region,
        usd_per_hour="0.99",
    )
    data = with_overlay(
        tmp_path,
        {
            "offers/a.csv": COLUMNS + row(),
            "offers/b.csv": COLUMNS + row(usd_per_hour="0.43") + again,
        },
    )
    assert applied(data).files == ("offers/a.csv", "offers/b.csv")
    offers = data.catalog.offers
    assert offers["runpod:ours:any:secure"].usd_per_hour == Decimal("0.43")
    assert offers[known.offer_id].usd_per_hour == Decimal("0.99")
    assert len(offers) == len(DATA.catalog.offers) + 1


def test_a_gpu_of_ones_own_can_be_priced(tmp_path: Path) -> None:
    gpu = (
        "hardware:\n"
        "  - {gpu_id: ours-1, name: Our Card, nominal_gb: 64, usable_gib: null,\n"
        '     capability: "9.0", source: data sheet}\n'
    )
    offer = row(gpu="Our Card", vram_gb_per_gpu="64", sku="box")
    data = with_overlay(tmp_path, {HARDWARE: gpu, OFFERS: COLUMNS + offer})
    applied(data)
    assert data.catalog.offers["runpod:box:any:secure"].gpu_id == "ours-1"


def test_what_is_applied_counts_in_the_versions_it_belongs_to(tmp_path: Path) -> None:
    rules = with_overlay(tmp_path / "a", {BUDGET: 'classes:\n  small: {max_monthly: "80"}\n'})
    models = with_overlay(tmp_path / "b", {OURS: MODEL})
    assert rules.ruleset_version.sha256 != DATA.ruleset_version.sha256
    assert rules.catalog_version == DATA.catalog_version
    assert models.catalog_version.sha256 != DATA.catalog_version.sha256
    assert models.ruleset_version == DATA.ruleset_version
    version = applied(models).version
    assert version is not None
    assert (version.version, len(version.sha256)) == (OURS, 64)
    again = with_overlay(tmp_path / "c", {OURS: MODEL})
    assert again == models


def test_the_licence_table_can_grow(tmp_path: Path) -> None:
    entry = (
        "licenses:\n"
        "  - id: house-licence\n"
        "    name: House licence\n"
        '    commercial_use: "yes"\n'
        "    source_url: https://example.org/licence\n"
        "    source: our lawyers\n"
    )
    ours = MODEL.replace("apache-2.0", "house-licence")
    applied(with_overlay(tmp_path, {LICENSES: entry, OURS: ours}))


WIDER = """\
rules:
  - id: privacy.private_docs_on_free_colab
    when: {privacy: [internal, private_docs, regulated], route: [free_colab]}
  - id: network.public_endpoint_on_rented
    when: {public_endpoint: [true]}
"""


def test_a_refusal_that_protects_people_can_be_widened(tmp_path: Path) -> None:
    data = with_overlay(tmp_path, {CONFLICTS: WIDER})
    applied(data)
    rule = data.rules[Lang.en].conflicts.rules["privacy.private_docs_on_free_colab"]
    assert "internal" in rule.when["privacy"]
    assert rule.effect is Severity.refuse


LOOSER = [
    ("{id: privacy.private_docs_on_free_colab, disabled: true}", "cannot be removed"),
    ("{id: service.on_free_colab, effect: warn, alternatives: [], reject: null}", "stays refuse"),
    (
        "{id: privacy.regulated_provider, when: {privacy: [regulated], route: [rented_gpu],"
        " regulated_provider: [none], budget_level: [zero]}}",
        "here budget_level narrows it",
    ),
    (
        "{id: network.public_endpoint_on_rented,"
        " when: {route: [free_colab], public_endpoint: [true]}}",
        "here route narrows it",
    ),
]


@pytest.mark.parametrize(("entry", "complaint"), LOOSER)
def test_a_refusal_that_protects_people_cannot_be_loosened(
    tmp_path: Path, entry: str, complaint: str
) -> None:
    problems = refused(with_overlay(tmp_path, {CONFLICTS: f"rules:\n  - {entry}\n"}))
    (problem,) = problems
    assert problem.startswith(f"{CONFLICTS}:{FIRST + 1}: ")
    assert complaint in problem
    assert entry.split(",", maxsplit=1)[0].removeprefix("{id: ") in problem


@pytest.mark.parametrize(
    "field", ['commercial_use: "yes"', "mau_limit: null", "mau_limit: 900000000", "disabled: true"]
)
def test_what_a_licence_forbids_cannot_be_allowed(tmp_path: Path, field: str) -> None:
    table = DATA.rules[Lang.en].licenses.licenses
    forbids = {
        "commercial_use": next(e.id for e in table.values() if e.commercial_use == "no"),
        "mau_limit": "llama3.1",
        "disabled": "llama3.1",
    }[field.partition(":")[0]]
    entry = f"licenses:\n  - id: {forbids}\n    {field}\n"
    problems = refused(with_overlay(tmp_path, {LICENSES: entry}))
    assert any(problem.startswith(f"{LICENSES}:{FIRST + 2}: ") for problem in problems)


def test_every_defect_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    data = with_overlay(
        tmp_path,
        {
            BUDGET: "colour: red\n",
            HARDWARE: "hardware:\n  - {gpu_id: l4, nominal_gb: many, colour: red}\n",
            OFFERS: COLUMNS + row(gpu="Abacus"),
            OURS: MODEL,
        },
    )
    problems = refused(data)
    assert [p.split(":")[0] for p in problems] == [HARDWARE, HARDWARE, OFFERS, BUDGET]
    assert data.overlay is not None
    assert data.overlay.state == f"broken: {HARDWARE}:{FIRST + 1}"
    assert all(str(f.line) in f.said(Lang.zh) for f in data.overlay.findings)
    assert not data.overlay.findings[0].said(Lang.zh).isascii()


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    file = tmp_path / "overlay"
    file.write_text("models: []")
    assert refused(load_data(overlay=file)) == (
        "overlay:1: An overlay is a folder; this is a file.",
    )


def test_an_entry_may_be_anchored_and_reused(tmp_path: Path) -> None:
    text = 'classes:\n  small: &ours {max_hourly: "2"}\n  medium: {<<: *ours, max_monthly: "90"}\n'
    data = with_overlay(tmp_path, {BUDGET: text})
    applied(data)
    assert data.rules[Lang.en].budget.classes[BudgetLevel.medium].max_hourly == Decimal(2)


def test_the_folder_may_hold_files_that_are_no_data(tmp_path: Path) -> None:
    folder = written(tmp_path, {OURS: MODEL, "notes.txt": "x", "offers/.runpod.csv.tmp": "half"})
    assert applied(load_data(overlay=folder)).state == f"applied: {OURS}"
