"""What a card says to the end: its month, what else can be tried, why not, and nothing to stop."""

import json
from collections.abc import Mapping

import pytest

from bot.cards import plan, say
from bot.cards.detail import detail
from bot.domain.evidence import Progress
from bot.domain.plans import Experiment
from bot.domain.workspace import LANGUAGES
from engine.contract import ConflictCode, Status
from tests.cards.made import ALWAYS, LLAMA, PLAIN, REFUSED, RENTED, STOPPED, UNSURE, planned


def channel(x: Experiment, lang: str = "en") -> list[str]:
    return plan.decision_card(x, Progress(0, 6), lang).text.splitlines()


def thread(x: Experiment, lang: str = "en") -> str:
    return json.dumps(detail(x, (), lang).blocks, ensure_ascii=False)


def test_what_is_always_on_has_no_session_and_shows_its_month() -> None:
    x = planned(RENTED | ALWAYS)
    assert x.decision is not None
    assert x.decision.cost is not None
    month = say.money(x.decision.cost.monthly)
    assert channel(x)[1].endswith(f" · a month {month} USD")
    assert channel(planned(RENTED | ALWAYS, "zh_CN"), "zh_CN")[1].endswith(f" · 每月 {month} USD")
    for unlike in (RENTED | STOPPED, RENTED):  # a session; hours that nobody gave
        assert "a month" not in channel(planned(unlike))[1]


@pytest.mark.parametrize(
    ("lang", "label"), [("en", "What else can be tried:"), ("zh_CN", "还可以试试：")]
)
def test_other_routes_are_tries_and_no_promise(lang: str, label: str) -> None:
    for fields in (REFUSED, LLAMA):
        message = plan.decision_card(planned(fields, lang), Progress(0, 6), lang)
        small = [e["text"] for b in message.blocks if b["type"] == "context" for e in b["elements"]]
        assert label in small


def test_each_route_that_was_tried_says_why_it_is_not_go() -> None:
    said = thread(planned(UNSURE))
    assert (
        "Compared: Local CPU: Needs changes (it proves nothing about serving), "
        "Free Colab: Refused (no service may run there), and Rented GPU: Go"
    ) in said
    assert "本地 CPU：需要修改（证明不了服务能力）" in thread(planned(UNSURE, "zh_CN"), "zh_CN")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", ConflictCode)
def test_every_code_has_its_words(code: ConflictCode, lang: str) -> None:
    said = say.standing_because(Status.refused, (code,), lang)
    status = say.status_words(Status.refused, lang)
    assert said.startswith(status)
    assert 0 < len(said) - len(status) <= 60


@pytest.mark.parametrize(
    "fields",
    [
        {"available_route": "local_gpu"},
        {"available_route": "local_gpu", "hardware": "h9000"},
        {"available_route": "free_colab", "model": "meta-llama/Llama-3.3-70B-Instruct"},
    ],
)
def test_where_nothing_is_started_nothing_is_to_be_stopped(fields: Mapping[str, str]) -> None:
    x = planned(fields)
    assert x.decision is not None
    assert x.decision.shutdown_commands
    assert not x.decision.runtime_commands
    assert "*Shutdown*" not in thread(x)
    assert "pkill" not in thread(x)
    assert "*Shutdown*" in thread(planned(PLAIN))
