"""The reminder stays within what Slack takes, whatever a channel owes."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import ids
from bot.cards.reminders import LISTED
from bot.domain.delivery import Message
from bot.domain.ids import UserId
from bot.domain.reminders import Listing, OwedItem, Reminding
from bot.domain.workspace import LANGUAGES
from sandbox.limits.surfaces import message_problems
from tests.cards.reminding import ADA, GRACE, LIN, drawn, owed

MOST = 10_000
LONG = "latency, memory and disk note of the whole machine"


@given(
    asked=st.lists(st.tuples(st.integers(1, 17), st.integers(1, 17)), max_size=40),
    quiet=st.integers(0, 40),
    lang=st.sampled_from(LANGUAGES),
)
def test_however_much_is_owed_slack_takes_it(
    asked: list[tuple[int, int]], quiet: int, lang: str
) -> None:
    plain = owed("en")
    found = Listing(
        tuple(
            replace(
                plain,
                number=n,
                task="x" * 300,
                items=tuple(
                    OwedItem("ours", LONG, UserId(f"U{i % people}"), claimed=i % 2 == 1)
                    for i in range(items)
                ),
                known=Reminding(times=3),
            )
            for n, (items, people) in enumerate(asked, 1)
        ),
        tuple(replace(plain, number=n, known=Reminding(muted=True)) for n in range(quiet)),
    )
    message = drawn(found, GRACE, lang)
    assert message_problems(list(message.blocks)) == []
    assert len(json.dumps(message.blocks, ensure_ascii=False)) < MOST


def test_fifteen_are_listed_and_the_rest_is_counted() -> None:
    message = drawn(Listing(tuple(owed("en", n) for n in range(1, 19)), ()), None, "en")
    buttons = json.dumps(message.blocks).count('"Attach evidence"')
    assert buttons == LISTED
    assert "and 3 more: /owroute status" in json.dumps(message.blocks)
    assert "OW-15" in message.text
    assert "OW-16" not in message.text


@pytest.mark.parametrize(
    ("times", "lead", "named"),
    [(2, GRACE, False), (3, GRACE, True), (3, ADA, False), (9, None, False)],
)
def test_the_lead_is_named_after_three_but_never_twice(
    times: int, lead: UserId | None, named: bool
) -> None:
    x = owed("en", known=Reminding(times=times))
    assert ("you lead" in drawn(Listing((x,), ()), lead, "en").text) is named


def test_the_lead_is_told_whether_it_is_missing_or_waits_for_accept() -> None:
    known = Reminding(times=3)
    lacks = owed("en", items=(OwedItem("a", "a"),), known=known)
    claims = owed("en", 13, items=(OwedItem("b", "b", claimed=True),), known=known)
    text = drawn(Listing((claims,), ()), GRACE, "en").text
    assert "the owner of OW-13 was asked three times or more, and something still waits" in text
    assert "missing" not in text
    both = drawn(Listing((lacks, claims), ()), GRACE, "en").text
    assert "OW-12 was asked for three times or more, and something is still missing" in both
    assert "the owner of OW-13 was asked" in both


def test_where_nobody_is_asked_nothing_is_called_missing() -> None:
    claimed = (OwedItem("b", "b", claimed=True),)
    quiet = owed("en", items=claimed, known=Reminding(muted=True))
    text = drawn(Listing((), (quiet,)), None, "en").text
    assert text == "Evidence still needs somebody, but nobody is asked for it just now"


def test_who_an_item_is_assigned_to_is_named_for_it_alone() -> None:
    items = tuple(OwedItem(n, n, LIN if n == "b" else None) for n in "abc")
    text = drawn(Listing((owed("en", items=items),), ()), None, "en").text
    assert f"<@{ADA}>: a and c" in text
    assert f"<@{LIN}>: b" in text


def test_an_owner_without_items_of_their_own_is_not_named() -> None:
    x = owed("en", items=(OwedItem("b", "b", LIN),))
    assert ADA not in drawn(Listing((x,), ()), None, "en").text


def test_what_waits_for_accept_is_told_apart_and_opens_the_checklist() -> None:
    items = (OwedItem("a", "a"), OwedItem("b", "b", claimed=True), OwedItem("c", "c", claimed=True))
    mixed, claims = owed("en", items=items), owed("en", items=items[1:])
    told = drawn(Listing((mixed,), ()), None, "en")
    assert "<@U0ADA00001>: a · 2 wait for Accept: b and c" in told.text
    assert "still misses evidence" in told.text
    assert named(told) == ["Attach evidence", "Open checklist"]
    alone = drawn(Listing((claims,), ()), None, "en")
    assert "misses" not in alone.text
    assert "1 running experiment has evidence that waits for Accept" in alone.text
    assert named(alone) == ["Open checklist"]
    assert ids.OPEN_EVIDENCE in str(alone.blocks)


def named(message: Message) -> list[str]:
    """The buttons of a message."""
    rows = [b["elements"] for b in message.blocks if b["type"] == "actions"]
    return [e["text"]["text"] for row in rows for e in row if e["type"] == "button"]
