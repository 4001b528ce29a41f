"""A form goes through a view and comes back; nothing typed is lost on the way."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import forms
from bot.cards.forms.fields import FIELDS, Kind
from bot.domain.ids import ChannelId, ExperimentId
from tests.forms.filling import TODAY, drawn, form, payload, sound

LINE = st.characters(exclude_categories=["Cc", "Cs"])


def _text(name: str) -> st.SearchStrategy[str]:
    field = FIELDS[name]
    match field.kind:
        case Kind.CHOICE:
            own = st.just("6.5") if name == "stop_after" else st.nothing()
            return st.sampled_from(field.choices) | own
        case Kind.DATE:
            return st.dates().map(lambda d: d.isoformat())
        case Kind.PERSON:
            return st.just("U7")
        case Kind.PLACE:
            return st.just("C7")
        case _:
            return st.text(LINE, min_size=1, max_size=field.limit)


@st.composite
def any_form(draw: st.DrawFn) -> forms.PlanForm:
    names = draw(st.sets(st.sampled_from([*FIELDS])))
    if "stop_after" in names:
        names.add("review_date")  # always-on proposes one by itself
    values = {n: draw(_text(n)) for n in sorted(names)}
    replans = draw(st.booleans())
    return forms.PlanForm(
        values,
        more=draw(st.booleans()),
        channel=draw(st.sampled_from([None, ChannelId("C1"), ChannelId("D1")])),
        experiment=ExperimentId(7) if replans else None,
        revision=2 if replans else None,
        notices=(forms.Problem("modle", "unknown", "model"),) if draw(st.booleans()) else (),
    )


@given(any_form())
def test_a_form_comes_back_as_it_went(of: forms.PlanForm) -> None:
    view = json.loads(json.dumps(drawn(of)))
    assert forms.read(payload(view)) == of


@given(any_form())
def test_a_view_that_was_just_opened_holds_its_form_too(of: forms.PlanForm) -> None:
    assert forms.read({**drawn(of), "state": {"values": {}}}) == of


@given(any_form())
def test_hiding_and_showing_constraints_loses_nothing(of: forms.PlanForm) -> None:
    once = forms.read(payload(drawn(replace(of, more=not of.more))))
    twice = forms.read(payload(drawn(replace(once, more=of.more))))
    assert twice == of


def test_typed_text_is_kept_when_constraints_are_hidden() -> None:
    opened = drawn(form(more=True))
    typed = forms.read(payload(opened, context_tokens="1,5", model="Qwen/Qwen3-8B", owner="U9"))
    hidden = forms.read(payload(drawn(replace(typed, more=False)), task="another"))
    assert hidden.values["context_tokens"] == "1,5"
    assert hidden.values["model"] == "Qwen/Qwen3-8B"
    assert hidden.values["owner"] == "U9"
    assert hidden.values["task"] == "another"


def test_emptying_a_field_empties_it() -> None:
    view = drawn(form(more=True, ram_gib="16"))
    assert "ram_gib" not in forms.read(payload(view, ram_gib=None)).values


def test_inputs_keep_their_ids_whatever_is_around_them() -> None:
    def places(view: Any) -> dict[str, str]:
        blocks = (b for b in view["blocks"] if b["type"] == "input")
        return {b["block_id"]: b["element"]["action_id"] for b in blocks}

    short = places(drawn(form()))
    long = places(drawn(form(more=True, available_route="rented_gpu", stop_after="always")))
    assert short.items() <= long.items()
    assert long["model"] == "model_search"
    assert long["hardware"] == "hardware_search"
    assert {a for n, a in long.items() if n not in ("model", "hardware")} == {"v"}


@pytest.mark.parametrize("filler", ["x", '"', "\\", "界", "🧪"])
@pytest.mark.parametrize("more", [True, False])
def test_the_fullest_form_fits_a_view(filler: str, more: bool) -> None:
    plain = {"review_date": "2026-12-01", "owner": "U" + "7" * 15, "post_to": "C" + "7" * 15}
    values = {n: f.choices[0] if f.choices else filler * f.limit for n, f in FIELDS.items()}
    licence = {"model": f"{filler * 96}@{filler * 53}", "licensed_model": filler * 96}
    notices = tuple(forms.Problem('"' * 40, "unknown", "days_per_month") for _ in range(4))
    of = forms.PlanForm(
        {**values, **plain, **licence, "privacy": "regulated"},
        more=more,
        channel=ChannelId("C" + "1" * 15),
        notices=notices,
    )
    view = drawn(of)
    assert forms.read(payload(view)).values == of.values
    behind = forms.constraints_modal(of, {"id": "V" + "0" * 15}, "en")
    sound(behind)
    again, parent = forms.merged(payload(behind), {})
    assert parent == "V" + "0" * 15
    assert again.values == of.values


ODD: list[Any] = [
    {},
    {"state": None, "private_metadata": None, "blocks": None},
    {"state": {"values": []}, "private_metadata": "draft:42", "blocks": "x"},
    {"state": {"values": {"task": None}}, "private_metadata": '{"v":2,"hidden":{"task":"x"}}'},
    {"state": {"values": {"task": {}}}, "private_metadata": "[]"},
    {"state": {"values": {"task": {"v": "text"}}}, "private_metadata": '{"hidden":{"task":1}}'},
    {"state": {"values": {"task": {"v": {"value": 7}}}}, "private_metadata": "null"},
    {"state": {"values": {"privacy": {"v": {"selected_option": "public"}}}}},
    {"state": {"values": {"nonsense": {"v": {"value": "x"}}}}},
    {"blocks": [None, 3, {"type": "input"}, {"type": "input", "block_id": "task", "element": 4}]},
]


@pytest.mark.parametrize("view", ODD)
def test_odd_payloads_read_as_an_empty_form(view: Any) -> None:
    of = forms.read(view)
    assert of == forms.PlanForm({})
    assert isinstance(forms.parse(of, today=TODAY), forms.FieldErrors)
