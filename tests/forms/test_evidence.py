"""The form of every evidence item: labels, hints, examples, and its way there and back."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.cards.forms.evidence import attach_modal
from bot.cards.forms.evidence_inputs import example, label
from bot.cards.forms.evidence_read import AttachErrors, read_attached
from bot.cards.forms.evidence_said import Said, plain, read_message, shown, text_in
from bot.cards.forms.evidence_sheet import AttachForm, block_of, form_in
from bot.cards.i18n import words
from bot.domain.evidence import Entry, Evidence, EvidenceState
from bot.domain.evidence_fields import FIELDS, Field, Kind, fields_of
from bot.domain.evidence_values import read_value
from bot.domain.ids import ExperimentId, UserId
from bot.domain.plans import Experiment
from bot.domain.workspace import LANGUAGES
from bot.errors import NowPrivate
from tests.cards.made import PLAIN, UNHURRIED, planned
from tests.forms.filling import NOW, payload, sound

PRIVATE = {"privacy": "private_docs"}
EVERY = [(item, private) for item in (*FIELDS, "ours_own") for private in (False, True)]


def one(item: str, **more: Any) -> Evidence:
    return Evidence(item, item, "base", True, EvidenceState.MISSING, NOW, **more)


def view_of(item: str, *, private: bool = False, lang: str = "en", **more: Any) -> Any:
    return sound(attach_modal(AttachForm(item=item), of(private), [one(item, **more)], lang))


def of(private: bool = False) -> Experiment:
    return planned(PRIVATE if private else PLAIN)


def submitted(
    view: Any, x: Experiment, items: list[Evidence], typed: dict[str, str]
) -> tuple[Entry, ...] | AttachErrors:
    return read_attached(payload(view, **typed), x, items, by=UserId("U1"), at=NOW)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("item", "private"), EVERY)
def test_every_field_has_a_label_a_hint_and_an_example_that_it_takes(
    item: str, private: bool, lang: str
) -> None:
    view = view_of(item, private=private, lang=lang)
    inputs = {b["block_id"]: b for b in view["blocks"] if b["type"] == "input"}
    for field in fields_of(item, private=private):
        block = inputs[block_of(of(private), item, field.name)]
        good = str(example(item, field, lang)).replace("&amp;", "&")
        assert good in block["hint"]["text"].replace("&amp;", "&")
        assert block["label"]["text"] == label(item, field, lang)
        assert read_value(field.kind, good, private=private)


@pytest.mark.parametrize(("item", "private"), EVERY)
def test_the_examples_typed_in_are_an_entry(item: str, private: bool) -> None:
    x, view = of(private), view_of(item, private=private)
    fields = fields_of(item, private=private)
    typed = {block_of(x, item, f.name): str(example(item, f, "en")) for f in fields}
    made = submitted(view, x, [one(item)], typed)
    assert isinstance(made, tuple), made
    assert [e.item for e in made] == [item]
    assert set(made[0].content) == {f.name for f in fields}


@pytest.mark.parametrize(("item", "private"), EVERY)
def test_an_empty_form_names_every_field(item: str, private: bool) -> None:
    x = of(private)
    wrong = submitted(view_of(item, private=private), x, [one(item)], {})
    assert isinstance(wrong, AttachErrors)
    names = {block_of(x, item, f.name) for f in fields_of(item, private=private)}
    assert set(wrong.by_block("en")) == names


CODES = {
    "empty", "too_long", "model", "revision", "hash", "link", "address", "seconds", "size", "money",
    "date", "count", "too_many_cases", "case_without_id", "case_without_result", "case_twice",
    "too_few_cases", "not_a_table", "no_columns", "not_json", "paste_not_a_paste",
    "paste_truncated", "paste_edited", "paste_too_new", "paste_invalid",
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_sentence_that_shows_what_was_typed(code: str, lang: str) -> None:
    sentence = getattr(words(lang).evidence_wrong, code)("<!channel>")
    assert "<!" not in sentence
    assert 10 < len(sentence) < 400


@UNHURRIED
@given(item=st.sampled_from(sorted(FIELDS)), text=st.text(max_size=3000))
def test_whatever_is_typed_comes_back_or_is_named(item: str, text: str) -> None:
    x = of()
    view = view_of(item)
    fields = fields_of(item, private=False)
    made = submitted(view, x, [one(item)], {block_of(x, item, f.name): text for f in fields})
    if isinstance(made, AttachErrors):
        assert all(made.by_block(lang) for lang in LANGUAGES)
        return
    assert all(e.content for e in made)
    json.dumps([dict(e.content) for e in made])


@UNHURRIED
@given(
    text=st.text(
        alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"]), max_size=9000
    )
)
def test_a_messages_text_survives_the_view(text: str) -> None:
    said = replace_text(text)
    blocks = shown(said)
    assert text_in({"blocks": blocks}) == (text if text.strip() else "")


def replace_text(text: str) -> Said:
    return Said(link="", author="U1", channel="C1", hidden=False, sha256="", chars=0, text=text)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "a\n\n\nb", "x" * 40_000, "&<>" * 5_000, "line\n" * 3_000, "·", " \n·\n "]
)
def test_odd_messages_survive_the_view(text: str) -> None:
    view = attach_modal(AttachForm(said=replace_text(text)), of(), [one("reset_note")], "en")
    back = form_in(payload(sound(view)))
    assert back.said is not None
    assert back.said.text.strip(" ·\n") == text.strip(" ·\n")


def test_slacks_own_markup_is_undone() -> None:
    text = (
        "```&lt;b&gt; <https://a.example/x|a.example/x> <@U1|ada> &amp;lt; <mailto:a@b.c|a@b.c>```"
    )
    assert plain(text) == "<b> https://a.example/x ada &lt; mailto:a@b.c"


def test_a_reply_has_a_link_of_its_own() -> None:
    said = read_message(
        {
            "team": {"domain": "acme"}, "channel": {"id": "C1", "name": "ml"},
            "message": {"user": "U1", "ts": "17.0002", "thread_ts": "16.0001", "text": "x"},
        }
    )  # fmt: skip
    assert said.link == "https://acme.slack.com/archives/C1/p170002?thread_ts=16.0001&cid=C1"
    assert not said.hidden


@pytest.mark.parametrize("place", [{"id": "G1", "name": "x"}, {"id": "C1", "name": "privategroup"}])
def test_a_private_place_is_recognised(place: dict[str, str]) -> None:
    assert read_message({"channel": place, "message": {"ts": "1.0"}}).hidden


def test_what_is_known_is_filled_in_and_a_table_is_kept() -> None:
    x = of()
    known = one("latency_memory_note", content={"cost": "0 USD", "latency": "1 s"})
    view = sound(attach_modal(AttachForm(), x, [known], "en"))
    typed = {block_of(x, "latency_memory_note", n): "2 GiB" for n in ("memory", "disk")}
    made = submitted(view, x, [known], typed)
    assert isinstance(made, tuple)
    assert made[0].content["cost"] == "0 USD"
    rows: list[JsonValue] = [{"case_id": f"c{n}", "pass": n > 0} for n in range(5)]
    table = one("five_case_eval", content={"cases": rows})
    view = sound(attach_modal(AttachForm(), x, [table], "en"))
    kept = submitted(view, x, [table], {"link": "https://a.example/t.csv"})
    assert isinstance(kept, tuple)
    assert kept[0].content == {}
    assert kept[0].link == "https://a.example/t.csv"


def test_a_table_that_is_no_baseline_is_asked_for_again() -> None:
    x = of()
    rows: list[JsonValue] = [{"case_id": f"c{n}", "pass": True if n else None} for n in range(5)]
    for short in (rows, rows[1:]):
        table = one("five_case_eval", content={"cases": short, "total": len(short)})
        view = sound(attach_modal(AttachForm(), x, [table], "en"))
        assert "no baseline" in str(view)
        refused = submitted(view, x, [table], {})
        assert isinstance(refused, AttachErrors)
        assert list(refused.problems) == [block_of(x, "five_case_eval", "cases")]


def test_words_for_an_experiment_that_became_private_are_refused() -> None:
    view = view_of("first_prompt_output")
    with pytest.raises(NowPrivate):
        submitted(view, of(private=True), [one("first_prompt_output")], {})


def test_a_private_form_never_shows_the_words_of_before() -> None:
    old = {"prompt": "zebra", "output": {"sha256": "a" * 64, "chars": 7}, "seconds": "1 s"}
    view = view_of("first_prompt_output", private=True, content=old)
    assert "zebra" not in json.dumps(view)
    assert "a" * 64 in json.dumps(view)
    said = replace(AttachForm(), said=replace_text("zebra words"))
    view = attach_modal(said, of(private=True), [one("source_trace")], "en")
    assert "zebra" not in json.dumps(view)


def test_a_message_becomes_its_hash_in_a_private_experiment() -> None:
    x = of(private=True)
    said = read_message({"message": {"ts": "1.0", "text": "zebra words"}, "channel": {"id": "C9"}})
    view = sound(attach_modal(AttachForm(said=said), x, [one("source_trace")], "en"))
    made = submitted(view, x, [one("source_trace")], {block_of(x, "source_trace", "document"): "d"})
    assert isinstance(made, tuple)
    digest = hashlib.sha256(b"zebra words").hexdigest()
    assert made[0].content["answer_sha256"] == digest
    assert made[0].content["message"] == {"sha256": digest, "chars": 11}


def test_what_is_typed_for_hidden_fields_makes_way_for_slacks_limit() -> None:
    x = of()
    typed = {block_of(x, "reset_note", n): n * m for n, m in (("lost", 300), ("redo", 700))}
    items = [one("runtime_command"), one("reset_note")]
    view = sound(attach_modal(AttachForm(item="runtime_command", typed=typed), x, items, "en"))
    kept = form_in(payload(view)).typed
    assert kept[block_of(x, "reset_note", "lost")] == "lost" * 300
    assert block_of(x, "reset_note", "redo") not in kept


def test_other_kinds_of_item_are_a_note() -> None:
    assert [f.kind for f in fields_of("ours_own", private=True)] == [Kind.TEXT]
    assert label("ours_own", Field("note", Kind.TEXT), "en") == "Note"


def test_the_item_of_a_form_is_kept_while_another_experiment_is_looked_at() -> None:
    x = of()
    other = replace(x, id=ExperimentId(9), number=13, changed_at=NOW + timedelta(hours=1))
    form = AttachForm(item="reset_note", said=replace_text("hello"))
    items = [one("runtime_command"), one("reset_note")]
    view = sound(attach_modal(form, other, items, "en", others=(x, other)))
    assert form_in(payload(view)).item == "reset_note"


def test_characters_that_no_database_keeps_are_left_out() -> None:
    x, view = of(), view_of("reset_note")
    typed = {block_of(x, "reset_note", n): "a\x00b\ud800c" for n in ("lost", "redo")}
    made = submitted(view, x, [one("reset_note")], typed)
    assert isinstance(made, tuple)
    assert made[0].content["lost"] == "ab?c"


def test_only_a_capture_without_words_is_read_from_a_message_of_a_private_experiment() -> None:
    said = replace_text("owroute-capture 1 OW-12\n{}\nsha256 0123456789abcdef zebra")
    assert said.fit_for(private=True).text == ""
    assert said.fit_for(private=False).text == said.text


@pytest.mark.parametrize("state", [EvidenceState.CLAIMED, EvidenceState.REJECTED])
def test_a_form_that_nobody_touched_gives_nothing(state: EvidenceState) -> None:
    x, link = of(), "https://a.example/log"
    content = {"command": "serve", "version": "b1"}
    known = replace(one("runtime_command", content=content, link=link), state=state)
    view = sound(attach_modal(AttachForm(), x, [known], "en"))
    first = block_of(x, "runtime_command", "command")
    refused = submitted(view, x, [known], {})
    assert isinstance(refused, AttachErrors)
    assert refused.by_block("en")[first].startswith("Nothing new was typed. Accept it")
    for new in ({first: "serve --flag"}, {"link": "https://a.example/other"}):
        assert isinstance(submitted(view, x, [known], new), tuple)
    given = replace(known, state=EvidenceState.GIVEN)
    assert isinstance(submitted(view, x, [given], {}), tuple)


@pytest.mark.parametrize("state", [EvidenceState.CLAIMED, EvidenceState.REJECTED])
def test_a_table_that_nobody_accepted_is_typed(state: EvidenceState) -> None:
    x = of()
    rows: list[JsonValue] = [{"case_id": f"c{n}", "pass": n > 0} for n in range(5)]
    table = replace(one("five_case_eval", content={"cases": rows}), state=state)
    view = sound(attach_modal(AttachForm(), x, [table], "en"))
    typed = {"link": "https://a.example/t.csv"}
    refused = submitted(view, x, [table], typed)
    assert isinstance(refused, AttachErrors)
    assert list(refused.problems) == [block_of(x, "five_case_eval", "cases")]
    given = replace(table, state=EvidenceState.GIVEN)
    assert isinstance(submitted(view, x, [given], typed), tuple)
