"""How a decision runs, in a terminal: the same lines as on the card, without Slack's marks."""

import re
from datetime import date
from decimal import Decimal

import pytest

from bot.cards.running import SLACK, TERMINAL, cost, lines, running
from bot.cards.text import Mrkdwn
from engine.contract import (
    CostEstimate,
    CostItem,
    DecisionCard,
    Lang,
    LicenseDecision,
    LicenseVerdict,
)
from engine.decide import decide
from owroute.commands.plan_page import page_of
from owroute.commands.speech import Speech, plain
from tests.cli.command import PLAIN, typed
from tests.engine.cards import DATA, card

RENTED = ("--available-route", "rented_gpu", "--session-hours", "4", "--gpu-id", "l4")
LANGUAGES = (("en", Lang.en), ("zh_CN", Lang.zh))


def rented(lang: Lang) -> DecisionCard:
    return decide(
        card(available_route="rented_gpu", session_hours="4", always_on=False), DATA, lang
    )


def shown(decision: DecisionCard, lang: str) -> str:
    return str(page_of(decision, Speech(lang), 1000, colour=False))


def bare(line: Mrkdwn) -> str:
    """A line of Slack's without its marks."""
    linked = re.sub(r"<([^|>]+)\|([^>]+)>", r"\2 (\1)", line)
    return plain(Mrkdwn(re.sub(r"[*`]", "", linked)))


@pytest.mark.parametrize(("lang", "engine_lang"), LANGUAGES)
def test_it_says_what_the_card_in_slack_says(lang: str, engine_lang: Lang) -> None:
    decision = rented(engine_lang)
    page = shown(decision, lang)
    blocks = [*running(decision, lang), *cost(decision, lang)]
    told = "\n".join(
        block["text"]["text"] if "text" in block else block["elements"][0]["text"]
        for block in blocks
    )
    for line in told.split("\n"):
        assert f"- {bare(Mrkdwn(line)).removeprefix('• ')}\n" in page


def test_numbers_names_and_cost_are_for_people() -> None:
    page = shown(rented(Lang.en), "en")
    assert re.search(r"context of \d{1,3},\d{3} tokens", page)
    assert re.search(r"- Machine 1 x [A-Z0-9 ]+ at ", page)
    assert re.search(r"- Price of \d{4}-\d\d-\d\d\n", page)


def test_costs_are_itemised() -> None:
    disk = CostItem(id="disk", label="disk * 2", amount=Decimal("4.5"))
    made = CostEstimate(
        currency="USD", hourly=Decimal(1), session=None, monthly=Decimal(30),
        always_on=Decimal(730), items=(disk,),
        as_of=date(2026, 11, 25), assumptions=("a * b",), offer_id="x",
    )  # fmt: skip
    page = shown(rented(Lang.en).model_copy(update={"cost": made}), "en")
    assert "- disk * 2: 4.50 USD\n" in page
    assert "- a * b\n" in page


def test_no_colon_of_another_language() -> None:
    page = shown(rented(Lang.zh), "zh_CN")
    [line] = [x for x in page.splitlines() if x.startswith("- 内存/显存")]
    assert ": " not in line


@pytest.mark.parametrize(("lang", "engine_lang"), LANGUAGES)
def test_stars_in_what_others_wrote_stay(lang: str, engine_lang: Lang) -> None:
    licence = LicenseVerdict(
        license_id="our *own* `terms`", verdict=LicenseDecision.needs_review, codes=(),
        conditions=("read *all* of it",), source_url="https://example.org/terms",
    )  # fmt: skip
    decision = rented(engine_lang).model_copy(update={"license": licence})
    page = shown(decision, lang)
    assert "our *own* `terms`" in page
    assert "- read *all* of it" in page
    assert "*Model*" not in page


def test_the_command_prints_them() -> None:
    page = typed("plan", *PLAIN, *RENTED).stdout
    assert "- Model " in page
    assert "`" not in page.partition("How it runs")[2].partition("Commands, as")[0]


@pytest.mark.parametrize(("lang", "engine_lang"), LANGUAGES)
def test_only_the_marks_differ(lang: str, engine_lang: Lang) -> None:
    decision = rented(engine_lang)
    slack, terminal = (lines(decision, lang, marks) for marks in (SLACK, TERMINAL))
    assert slack != terminal
    assert [bare(line) for line in slack] == [plain(line) for line in terminal]
