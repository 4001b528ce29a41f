"""A digest as people read it: whatever was typed, however much there is, however small it was."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.cards import ids
from bot.cards.digest import digest_message
from bot.cards.digest_alt import MOST, alt_text
from bot.cards.digest_csv import BOM, csv_name, csv_text
from bot.cards.digest_details import digest_details
from bot.cards.ids import DigestRef, PlaceRef
from bot.cards.tables import Rung
from bot.cards.text import esc
from bot.domain.delivery import Message
from bot.domain.digest import Digest, summary
from bot.domain.digest_facts import DigestFacts, ExperimentFacts
from bot.domain.ids import ExperimentId
from bot.domain.workspace import LANGUAGES
from sandbox.limits.surfaces import message_problems, view_problems
from tests.cards.digesting import (
    DIGESTS,
    EC2,
    EXPERIMENTS,
    MONDAY,
    PRIVATE,
    WEEK,
    at,
    busy,
    crowd,
    daily,
    facts,
    of,
    quiet,
    run,
    unpriced,
    workspace,
)
from tests.cards.test_hostile import CODE, HOSTILE, texts

OURS = re.compile(r"<#[CD][A-Z0-9]+>")
HUGE = [*HOSTILE, "&" * 300, "<" * 300, "名" * 300, "` " * 200]


def named(text: str, known: DigestFacts) -> DigestFacts:
    """The same week with a text wherever somebody else's words can stand."""
    runs = tuple(
        replace(
            r,
            run=replace(
                r.run, name=text, gpu=text,
                machine=replace(r.run.machine, account=text, instance_id=text),
            ),
        )
        for r in known.runs
    )  # fmt: skip
    tasks = {i: ExperimentFacts(x.label, text) for i, x in known.experiments.items()}
    return replace(known, runs=runs, experiments=tasks, names=dict.fromkeys(known.names, text))


def messages(known: DigestFacts, lang: str) -> Iterator[Message]:
    for rung in Rung:
        yield digest_message(summary(known), lang, rung)


def told(known: DigestFacts, lang: str = "en") -> list[str]:
    return digest_message(summary(known), lang, Rung.DATA_TABLE).text.splitlines()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("text", HUGE)
def test_nothing_that_somebody_typed_acts_or_is_too_long(text: str, lang: str) -> None:
    for known in (busy(), unpriced(), workspace(), crowd(size=30)):
        hostile = named(text, known)
        for message in messages(hostile, lang):
            found = {"text": message.text, "blocks": list(message.blocks)}
            assert message_problems(list(message.blocks)) == []
            assert len(json.dumps(found["blocks"], ensure_ascii=False)) < 10_000
            assert len(message.text) <= 4_000
            for kind in ("mrkdwn", "plain_text", "raw_text"):
                for shown in texts(found, kind):
                    assert "<" not in OURS.sub("", shown)
                    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
        assert view_problems(digest_details(summary(hostile), lang)) == []
        assert len(alt_text(summary(hostile), lang)) <= MOST


@pytest.mark.parametrize("text", ["*bold* _italic_ ~strike~", "a ``` fence ` and `code`"])
def test_emphasis_in_a_name_stands_where_it_is_shown_literally(text: str) -> None:
    hostile = named(text, busy())
    views = [list(m.blocks) for m in messages(hostile, "en")]
    for blocks in (*views, digest_details(summary(hostile), "en")):
        for shown in texts(blocks, "mrkdwn"):
            assert text not in (shown if "`" in text else CODE.sub("", shown))


