"""What people type is shown as they typed it, wherever it stands, and never acts."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from bot.cards import compare, history, lesson, plan, status
from bot.cards import help as help_card
from bot.cards.detail import detail
from bot.cards.home import home
from bot.cards.home_view import PlanNeed
from bot.cards.tables import Rung
from bot.cards.text import esc, one_line
from bot.domain.delivery import Block, Message
from bot.domain.evidence import EvidenceState, Progress
from bot.domain.home import Kind
from bot.domain.needs import Need
from bot.domain.plans import Experiment, State
from engine.contract import ConstraintCard, Lang
from engine.licenses import UNKNOWN_LICENCE
from tests.cards.comparing import comparison
from tests.cards.homing import own, seen
from tests.cards.made import checklist, decision, lesson_runs, undecided
from tests.engine.cards import GUARDED, L4, SHAPE, STOPS, card
from tests.forms.filling import DATA, experiment

HOSTILE = [
    "<!channel> <!here> <!everyone> <!subteam^S1>",
    "<@U0EVIL> <#C0EVIL>",
    "<https://evil.example|Stop GPU>",
    "&lt;!channel&gt;",
    "a ``` fence ` and `code`",
    "*bold* _italic_ ~strike~",
    "\U0001f525" * 250,
    "\u202egpu.exe\u202c and \u200bzero\u200b width",
    "line\n> owroute: stopped",
    "NUL\x00 and a lone \ud800 surrogate",
    "{{7*7}} {% for x in y %}",
    "%s %(task)s {0} {task}",
    "abc" * 100,
]
OURS = re.compile(r"<@U1>|<#C1>|<!date\^[0-9]+\^[^<>|]*\|[^<>|]*>")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\u200b-\u200f\u202a-\u202e\ud800-\udfff]")
LINK = re.compile(r"<(https://[^|<>]+)\|([^|<>]+)>")
SOURCES = {
    UNKNOWN_LICENCE,
    *(offer.source_url for offer in DATA.catalog.offers.values()),
    *(entry.source_url for entry in DATA.rules[Lang.en].licenses.licenses.values()),
}
"""Pages of prices and licences, which our own data name."""
CODE = re.compile(r"`[^`]*`")


def described(text: str) -> Experiment:
    """A model outside the catalogue, whose licence and its review are what somebody typed."""
    of = card(
        available_route="local_gpu", hardware=L4, model_repo="a/b", architecture=SHAPE,
        license_id=text[:100], license_review=text[:250],
    )  # fmt: skip
    return experiment(of, decision(of))


def plans(text: str) -> Experiment:
    of = card(**STOPS, **{**GUARDED, "access_rule": text}, task=text, max_monthly="40")
    return experiment(of, decision(of))


def everything(text: str) -> list[Message | Block]:
    x = plans(text)
    calm = card(**STOPS, **GUARDED, max_monthly="40")
    listing = ([x], {x.id: Progress(1, 2)})
    return [
        plan.decision_card(x, Progress(0, 1), "en"),
        plan.waiting_card(undecided(x.latest.card), "en"),
        plan.problem_card(undecided(x.latest.card, problem=text), "en"),
        detail(x, checklist(x), "en"),
        plan.decision_card(described(text), Progress(0, 1), "en"),
        detail(described(text), checklist(described(text)), "en"),
        history.difference(x, calm, decision(calm), "en"),
        history.difference(
            replace(x, current=replace(x.latest, card=calm)), x.latest.card, decision(calm), "en"
        ),
        *(comparison(x, rung=rung) for rung in Rung),
        compare.which(text, *listing, "en"),
        status.status(*listing, "en"),
        status.overview(*listing, "en"),
        home(seen([hostile_need(text)], [own(x) for x in listing[0]]), "en"),
        help_card.usage("en", unknown=text),
        lesson.rejection_answer("gpt_oss", text, lesson_runs(), "en"),
    ]


def hostile_need(text: str) -> PlanNeed:
    """A capture of somebody who typed the worst."""
    x = replace(plans(text), state=State.RUNNING)
    items = tuple(
        replace(e, state=EvidenceState.CLAIMED, content={"text": text, "command": text})
        for e in checklist(x)
    )
    return PlanNeed(Kind.ACCEPT, Need(x, items), items)


def payload(drawn: Message | Block) -> dict[str, Any]:
    if isinstance(drawn, Message):
        return {"text": drawn.text, "blocks": list(drawn.blocks)}
    return drawn


def texts(found: Any, kind: str) -> list[str]:
    if isinstance(found, list):
        return [t for item in found for t in texts(item, kind)]
    if not isinstance(found, dict):
        return []
    own = [found["text"]] if found.get("type") == kind and "text" in found else []
    return own + [t for value in found.values() for t in texts(value, kind)]


def own_words(link: re.Match[str]) -> str:
    """The words of a link to a page that our data name; any other link stays as it is."""
    return link[2] if link[1] in SOURCES else link[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_becomes_markup_of_slack(text: str) -> None:
    for drawn in everything(text):
        found = payload(drawn)
        for shown in (
            *texts(found, "mrkdwn"),
            *texts(found, "plain_text"),
            *texts(found, "text"),
            found.get("text", ""),
        ):
            assert "<" not in LINK.sub(own_words, OURS.sub("", shown))
            assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
            assert not re.search(
                "[\x00-\x08\x0b-\x1f\u200b-\u200f\u202a-\u202e\ud800-\udfff]", shown
            )
        json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize("text", ["*bold* _italic_ ~strike~", "a ``` fence ` and `code`"])
def test_emphasis_of_a_person_stands_in_blocks_that_show_it_literally(text: str) -> None:
    for drawn in everything(text):
        for shown in texts(payload(drawn)["blocks"], "mrkdwn"):
            assert text not in shown if "`" in text else text not in CODE.sub("", shown)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_task_on_a_card_is_the_task_that_was_typed(text: str) -> None:
    of: ConstraintCard = plans(text).latest.card
    headline = plan.decision_card(plans(text), Progress(0, 1), "en").blocks[0]
    assert texts(headline, "text")[-1] == esc(one_line(of.task, plan.TASK))
