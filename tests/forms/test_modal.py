"""The constraint card as people see it: labels, order, what appears when, how it stands."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.cards import forms
from bot.domain.ids import ExperimentId
from tests.forms.filling import (
    COMMIT,
    TODAY,
    block_ids,
    card,
    decided,
    drawn,
    experiment,
    form,
    payload,
    sound,
    text_of,
)

SIX_LABELS = [
    "Task", "Privacy", "Available route", "Needs a service API", "Needs fine-tuning", "Budget",
]  # fmt: skip
MORE_LABELS = [
    "Model", "Hardware", "RAM in GiB", "Context tokens", "Concurrent requests", "Owner",
]  # fmt: skip


def labels(of: forms.PlanForm) -> list[str]:
    return [b["label"]["text"] for b in drawn(of)["blocks"] if b["type"] == "input"]


def element(of: forms.PlanForm, name: str) -> dict[str, object]:
    found: dict[str, object] = next(
        b["element"] for b in drawn(of)["blocks"] if b.get("block_id") == name
    )
    return found


def test_title_and_buttons() -> None:
    view = drawn(form())
    assert view["callback_id"] == "plan_run"
    assert [view[k]["text"] for k in ("title", "submit", "close")] == [
        "Plan a model run", "Plan", "Cancel",
    ]  # fmt: skip


def test_labels_and_their_order() -> None:
    assert labels(form()) == SIX_LABELS
    assert labels(form(channel=None)) == [*SIX_LABELS, "Post to"]
    everything = form(more=True, channel=None, available_route="rented_gpu")
    assert labels(everything) == [*SIX_LABELS, "Stop after", *MORE_LABELS, "Post to"]


@pytest.mark.parametrize("route", ["local_cpu", "local_gpu", "private_gpu", "free_colab"])
def test_a_machine_that_is_not_rented_needs_no_stop_time(route: str) -> None:
    assert "stop_after" not in block_ids(drawn(form(available_route=route)))


@pytest.mark.parametrize("route", ["rented_gpu", "undecided"])
def test_a_rented_gpu_is_asked_for_its_stop_time_and_nothing_is_preset(route: str) -> None:
    of = form(available_route=route)
    assert "initial_option" not in element(of, "stop_after")
    options = element(of, "stop_after")["options"]
    assert isinstance(options, list)
    assert [o["text"]["text"] for o in options] == [
        "2 h", "4 h", "8 h", "Office hours (8 h on 22 days)",
        "Always on (needs a review date; 7 days)",
    ]  # fmt: skip


def test_always_on_asks_for_a_review_date_and_a_cap() -> None:
    of = form(available_route="rented_gpu", stop_after="always")
    assert block_ids(drawn(of))[6:] == ["stop_after", "review_date", "max_monthly"]
    assert element(of, "review_date")["initial_date"] == "2026-12-01"


def test_a_large_budget_asks_for_its_cap() -> None:
    assert "max_monthly" in block_ids(
        drawn(form(available_route="undecided", budget_level="large"))
    )


def test_hours_of_ones_own_stay_on_offer() -> None:
    of = form(available_route="rented_gpu", stop_after="6.5")
    assert element(of, "stop_after")["initial_option"] == {
        "text": {"type": "plain_text", "text": "6.5 h", "emoji": False},
        "value": "6.5",
    }


@pytest.mark.parametrize(
    ("choice", "hours", "days", "always"),
    [
        ("2", 2, 12, False),
        ("8", 8, 12, False),
        ("office", 8, 22, False),
        ("always", None, 31, True),
    ],
)
def test_what_stop_after_means(choice: str, hours: int | None, days: int, always: bool) -> None:
    made = card(available_route="rented_gpu", stop_after=choice)
    assert made.session_hours == (None if hours is None else Decimal(hours))
    assert (made.days_per_month, made.always_on) == (days, always)
    assert (made.review_date is not None) == always


def test_a_stop_time_that_no_longer_applies_is_carried_but_not_used() -> None:
    of = forms.read(payload(drawn(form(available_route="local_cpu", stop_after="4"))))
    assert of.values["stop_after"] == "4"
    made = card(**of.values)
    assert made.session_hours is None


def test_choices_report_themselves_and_texts_do_not() -> None:
    view = drawn(form(more=True, channel=None, available_route="undecided", stop_after="always"))
    reporting = {b["block_id"] for b in view["blocks"] if b.get("dispatch_action")}
    assert reporting == {
        "privacy", "available_route", "needs_service_api", "needs_fine_tuning", "budget_level",
        "stop_after", "review_date", "model", "hardware",
    }  # fmt: skip


def test_only_what_the_plan_cannot_do_without_is_required() -> None:
    view = drawn(form(more=True, channel=None, available_route="undecided", stop_after="always"))
    required = [b["block_id"] for b in view["blocks"] if b["type"] == "input" and not b["optional"]]
    assert len(required) == 7
    assert required[-1] == "post_to"


def test_the_toggle_says_what_it_does() -> None:
    def says(of: forms.PlanForm) -> object:
        return next(b for b in drawn(of)["blocks"] if b.get("block_id") == "toggle")["elements"][0][
            "text"
        ]["text"]

    assert says(form()) == "More constraints"
    assert says(form(more=True)) == "Fewer constraints"


def test_the_current_channel_is_only_proposed_where_none_was_chosen() -> None:
    assert element(form(channel=None), "post_to")["default_to_current_conversation"] is True
    chosen = element(form(channel=None, post_to="C9"), "post_to")
    assert chosen["initial_conversation"] == "C9"
    assert "default_to_current_conversation" not in chosen


def test_facts_stand_in_one_line_with_a_button() -> None:
    plain = text_of(drawn(form()), "facts")
    assert plain == "Commercial use · providers: any · region: any"
    said = text_of(
        drawn(
            form(
                commercial_use="no", monthly_active_users="5000", eu_entity="yes",
                providers_allowed="runpod, aws", region="eu-west", max_hourly="1.50",
                max_monthly="40", access_rule="*staff* <!channel>", tenancy="secure",
                license_id="mit", license_review="ok",
            )
        ),
        "facts",
    )  # fmt: skip
    for part in (
        "No commercial use", "5000 monthly users", "EU company", "runpod, aws", "eu-west",
        "1.50 USD/h", "40 USD/month", "*staff* &lt;!channel&gt;", "Secure", "mit", "ok",
    ):  # fmt: skip
        assert part in said


def test_how_it_stands_names_the_edit() -> None:
    private = {
        "privacy": "private_docs", "available_route": "rented_gpu", "needs_service_api": "yes",
        "stop_after": "2",
    }  # fmt: skip
    said = text_of(drawn(form(private), standing=decided(card(**private))), "standing")
    assert said == (
        "As it stands: Needs changes: "
        "Name who may read the documents and choose a secure or dedicated host."
    )
    more = {**private, "stop_after": ""}
    assert "(and 1 more)" in text_of(drawn(form(), standing=decided(card(**more))), "standing")


def test_how_it_stands_when_it_goes_or_is_refused() -> None:
    assert text_of(drawn(form(), standing=decided(card())), "standing") == (
        "As it stands: Go: Local CPU · Qwen/Qwen3-4B Q8_0"
    )
    colab = card(privacy="regulated", available_route="free_colab")
    said = text_of(drawn(form(), standing=decided(colab)), "standing")
    assert said.startswith("As it stands: Refused: ")
    assert "standing" not in [b.get("block_id") for b in drawn(form())["blocks"]]


def test_planning_again_shows_the_card_as_it_was() -> None:
    before = card(
        available_route="rented_gpu", stop_after="office", privacy="private_docs",
        access_rule="course staff", tenancy="dedicated", model=f"a/b@{COMMIT}", max_hourly="1.5",
        hardware="2 x l4", ram_gib="64", context_tokens="4096", providers_allowed="aws",
        license_review="read by Ada", monthly_active_users="10", eu_entity="no",
    )  # fmt: skip
    of = forms.form_of(experiment(before))
    again = forms.read(payload(drawn(of)))
    assert again.experiment == ExperimentId(7)
    assert again.revision == 3
    assert forms.parse(again, today=TODAY) == before
    assert "owner" not in block_ids(drawn(replace(of, more=True)))


def test_a_licence_review_does_not_follow_to_another_model() -> None:
    before = card(model="a/b", license_id="mit", license_review="read by Ada")
    of = replace(forms.form_of(experiment(before)), more=True)
    other = forms.parse(forms.read(payload(drawn(of), model="c/d")), today=TODAY)
    assert not isinstance(other, forms.FieldErrors)
    assert (other.license_id, other.license_review) == (None, None)
    assert forms.parse(forms.read(payload(drawn(of))), today=TODAY) == before


def test_the_facts_view_changes_facts_only() -> None:
    of = form(more=False, context_tokens="4096", region="eu-west", max_hourly="2")
    behind = sound(forms.constraints_modal(of, {"id": "V9"}, "en"))
    filled = payload(behind, region="us-east", max_hourly=None, commercial_use="no")
    facts = forms.parse_constraints(filled)
    assert not isinstance(facts, forms.FieldErrors)
    merged, parent = forms.merged(filled, facts)
    assert parent == "V9"
    wanted = {**of.values, "region": "us-east", "commercial_use": "no"}
    del wanted["max_hourly"]
    assert merged == replace(of, values=wanted)


def test_the_facts_view_says_what_to_type() -> None:
    behind = forms.constraints_modal(form(), {"id": "V9"}, "en")
    wrong = payload(behind, max_hourly="1,5", region="<!here>", providers_allowed="a b/c")
    facts = forms.parse_constraints(wrong)
    assert isinstance(facts, forms.FieldErrors)
    said = facts.by_block("en")
    assert said.keys() == {"max_hourly", "region", "providers_allowed"}
    assert said["max_hourly"].startswith("Type 1.5,")


def test_the_facts_view_asks_nothing_twice() -> None:
    of = form(available_route="rented_gpu", budget_level="large", stop_after="office")
    behind = block_ids(forms.constraints_modal(of, {"id": "V9"}, "en"))
    assert not {"max_monthly", "days_per_month", "access_rule", "tenancy"} & set(behind)
    private = forms.constraints_modal(form(privacy="regulated"), {"id": "V9"}, "en")
    assert {"access_rule", "tenancy", "max_monthly", "days_per_month"} <= set(block_ids(private))


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
def test_every_view_stands_within_limits_in_every_language(lang: str) -> None:
    of = form(more=True, channel=None, available_route="undecided", stop_after="always")
    drawn(of, lang, decided(card()))
    sound(forms.constraints_modal(form(privacy="regulated"), {"id": "V9"}, lang))
    sound(forms.owner_modal(experiment(card()), lang))


def test_change_of_owner() -> None:
    view = sound(forms.owner_modal(experiment(card()), "en"))
    assert forms.parse_owner(payload(view)) == "U1"
    assert forms.parse_owner(payload(view, owner="U9")) == "U9"
    assert forms.parse_owner({}) == ""
