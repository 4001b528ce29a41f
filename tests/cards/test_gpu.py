"""Cards of GPU runs: which button leads where, what is never offered, and what fits into Slack."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from bot.cards import gpu, ids
from bot.cards.ids import GpuRef
from bot.domain.alerts import AlertKind
from bot.domain.delivery import Message
from bot.domain.fleet import Ending, Grade, PlanReading
from bot.domain.gpu import LIVE, GpuRun, RunState
from bot.domain.workspace import LANGUAGES
from sandbox.limits.surfaces import message_problems
from tests.cards.gpuing import (
    BARE,
    BY_ADA,
    DEFAULT,
    DSTACK,
    EC2,
    FAILED,
    GUARD,
    HOUR,
    IDLE,
    LIN,
    MANUAL,
    MINUTE,
    NOW,
    ONLY_DELETES,
    PASSED,
    POD,
    READ_ONLY,
    REPORTED,
    UNCLAIMED,
    UNPRICED,
    VAST,
    card,
    elements,
    ended,
    labels,
    stopping,
    view,
)

PROVIDERS = (POD, BARE, EC2, VAST, DSTACK, ONLY_DELETES, MANUAL, READ_ONLY, UNPRICED, UNCLAIMED)
MOST_TEXT, MOST_BLOCKS, MOST_CONFIRM = 4_000, 10_000, 300
STOPPABLE = [run for run in PROVIDERS if run.can_stop]


def phases(run: GpuRun) -> Iterator[GpuRun]:
    """A run through everything that can become of it."""
    yield run
    yield replace(run, state=RunState.STARTING)
    yield replace(run, idle=IDLE, unclear=True, raw_status="MIGRATING")
    yield replace(run, snoozed_until=NOW + HOUR)
    yield from (replace(run, deadline=d) for d in (BY_ADA, DEFAULT, PASSED, GUARD))
    yield replace(run, deadline=GUARD, guard_seen=NOW)
    yield replace(run, reading=PlanReading(Grade.CONDITIONAL, reason="unheard.of"))
    yield replace(run, disowned=True)
    yield replace(run, state=RunState.STOPPING)
    yield stopping(run)
    yield stopping(run, failed_at=FAILED)
    yield ended(stopping(run))
    yield ended(run)
    yield ended(run, RunState.ENDED)
    yield replace(REPORTED, machine=run.machine)


def dialog(message: Message, label: str) -> str:
    """What is asked before a button does anything."""
    found = next(e for e in elements(message) if e.get("text", {}).get("text") == label)
    return str(found["confirm"]["text"]["text"])


@pytest.mark.parametrize("kind", AlertKind)
def test_whatever_becomes_of_a_run_slack_takes_its_card(kind: AlertKind) -> None:
    for run, (lang, hold) in product(PROVIDERS, (("en", True), ("zh_CN", False))):
        for phase in phases(run):
            seen = view(phase, hold=hold, reader=None if kind is AlertKind.UNCLAIMED else LIN)
            message = gpu.run_card(seen, kind, 2, lang)
            assert message_problems(list(message.blocks)) == []
            assert len(json.dumps(message.blocks, ensure_ascii=False)) < MOST_BLOCKS
            assert len(message.text) < MOST_TEXT
            assert (
                hold is False
                or not phase.is_live
                or phase.disowned
                or "hold" in whole(lang, message)
            )


def whole(lang: str, message: Message) -> str:
    """The text, with one word for *hold* in every language."""
    return message.text.replace("暂停操作", "hold") if lang == "zh_CN" else message.text


@pytest.mark.parametrize("run", PROVIDERS)
def test_every_value_names_the_run_and_its_generation(run: GpuRun) -> None:
    for phase in phases(replace(run, generation=3)):
        for found in elements(card(phase)("en")):
            values = [o["value"] for o in found.get("options", ())] or [found["value"]]
            for value in values:
                ref = GpuRef.read(value)
                assert ref is not None
                assert (ref.g, ref.n) == (phase.id, 3)
                assert (ref.choice is not None) is (found["type"] != "button")


@pytest.mark.parametrize("run", STOPPABLE)
def test_the_labels_are_the_same_for_every_provider(run: GpuRun) -> None:
    shown = labels(card(run)("en"))
    assert shown[:2] == ["Stop now", "Set shutdown"]
    assert {"Reassign", "Already stopped"} < set(shown)
    assert ("Terminate" in shown) is (Ending.TERMINATE in run.endings and run is not ONLY_DELETES)
    assert ("Set price" in shown) is (run.price_per_hour is None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_longest_dialog_fits_and_is_never_cut(lang: str) -> None:
    for run in STOPPABLE:
        big = replace(
            run, name="m" * 200, gpu="RTX PRO 6000 Blackwell Server Edition", gpu_count=64,
            gpu_util=(100,) * 64, volume_gb=run.volume_gb and 999_999,
            price_per_hour=run.price_per_hour and Decimal(999),
        )  # fmt: skip
        for found in elements(card(big, hold=True)(lang)):
            if "confirm" in found:
                said = found["confirm"]["text"]["text"]
                assert len(said) <= MOST_CONFIRM
                assert "…" not in said
                assert found["confirm"]["title"]["text"].count("m") >= 39


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (POD, "/workspace is kept"),
        (POD, "at twice the rate: about 100 USD/month (500 GB)"),
        (BARE, "It has no volume"),
        (EC2, "data on instance store is lost"),
        (EC2, "EBS, about 8.03 USD/month (100 GB), and elastic addresses"),
        (VAST, "about 1.53 USD/month"),
        (DSTACK, "billed until dstack releases it"),
        (ONLY_DELETES, "deletes its data for good"),
        (UNPRICED, "price unknown"),
    ],
)
def test_before_a_stop_it_is_said_what_goes_on_billing(run: GpuRun, said: str) -> None:
    assert said in dialog(card(run)("en"), "Stop now")


def test_a_warning_offers_more_time_only_where_it_can_be_given() -> None:
    near = replace(BY_ADA, at=NOW + 30 * MINUTE)
    ours = card(replace(POD, deadline=near), AlertKind.WARNING, 30)("en")
    assert labels(ours) == ["Extend 1 h", "Keep until...", "Stop now"]
    assert ours.text.startswith("Stops at 15:00, in 30 min")
    theirs = replace(EC2, reading=PlanReading(Grade.ENFORCED, NOW + 30 * MINUTE, "aws.schedule"))
    message = card(theirs, AlertKind.WARNING, 30)("en")
    assert "Extend 1 h" not in labels(message)
    assert "owroute cannot move this time" in message.text


def test_nothing_that_is_over_can_be_stopped_and_only_a_disk_deleted() -> None:
    for run in PROVIDERS:
        for phase in phases(run):
            shown = set(labels(card(phase)("en")))
            if phase.state not in LIVE:
                assert shown <= {"Terminate"}
            if phase.state is RunState.STOPPING:
                assert shown <= {"Already stopped", "Set price", "It's mine"}


def test_the_snooze_menu_offers_what_was_agreed() -> None:
    menu = next(e for e in elements(card(POD)("en")) if e["type"] == "static_select")
    refs = [GpuRef.read(o["value"]) for o in menu["options"]]
    assert menu["action_id"] == ids.SNOOZE_GPU
    assert [r.choice for r in refs if r] == ["1h", "4h", "morning"]
