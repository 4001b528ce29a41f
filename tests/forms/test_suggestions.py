"""What the typeaheads offer."""

import pytest

from bot.cards import forms
from bot.ports import Suggestion
from sandbox.limits.surfaces import option_problems
from tests.forms.filling import COMMIT

L4 = Suggestion("L4", "l4")
QWEN = Suggestion("Qwen/Qwen3-8B", "Qwen/Qwen3-8B")


def values(options: list[dict[str, object]]) -> list[object]:
    assert option_problems({"options": options}) == []
    return [o["value"] for o in options]


def test_the_catalogue_is_offered_as_found() -> None:
    assert values(forms.suggestions([QWEN], "qwen")) == ["Qwen/Qwen3-8B"]
    assert values(forms.suggestions([], "qwen")) == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("me/mine", "me/mine"),
        (f"me/mine@{COMMIT}", f"me/mine@{COMMIT}"),
        ("https://huggingface.co/me/mine", "me/mine"),
    ],
)
def test_a_repository_as_typed_comes_first(typed: str, offered: str) -> None:
    assert values(forms.suggestions([QWEN], typed)) == [offered, "Qwen/Qwen3-8B"]


@pytest.mark.parametrize("typed", ["me/mine@main", "me/", "<!channel>/x", "x" * 200 + "/y", ""])
def test_what_cannot_stand_is_not_offered(typed: str) -> None:
    assert values(forms.suggestions([QWEN], typed)) == ["Qwen/Qwen3-8B"]


def test_nothing_is_offered_twice_and_at_most_a_hundred() -> None:
    assert values(forms.suggestions([QWEN, QWEN], "Qwen/Qwen3-8B")) == ["Qwen/Qwen3-8B"]
    many = [Suggestion(f"a/{n}", f"a/{n}") for n in range(300)]
    assert len(values(forms.suggestions(many, "a/299"))) == 100
    long = Suggestion("x" * 90, "y/" + "x" * 90)
    assert len(str(forms.suggestions([long], "")[0]["text"]["text"])) == 75


def test_gpus_come_in_the_usual_counts() -> None:
    assert values(forms.hardware_suggestions([L4], "l4")) == ["l4", "2 x l4", "4 x l4", "8 x l4"]
    many = [Suggestion(f"GPU {n}", f"gpu{n}") for n in range(9)]
    assert len(values(forms.hardware_suggestions(many, "g"))) == 9


@pytest.mark.parametrize("typed", ["2 x L4", "2xl4", "2 × L4", "2*l4"])
def test_gpus_come_as_many_times_as_typed(typed: str) -> None:
    assert forms.hardware_query(typed).lower() == "l4"
    assert values(forms.hardware_suggestions([L4], typed)) == ["2 x l4"]


def test_an_impossible_count_is_not_offered() -> None:
    assert values(forms.hardware_suggestions([L4], "0 x l4")) == []
    assert values(forms.hardware_suggestions([L4], "65 x l4")) == []
