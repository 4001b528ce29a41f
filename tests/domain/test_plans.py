"""An experiment's life: which step may follow which."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import Experiment, Revision, State
from bot.errors import WrongState
from engine.app import load_data
from engine.contract import AvailableRoute, BudgetLevel, ConstraintCard, Privacy
from engine.decide import decide

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
ADA, LIN = UserId("U0ADA00001"), UserId("U0LIN00001")
LAPTOP = ConstraintCard(
    task="course Q&A assistant",
    privacy=Privacy.internal,
    available_route=AvailableRoute.local_cpu,
    needs_service_api=False,
    needs_fine_tuning=False,
    budget_level=BudgetLevel.zero,
)
REFUSED = LAPTOP.model_copy(
    update={"privacy": Privacy.regulated, "available_route": AvailableRoute.free_colab}
)
DATA = load_data()


def planned(card: ConstraintCard = LAPTOP) -> Experiment:
    return Experiment(
        id=ExperimentId(1),
        team=TeamId("T1"),
        number=12,
        channel=ChannelId("C1"),
        owner=ADA,
        state=State.PLANNED,
        latest=Revision(1, card, None, ADA, AT),
        current=None,
        version=1,
        created_at=AT,
        changed_at=AT,
    )


def decided(card: ConstraintCard = LAPTOP) -> Experiment:
    return planned(card).decided(decide(card, DATA), at=AT)


def test_a_new_plan_waits_for_the_engine() -> None:
    x = planned()
    assert x.label == "OW-12"
    assert x.is_deciding
    with pytest.raises(WrongState):
        x.started(at=LATER)


def test_go_can_be_started_once() -> None:
    x = decided().started(at=LATER)
    assert x.state is State.RUNNING
    assert x.started_at == LATER
    with pytest.raises(WrongState):
        x.started(at=LATER)


def test_a_refusal_can_be_planned_again_but_not_started() -> None:
    x = decided(REFUSED)
    assert x.state is State.REFUSED
    with pytest.raises(WrongState):
        x.started(at=LATER)
    again = x.replanned(LAPTOP, by=LIN, at=LATER)
    assert again.decision is x.decision, "the old decision stands until the engine has answered"
    assert again.decided(decide(LAPTOP, DATA), at=LATER).state is State.PLANNED


def test_replanning_a_running_experiment_does_not_stop_it() -> None:
    x = decided().started(at=LATER).replanned(REFUSED, by=ADA, at=LATER)
    assert x.decided(decide(REFUSED, DATA), at=LATER).state is State.RUNNING


def test_a_shape_that_the_engine_did_not_accept_is_not_carried_over() -> None:
    shape = DATA.catalog.models.models["Qwen/Qwen3-8B"].architecture
    named = LAPTOP.model_copy(update={"model_repo": "a/b"})
    described = named.model_copy(update={"architecture": shape})
    good = decided().replanned(described, by=ADA, at=LATER)
    assert good.replanned(named, by=ADA, at=LATER).latest.card.architecture == shape
    bad = good.undecidable("too many parameters", at=LATER)
    assert bad.replanned(named, by=ADA, at=LATER).latest.card.architecture is None


def test_every_change_raises_the_version() -> None:
    x = decided()
    assert x.owned_by(LIN, at=LATER).version == x.version + 1


@pytest.mark.parametrize("state", [State.ARCHIVED, State.DROPPED, State.DECIDED])
def test_what_is_over_cannot_be_planned_again(state: State) -> None:
    with pytest.raises(WrongState):
        replace(decided(), state=state).replanned(LAPTOP, by=ADA, at=LATER)


def test_only_a_plan_that_waits_is_asked_about() -> None:
    assert decided().waits_since() == AT
    assert decided().started(at=LATER).waits_since() is None
    assert decided(REFUSED).waits_since() is None
    assert decided().undecidable("no such model", at=LATER).waits_since() is None
