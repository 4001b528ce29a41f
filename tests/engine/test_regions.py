"""A region that a card asks for: held by the offer, pinned in the command, or said to be open."""

import pytest

from engine.contract import DecisionCard, Lang
from tests.engine.cards import STOPS
from tests.engine.markets import market, row
from tests.engine.plans import conflict, in_the_way, plan, rented, warned

SERVED = {**STOPS, "needs_service_api": True}
WORLD = market(
    row("runpod:l4:any:secure", "l4", "0.40"), row("aws:g6.xlarge:us-east-1:on-demand", "l4", "0.8")
)
CODE = "REGION_NOT_PINNED"


def rents(decision: DecisionCard) -> str:
    lines = [s.shell for c in decision.runtime_commands for s in c.before]
    return next(line for line in lines if line.startswith("runpodctl create pod"))


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize("region", ["eu-west", "mars"])
def test_a_price_for_any_region_does_not_silently_satisfy_one(region: str, lang: Lang) -> None:
    decision = plan(WORLD, lang, **SERVED, region=region)
    said = conflict(decision, CODE)
    assert region in said.text + said.change
    assert "RunPod" in said.text
    assert region not in rents(decision)


def test_a_region_that_no_price_names_is_said_with_those_that_are_known() -> None:
    said = conflict(plan(WORLD, **SERVED, region="us-esat-1"), CODE)
    assert "us-east-1" in said.text
    known = plan(WORLD, **SERVED, region="us-east-1")
    assert "No price" not in conflict(known, CODE).text


def test_a_data_centre_that_the_command_can_ask_for_is_in_the_command() -> None:
    decision = plan(WORLD, **SERVED, region="eu-ro-1")
    assert CODE not in warned(decision)
    assert "--dataCenterId EU-RO-1" in rents(decision)


def test_nothing_is_said_where_the_offer_is_in_the_region_or_none_is_asked_for() -> None:
    there = plan(WORLD, **SERVED, region="us-east", providers_allowed=["aws"])
    assert rented(there)[0] == "aws:g6.xlarge:us-east-1:on-demand"
    assert CODE not in warned(there)
    anywhere = plan(WORLD, **SERVED)
    assert CODE not in warned(anywhere)
    assert "--dataCenterId" not in rents(anywhere)


def test_a_region_that_leaves_no_machine_is_named_with_what_is_known() -> None:
    decision = plan(WORLD, **SERVED, region="us-esat-1", providers_allowed=["aws"])
    said = conflict(decision, "NO_CANDIDATE")
    assert in_the_way(decision) == ["NO_CANDIDATE"]
    assert "us-esat-1" in said.text
    assert "us-east-1" in said.text
    assert said.fix[0] == "region"
    assert said.passing["region"] == "us-east-1"
