"""Machines to rent: whom a card lets rent what, whole offers at their own price, and the others."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.contract import HardwareSpec, Lang, RejectionCode
from engine.load import EngineData
from tests.engine.cards import DATA, GUARDED, L4
from tests.engine.markets import market, model, row
from tests.engine.plans import in_the_way, plan, rented

RENT: dict[str, Any] = {
    "available_route": "rented_gpu",
    "budget_level": "large",
    "max_monthly": "100000",
    "session_hours": "2",
}
MODEL = model("a/model", 9)
BIG = model("a/big", 60)

COMMUNITY = row("runpod:a40:any:community", "a40", "0.30")
SECURE = row("runpod:a40:any:secure", "a40", "0.40")
US = row("aws:g6e:us-east-1:on-demand", "l40s", "0.50")
EUROPE = row("gcp:g2:europe-west4:on-demand", "l40s", "0.60")
DEDICATED = row("aws:g6e:eu-west-1:dedicated", "l40s", "0.90")
CLOUDS = ["aws", "gcp"]
STREET = (COMMUNITY, SECURE, US, EUROPE, DEDICATED)


def world(*rows: str) -> EngineData:
    return market(*rows, models=[MODEL])


@pytest.mark.parametrize(
    ("changes", "offer"),
    [
        ({}, "runpod:a40:any:community"),
        ({"tenancy": "community"}, "runpod:a40:any:community"),
        ({"tenancy": "secure"}, "runpod:a40:any:secure"),
        ({"tenancy": "dedicated"}, "aws:g6e:eu-west-1:dedicated"),
        ({"providers_allowed": CLOUDS}, "aws:g6e:us-east-1:on-demand"),
        ({"providers_allowed": ["gcp"]}, "gcp:g2:europe-west4:on-demand"),
        ({"providers_allowed": CLOUDS, "region": "europe"}, "gcp:g2:europe-west4:on-demand"),
        ({"providers_allowed": CLOUDS, "region": "EU-West-1"}, "aws:g6e:eu-west-1:dedicated"),
        ({"region": "europe"}, "runpod:a40:any:community"),
        ({"hardware": HardwareSpec(gpu_id="l40s")}, "aws:g6e:us-east-1:on-demand"),
        (GUARDED, "runpod:a40:any:secure"),
        (GUARDED | {"tenancy": "dedicated"}, "aws:g6e:eu-west-1:dedicated"),
        (
            GUARDED | {"privacy": "regulated", "regulated_providers": ["gcp"]},
            "gcp:g2:europe-west4:on-demand",
        ),
        (
            GUARDED
            | {
                "privacy": "regulated",
                "regulated_providers": ["gcp", "aws"],
                "providers_allowed": ["aws", "runpod"],
            },
            "aws:g6e:us-east-1:on-demand",
        ),
    ],
)  # fmt: skip
def test_the_cheapest_machine_that_the_card_allows_is_rented(
    changes: dict[str, Any], offer: str
) -> None:
    decision = plan(world(*STREET), **RENT, **changes)
    assert in_the_way(decision) == []
    assert rented(decision)[0] == offer


@pytest.mark.parametrize("privacy", ["private_docs", "regulated"])
@pytest.mark.parametrize("tenancy", [None, "community", "secure", "dedicated"])
def test_private_documents_never_go_to_a_community_host(privacy: str, tenancy: str | None) -> None:
    decision = plan(
        world(*STREET),
        **RENT,
        privacy=privacy,
        access_rule="the team",
        tenancy=tenancy,
        regulated_providers=["runpod"],
    )
    assert decision.offer is None or decision.offer.tier != "community"


@pytest.mark.parametrize(
    "changes",
    [
        {"providers_allowed": ["nobody"]},
        {"region": "mars", "providers_allowed": ["aws"]},
        {"tenancy": "dedicated", "providers_allowed": ["gcp"]},
        {"hardware": HardwareSpec(gpu_id="h100-80gb")},
        {"hardware": HardwareSpec(gpu_id="l40s", gpu_count=2)},
    ],
)
def test_where_no_machine_is_allowed_nothing_is_rented(changes: dict[str, Any]) -> None:
    decision = plan(world(*STREET), **RENT, **changes)
    assert in_the_way(decision) == ["NO_CANDIDATE"]
    assert decision.offer is None
    codes = {r.id: r.code for r in decision.rejected_families}
    assert codes["qwen_llama"] is RejectionCode.no_offer


def test_several_gpus_are_priced_as_the_whole_machine() -> None:
    one = row("aws:p5-1:any:on-demand", "h100-80gb", "4")
    eight = row("aws:p5-8:any:on-demand", "h100-80gb", "55.04", count=8)
    decision = plan(market(one, eight, models=[BIG]), **RENT)
    assert rented(decision) == ("aws:p5-8:any:on-demand", "55.04")
    assert decision.offer is not None
    assert decision.offer.gpu_count == 8
    assert decision.cost is not None
    assert decision.cost.hourly == Decimal("55.0400")


def test_one_gpu_is_never_multiplied_unless_the_provider_sells_it_so() -> None:
    alone = plan(market(row("aws:p5:any:on-demand", "h100-80gb", "4"), models=[BIG]), **RENT)
    assert in_the_way(alone) == ["NO_CANDIDATE"]
    linear = plan(market(row("runpod:h100:any:secure", "h100-80gb", "2.39"), models=[BIG]), **RENT)
    assert rented(linear) == ("runpod:2x-h100:any:secure", "4.78")


def test_a_listed_price_for_several_stands_before_a_multiplied_one() -> None:
    rows = (
        row("runpod:h100:any:secure", "h100-80gb", "2.39"),
        row("runpod:2x-h100:any:secure", "h100-80gb", "4.50", count=2),
    )
    assert rented(plan(market(*rows, models=[BIG]), **RENT)) == (
        "runpod:2x-h100:any:secure",
        "4.50",
    )


def test_no_price_of_the_shipped_list_is_multiplied_except_at_linear_providers() -> None:
    providers = DATA.rules[Lang.en].runtimes
    for offer in DATA.shelf.offers:
        if offer.offer_id not in DATA.catalog.offers:
            assert providers.provider(offer.provider).linear
            single = offer.offer_id.replace(f":{offer.gpu_count}x-", ":")
            assert offer.usd_per_hour == offer.gpu_count * DATA.catalog.offers[single].usd_per_hour


def test_an_undecided_card_names_its_own_gpu_not_one_to_rent() -> None:
    """An L4 at home is no wish to rent one."""
    dear = row("aws:g6e:us-east-1:on-demand", "l40s", "0.50")
    data = market(dear, models=[model("a/m", 20)])
    undecided: dict[str, Any] = RENT | {"available_route": "undecided", "needs_service_api": True}
    decision = plan(data, **undecided, hardware=L4)
    considered = {c.route.value: c.codes for c in decision.route.considered}
    assert "DOES_NOT_FIT" in considered["local_gpu"] or "NO_CANDIDATE" in considered["local_gpu"]
    assert decision.route.route == "rented_gpu"
    assert rented(decision)[0] == "aws:g6e:us-east-1:on-demand"
    wished = plan(data, **RENT, needs_service_api=True, hardware=L4)
    assert in_the_way(wished) == ["NO_CANDIDATE"]


def test_a_dearer_hour_may_keep_a_monthly_cap_that_a_cheaper_one_misses_by_its_disk() -> None:
    """24 h at 0.80 and 6.90 of disk are 26.10; 24 h at 0.81 and 0.69 of disk are 20.13."""
    rows = (
        row("runpod:l40s:any:secure", "l40s", "0.80"),
        row("verda:l40s:any:x", "l40s", "0.81"),
    )
    asked = RENT | {"max_monthly": "21"}
    cheap_disk = market(*rows, models=[MODEL], disks={"verda": "0.01"})
    assert rented(plan(cheap_disk, **asked)) == ("verda:l40s:any:x", "0.81")
    assert rented(plan(cheap_disk, **RENT)) == ("runpod:l40s:any:secure", "0.80")


@pytest.mark.parametrize("cap", ["20", "26.10", "30"])
def test_a_disk_whose_price_nobody_knows_is_no_way_round_a_cap(cap: str) -> None:
    """It is assumed to cost what the dearest known one does: 24 h at 0.81 and 6.90 are 26.34."""
    rows = (
        row("runpod:l40s:any:secure", "l40s", "0.80"),
        row("verda:l40s:any:x", "l40s", "0.81"),
    )
    decision = plan(world(*rows), **(RENT | {"max_monthly": cap}))
    assert rented(decision) == ("runpod:l40s:any:secure", "0.80")
    assert in_the_way(decision) == (["BUDGET_EXCEEDED"] if cap == "20" else [])
    alone = plan(world(rows[1]), **(RENT | {"max_monthly": cap}))
    assert in_the_way(alone) == ([] if cap == "30" else ["BUDGET_EXCEEDED"])


def test_offers_of_equal_price_are_taken_by_their_id_whatever_their_order() -> None:
    rows = [row(f"aws:{sku}:any:on-demand", "l40s", "0.50") for sku in ("b", "a", "c")]
    for order in (rows, rows[::-1]):
        assert rented(plan(world(*order), **RENT))[0] == "aws:a:any:on-demand"


def test_without_any_offer_nothing_is_rented_and_nobody_falls_over() -> None:
    empty = replace(world(), offers_version=DATA.offers_version)
    assert in_the_way(plan(empty, **RENT)) == ["NO_CANDIDATE"]
