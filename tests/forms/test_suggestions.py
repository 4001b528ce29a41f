"""What the typeaheads offer."""

from typing import Any

import pytest

from bot.cards import forms
from bot.ports import Suggestion
from sandbox.limits.surfaces import option_problems
from tests.forms.filling import COMMIT, DATA, card, conflicts, decided

L4 = Suggestion("L4 · 24 GB", "l4")
QWEN = Suggestion("Qwen/Qwen3-8B · 8.2B · apache-2.0", "Qwen/Qwen3-8B")


def values(options: list[dict[str, object]]) -> list[object]:
    assert option_problems({"options": options}) == []
    return [o["value"] for o in options]


def texts(options: list[dict[str, Any]]) -> list[str]:
    return [o["text"]["text"] for o in options]


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


def test_a_known_repository_typed_in_full_keeps_its_facts() -> None:
    other = Suggestion("Qwen/Qwen3-8B-Base · 8.2B · apache-2.0", "Qwen/Qwen3-8B-Base")
    found = forms.suggestions([other, QWEN], "Qwen/Qwen3-8B")
    assert texts(found) == [QWEN.text, other.text]


def test_nothing_is_offered_twice_and_at_most_a_hundred() -> None:
    assert values(forms.suggestions([QWEN, QWEN], "Qwen/Qwen3-8B")) == ["Qwen/Qwen3-8B"]
    many = [Suggestion(f"a/{n}", f"a/{n}") for n in range(300)]
    assert len(values(forms.suggestions(many, "a/299"))) == 100
    long = Suggestion("x" * 90, "y/" + "x" * 90)
    assert len(str(forms.suggestions([long], "")[0]["text"]["text"])) == 75


def test_gpus_come_in_the_usual_counts() -> None:
    several = forms.hardware_suggestions([L4], "l4")
    assert values(several) == ["l4", "2 x l4", "4 x l4", "8 x l4"]
    assert texts(several)[:2] == ["L4 · 24 GB", "2 x L4 · 24 GB"]
    many = [Suggestion(f"GPU {n}", f"gpu{n}") for n in range(9)]
    assert len(values(forms.hardware_suggestions(many, "g"))) == 9


@pytest.mark.parametrize("typed", ["2 x L4", "2xl4", "2 × L4", "2*l4"])
def test_gpus_come_as_many_times_as_typed(typed: str) -> None:
    assert forms.hardware_query(typed).lower() == "l4"
    assert values(forms.hardware_suggestions([L4], typed)) == ["2 x l4"]


def test_an_impossible_count_is_not_offered() -> None:
    assert values(forms.hardware_suggestions([L4], "0 x l4")) == []
    assert values(forms.hardware_suggestions([L4], "65 x l4")) == []


@pytest.mark.parametrize("gpu_id", DATA.catalog.hardware.hardware)
@pytest.mark.parametrize("count", ["", "2 x "])
def test_a_gpu_chosen_from_the_list_is_that_gpu(gpu_id: str, count: str) -> None:
    chosen = card(available_route="local_gpu", hardware=f"{count}{gpu_id}").hardware
    assert chosen is not None
    assert (chosen.gpu_id, chosen.gpu_count) == (gpu_id, 2 if count else 1)


@pytest.mark.parametrize(
    "typed",
    [
        "NVIDIA GeForce RTX 4090",
        "RTX 4060 Ti 16 GB",
        "RTX 4060 Laptop GPU",
        "GeForce RTX 3070 Laptop GPU",
        "A100 80 GB",
        "Tesla T4",
    ],
)
def test_a_gpu_typed_as_its_driver_calls_it_stays_so_and_is_known(typed: str) -> None:
    of = card(available_route="local_gpu", hardware=typed, model="Qwen/Qwen3-4B")
    assert of.hardware is not None
    assert of.hardware.gpu_id == typed
    assert "HARDWARE_REQUIRED" not in conflicts(decided(of))


@pytest.mark.parametrize("typed", ["RTX 3080", "V100", "2 x A100"])
def test_a_gpu_of_several_sizes_is_asked_back_and_not_chosen(typed: str) -> None:
    of = card(available_route="local_gpu", hardware=typed, model="Qwen/Qwen3-4B")
    asked = conflicts(decided(of))["HARDWARE_REQUIRED"]
    assert "stands for GPUs of several memory sizes" in asked.text


def test_without_an_engine_what_was_typed_can_be_chosen() -> None:
    assert values(forms.suggestions((), "me/mine")) == ["me/mine"]
    assert values(forms.hardware_suggestions(None, "2 x L4")) == ["2 x L4"]
    assert values(forms.hardware_suggestions(None, "RTX 4090 ")) == ["RTX 4090"]
    assert values(forms.hardware_suggestions(None, "65 x L4")) == []
    assert values(forms.hardware_suggestions(None, "<!channel>")) == []
