"""A GPU by the names people give it: found, held for several, or unknown with what was meant."""

from decimal import Decimal
from typing import Any

import pytest

from engine.contract import DecisionCard, HardwareSpec, Lang, Route, Status
from engine.decide import compare, decide
from tests.engine.cards import DATA, L4, STOPS, card
from tests.engine.plans import conflict, entered, in_the_way, plan, ran, rejected

OWN: dict[str, Any] = {"available_route": "local_gpu"}


def on(name: str, lang: Lang = Lang.en, **changes: Any) -> DecisionCard:
    return plan(lang=lang, **(OWN | changes), hardware=HardwareSpec(gpu_id=name))


@pytest.mark.parametrize(
    ("typed", "gpu_id"),
    [
        ("RTX 4090", "rtx4090"),
        ("NVIDIA GeForce RTX 4090", "rtx4090"),
        ("h100", "h100-80gb"),
        ("A100 80 GB", "a100-80gb"),
        ("V100-32GB", "v100-32gb"),
        ("RTX 4090 24 GB", "rtx4090"),
    ],
)
@pytest.mark.parametrize("route", ["local_gpu", "undecided"])
def test_a_name_is_as_good_as_the_id_and_stays_as_typed(
    typed: str, gpu_id: str, route: str
) -> None:
    by_name, by_id = on(typed, available_route=route), on(gpu_id, available_route=route)
    assert by_name.status is Status.ok
    assert (ran(by_name), by_name.fit) == (ran(by_id), by_id.fit)
    assert by_name.inputs.card.hardware == HardwareSpec(gpu_id=typed)
    assert by_name == on(typed, available_route=route)


def test_a_gpu_to_rent_goes_by_its_names_too() -> None:
    rented = plan(**STOPS, hardware=HardwareSpec(gpu_id="RTX A5000"))
    assert rented.offer is not None
    assert rented.offer.gpu_id == "rtx-a5000"


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize("changes", [OWN, STOPS])
@pytest.mark.parametrize("typed", ["V100", "v100", "Tesla V100"])
def test_a_name_of_several_sizes_asks_which_one(
    typed: str, changes: dict[str, Any], lang: Lang
) -> None:
    decision = on(typed, lang, **changes)
    said = conflict(decision, "HARDWARE_REQUIRED")
    assert in_the_way(decision) == ["HARDWARE_REQUIRED"]
    for part in (typed, "v100-16gb", "v100-32gb"):
        assert part in said.text
    assert said.passing == {"hardware": "v100-16gb"}
    assert said.fix[0] == "hardware"
    asked = card(**changes, hardware=HardwareSpec(gpu_id=typed))
    after = decide(entered(asked, dict(said.passing)), DATA)
    assert "HARDWARE_REQUIRED" not in in_the_way(after)


@pytest.mark.parametrize("lang", Lang)
def test_a_name_that_nobody_knows_comes_with_what_was_meant(lang: Lang) -> None:
    said = conflict(on("4090", lang), "HARDWARE_REQUIRED")
    assert "4090" in said.text
    assert "rtx4090" in said.text
    assert said.passing == {"hardware": "rtx4090"}
    strange = conflict(on("xyzzy", lang), "HARDWARE_REQUIRED")
    assert "xyzzy" in strange.text
    assert strange.passing == {}
    assert conflict(plan(lang=lang, **OWN), "HARDWARE_REQUIRED").text != strange.text


@pytest.mark.parametrize("typed", ["MI300X", "AMD Instinct MI300X"])
def test_a_known_gpu_on_which_nothing_runs_is_not_called_unnamed(typed: str) -> None:
    decision = on(typed)
    assert in_the_way(decision) == ["NO_CANDIDATE"]
    assert "NVIDIA" in conflict(decision, "NO_CANDIDATE").text


def test_an_unknown_name_on_an_undecided_card_keeps_the_route_in_sight() -> None:
    considered = on("V100", available_route="undecided").route.considered
    codes = {c.route: c.codes for c in considered}
    assert codes[Route.local_gpu] == ("HARDWARE_REQUIRED",)


def test_nobody_offers_a_machine_of_ones_own() -> None:
    for reason in (r.reason for r in on("V100").rejected_families):
        assert "offered" not in reason
    assert "not known" in rejected(on("V100"), "qwen_llama").reason


def test_the_gpu_at_home_is_not_the_one_to_rent() -> None:
    """Nobody rents out an RTX 3060 here; its owner may rent any machine."""
    home = card(
        available_route="local_gpu", hardware=HardwareSpec(gpu_id="rtx3060"), session_hours="2"
    )
    rented = next(p for p in compare(home, DATA) if p.route.route is Route.rented_gpu)
    assert rented.status is Status.ok
    assert rented.inputs.card.hardware is None
    stay = next(p for p in compare(home, DATA) if p.route.route is Route.local_gpu)
    assert stay.inputs.card.hardware == home.hardware
    there = compare(card(**STOPS, hardware=L4), DATA)[-1]
    assert there.inputs.card.hardware == L4
    assert there.offer is not None
    assert there.offer.gpu_id == "l4"


@pytest.mark.parametrize(("ram", "kept"), [(None, None), ("64", HardwareSpec(ram_gib=Decimal(64)))])
def test_the_gpu_to_rent_is_not_one_at_home(ram: str | None, kept: HardwareSpec | None) -> None:
    """Eight H100 are too dear to rent; that they were asked for does not mean they are there."""
    wished = HardwareSpec.model_validate({"gpu_id": "h100-80gb", "gpu_count": 8, "ram_gib": ram})
    asked = card(
        **STOPS, hardware=wished, needs_service_api=True,
        model_repo="meta-llama/Llama-3.3-70B-Instruct",
    )  # fmt: skip
    (refusal,) = decide(asked, DATA).conflicts
    assert refusal.code == "BUDGET_EXCEEDED"
    assert {Route.local_gpu, Route.private_gpu} == set(refusal.alternatives)
    for there in compare(asked, DATA):
        if there.route.route is Route.rented_gpu:
            assert there.inputs.card.hardware == wished
            continue
        assert there.inputs.card.hardware == kept
        if there.route.route in (Route.local_gpu, Route.private_gpu):
            assert in_the_way(there) == ["HARDWARE_REQUIRED"]
            assert there.fit is None
