"""The lesson's own planner, quirks included: a pure function on its six-field card.

From lesson 13.5 of AI Roads (MIT, (c) 2026 AI Roads contributors; notice in data/lesson.yaml).
It never reads privacy or budget, and it rents for any route it does not know. It must not rule
the full view, which is why it stands alone.
"""

import json
from collections.abc import Mapping
from typing import Any

from engine.contract import Wire
from engine.datafile import DataFile

DEFAULT_ROUTE = "rented_gpu"


class LessonFamily(Wire):
    """A row of the lesson's planning table."""

    family: str
    fit: tuple[str, ...]
    runtime: str


class LessonWords(Wire):
    """The two adaptation sentences."""

    tuning: str
    otherwise: str


class LessonTable(DataFile):
    """data/lesson.yaml: frozen strings in the lesson's order."""

    families: tuple[LessonFamily, ...]
    goals: dict[str, str]
    adaptation: LessonWords
    evidence: tuple[str, ...]


def lesson_view(card: Mapping[str, Any], table: LessonTable) -> dict[str, Any]:
    """The lesson's decision for a plain mapping of its six fields, keys in the lesson's order."""
    route = card["available_route"] if card["available_route"] in table.goals else DEFAULT_ROUTE
    family = _family(route, table, needs_service=bool(card["needs_service_api"]))
    tuning = card["needs_fine_tuning"]
    return {
        "project": card["task"],
        "route": {"route": route, "goal": table.goals[route]},
        "model_family": {
            "family": family.family,
            "fit": list(family.fit),
            "runtime": family.runtime,
        },
        "adaptation": table.adaptation.tuning if tuning else table.adaptation.otherwise,
        "evidence": list(table.evidence),
    }


def lesson_json(card: Mapping[str, Any], table: LessonTable) -> str:
    """The view as the lesson prints it: indented by two, ASCII escapes, no final newline."""
    return json.dumps(lesson_view(card, table), indent=2)


def _family(route: str, table: LessonTable, *, needs_service: bool) -> LessonFamily:
    for row in table.families:
        unserved = route == DEFAULT_ROUTE and needs_service and "vLLM" not in row.runtime
        if route in row.fit and not unserved:
            return row
    return table.families[0]
