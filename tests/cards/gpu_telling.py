"""What is told about GPU runs in threads and to admins, to show."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.cards import gpu, gpu_admin, gpu_notes
from bot.cards.gpu_view import RunView
from bot.domain.costs import Spent
from bot.domain.delivery import Message
from bot.domain.fleet import Ending, Problem, Provider, Scope
from bot.domain.gpu import GpuRun, RunState
from bot.domain.troubles import Trouble
from bot.domain.watch import NO_CAP, Account, Budget, BudgetScope, MonthlyCap, Watching
from tests.cards.gpu_guarding import GUARDING
from tests.cards.gpuing import (
    ADA,
    BY_ADA,
    GRACE,
    HOUR,
    LIN,
    MANUAL,
    NOW,
    POD,
    READ_ONLY,
    REPORTED,
    RUNS,
    SAID,
    TEAM,
    UNCLAIMED,
    UNPRICED,
    ended,
    stopping,
    view,
)


def noted(run: GpuRun, **changes: Any) -> RunView:
    return view(run, reader=None, **changes)


def account(*regions: str, provider: Provider = Provider.RUNPOD) -> list[Account]:
    return [Account(TEAM, Scope(provider, "default", r), complete_at=NOW) for r in regions or ("",)]


def trouble(
    problem: Problem, *regions: str, provider: Provider = Provider.RUNPOD
) -> Callable[[str], Message]:
    here = Trouble(Scope(provider, "default"), problem, NOW - HOUR, regions)
    return lambda lang: gpu_admin.trouble_card(here, lang)


REGIONS = ("ap-east-1", "eu-central-1", "us-east-1")
FULL = Spent(Decimal("8.123"), Decimal("0.02"))
PARTLY = Spent(Decimal("18.4"), unpriced=31 * HOUR, unpriced_runs=2)
OWN = Budget(TEAM, BudgetScope.EXPERIMENT, "12", Decimal(10), stops=True, set_by=ADA)
PLACE = Budget(TEAM, BudgetScope.CHANNEL, "C0MLLAB0001", Decimal(20), set_by=LIN)
WHOLE = Budget(TEAM, BudgetScope.WORKSPACE, "", Decimal(500))
SET = MonthlyCap(Decimal(20))
HELD = Watching(TEAM, hold=True, held_by=GRACE, held_at=NOW - HOUR)

TOLD: dict[str, Callable[[str], Message]] = {
    "gpu_ended_note": lambda lang: gpu.ended_note(noted(ended(stopping(POD))), lang),
    "gpu_ended_note_terminated": lambda lang: gpu.ended_note(
        noted(ended(stopping(POD, ending=Ending.TERMINATE), RunState.ENDED)), lang
    ),
    "gpu_ended_note_gone": lambda lang: gpu.ended_note(
        noted(ended(UNPRICED, RunState.ENDED, absent_since=NOW)), lang
    ),
    "gpu_ended_note_reported": lambda lang: gpu.ended_note(
        noted(replace(REPORTED, stopping=SAID)), lang
    ),
    "gpu_registered_note": lambda lang: gpu_notes.registered_note(
        noted(replace(POD, deadline=BY_ADA)), ADA, lang
    ),
    "gpu_registered_note_no_plan": lambda lang: gpu_notes.registered_note(noted(MANUAL), ADA, lang),
    "gpu_shutdown_note": lambda lang: gpu_notes.shutdown_note(
        noted(replace(POD, deadline=BY_ADA)), ADA, lang
    ),
    "gpu_shutdown_note_promise": lambda lang: gpu_notes.shutdown_note(
        noted(replace(READ_ONLY, deadline=BY_ADA)), ADA, lang
    ),
    "gpu_shutdown_note_removed": lambda lang: gpu_notes.shutdown_note(noted(POD), ADA, lang),
    "gpu_reassigned_note": lambda lang: gpu_notes.reassigned_note(
        noted(replace(POD, owner=LIN)), ADA, lang
    ),
    "gpu_reassigned_note_taken": lambda lang: gpu_notes.reassigned_note(
        noted(replace(POD, owner=LIN)), LIN, lang
    ),
    "gpu_reassigned_note_not_ours": lambda lang: gpu_notes.reassigned_note(
        noted(UNCLAIMED), LIN, lang
    ),
    "gpu_budget_note": lambda lang: gpu_notes.budget_note("OW-12", SET, ADA, lang),
    "gpu_budget_note_stops": lambda lang: gpu_notes.budget_note(
        "OW-12", replace(SET, stops=True), ADA, lang
    ),
    "gpu_budget_note_none": lambda lang: gpu_notes.budget_note("OW-12", NO_CAP, LIN, lang),
    **{f"gpu_trouble_{problem.value}": trouble(problem) for problem in Problem},
    "gpu_trouble_region": trouble(Problem.AUTH, "eu-central-1", provider=Provider.AWS),
    "gpu_trouble_regions": trouble(Problem.SERVER, *REGIONS, provider=Provider.AWS),
    "gpu_recovered": lambda lang: gpu_admin.recovered_card(account(), lang),
    "gpu_recovered_regions": lambda lang: gpu_admin.recovered_card(
        account(*REGIONS, provider=Provider.AWS), lang
    ),
    "gpu_budget_mark": lambda lang: gpu_admin.budget_card(OWN, FULL, 80, "OW-12", lang),
    "gpu_budget_spent_stops": lambda lang: gpu_admin.budget_card(OWN, FULL, 100, "OW-12", lang),
    "gpu_budget_spent_channel": lambda lang: gpu_admin.budget_card(PLACE, PARTLY, 100, "", lang),
    "gpu_budget_workspace": lambda lang: gpu_admin.budget_card(WHOLE, FULL, 50, "", lang),
    "gpu_hold": lambda lang: gpu_admin.hold_card(HELD, lang),
    "gpu_hold_ended": lambda lang: gpu_admin.hold_card(replace(HELD, hold=False), lang),
    "gpu_hold_by_operator": lambda lang: gpu_admin.hold_card(replace(HELD, held_by=None), lang),
    "gpu_hold_never": lambda lang: gpu_admin.hold_card(Watching(TEAM), lang),
}

GPUING = RUNS | TOLD | GUARDING
