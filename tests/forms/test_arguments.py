"""`/owroute plan field=value ...`: what is understood, what is answered, what is prefilled."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import forms
from bot.domain.ids import ChannelId, UserId
from engine.contract import ConstraintCard
from tests.forms.filling import COMMIT, TODAY, card, drawn, payload, text_of


def typed(text: str) -> dict[str, str]:
    values, problems = forms.arguments(text, TODAY)
    assert problems == []
    return values


def opened(text: str, last: ConstraintCard | None = None, **defaults: str) -> forms.PlanForm:
    return forms.new_form(
        text, last, defaults, owner=UserId("U1"), channel=ChannelId("C1"), today=TODAY
    )


def notices(text: str) -> str:
    return text_of(drawn(opened(text)), "notices")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("task=\"a course\" privacy=public", {"task": "a course", "privacy": "public"}),
        ("task='course assistant'", {"task": "course assistant"}),
        ("task=“课程 问答” budget＝small", {"task": "课程 问答", "budget_level": "small"}),
        ("task=‘two words’", {"task": "two words"}),
        ("task='the team's bot' privacy=public", {"task": "the team's bot", "privacy": "public"}),
        ('task="never closed privacy=public', {"task": "never closed privacy=public"}),
        ('task="two\nlines"', {"task": "two lines"}),
        ("course assistant privacy=internal", {"task": "course assistant", "privacy": "internal"}),
        ('task="R&amp;D &lt;!channel&gt;"', {"task": "R&D <!channel>"}),
        ('task="&amp;lt;"', {"task": "&lt;"}),
        ('task="<!here> {{7*7}} %s"', {"task": "<!here> {{7*7}} %s"}),
        ('task="ask <@U7|ada> in <#C7|ml>"', {"task": "ask @ada in #ml"}),
        ("owner=<@U7|ada> post_to=<#C7|ml>", {"owner": "U7", "post_to": "C7"}),
        ("Privacy=Private-Docs", {"privacy": "private_docs"}),
        ("needs_service_api=true needs_fine_tuning=否",
         {"needs_service_api": "yes", "needs_fine_tuning": "no"}),
        ("session_hours=6", {"stop_after": "6"}),
        ("stop_after=4h", {"stop_after": "4"}),
        ('stop_after="office hours"', {"stop_after": "office"}),
        ("always_on=yes", {"stop_after": "always"}),
        ("always_on=no", {}),
        (f"model_repo=Qwen/Qwen3-8B revision={COMMIT}", {"model": f"Qwen/Qwen3-8B@{COMMIT}"}),
        ('gpu="2 x L4" ram=32', {"hardware": "2 x L4", "ram_gib": "32"}),
        ("gpu_id=l4 gpu_count=2", {"hardware": "2 x l4"}),
        ('gpu_count=4 hardware="2 x L4"', {"hardware": "4 x L4"}),
        ("model_repo= hardware=", {}),
        ("max_hourly=1.50 eu_entity=no", {"max_hourly": "1.50", "eu_entity": "no"}),
    ],
)  # fmt: skip
def test_arguments_are_understood(text: str, values: dict[str, str]) -> None:
    assert typed(text) == values


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("modle=Qwen/Qwen3-8B", '"modle" is not a field. Did you mean model?'),
        ("colour=blue", '"colour" is not a field of this card, so it was left out.'),
        ("privacy=secret", "privacy: Choose public, internal, private_docs or regulated."),
        ("needs_service_api=maybe", "needs_service_api: Answer yes or no."),
        ("context_tokens=1,5", "context_tokens: Type a whole number"),
        ("context_tokens=１６", "context_tokens: Type 16, with plain digits"),
        ("max_hourly=1e309", "max_hourly: Type an amount in USD"),
        ("model=Qwen/Qwen3-8B@main", 'model: "main" is not a fixed version'),
        ("stop_after=soon", "stop_after: Type a number of hours"),
        ("review_date=2020-01-01", "review_date: Choose a day after today, 2026-11-24."),
        ("owner=@bob", "owner: Choose a member"),
        ("post_to=general", "post_to: Choose a channel"),
        (f"revision={COMMIT}", "revision: A revision belongs to a model"),
        ("gpu_count=-1", "gpu_count: Type a whole number from 1 to 64, for example 2."),
        ("gpu_count=-1 gpu_id=l4", "gpu_count: Type a whole number from 1 to 64"),
        ("gpu_count=65 gpu_id=l4", "gpu_count: Type a whole number from 1 to 64"),
        ("gpu_count=２ gpu_id=l4", "gpu_count: Type a whole number from 1 to 64"),
        ("gpu_count=2", "gpu_count: A count belongs to a GPU"),
        ("gpu_cuont=2", "Did you mean gpu_count?"),
        (f"model= revision={COMMIT}", "revision: A revision belongs to a model"),
        ('task="a task" and more words', 'Not used: "and more words".'),
        ("task=<!channel>=x", None),
    ],
)
def test_what_is_not_understood_is_answered_on_top(text: str, says: str | None) -> None:
    if says is None:
        assert "notices" not in [b.get("block_id") for b in drawn(opened(text))["blocks"]]
    else:
        assert says in notices(text).replace("&lt;", "<").replace("&gt;", ">")


def test_notices_show_hostile_names_literally() -> None:
    said = notices("<!channel>=1 {{7*7}}=2 %s=3")
    assert "<!channel>" not in said
    assert "&lt;!channel&gt;" in said
    assert "{{7*7}}" in said
    assert "%s" in said


def test_text_that_is_only_wrong_stays_in_its_field() -> None:
    form = opened("task=xx context_tokens=1,5")
    assert form.values["task"] == "xx"
    assert form.values["context_tokens"] == "1,5"
    assert form.more, "the wrong field must be visible"
    assert set(forms.read(payload(drawn(form))).values) >= {"task", "context_tokens"}


def test_arguments_win_over_the_channel_and_the_channel_over_the_last_card() -> None:
    last = card(privacy="internal", budget_level="large", available_route="local_gpu")
    form = opened("privacy=public", last, budget_level="small", privacy="regulated")
    assert form.values["privacy"] == "public"
    assert form.values["budget_level"] == "small"
    assert form.values["available_route"] == "local_gpu"


def test_defaults_have_names_of_the_contract_and_bad_ones_are_left_out() -> None:
    form = opened(
        "", None, model_repo="Qwen/Qwen3-8B", providers_allowed="runpod, aws", max_hourly="free",
        privacy="secret", commercial_use="false", colour="blue", owner="nobody",
    )  # fmt: skip
    assert form.values["model"] == "Qwen/Qwen3-8B"
    assert form.values["providers_allowed"] == "runpod, aws"
    assert form.values["commercial_use"] == "no"
    assert form.values["owner"] == "U1"
    assert not form.values.keys() & {"max_hourly", "privacy", "colour"}


def test_a_new_plan_is_asked_again_what_was_said_about_the_last_one() -> None:
    last = card(
        available_route="rented_gpu", stop_after="always", privacy="private_docs",
        access_rule="course staff", tenancy="secure", license_review="fine", model="a/b",
    )  # fmt: skip
    values = opened("", last).values
    assert not values.keys() & {"task", "stop_after", "review_date", "access_rule", "tenancy"}
    assert not values.keys() & {"license_review", "licensed_model"}


HIDDEN = {
    "model": "openai/gpt-oss-20b", "hardware": "2 x mi300x", "ram_gib": "64",
    "context_tokens": "1000000", "concurrency": "8", "days_per_month": "20",
}  # fmt: skip


def test_what_the_last_card_hid_does_not_decide_the_next_one() -> None:
    form = opened("", card(available_route="rented_gpu", providers_allowed="aws", **HIDDEN))
    assert not form.more
    assert not form.values.keys() & {"model", "hardware", "ram_gib", "days_per_month"}
    assert form.values["context_tokens"] == "8192"
    assert form.values["concurrency"] == "1"
    assert form.values["available_route"] == "rented_gpu"
    assert form.values["providers_allowed"] == "aws", "stands in the line of facts"


def test_what_a_channel_has_set_behind_more_constraints_is_shown() -> None:
    assert opened("", None, model_repo="Qwen/Qwen3-8B").more
    assert not opened("", None, budget_level="small", context_tokens="8192").more


def test_a_name_with_nothing_behind_it_clears_its_field() -> None:
    form = opened(
        "model_repo= region= context_tokens=", card(region="eu-west"), model_repo="Qwen/Qwen3-8B"
    )
    assert form.more
    assert form.notices == ()
    assert not any(form.values.get(n) for n in ("model", "region", "context_tokens"))
    assert "model" not in forms.read(payload(drawn(form))).values


def test_a_bad_count_keeps_the_gpu_and_shows_it() -> None:
    form = opened("gpu_id=l4 gpu_count=-1")
    assert (form.values["hardware"], form.more) == ("l4", True)
    alone = opened("gpu_count=-1", None, gpu_id="l4")
    assert (alone.values["hardware"], alone.more) == ("", True)


def test_a_newcomer_chooses_where_and_how_private_but_sees_usual_numbers() -> None:
    values = opened("").values
    assert not values.keys() & {"task", "privacy", "available_route", "budget_level", "stop_after"}
    assert values["needs_service_api"] == "no"
    assert values["context_tokens"] == "8192"
    assert values["owner"] == "U1"


def test_arguments_alone_can_make_a_card() -> None:
    made = forms.parse(
        opened(
            'task="course assistant" privacy=private_docs available_route=rented_gpu '
            "needs_service_api=yes needs_fine_tuning=no budget_level=small stop_after=always "
            'gpu="2 x RTX 4090" ram=64 providers_allowed=runpod,aws,runpod region=eu-west'
        ),
        today=TODAY,
    )
    assert isinstance(made, ConstraintCard)
    assert made.always_on
    assert made.review_date == TODAY + timedelta(days=7)
    assert made.days_per_month == 31
    assert made.hardware is not None
    assert (made.hardware.gpu_id, made.hardware.gpu_count) == ("RTX 4090", 2)
    assert made.providers_allowed == ("aws", "runpod")


@given(st.text(max_size=200))
def test_no_text_raises_and_every_form_can_be_shown(text: str) -> None:
    assert forms.read(payload(drawn(opened(text)))) is not None


@given(st.text(alphabet="ab=\"'“”‘’ <>&;@#|!,.-_", max_size=60))
def test_no_punctuation_raises(text: str) -> None:
    drawn(opened(text))
