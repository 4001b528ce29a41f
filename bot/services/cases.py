"""All use cases that handlers may call, built once by the composition root."""

from dataclasses import dataclass

from bot.ports import RouteEngine
from bot.services.background import Background
from bot.services.compare import ComparePlans
from bot.services.decisions import AskStanding
from bot.services.lifecycle import SteerPlan
from bot.services.people import KnowPerson
from bot.services.plans import FindPlan, ReplanPlan, SubmitPlan
from bot.services.reading import ListPlans, PrefillPlan, RunLesson
from bot.services.soon import Soon
from bot.services.workspace import RemoveWorkspace


@dataclass(frozen=True, slots=True)
class Cases:
    """One field per thing a person can ask for."""

    prefill: PrefillPlan
    submit: SubmitPlan
    replan: ReplanPlan
    standing: AskStanding
    find: FindPlan
    steer: SteerPlan
    list_plans: ListPlans
    lesson: RunLesson
    compare: ComparePlans
    know: KnowPerson
    remove: RemoveWorkspace
    engine: RouteEngine
    soon: Soon
    background: Background
