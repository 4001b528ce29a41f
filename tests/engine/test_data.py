"""The data files: whole, consistent, in both languages, and every rule of use."""

import ast
import re
import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml

from engine import contract
from engine.catalog import Catalog
from engine.conflicts import judge
from engine.contract import (
    ConflictCode,
    Lang,
    RejectionCode,
    Route,
    Severity,
    ShutdownLevel,
)
from engine.load import DataError, load_data
from engine.telling import PLACEHOLDERS
from tests.engine.cards import DATA, GUARDED, L4, STOPS, card
from tests.engine.plans import plan

SHIPPED = Path(str(resources.files("engine"))) / "data"
RULES = DATA.rules[Lang.en]

TWICE = {
    "BUDGET_EXCEEDED": {Severity.refuse, Severity.change},
}
"""Codes with two rules: what can be mended, and what cannot or need not be."""

OWN: dict[str, Any] = {"available_route": "local_gpu", "hardware": L4}

SPEAKING: dict[str, dict[str, Any]] = {
    "privacy.private_docs_on_free_colab": {
        "available_route": "free_colab",
        "privacy": "private_docs",
    },
    "service.on_free_colab": {"available_route": "free_colab", "needs_service_api": True},
    "privacy.regulated_provider": STOPS | GUARDED | {"privacy": "regulated"},
    "budget.zero_on_rented": STOPS | {"budget_level": "zero"},
    "network.public_endpoint_on_rented": STOPS | {"public_endpoint": True},
    "service.on_local_cpu": {"needs_service_api": True},
    "privacy.controls_on_rented": STOPS | {"privacy": "private_docs"},
    "rent.stop_plan": {"available_route": "rented_gpu"},
    "tuning.on_local_cpu": {"needs_fine_tuning": True},
    "hardware.not_named": {"available_route": "local_gpu"},
    "model.no_candidate": {"model_repo": "openai/gpt-oss-20b"},
    "privacy.internal_on_free_colab": {"available_route": "free_colab", "privacy": "internal"},
    "rent.not_justified": STOPS,
    "tuning.lora_gate": {
        "available_route": "local_gpu",
        "hardware": L4,
        "needs_fine_tuning": True,
        "eval_failures_recorded": True,
    },
    "tuning.without_evaluation": {"needs_fine_tuning": True},
    "licence.no_commercial_use": {"model_repo": "Qwen/Qwen2.5-3B-Instruct"},
    "licence.too_many_users": OWN
    | {"model_repo": "meta-llama/Llama-3.1-8B-Instruct", "monthly_active_users": 700_000_001},
    "licence.not_in_the_eu": {
        "model_repo": "meta-llama/Llama-4-Scout-17B-16E-Instruct",
        "eu_entity": True,
    },
    "licence.unknown": OWN | {"model_repo": "someone/unheard-of"},
    "budget.hour_missed": STOPS | {"max_hourly": "0.01"},
    "budget.month_missed": STOPS | {"max_monthly": "8"},
    "hardware.unsupported": OWN
    | {"hardware": {"gpu_id": "t4"}, "model_repo": "google/gemma-3-4b-it"},
    "hardware.memory_assumed": {},
    "memory.does_not_fit": OWN | {"model_repo": "Qwen/Qwen2.5-72B-Instruct"},
    "memory.tight": OWN | {"model_repo": "Qwen/Qwen3-32B"},
    "memory.uncalibrated": {},
    "model.architecture_unknown": OWN | {"model_repo": "someone/unheard-of"},
    "model.context_beyond": OWN | {"model_repo": "Qwen/Qwen3-0.6B", "context_tokens": 65_536},
    "model.gated": OWN | {"model_repo": "meta-llama/Llama-3.1-8B-Instruct"},
    "model.revision_not_pinned": OWN | {"model_repo": "mistralai/Mistral-7B-Instruct-v0.2"},
    "rent.region_not_pinned": STOPS | {"region": "mars"},
    "price.expired": STOPS | {"as_of": "2028-01-01"},
    "price.stale": STOPS,
}


