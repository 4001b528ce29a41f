"""Renting a machine: named, sized, reached through a tunnel, with what each provider asks for."""

import csv
from importlib import resources
from pathlib import Path

import pytest

from engine.commands import runtime_commands
from engine.contract import Route, StepKind
from tests.engine.cards import card
from tests.engine.ways import WORDS, commands, line_of, offer, way


def test_a_rented_machine_is_named_reached_and_tunnelled() -> None:
    command = commands(way("vllm", offer=offer("runpod")), Route.rented_gpu)
    rent = line_of(command, StepKind.rent, "create pod")
    assert "--name ow-12-ada --secureCloud --gpuType 'NVIDIA L4' --gpuCount 1" in rent
    assert "-L 8000:127.0.0.1:8000" in line_of(command, StepKind.connect, "ssh")
    kinds = [s.kind for s in command.before]
    assert kinds == sorted(kinds, key=list(StepKind).index)
    community = commands(way("vllm", offer=offer("runpod", tier="community")), Route.rented_gpu)
    assert "--communityCloud" in line_of(community, StepKind.rent, "create pod")
    assert "-L" not in line_of(
        commands(way("transformers", offer=offer("lambda")), Route.rented_gpu),
        StepKind.connect,
        "ssh",
    )


@pytest.mark.parametrize("name", [None, "-rf"])
def test_a_machine_without_a_usable_name_keeps_the_place_for_one(name: str | None) -> None:
    run = way("vllm", offer=offer("azure"))
    command = commands(run, Route.rented_gpu, machine_name=name)
    assert "--name '{name}'" in line_of(command, StepKind.rent, "vm create")
    assert any("ow-12-ada" in text for text in command.prerequisites)


def test_only_a_rented_gpu_is_rented_and_without_a_run_there_is_nothing() -> None:
    assert runtime_commands(card(), Route.local_cpu, None, WORDS) == ()
    at_home = commands(way("vllm"), Route.private_gpu)
    assert {s.kind for s in at_home.before} == {StepKind.install, StepKind.download}


def test_google_stops_the_machine_itself_where_there_is_an_end() -> None:
    run = way("vllm", offer=offer("gcp"))
    timed = line_of(commands(run, Route.rented_gpu), StepKind.rent, "instances create")
    assert "--max-run-duration 7200s --instance-termination-action STOP" in timed
    assert "--accelerator type=nvidia-tesla-t4,count=1" in timed
    endless = line_of(
        commands(run, Route.rented_gpu, session_hours=None), StepKind.rent, "instances create"
    )
    assert "max-run-duration" not in endless
    assert "termination-action" not in endless


def test_every_provider_with_prices_has_a_way_to_rent() -> None:
    offers = Path(str(resources.files("engine"))) / "data" / "offers"
    rows = [r for path in offers.glob("*.csv") for r in path.read_text("utf-8").splitlines()]
    known = {row["provider"] for row in csv.DictReader(r for r in rows if not r.startswith("#"))}
    assert known
    assert known <= WORDS.providers.keys()
    assert all(p.rent and p.connect for p in WORDS.providers.values())
