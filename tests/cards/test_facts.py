"""A constraint card in the words of its form."""

from decimal import Decimal

from bot.cards.facts import facts
from engine.contract import Architecture, Attention, HardwareSpec, PriceSeen
from tests.engine.cards import REVISION, STOPS, card

TINY = Architecture(
    attention=Attention.gqa, layers=36, kv_heads=8, head_dim=128, d_model=4096, intermediate=12288,
    vocab=151936, tied=False, native_context=40960, params_total=8_190_735_360,
)  # fmt: skip


def test_what_was_chosen_is_said_as_it_was_offered() -> None:
    found = facts(card(**STOPS), "en")
    assert found["available_route"] == ("Available route", "Rented GPU")
    assert found["stop_after"] == ("Stop after", "2 h")
    assert facts(card(**STOPS), "zh_CN")["stop_after"] == ("多久后停止", "2 小时")


def test_what_a_fix_asked_for_is_said_too() -> None:
    found = facts(
        card(
            model_repo="a/b",
            revision=REVISION,
            architecture=TINY,
            price_seen=PriceSeen(offer_id="x", hourly=Decimal("1.20")),
            hardware=HardwareSpec(gpu_id="l4", gpu_count=2, ram_gib=Decimal(16)),
        ),
        "en",
    )
    assert found["model"][1] == f"a/b@{REVISION}"
    assert found["params_billion"] == ("Parameters in billions", "8.19073536")
    assert found["price_seen"] == ("USD per hour, seen today", "1.20")
    assert found["hardware"][1] == "2 x l4"
    assert found["ram_gib"][1] == "16"


def test_the_task_stands_in_the_title() -> None:
    assert "task" not in facts(card(), "en")


def test_a_long_rule_is_cut() -> None:
    rule = facts(card(access_rule="staff " * 60), "en")["access_rule"][1]
    assert len(rule) <= 160
    assert rule.endswith("…")
