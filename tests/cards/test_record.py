"""The record as Markdown: nothing anybody wrote can change what the page is made of."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.cards.markdown import fenced, linked, md
from bot.cards.record import comment, files, markdown, summary
from bot.cards.text import STRIP
from bot.domain.delivery import Handed, HandedOver
from bot.domain.evidence import EvidenceState
from bot.domain.plans import Conclusion, Experiment
from bot.domain.record import record_of
from bot.domain.record_model import Record
from bot.domain.record_schema import schema
from bot.domain.workspace import LANGUAGES
from engine.contract import EvidenceCheck
from sandbox.limits.surfaces import message_problems
from tests.cards.made import LARGEST, PLAIN, RENTED, STOPPED, UNHURRIED, planned
from tests.cards.recording import captured, complete, halves, partly, shown, toy
from tests.cards.test_golden import GOLDEN, UPDATE
from tests.domain.recorded import ADA, AT, given, having

HEADINGS = 13
"""The title, the nine fields, what is missing, the evidence, the plan."""

VERSIONED = re.compile(r"\b[0-9a-f]{64}\b|owroute \d+\.\d+\.\d+")
"""Changes with the engine's data, which the card's words do not."""

NASTY = [
    "# heading", "\n# heading\n", "a\n===", "a\n---", "***", "| a | b |\n| --- | --- |", "a|b",
    "```\nout\n```", "~~~\nout", "````", "> quote", "- item", "1. item", "1) item", "+ x",
    "<h1>x</h1>", "<!-- x", "<script>alert(1)</script>", "</td>", "[x](http://evil)", "![x](y)",
    "[x]: http://evil", "&lt;h1&gt;", "&#35; x", "\\", "\\`", "`", "*x*", "_x_", "__x__", "~~x~~",
    "$x$", "    code", "\tcode", "a\u2028# b", "a\x0c# b", "a\x85# b", "a\r# b", "\u202ex",
    "{{7*7}}", "{% raw %}", "%s", "%(x)s", "{0}", "", " ", "\x00", "@here",
    "https://evil.example/|x", "-->",
]  # fmt: skip


MADE: Mapping[str, Callable[[str], tuple[Experiment, Record]]] = {
    "record": lambda lang: complete(PLAIN, lang),
    "record_private": lambda lang: complete(RENTED | STOPPED, lang),
    "record_partly": partly,
    "record_toy": toy,
    "record_captured": captured,
}


def page_of(record: Record, lang: str = "en") -> list[Any]:
    return MarkdownIt("commonmark").enable("table").parse(markdown(record, lang))


def shape(record: Record, lang: str = "en") -> list[str]:
    """What the page is made of: headings, tables and their cells, lists, HTML."""
    return [
        t.type + t.tag for t in page_of(record, lang) if t.type not in ("inline", "fence")
    ] + sorted({c.type for t in page_of(record, lang) for c in t.children or []} - PLAIN_PARTS)


PLAIN_PARTS = {"text", "text_special", "softbreak", "em_open", "em_close"}


def filled(text: str, fields: dict[str, str] = PLAIN) -> Record:
    """A record in which every text that people write is this one."""
    x = planned(fields)
    items, entries = given(x)
    for e in items:
        items = having(items, e.item, **{n: _said(v, text) for n, v in e.content.items()})
    return record_of(x.concluded(Conclusion.RAG, by=ADA, at=AT), items, entries)


def _said(value: Any, text: str) -> Any:
    if isinstance(value, str):
        return text
    if isinstance(value, list):
        return [{n: _said(v, text) for n, v in row.items()} for row in value]
    return value


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("text", NASTY)
def test_nasty_words_leave_the_page_as_it_is(text: str, lang: str) -> None:
    calm = "calm" if text.strip("\0 ") else ""
    assert shape(filled(text, LARGEST), lang) == shape(filled(calm, LARGEST), lang)


@any_of(st.text(min_size=1, max_size=60))
@UNHURRIED
def test_any_words_leave_the_page_as_it_is(text: str) -> None:
    tokens = page_of(filled(text))
    assert sum(t.type == "heading_open" for t in tokens) == HEADINGS
    assert not [t for t in tokens if t.type in ("html_block", "hr", "blockquote_open")]
    assert not [t for t in tokens if t.type.endswith("list_open")]
    inner = {c.type for t in tokens for c in t.children or []}
    assert not inner & {"html_inline", "link_open", "image", "code_inline", "strong_open"}
    rows = sum(t.type == "tr_open" for t in tokens)
    assert rows == sum(t.type == "tr_open" for t in page_of(filled("calm")))


@any_of(st.text(max_size=80))
@UNHURRIED
def test_a_text_reads_as_it_was_typed(text: str) -> None:
    escaped = md(text)
    assert "\n" not in escaped
    tokens = MarkdownIt("commonmark").parse(f"x {escaped}")
    shown = "".join(c.content for c in tokens[1].children or [])
    calm = MarkdownIt("commonmark").parse(f"{escaped}")
    assert [t.type for t in calm][:1] in ([], ["paragraph_open"])
    assert shown.split()[1:] == md_words(text)


def md_words(text: str) -> list[str]:
    """The words of a text without what is not shown at all."""
    plain = "".join(" " if c in "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029" else c for c in text)
    return STRIP.sub("", plain).split()


@any_of(st.text(alphabet="`~a\n \u2028\r#", max_size=40))
def test_a_fence_cannot_be_closed_from_within(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{fenced(text)}\n\n# after")
    assert [t.type for t in tokens] == ["fence", "heading_open", "inline", "heading_close"]


def test_an_address_is_a_link_only_where_it_is_plain() -> None:
    assert linked("https://x.slack.com/archives/C1/p1") == "<https://x.slack.com/archives/C1/p1>"
    for odd in ("https://x|y", "javascript:alert(1)", "https://x y", "https://x>y", "https://x`"):
        assert not linked(odd).startswith("<")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("fields", [PLAIN, RENTED | STOPPED, LARGEST])
def test_a_record_has_thirteen_headings_and_all_that_stands(
    fields: dict[str, str], lang: str
) -> None:
    record = filled("calm words", fields)
    tokens = page_of(record, lang)
    assert sum(t.type == "heading_open" for t in tokens) == HEADINGS
    page = markdown(record, lang)
    assert "None" not in page
    assert all(e.item in page for e in record.evidence)
    assert ("withheld" in page) == record.withheld


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", MADE)
def test_a_file_is_as_it_was_agreed(name: str, lang: str) -> None:
    _, record = MADE[name](lang)
    path = GOLDEN / f"{name}.{lang}.md"
    page = VERSIONED.sub("...", markdown(record, lang))
    if UPDATE:
        path.write_text(page, "utf-8")
    assert page == path.read_text("utf-8"), f"{path.name} differs: OWROUTE_UPDATE_GOLDEN=1"


def said(found: tuple[Experiment, Record]) -> str:
    message = shown(found, Handed.QUEUED, "en")
    return message.text + json.dumps(message.blocks)


def test_the_words_above_the_files_tell_claims_from_what_is_missing() -> None:
    x = planned(PLAIN)
    items, entries = given(x)
    one = [replace(items[0], state=EvidenceState.CLAIMED), *items[1:]]
    two = [*one[:-1], replace(items[-1], state=EvidenceState.MISSING)]
    assert comment(record_of(x, one, entries), "en").endswith(
        "so far: 1 evidence item waits for Accept."
    )
    assert comment(record_of(x, two, entries), "en").endswith("so far: 1 evidence item is missing.")


def test_what_is_wrong_is_said_to_people_and_not_to_programmers() -> None:
    told = said(halves("en"))
    assert "*Runtime* the start command is missing. Attach it." in told
    assert "*Resource note* memory and disk are missing. Attach them." in told
    assert "The exact revision is missing" in told
    assert "as an object" not in told
    assert "Captured, not accepted" in told


def test_four_numbers_say_what_they_are_and_each_command_has_a_line() -> None:
    _, record = found = complete(PLAIN, "en")
    assert "memory 14.2 GiB \\u00b7 latency" in said(found)
    (block,) = (b for b in shown(found, Handed.QUEUED, "en").blocks if "Shutdown" in json.dumps(b))
    typed = [e for e in block["elements"] if e["type"] == "rich_text_preformatted"]
    assert [e["elements"][0]["text"] for e in typed] == [record.shutdown]


def test_counts_are_words_without_a_hash() -> None:
    x = planned(PLAIN)
    items, entries = given(x)
    (table,) = (e.content["cases"] for e in items if e.item == "five_case_eval")
    counts = {"total": 5, "passed": 4, "failed": 1, "unjudged": 0, "sha256": "a" * 64}
    page = markdown(
        record_of(x, having(items, "five_case_eval", cases=table, **counts), entries), "en"
    )
    assert "\nCounted: 4 passed, 1 failed, 0 unjudged\n" in page
    assert "a" * 64 not in page


def test_a_waived_field_is_called_waived_everywhere() -> None:
    told, page = said(toy("en")), markdown(toy("en")[1], "en")
    assert "complete but for what was waived" in told
    assert "missing" not in told
    assert "Attach" not in told
    assert "*missing*" not in page
    assert "*waived*: a \\<toy>" in page


def test_a_waiver_is_said_in_the_language_of_the_page() -> None:
    told, page = shown(toy("zh_CN"), Handed.QUEUED, "zh_CN"), markdown(toy("zh_CN")[1], "zh_CN")
    assert "waived" not in page
    assert "waived" not in json.dumps(told.blocks)
    assert json.loads(files(toy("zh_CN")[1], "zh_CN")[1].text)["shutdown"] == "waived: a <toy>"


def test_a_field_of_which_nothing_is_missing_but_accept_says_so() -> None:
    told, page = said(captured("en")), markdown(captured("en")[1], "en")
    assert told.count(f"there, and waits for Accept by <@{captured('en')[1].owner}>") == 7
    fields, _, decision = page.partition("## What is missing")[0].partition("## 9.")
    assert fields.count("*there, and waits for Accept by ") == 13  # each part of a field says it
    assert "missing" not in fields
    assert "*missing*" in decision
    data = json.loads(files(captured("en")[1], "en")[1].text)
    assert [data[n] for n in ("model_name", "runtime", "shutdown")] == [None, None, None]


def test_files_are_named_by_what_is_in_them() -> None:
    one, two = files(filled("calm"), "en"), files(filled("calm"), "en")
    assert one == two
    assert files(filled("other"), "en")[0].name != one[0].name
    assert files(filled("calm"), "zh_CN")[0].name != one[0].name
    assert [f.name.rpartition(".")[2] for f in one] == ["md", "json"]


@pytest.mark.parametrize("text", NASTY)
def test_the_json_file_follows_the_published_schema(text: str) -> None:
    for fields in (PLAIN, RENTED | STOPPED):
        found = json.loads(files(filled(text, fields), "en")[1].text)
        jsonschema.validate(found, json.loads(schema()))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("text", [*NASTY, "w" * 3_000])
def test_slack_takes_the_summary(text: str, lang: str) -> None:
    x = planned(LARGEST)
    check = EvidenceCheck(valid=True, errors=(), missing=())
    for handed in Handed:
        over = HandedOver(handed, x.channel)
        told = summary(x, filled(text, LARGEST), check, over, lang)
        assert not message_problems(list(told.blocks))