def test_every_rule_can_speak_and_then_reads_without_a_gap() -> None:
    assert SPEAKING.keys() == RULES.conflicts.rules.keys()
    for rule_id, changes in SPEAKING.items():
        for lang in Lang:
            decision = plan(lang=lang, **changes)
            told = (*decision.conflicts, *decision.warnings)
            said = {c.rule_id: (c.text, c.change) for c in told}
            for text in said[rule_id]:
                assert re.search(r"[{}]|  |\(\)|\?|None", text) is None, text


def test_every_code_has_exactly_one_rule_or_one_for_each_effect() -> None:
    effects: dict[str, list[Severity]] = {}
    for rule in RULES.conflicts.rules.values():
        effects.setdefault(rule.code.value, []).append(rule.effect)
    assert effects.keys() == {code.value for code in ConflictCode}
    for code, found in effects.items():
        assert len(found) == len(set(found)), code
    assert {code: set(found) for code, found in effects.items() if len(found) > 1} == TWICE


def test_every_plan_rule_is_taken_by_some_card() -> None:
    combinations = (
        {"available_route": route.value, "needs_service_api": service, "privacy": privacy}
        for route in Route
        for service in (True, False)
        for privacy in ("public", "private_docs")
    )
    taken = set()
    for changes in combinations:
        made = card(**changes)
        facts = judge(made, Route(made.available_route.value), RULES, DATA.shelf).facts
        plans = RULES.routes.plans
        matching = (p.id for p in plans if all(facts[k] & v for k, v in p.when.items()))
        taken.add(next(matching))
    assert taken == {plan.id for plan in RULES.routes.plans}


@pytest.mark.parametrize("lang", Lang)
def test_both_languages_hold_the_same_rules_in_other_words(lang: Lang) -> None:
    other = DATA.rules[lang].conflicts.rules
    assert list(other) == list(RULES.conflicts.rules)
    texts = {rule.text for rule in other.values()} | {rule.change for rule in other.values()}
    assert len(texts) == 2 * len(other)
    assert all(text.isascii() == (lang is Lang.en) for text in texts)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_hold_the_same_known_placeholders() -> None:
    for rule in RULES.conflicts.rules.values():
        other = DATA.rules[Lang.zh].conflicts.rules[rule.id]
        for text, translated in ((rule.text, other.text), (rule.change, other.change)):
            assert placeholders(text) == placeholders(translated), rule.id
            assert placeholders(text) <= PLACEHOLDERS


def test_rejections_hold_the_same_placeholders_in_both_languages() -> None:
    here, there = (DATA.rules[lang].families for lang in Lang)
    for code, words in here.rejections.items():
        for name, text in words.model_dump(exclude={"code"}).items():
            other = getattr(there.rejections[code], name)
            assert placeholders(text or "") == placeholders(other or ""), code
    for code, text in here.offers.items():
        assert placeholders(text) == placeholders(there.offers[code])


def test_every_way_to_reject_has_its_words_and_its_story() -> None:
    assert RULES.families.rejections.keys() == set(RejectionCode)


def test_models_and_hardware_are_plausible() -> None:
    catalog: Catalog = DATA.catalog
    assert len(catalog.models.models) == 48
    for gpu in catalog.hardware.hardware.values():
        assert gpu.source
        assert gpu.usable_gib is None or gpu.usable_gib <= gpu.nominal_gb
        assert gpu.capability is None or 7 <= gpu.capability <= 12


def test_every_provider_ends_with_a_step_that_stops_all_billing() -> None:
    providers = [p.steps for p in RULES.runtimes.providers.values()]
    for steps in [*providers, RULES.runtimes.colab]:
        assert [step.stops_billing for step in steps] == [False] * (len(steps) - 1) + [True]
        assert {s.level for s in steps} == {ShutdownLevel.instance, ShutdownLevel.storage}


