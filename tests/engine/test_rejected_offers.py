"""Machines that were not taken: which of them are listed, in what order, and why."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.contract import DecisionCard, Lang
from tests.engine.markets import market, model, row
from tests.engine.plans import plan, rented

RENT: dict[str, Any] = {
    "available_route": "rented_gpu",
    "budget_level": "large",
    "max_monthly": "100000",
    "session_hours": "2",
}
MODEL = model("a/model", 9)


def reasons(decision: DecisionCard) -> dict[str, tuple[str, str]]:
    return {r.id: (r.code.value, r.reason) for r in decision.rejected_offers}


def test_machines_that_were_not_taken_are_listed_cheapest_first_with_their_reason() -> None:
    rows = (
        row("verda:v100:any:x", "v100-16gb", "0.10"),
        row("verda:t4:any:x", "t4", "0.20"),
        row("vast:l40s:any:community", "l40s", "0.25", seen=date(2026, 5, 1)),
        row("runpod:l4:any:secure", "l4", "0.19"),
        row("verda:l40s:any:x", "l40s", "0.50"),
        row("verda:a40:any:x", "a40", "0.60"),
        row("verda:h100:any:x", "h100-80gb", "3.00"),
    )
    data = market(*rows, models=[model("a/model", 14)])
    decision = plan(data, **RENT, needs_service_api=True, max_hourly="1")
    assert rented(decision)[0] == "verda:l40s:any:x"
    told = reasons(decision)
    prices = [Decimal(str(r.numbers["hourly"])) for r in decision.rejected_offers]
    assert prices == sorted(prices)
    assert {offer_id: code for offer_id, (code, _) in told.items()} == {
        "verda:v100:any:x": "hardware_unsupported",
        "runpod:l4:any:secure": "does_not_fit",
        "verda:t4:any:x": "hardware_unsupported",
        "vast:l40s:any:community": "no_offer",
        "runpod:2x-l4:any:secure": "not_first_fit",
        "verda:a40:any:x": "not_first_fit",
        "runpod:4x-l4:any:secure": "not_first_fit",
        "runpod:8x-l4:any:secure": "over_budget",
        "verda:h100:any:x": "over_budget",
    }
    assert "20.2 GiB" in told["runpod:l4:any:secure"][1]


@pytest.mark.parametrize(
    ("small", "large", "told"), [(20, 20, (3, 7)), (20, 4, (6, 4)), (1, 20, (1, 9)), (0, 2, (0, 2))]
)
def test_machines_that_hold_the_files_are_listed_first_and_three_that_do_not(
    small: int, large: int, told: tuple[int, int]
) -> None:
    rows = [row(f"verda:l4-{n}:any:x", "l4", f"0.1{n:02}") for n in range(small)]
    rows += [row(f"verda:l40s-{n}:any:x", "l40s", f"0.5{n:02}") for n in range(large + 1)]
    decision = plan(market(*rows, models=[model("a/model", 14)]), **RENT)
    assert rented(decision)[0] == "verda:l40s-0:any:x"
    codes = [r.code.value for r in decision.rejected_offers]
    assert codes == ["does_not_fit"] * told[0] + ["not_first_fit"] * told[1]
    assert [r.id for r in decision.rejected_offers] == [
        *(f"verda:l4-{n}:any:x" for n in range(told[0])),
        *(f"verda:l40s-{n + 1}:any:x" for n in range(told[1])),
    ]


def test_a_large_model_is_not_put_on_one_gpu_that_costs_three_times_as_much_as_four() -> None:
    decision = plan(
        **(RENT | {"max_monthly": None, "max_hourly": "20"}),
        needs_service_api=True,
        model_repo="meta-llama/Llama-3.3-70B-Instruct",
    )
    assert rented(decision) == ("runpod:4x-rtx-a6000:any:community", "1.32")
    told = {r.id: r.code.value for r in decision.rejected_offers}
    assert list(told.values()).count("not_first_fit") == 7


def test_a_machine_where_it_would_be_tight_is_too_small_beside_one_where_it_fits() -> None:
    """20 GB of weights are 18.6 GiB: tight in 20.24 GiB of an L4, easy in an L40S."""
    rows = (row("verda:l4:any:x", "l4", "0.20"), row("verda:l40s:any:x", "l40s", "0.50"))
    decision = plan(market(*rows, models=[model("a/m", 10)]), **RENT, needs_service_api=True)
    assert rented(decision)[0] == "verda:l40s:any:x"
    assert reasons(decision)["verda:l4:any:x"][0] == "does_not_fit"
    tight = plan(market(rows[0], models=[model("a/m", 10)]), **RENT, needs_service_api=True)
    assert rented(tight)[0] == "verda:l4:any:x"
    assert tight.fit is not None
    assert tight.fit.verdict == "tight"


@pytest.mark.parametrize("lang", Lang)
def test_at_most_ten_machines_are_listed_and_every_reason_is_a_sentence(lang: Lang) -> None:
    decision = plan(lang=lang, available_route="rented_gpu", session_hours="2")
    assert len(decision.rejected_offers) == 10
    for one in decision.rejected_offers:
        assert "{" not in one.reason
        assert one.reason.endswith((".", "。"))
        assert decision.offer is None or one.id != decision.offer.offer_id
    prices = [Decimal(str(one.numbers["hourly"])) for one in decision.rejected_offers]
    assert prices == sorted(prices)


@pytest.mark.parametrize(
    ("lang", "said"), [(Lang.en, "26.10 USD a month, above the monthly cap of 20.20 USD"),
                       (Lang.zh, "每月 26.10 美元，超出每月上限 20.20 美元")],
)  # fmt: skip
def test_a_machine_whose_month_is_too_dear_is_not_said_to_do_as_well(lang: Lang, said: str) -> None:
    rows = (
        row("runpod:l40s:any:secure", "l40s", "0.80"),
        row("verda:l40s:any:x", "l40s", "0.81"),
    )
    asked = RENT | {"max_monthly": "20.20", "max_hourly": "2"}
    told = reasons(plan(market(*rows, models=[MODEL], disks={"verda": "0.01"}), lang, **asked))
    assert told["runpod:l40s:any:secure"][0] == "over_budget"
    assert said in told["runpod:l40s:any:secure"][1]
    dear = row("verda:h100:any:x", "h100-80gb", "3.00")
    hour = reasons(plan(market(rows[1], dear, models=[MODEL]), **(RENT | {"max_hourly": "2"})))
    assert "hourly cap" in hour["verda:h100:any:x"][1]


def test_a_refused_plan_lists_no_machines() -> None:
    refused = plan(**(RENT | {"budget_level": "zero"}))
    assert (refused.offer, refused.rejected_offers) == (None, ())
