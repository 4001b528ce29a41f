"""Examples of the OpenAPI document: requests as people send them, answers as the engine gives."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from engine.contract import (
    CompareResponse,
    ConstraintCard,
    EvidenceRecord,
    FitReport,
    FitRequest,
    Health,
    Lang,
    Problem,
    ProblemCode,
    Wire,
)
from engine.decide import compare, decide
from engine.load import EngineData
from engine.records import check_record
from engine.rules import Ruleset
from engine.service.counting import counted
from engine.service.fitting import answer_fit
from engine.service.pages import listings
from engine.service.problem_texts import ProblemsFile
from engine.service.problems import Unanswerable

DAY = date(2026, 11, 25)
LISTED = 1
"""Entries of a list that are shown."""

LAPTOP: Mapping[str, Any] = {
    "task": "summarise meeting notes",
    "privacy": "internal",
    "available_route": "local_cpu",
    "needs_service_api": False,
    "needs_fine_tuning": False,
    "budget_level": "zero",
}
SERVICE: Mapping[str, Any] = {
    "task": "course Q&A assistant",
    "privacy": "private_docs",
    "available_route": "rented_gpu",
    "needs_service_api": True,
    "needs_fine_tuning": False,
    "budget_level": "small",
    "context_tokens": 8192,
    "concurrency": 4,
    "session_hours": "2",
    "max_hourly": "1.00",
    "access_rule": "the course team",
    "tenancy": "secure",
    "machine_name": "ow-12",
    "as_of": DAY.isoformat(),
}
NAMED: Mapping[str, Any] = {
    **SERVICE,
    "available_route": "undecided",
    "model_repo": "Qwen/Qwen3-8B",
    "hardware": {"gpu_id": "l4"},
}
FIT: Mapping[str, Any] = {
    "model_repo": "Qwen/Qwen3-8B",
    "scheme": "BF16",
    "runtime": "vllm",
    "context_tokens": 8192,
    "hardware": {"gpu_id": "l4"},
}
INLINE: Mapping[str, Any] = {
    "architecture": {
        "attention": "gqa",
        "layers": 36,
        "kv_heads": 8,
        "head_dim": 128,
        "d_model": 4096,
        "intermediate": 12288,
        "vocab": 151936,
        "tied": False,
        "native_context": 40960,
        "params_total": 8190735360,
    },
    "scheme": "Q4_K_M",
    "runtime": "llama_cpp",
    "context_tokens": 4096,
    "capacity_bytes": 8589934592,
}
RECORD: Mapping[str, Any] = {
    "model_name": "Qwen/Qwen3-8B@b968826d9c46dd6066d109eabc6255188de91218",
    "license_note": "apache-2.0: commercial use allowed",
    "route": "rented_gpu",
    "runtime": {"command": "vllm serve Qwen/Qwen3-8B --host 127.0.0.1", "version": "0.20.0"},
    "first_run": {"prompt": "Say hello.", "output": "Hello!", "seconds": "0.4"},
    "eval": [{"case_id": f"case-{n}", "pass": n != 4} for n in range(1, 5)],  # noqa: PLR2004  # one fails, one is missing
    "resource_note": {
        "memory": "18.1 GiB",
        "latency": "0.4 s",
        "disk": "17 GB",
        "cost": "0.80 USD",
    },
    "shutdown": "kill -INT 4242",
    "decision": "keep",
}


@cache
def requests() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Bodies by operation and name."""
    return {
        "plan": {"laptop": LAPTOP, "rented service": SERVICE, "undecided, model named": NAMED},
        "compare_routes": {"rented service": SERVICE},
        "fit": {"a model of the catalogue": FIT, "any architecture, any capacity": INLINE},
        "validate_evidence": {"one case too few": RECORD},
    }


def answers(data: EngineData) -> Mapping[str, Any]:
    """Answers by operation, to its most telling request; None where there is none to show."""
    rules, lists = data.rules[Lang.en], listings(data, Lang.en)
    card = ConstraintCard.model_validate(SERVICE)
    health = Health(ready=True, counts=counted(data, DAY))
    made: dict[str, Wire | None] = {
        "plan": decide(card, data),
        "compare_routes": CompareResponse(plans=compare(card, data)),
        "fit": _fit(data, rules),
        "validate_evidence": check_record(
            EvidenceRecord.model_validate(RECORD), rules.evidence.record
        ),
        "families": lists.families.page({}, LISTED, None),
        "models": lists.models.page({}, LISTED, None),
        "hardware": lists.hardware.page({}, LISTED, None),
        "offers": lists.offers.page({}, LISTED, None),
        "licenses": lists.licenses.page({}, LISTED, None),
        "runtimes": lists.runtimes.page({}, LISTED, None),
        "rules": lists.rules.page({}, LISTED, None),
        "healthz": health,
        "readyz": health,
        "stored_plan": None,
    }
    return {name: value and value.model_dump(mode="json") for name, value in made.items()}


def _fit(data: EngineData, rules: Ruleset) -> FitReport | None:
    """None where a team has taken the model, GPU or runtime of the example away."""
    try:
        return answer_fit(FitRequest.model_validate(FIT), data, rules)
    except Unanswerable:
        return None


_DEFECTS: Mapping[ProblemCode, tuple[str, str, Mapping[str, Any]]] = {
    ProblemCode.CARD_INVALID: ("/context_tokens", "greater_than_equal", {"ge": 1}),
    ProblemCode.UNKNOWN_ROUTE: ("/available_route", "enum", {"expected": "'local_cpu', ..."}),
    ProblemCode.ROUTE_NOT_IN_LESSON: ("/available_route", "ROUTE_NOT_IN_LESSON", {}),
    ProblemCode.REQUEST_INVALID: ("/lang", "enum", {"expected": "'en' or 'zh'"}),
}


def problem_example(code: ProblemCode, texts: ProblemsFile) -> dict[str, Any]:
    """A problem document of this code."""
    errors = [texts.defect(*_DEFECTS[code])] if code in _DEFECTS else []
    if code is ProblemCode.FIT_REQUEST_INVALID:
        errors = [texts.near("/hardware/gpu_id", "gpu_unknown", ("rtx4090", "rtx3090"))]
    reference = "5f1e0c9a7b3d" if code is ProblemCode.INTERNAL else None
    made: Problem = texts.problem(code, tuple(errors), reference)
    return made.model_dump(mode="json", exclude_none=True)
