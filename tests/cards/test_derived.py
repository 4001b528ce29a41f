"""What owroute writes down itself: whatever the decision knows, nobody is asked for."""

from decimal import Decimal

import pytest

from bot.cards.derived import MONTHLY_CAPS, derived
from bot.domain.evidence import Entry
from engine.contract import BudgetLevel, Lang
from engine.load import load_data
from tests.cards.made import planned
from tests.domain.recorded import AT

SERVICE = {"available_route": "rented_gpu", "needs_service_api": "yes", "stop_after": "4"}


def budget_cap(**fields: str) -> Entry:
    x = planned(SERVICE | fields)
    assert x.decision is not None
    assert "budget_cap" in {e.id for e in x.decision.evidence if e.required}
    (found,) = (e for e in derived(x, x.decision, "en", AT) if e.item == "budget_cap")
    return found


@pytest.mark.parametrize(
    ("fields", "cap", "per"),
    [
        ({"budget_level": "small"}, "50 USD", "a month"),
        ({"budget_level": "medium"}, "500 USD", "a month"),
        ({"budget_level": "small", "max_monthly": "20"}, "20 USD", "a month"),
        ({"budget_level": "small", "max_monthly": "700"}, "50 USD", "a month"),
        ({"budget_level": "medium", "max_hourly": "2.5"}, "2.5 USD", "an hour"),
        ({"budget_level": "large", "max_monthly": "900"}, "900 USD", "a month"),
    ],
)
def test_the_cap_is_given_by_the_card_else_by_its_budget(
    fields: dict[str, str], cap: str, per: str
) -> None:
    found = budget_cap(**fields)
    assert found.whole
    assert found.content["cap"] == cap
    assert f"The cap is for {per}." in str(found.content["when_reached"])


def test_the_caps_are_those_that_the_engine_counts_with() -> None:
    classes = load_data().rules[Lang.en].budget.classes
    theirs = {level: classes[level].max_monthly for level in BudgetLevel}
    assert {n: cap for n, cap in theirs.items() if cap is not None} == dict(MONTHLY_CAPS)
    assert all(isinstance(cap, Decimal) for cap in MONTHLY_CAPS.values())