def test_no_start_command_binds_beyond_loopback_or_carries_a_secret() -> None:
    for runtime in RULES.runtimes.runtimes.values():
        words = " ".join(runtime.start)
        assert "0.0.0.0" not in words  # noqa: S104  # the address that must not be there
        assert "--host" not in runtime.start or "127.0.0.1" in runtime.start
        assert "key" not in words


def test_engine_contract_names_everything_its_parts_define() -> None:
    parts = ("answer", "codes", "request", "run", "service")
    folder = SHIPPED.parent
    defined = {
        node.name
        for part in parts
        for node in ast.parse((folder / f"contract_{part}.py").read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    plausible = {"is_absurd", "plausible_params"}
    assert defined | {"Wire"} | plausible == set(contract.__all__)


Edit = Callable[[Any], None]


def broken(tmp_path: Path, name: str, edit: Edit) -> Path:
    root = tmp_path / "data"
    shutil.copytree(SHIPPED, root)
    path = root / name
    raw = yaml.safe_load(path.read_text("utf-8"))
    edit(raw)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return root


CONFLICTS = "rules/2026.11/conflicts.yaml"
FAMILIES = "rules/2026.11/families.yaml"
ROUTES = "rules/2026.11/routes.yaml"
DEFECTS: list[tuple[str, Edit, str]] = [
    (CONFLICTS, lambda d: d["rules"][0]["text"].pop("zh"), "languages"),
    (CONFLICTS, lambda d: d["rules"][0]["text"].update(zh=" "), "languages"),
    (CONFLICTS, lambda d: d["rules"].append(d["rules"][0]), "not unique"),
    (CONFLICTS, lambda d: d["rules"][0]["when"].update(route=["mars"]), "unknown value"),
    (CONFLICTS, lambda d: d["rules"][0]["when"].update(weather=["rain"]), "unknown value"),
    (CONFLICTS, lambda d: d["rules"][0].pop("alternatives"), "belong to refusals"),
    (CONFLICTS, lambda d: d["rules"][0].update(fix=["task"]), "a refusal has none"),
    (CONFLICTS, lambda d: d["rules"][5].update(fix=["colour"]), "no field of the constraint"),
    (CONFLICTS, lambda d: d["rules"][0].update(code="NEW_CODE"), "code"),
    (CONFLICTS, lambda d: d.update(schema_version=2), "schema_version"),
    (CONFLICTS, lambda d: d.update(version="2026.10"), "belongs to version 2026.10"),
    (FAMILIES, lambda d: d["order"]["default"].pop(), "every order lists"),
    (FAMILIES, lambda d: d.update(uncatalogued="mystery"), "the family mystery"),
    (ROUTES, lambda d: d["plans"][0].update(runtime="excel"), "the runtime excel"),
    ("models/catalog.yaml", lambda d: d["models"][0].update(family_id="x"), "the family x"),
    ("hardware.yaml", lambda d: d["hardware"][0].update(nominal_gb="many"), "nominal_gb"),
]


@pytest.mark.parametrize(("name", "edit", "complaint"), DEFECTS)
def test_a_broken_file_is_named_with_its_defect(
    tmp_path: Path, name: str, edit: Edit, complaint: str
) -> None:
    with pytest.raises(DataError, match=complaint):
        load_data(broken(tmp_path, name, edit))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"routes\.yaml"):
        load_data(tmp_path)


def test_a_changed_rule_changes_the_version_of_the_ruleset_alone(tmp_path: Path) -> None:
    root = broken(tmp_path, CONFLICTS, lambda d: d["rules"][0]["text"].update(en="Never."))
    changed = load_data(root)
    assert changed.ruleset_version.sha256 != DATA.ruleset_version.sha256
    assert changed.catalog_version == DATA.catalog_version
    rule = changed.rules[Lang.en].conflicts.rules["privacy.private_docs_on_free_colab"]
    assert (rule.text, rule.effect) == ("Never.", Severity.refuse)
