"""Whatever people type ends in a sentence beside its field, and nothing typed is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import forms
from bot.cards.forms.fields import FIELDS
from engine.contract import ConstraintCard
from tests.forms.filling import COMMIT, TODAY, card, drawn, errors, form, payload

HOSTILE = [
    "<!channel> <!here> <@U1> <#C1> <!subteam^S1>",
    "<https://evil.example|Stop GPU>",
    "&lt;!channel&gt;",
    "``` code fence ``` *_~`",
    "{{7*7}} {% raw %} %s {0} %(name)s",
    "مرحبا بالعالم \u202etxt.exe",
    "🧪" * 120,
    "line one\nline two\n> owroute: stopped",
    "NUL \x00 and surrogate \ud800 here",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_tasks_are_taken_literally_on_one_line(text: str) -> None:
    taken = card(task=text).task
    assert "\n" not in taken
    assert "\x00" not in taken
    assert taken.startswith(text.split("\n", maxsplit=1)[0][:3])
    view = drawn(form(task=text))
    again = forms.parse(forms.read(payload(view)), today=TODAY)
    assert isinstance(again, ConstraintCard)
    assert again.task.split() == taken.split()


@pytest.mark.parametrize("text", ["", " ", "\n\t", "ab", "\x00\x00\x00\x00"])
def test_a_task_of_less_than_three_characters_says_what_to_type(text: str) -> None:
    assert list(errors(form(task=text))) == ["task"]


def test_a_task_that_is_too_long_says_by_how_much() -> None:
    assert errors(form(task="x" * 412)) == {"task": "Too long: leave out 112 characters."}
    assert errors(form(task="x" * 301)) == {"task": "Too long: leave out 1 character."}
    assert card(task=f"  {'x' * 300}  ").task == "x" * 300


BAD_NUMBERS = ["-1", "NaN", "1e309", "1" + "0" * 30, "0x10", "ten", "--", "1.2.3", "∞", "½ x"]


@pytest.mark.parametrize("name", ["context_tokens", "concurrency", "ram_gib"])
@pytest.mark.parametrize("text", BAD_NUMBERS)
def test_numbers_that_are_none_say_what_to_type(name: str, text: str) -> None:
    said = errors(form({name: text}, more=True))
    assert list(said) == [name]
    assert said[name].startswith("Type a")


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("ram_gib", "1,5", "1.5"),
        ("ram_gib", "１６", "16"),
        ("ram_gib", "16,5", "16.5"),
        ("context_tokens", "8,192", "8192"),
        ("context_tokens", "8k", "8192"),
        ("context_tokens", "١٦", None),
        ("concurrency", "４", "4"),
        ("concurrency", "²", "2"),
        ("concurrency", "1.5", None),
        ("max_monthly", "$50", "50"),
        ("max_monthly", "50 USD", "50"),
        ("max_monthly", "1,234,567", "1234567"),
    ],
)
def test_a_number_written_otherwise_is_suggested_never_guessed(
    name: str, text: str, meant: str | None
) -> None:
    rented = {"available_route": "rented_gpu", "budget_level": "large", name: text}
    said = errors(form(rented, more=True))
    assert list(said) == [name]
    assert (meant is not None) == said[name].startswith(f"Type {meant},")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("context_tokens", "0"),
        ("context_tokens", "16777217"),
        ("concurrency", "4097"),
        ("ram_gib", "0"),
        ("ram_gib", "100001"),
        ("hardware", "65 x L4"),
        ("hardware", "0 x L4"),
        ("hardware", "<!channel>"),
    ],
)
def test_what_is_out_of_range_names_the_range_or_an_example(name: str, text: str) -> None:
    said = errors(form({name: text}, more=True))
    assert list(said) == [name]
    assert "example" in said[name]


@pytest.mark.parametrize("hours", ["0", "744.5", "-2", "soon", "1,5"])
def test_a_session_has_a_sane_length(hours: str) -> None:
    assert "stop_after" in errors(form(available_route="rented_gpu", stop_after=hours))


@pytest.mark.parametrize(
    "text", ["Qwen", "Qwen/", "/Qwen", "a b/c", "a/b/c", "x" * 97 + "/y", "$(x)/y"]
)
def test_a_model_is_an_owner_and_a_name(text: str) -> None:
    assert errors(form(more=True, model=text)).keys() == {"model"}


@pytest.mark.parametrize("revision", ["main", "v1.0", "refs/pr/1", COMMIT[:12], ""])
def test_a_branch_is_refused_by_name(revision: str) -> None:
    said = errors(form(more=True, model=f"Qwen/Qwen3-8B@{revision}"))["model"]
    assert f'"{revision}" is not a fixed version' in said
    assert "40 hex digits" in said


def test_a_model_may_be_pasted_as_its_page_or_with_a_commit() -> None:
    assert card(model="https://huggingface.co/Qwen/Qwen3-8B").model_repo == "Qwen/Qwen3-8B"
    pinned = card(model=f"Qwen/Qwen3-8B@{COMMIT.upper()}")
    assert (pinned.model_repo, pinned.revision) == ("Qwen/Qwen3-8B", COMMIT)


def test_all_errors_come_at_once() -> None:
    said = errors(form(more=True, task="", privacy="", context_tokens="1,5", model="x"))
    assert list(said) == ["task", "privacy", "model", "context_tokens"]


def test_an_error_of_a_hidden_field_is_shown_at_the_nearest_visible_one() -> None:
    said = errors(form(more=False, context_tokens="1,5", max_hourly="free"))
    assert list(said) == ["budget_level"]
    assert "Context tokens (hidden): Type" in said["budget_level"]
    assert "USD per hour, at most (hidden): Type" in said["budget_level"]


def test_a_review_date_lies_ahead() -> None:
    always = {"available_route": "rented_gpu", "stop_after": "always"}
    assert errors(form(always, review_date="2026-11-24")).keys() == {"review_date"}
    assert errors(form(always, review_date="2026-13-01")).keys() == {"review_date"}
    assert card(**always, review_date="2026-11-25").review_date is not None


def test_where_to_post_is_asked_outside_a_channel() -> None:
    assert errors(form(channel=None)).keys() == {"post_to"}
    chosen = form(channel=None, post_to="C9")
    assert chosen.destination == "C9"
    assert isinstance(forms.parse(chosen, today=TODAY), ConstraintCard)


def test_errors_are_said_in_the_persons_language() -> None:
    assert errors(form(task=""), "zh_CN").keys() == {"task"}


@given(st.dictionaries(st.sampled_from([*FIELDS]), st.text(max_size=60), max_size=8))
def test_no_text_raises(values: dict[str, str]) -> None:
    of = forms.PlanForm(values)
    parsed = forms.parse(of, today=TODAY)
    if isinstance(parsed, forms.FieldErrors):
        said = parsed.by_block("en")
        assert said
        assert set(said) <= set(of.visible)
