"""Switching off: what stops what, in three levels, at the offer's own provider, and the timer."""

from collections.abc import Iterable

import pytest

from engine.contract import Lang, Route, ShutdownCommand, ShutdownLevel
from engine.shutdown import shutdown_commands
from tests.engine.cards import DATA, card
from tests.engine.plans import plan
from tests.engine.ways import WORDS, offer, stops, way


def levels(found: Iterable[ShutdownCommand]) -> list[ShutdownLevel]:
    return [s.level for s in found]


def test_a_chosen_offer_is_switched_off_at_its_own_provider_in_three_levels() -> None:
    for provider in WORDS.providers:
        found = stops(way("vllm", offer=offer(provider)))
        assert set(levels(found)) == set(ShutdownLevel)
        assert levels(found) == sorted(levels(found), key=list(ShutdownLevel).index)
        assert [s.stops_billing for s in found] == [False] * (len(found) - 1) + [True]
        assert all(s.verify and 0 < len(s.note) <= 300 for s in found)
    azure = " ".join(s.shell for s in stops(way("vllm", offer=offer("azure"))))
    assert "az group delete --name ow-12-ada --yes" in azure


def test_the_timer_is_started_first_counts_the_session_and_says_when_it_fails() -> None:
    run = way("vllm", offer=offer("runpod"))
    timer = stops(run, session_hours="1.5")[1]
    assert (timer.level, timer.stops_billing) == (ShutdownLevel.instance, False)
    assert 'sleep 1.5h; runpodctl stop pod "$RUNPOD_POD_ID"' in timer.argv[-1]
    assert "it fails when the machine hangs" in timer.note
    assert stops(way("vllm", offer=offer("aws")), session_hours="1.505")[1].argv[-1] == "+91"
    assert not any("sleep" in s.shell for s in stops(run, session_hours=None))
    assert not any("sleep" in s.shell for s in stops(run, session_hours="1.5", always_on=True))


def test_what_aws_answers_after_a_stop_is_asked_in_the_region_of_the_stop() -> None:
    found = stops(way("vllm", offer=offer("aws")))
    asked = [s.verify for s in found if s.verify.startswith("aws ")]
    assert len(asked) == 4
    assert all("--region" in command for command in asked)


def test_without_an_offer_every_allowed_provider_is_told_how_to_stop() -> None:
    found = stops(way("vllm"), providers_allowed=["lambda", "moon-cloud"])
    assert [s.level for s in found].count(ShutdownLevel.storage) == 2
    assert any(s.note.startswith("moon-cloud: ") for s in found)
    assert all("comes with the offer" in s.note for s in found[1:])
    runtime = WORDS.runtimes["ollama"]
    nothing = shutdown_commands(card(), Route.local_cpu, None, runtime, WORDS)
    assert [s.argv for s in nothing] == [("ollama", "stop", "{tag}")]


def test_at_home_only_the_process_is_stopped_and_on_colab_the_notebook_too() -> None:
    assert levels(stops(way("vllm"), Route.private_gpu)) == [ShutdownLevel.process]
    assert set(levels(stops(way("transformers"), Route.free_colab))) == set(ShutdownLevel)
    ollama = stops(way("ollama", "Q4_K_M"), Route.private_gpu)[0]
    assert ollama.shell == "ollama stop qwen2.5-7b-instruct:q4_k_m"


def test_a_plan_that_rents_nothing_names_no_provider_that_nobody_named() -> None:
    assert levels(stops(way("vllm"))) == [ShutdownLevel.process]
    nowhere = plan(available_route="rented_gpu", session_hours="2", tenancy="dedicated")
    assert (nowhere.offer, levels(nowhere.shutdown_commands)) == (None, [ShutdownLevel.process])


TIMED = {"runpod", "vast", "aws", "gcp", "azure", "skypilot"}


@pytest.mark.parametrize("lang", Lang)
def test_a_timer_is_printed_only_where_it_ends_the_bill_and_its_absence_is_said(lang: Lang) -> None:
    words = DATA.rules[lang].runtimes
    for provider in words.providers:
        run = way("vllm", offer=offer(provider))
        found = shutdown_commands(
            card(available_route="rented_gpu", session_hours="2"),
            Route.rented_gpu, run, words.runtimes["vllm"], words,
        )  # fmt: skip
        said = [s for s in found if s.note.endswith(words.words.no_timer)]
        timers = [s for s in found if s.note.endswith(words.words.dead_man)]
        assert len(timers) == (provider in TIMED)
        assert len(said) == (provider not in TIMED)
        assert all(s.level is ShutdownLevel.instance for s in said)
        assert not any("\u3002 " in s.note for s in found), "no space after a Chinese full stop"


@pytest.mark.parametrize("runtime", ["vllm", "sglang", "transformers"])
def test_a_bill_that_goes_on_is_spoken_of_only_where_there_is_one(runtime: str) -> None:
    rented_stop = stops(way(runtime, offer=offer("runpod")))[0]
    assert rented_stop.note.endswith("This does not stop the machine's bill.")
    for route in (Route.local_gpu, Route.private_gpu, Route.free_colab):
        assert "bill" not in stops(way(runtime), route)[0].note