@pytest.mark.parametrize("price", ["0.000001", "0.0049", "1", "999999.999999"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_amount_is_shown_as_nothing_or_in_exponents(price: str, lang: str) -> None:
    digest = summary(facts(daily(EC2, {16: 1, 20: 0.5}, price)))
    shown = [
        digest_message(digest, lang, Rung.DATA_TABLE).text,
        alt_text(digest, lang),
        csv_text(digest, lang),
        *texts(digest_details(digest, lang), "mrkdwn"),
    ]
    for text in shown:
        assert not re.search(r"\b\d+(\.\d+)?[eE][+-]?\d+\b", text)
        assert not re.search(r"\b0\.00\b", text)


def test_what_is_wrong_stands_in_the_first_lines() -> None:
    head = told(busy())[:3]
    assert head[0].startswith("Weekly digest: 16–22 Nov 2026")
    assert "259.88 USD" in head[1]
    assert "187.68 USD (260 %) more" in head[1]
    assert "102.60 USD" in head[2]
    assert "no shutdown plan" in head[2]


def test_every_figure_of_the_picture_stands_in_the_table() -> None:
    digest = of("busy")
    rows = next(b for b in digest_message(digest, "en", Rung.TABLE).blocks if b["type"] == "table")
    cells = [[cell["text"] for cell in row] for row in rows["rows"]]
    assert cells[0] == ["Experiment", "Mon 16", "Tue 17", "Wed 18", "Thu 19", "Fri 20", "Sat 21",
                        "Sun 22", "Week"]  # fmt: skip
    assert [row[0][0] for row in cells[1:-1]] == list("ABCDEF")
    assert cells[-1][-1] == "259.88"


def test_a_quiet_week_is_a_few_lines_without_a_table() -> None:
    blocks = digest_message(summary(quiet()), "en", Rung.DATA_TABLE).blocks
    assert [b["type"] for b in blocks] == ["header", "section", "section", "context", "actions"]


def test_last_week_is_compared_with_only_where_it_is_known() -> None:
    assert "nothing to compare" in told(busy(since=MONDAY))[1]
    assert "was not counted from its beginning" in told(busy(since=at(12)))[1]
    assert "as much as the week before" in told(facts(daily(EC2, {10: 3, 17: 3})))[1]
    assert "less than" in told(facts(daily(EC2, {10: 3, 17: 1})))[1]
    grown = told(facts(daily(EC2, {10: 0.1, 17: 9})))[1]
    assert "more than the week before" in grown
    assert "%" not in grown
    assert (
        "What has a price is 1.01 USD more"
        in (told(facts(daily(EC2, {10: 1, 17: 2}, "1.006"), daily(run(9), {17: 1}, None)))[1])
    )
    assert told(facts())[1] == "*No GPU ran.* Nor did one in the week before."


def test_late_says_since_when() -> None:
    (_, late, *_) = told(DIGESTS["late"])
    assert late == "Late: due Mon 9:00 (Berlin), it could not be sent then."


def buttons(digest: Digest, *, paused: bool = False) -> dict[str, str]:
    blocks = digest_message(digest, "en", Rung.DATA_TABLE, paused=paused).blocks
    return {b["action_id"]: b.get("value", "") for b in blocks[-1]["elements"]}


def test_buttons_name_the_digest_they_are_of() -> None:
    digest = of("busy")
    ref = DigestRef(w=WEEK.name, c=digest.facts.channel)
    found = buttons(digest)
    assert list(found) == [
        ids.DIGEST_DETAILS, ids.DIGEST_CSV, ids.OPEN_SETTINGS, ids.DIGEST_PAUSE,
    ]  # fmt: skip
    assert DigestRef.read(found[ids.DIGEST_CSV]) == ref
    assert DigestRef.read("{}") is None
    assert ids.DIGEST_RESUME in buttons(digest, paused=True)


def test_a_workspace_s_digest_is_by_channel_and_pauses_nothing() -> None:
    digest = of("workspace")
    found = buttons(digest)
    shown = [ids.DIGEST_DETAILS, ids.DIGEST_CSV, ids.OPEN_WORKSPACE, ids.OPEN_MINE]
    assert list(found) == shown
    assert DigestRef.read(found[ids.DIGEST_DETAILS]) == DigestRef(w=WEEK.name)


def test_settings_of_a_copy_that_went_to_the_lead_are_those_of_its_channel() -> None:
    digest = of("busy")
    assert PlaceRef.read(buttons(digest)[ids.OPEN_SETTINGS]) == PlaceRef(c=digest.facts.channel)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_admins_read_no_task_and_no_name_of_a_private_channel(lang: str) -> None:
    digest = of("workspace")
    shown = [
        digest_message(digest, lang, Rung.FIELDS).text,
        json.dumps(digest_details(digest, lang), ensure_ascii=False),
        alt_text(digest, lang),
        csv_text(digest, lang),
    ]
    for text in shown:
        assert not any(x.task in text for x in EXPERIMENTS.values())
    assert "<#" not in alt_text(digest, lang), "plain text, which holds no link"
    assert f"<#{PRIVATE}>" in shown[0]  # a link, whose name Slack shows to members only


def rows(digest: Digest) -> list[dict[str, str]]:
    text = csv_text(digest, "en")
    assert text.startswith(BOM)
    assert "\n" not in text.replace("\r\n", "")
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def test_the_rows_of_the_file_add_up_to_the_digest() -> None:
    digest = of("busy")
    found = rows(digest)
    assert sum(Decimal(row["Cost in USD"]) for row in found) == digest.total.known
    assert {row["ISO week"] for row in found} == {"2026-W47"}
    disks = [row for row in found if row["Paid for"] == "disk"]
    assert {row["Machine"] for row in disks} == {"ow-14-lin"}
    assert csv_name(digest) == "owroute-costs-2026-W47.csv"


def test_the_words_of_the_file_are_those_of_details() -> None:
    whole = "\n".join(texts(digest_details(of("busy"), "en"), "mrkdwn"))
    for row in rows(of("busy")):
        for column in ("Experiment", "Person", "Provider", "GPU"):
            assert esc(row[column]) in whole, column
    head = csv_text(of("busy"), "zh_CN").split("\r\n")[0].removeprefix(BOM).split(",")
    assert head == [*dict.fromkeys(head)]
    assert not any(column.isascii() for column in head if column != "GPU")


def test_what_has_no_price_is_empty_in_the_file_and_said_to_be_unknown() -> None:
    lost = [row for row in rows(of("unpriced")) if row["Price known"] == "No"]
    assert {(row["USD per hour"], row["Cost in USD"]) for row in lost} == {("", "")}
    assert sum(Decimal(row["Hours"]) for row in lost) == Decimal("31.04")


def test_small_prices_are_written_out() -> None:
    (row,) = rows(summary(facts(daily(EC2, {16: 1}, "0.000001"))))
    assert (row["USD per hour"], row["Cost in USD"]) == ("0.000001", "0.000001")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", " =", "\t=", "\r=", "\u200b=", "＝"])
def test_no_name_becomes_a_formula(sign: str) -> None:
    name = f'{sign}HYPERLINK("https://evil.example";"x"), "quoted"\nand more'
    for row in rows(summary(named(name, busy()))):
        assert row["Machine"].startswith("'")
        assert row["Machine"].endswith('"x"), "quoted" and more')


def test_an_experiment_that_is_not_known_by_name_is_its_number() -> None:
    digest = summary(facts(daily(run(1, experiment=ExperimentId(77)), {16: 1}), experiments={}))
    assert "A #77" in digest_message(digest, "en", Rung.DATA_TABLE).text
