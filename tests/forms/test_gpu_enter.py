"""GPUs entered by hand: what is taken, and what is answered beside its field."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.cards.forms.gpu_enter import add_modal, read_entered, started_modal
from bot.cards.forms.gpu_fields import Sentences
from bot.cards.forms.gpu_steer import read_price, read_shutdown
from bot.domain.ids import UserId
from bot.domain.registering import Registration
from tests.cards.made import RENTED, STOPPED, planned

NOW = datetime(2026, 11, 24, 13, 30, 20, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ADA = "U0ADA00001"
BENCH = {"provider": "Our cluster", "name": "bench-1", "owner": ADA}


def filled(**fields: Any) -> Mapping[str, Any]:
    """A view with these inputs; times are instants."""

    def value(name: str, given: Any) -> Mapping[str, Any]:
        if isinstance(given, datetime):
            return {"v": {"selected_date_time": int(given.timestamp())}}
        if name == "owner":
            return {"v": {"selected_user": given}}
        if name == "hardware":
            return {"gpu_search": {"selected_option": {"value": given} if given else None}}
        return {"v": {"value": given}}

    values = {name: value(name, given) for name, given in (BENCH | fields).items()}
    return {"state": {"values": values}}


def taken(**fields: Any) -> Registration:
    said = read_entered(filled(**fields), NOW, "en")
    assert isinstance(said, Registration), said
    return said


def answered(field: str, text: Any) -> str:
    said = read_entered(filled(**{field: text}), NOW, "en")
    assert isinstance(said, Sentences), said
    assert set(said.by_block) == {field}
    return said.by_block[field]


def test_what_has_to_be_known_is_little() -> None:
    said = taken()
    assert said == Registration("Our cluster", "bench-1", NOW, UserId(ADA))


def test_everything_can_be_told() -> None:
    said = taken(
        hardware="2 x l4", price=" 1.38 ", started=NOW - 2 * DAY, at=NOW + 4 * HOUR,
        console="https://gpu.example.org/jobs?a=1", command="scancel\n4711",
    )  # fmt: skip
    assert (said.gpu, said.gpu_count, said.price) == ("l4", 2, Decimal("1.38"))
    assert said.started_at == (NOW - 2 * DAY).replace(second=20)
    assert said.stop_at == NOW + 4 * HOUR
    assert said.console_url == "https://gpu.example.org/jobs?a=1"
    assert said.stop_command == "scancel 4711"


@pytest.mark.parametrize(
    "typed", ["-1", "NaN", "1e309", "10**30", "inf", "１", "0x1", "1_000", "abc", "1.2.3", "--"]
)
def test_what_is_no_number_is_no_price(typed: str) -> None:
    assert "plain number" in answered("price", typed)


@pytest.mark.parametrize(
    ("typed", "meant"), [("1,5", "1.5"), ("$0.69", "0.69"), ("0.69 USD", "0.69"), ("１.５", "1.5")]
)
def test_what_was_meant_is_asked_for_and_never_guessed(typed: str, meant: str) -> None:
    assert f"Did you mean {meant}?" in answered("price", typed)


@pytest.mark.parametrize(
    "typed", ["2 EUR", "€2", "2 euros", "£1.5", "10 RMB", "7元", "¥7", "2 gbp"]
)
def test_another_currency_is_to_be_converted(typed: str) -> None:
    assert "convert to USD" in answered("price", typed)


def test_zero_is_unknown_and_a_fortune_is_a_mistake() -> None:
    assert "0 is no price" in answered("price", "0")
    assert "0 is no price" in answered("price", "0.000")
    assert "More than 1,000 USD per GPU" in answered("price", "1000.01")
    assert taken(price="1500", hardware="2 x h100").price == 1500
    assert taken(price="").price is None
    assert taken(price="   ").price is None


def test_a_start_lies_within_the_last_90_days() -> None:
    assert taken(started=NOW - 90 * DAY + MINUTE).started_at < NOW
    assert "more than 90 days ago" in answered("started", NOW - 91 * DAY)
    assert "has not come yet" in answered("started", NOW + 5 * MINUTE)
    assert taken(started=NOW + MINUTE).started_at == NOW, "clocks differ by a little"


def test_a_stop_time_lies_ahead_and_within_a_month() -> None:
    assert "has passed" in answered("at", NOW - MINUTE)
    assert "more than 31 days ahead" in answered("at", NOW + 32 * DAY)
    assert taken(at=NOW + 31 * DAY - MINUTE).stop_at is not None


@pytest.mark.parametrize(
    "typed",
    [
        "http://console.runpod.io", "console.runpod.io", "https://", "https://user:pw@host.example",
        "https://evil.example|Stop GPU", "https://a.example/>", "javascript:alert(1)",
        "https://a.example/ b", "https://localhost", "https://[::1", "https://ünïcode.example",
    ],
)  # fmt: skip
def test_a_console_link_is_an_https_address(typed: str) -> None:
    assert "https://" in answered("console", typed)


@pytest.mark.parametrize("field", ["provider", "name"])
@pytest.mark.parametrize("typed", ["", "   ", "\u202e\u200b", "\x00"])
def test_a_name_is_more_than_blanks(field: str, typed: str) -> None:
    assert "Type something" in answered(field, typed)


def test_names_are_cut_to_one_plain_line() -> None:
    said = taken(name="a\nb\u202e <!channel> " + "x" * 300)
    assert said.name.startswith("a b <!channel> xxx")
    assert len(said.name) == 80


@pytest.mark.parametrize("typed", ["0 x l4", "65 x l4", "999 x l4"])
def test_there_are_1_to_64_gpus(typed: str) -> None:
    assert "at most 64" in answered("hardware", typed)


def test_all_that_is_wrong_is_told_at_once() -> None:
    said = read_entered(filled(name="", price="x", console="y", at=NOW - HOUR), NOW, "zh_CN")
    assert isinstance(said, Sentences)
    assert set(said.by_block) == {"name", "price", "console", "at"}
    assert all(max(text) >= "\u4e00" for text in said.by_block.values())


def test_who_is_not_a_person_is_nobody() -> None:
    assert taken(owner="C0MLLAB0001; drop").owner == ""


def test_odd_payloads_are_an_empty_form() -> None:
    empty: list[Mapping[str, Any]] = [{"state": state} for state in (None, {}, {"values": None})]
    for view in ({}, *empty):
        assert isinstance(read_entered(view, NOW, "en"), Sentences)


def test_a_plan_fills_in_what_it_knows() -> None:
    view = started_modal(planned(RENTED | STOPPED), "ow-12-ada", NOW, "en")
    known = {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    assert known["name"]["initial_value"] == "ow-12-ada"
    assert known["provider"]["initial_value"] == "hyperstack"
    assert known["console"]["initial_value"] == "https://console.hyperstack.cloud"
    assert known["hardware"]["initial_option"]["value"] == "1 x rtx-a6000"
    assert known["price"]["initial_value"] == "0.5"
    four = NOW + 4 * HOUR
    assert known["at"]["initial_date_time"] == int(four.timestamp()) // 60 * 60
    assert "owner" not in known, "it is the experiment's"


def test_the_stop_time_a_form_began_with_comes_back_with_it() -> None:
    view = started_modal(planned(RENTED | STOPPED), "ow-12-ada", NOW, "en")
    said = read_entered({**filled(), "private_metadata": view["private_metadata"]}, NOW, "en")
    assert isinstance(said, Registration)
    assert said.shown == (NOW + 4 * HOUR).replace(second=0)
    begun = next(b["element"] for b in view["blocks"] if b.get("block_id") == "at")
    assert begun["initial_date_time"] == int(said.shown.timestamp())
    assert taken().shown is None


def test_an_empty_form_begins_with_who_opens_it_and_now() -> None:
    view = add_modal(UserId(ADA), "", NOW, "en")
    known = {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    assert known["owner"]["initial_user"] == ADA
    assert known["started"]["initial_date_time"] == int(NOW.timestamp()) // 60 * 60
    assert "initial_date_time" not in known["at"]


def test_a_stop_time_is_needed_where_only_that_is_asked() -> None:
    said = read_shutdown(
        {"state": {"values": {"at": {"v": {"selected_date_time": None}}}}}, NOW, "en"
    )
    assert isinstance(said, Sentences)
    assert "Choose a day and a time" in said.by_block["at"]


def test_a_price_is_needed_where_only_that_is_asked() -> None:
    for typed in ("", "0", "1,5", "3 EUR"):
        said = read_price({"state": {"values": {"price": {"v": {"value": typed}}}}}, "en")
        assert isinstance(said, Sentences), typed
