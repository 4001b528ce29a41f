"""Cards of GPU runs: which button leads where, what is never offered, and what fits into Slack."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import gateways.fleet
from bot.cards import gpu, ids
from bot.cards.gpu_plan import REASONS
from bot.cards.ids import GpuRef
from bot.domain.alerts import AlertKind
from bot.domain.delivery import Message
from bot.domain.fleet import Ending, Grade, PlanReading
from bot.domain.gpu import LIVE, Claim, GpuRun, RunState
from bot.domain.workspace import LANGUAGES
from sandbox.limits.surfaces import message_problems
from tests.cards.gpuing import (
    ADA,
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
    ended,
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


def elements(message: Message) -> list[dict[str, Any]]:
    """Whatever can be pressed or chosen."""
    rows = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    return rows + [b["accessory"] for b in message.blocks if "accessory" in b]


def labels(message: Message) -> list[str]:
    """The buttons, and the lines of the menu."""
    found = elements(message)
    plain = [e["text"]["text"] for e in found if e["type"] == "button"]
    menus = [o["text"]["text"] for e in found if e["type"] == "overflow" for o in e["options"]]
    return plain + menus


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


@pytest.mark.parametrize(
    ("run", "why", "way"),
    [
        (READ_ONLY, "owroute's key for RunPod is read-only", "runpodctl stop pod pod_run1"),
        (replace(POD, locked=True), "unlock it in RunPod's console", "runpodctl stop pod"),
        (replace(EC2, may_stop=False), "read-only", "aws ec2 stop-instances --region us-east-1"),
        (replace(VAST, may_stop=False), "read-only", "vastai stop instance 312"),
        (replace(ONLY_DELETES, may_stop=False), "read-only", "vastai destroy instance 312"),
        (replace(DSTACK, may_stop=False), "read-only", "dstack stop --project main llama-eval"),
        (MANUAL, "", "scancel 4711"),
    ],
)
def test_what_owroute_cannot_stop_shows_how_to(run: GpuRun, why: str, way: str) -> None:
    message = card(run)("en")
    assert "Stop now" not in labels(message)
    assert "Already stopped" in labels(message)
    assert why in message.text
    assert way in message.text


def test_a_member_of_a_cluster_has_no_command_of_its_own() -> None:
    text = card(replace(POD, cluster="c-1", endings=frozenset()))("en").text
    assert "belongs to cluster `c-1`" in text
    assert "runpodctl" not in text


def test_a_name_at_a_provider_cannot_leave_its_command() -> None:
    machine = replace(POD.machine, instance_id="x; rm -rf ~ `id` <b>")
    text = card(replace(READ_ONLY, machine=machine))("en").text
    assert "`runpodctl stop pod 'x; rm -rf ~ ʹidʹ &lt;b&gt;'`" in text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a b", "https://a|b", "x"])
def test_a_console_that_is_no_address_is_no_link(url: str) -> None:
    assert "console" not in card(replace(MANUAL, console_url=url))("en").text


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


def test_a_message_that_is_edited_says_what_became_of_it() -> None:
    said = [card(run)("en").text.partition("\n")[0] for run in (
        POD,
        replace(POD, deadline=BY_ADA),
        replace(POD, snoozed_until=NOW + HOUR),
        stopping(POD),
        stopping(POD, failed_at=FAILED),
        ended(stopping(POD)),
    )]  # fmt: skip
    assert [line.removesuffix(" · ow-12-ada") for line in said] == [
        "No shutdown plan",
        "Stops at 18:00",
        "Snoozed until 15:30",
        "Stopping",
        "NOT stopped, still billing",
        "Stopped at 14:25, cost 4.08 USD",
    ]


def test_who_was_handed_a_run_is_named_and_not_blamed() -> None:
    handed = card(replace(POD, owner=LIN, claim=Claim.PERSON), number=2)("en").text
    assert f"It is in the hands of <@{LIN}> now." in handed
    unanswered = card(replace(POD, owner=LIN, pings=2), number=2)("en").text
    assert f"Ping 2. You get it because <@{LIN}> has not answered." in unanswered


def test_a_channel_is_told_whose_hours_these_are() -> None:
    assert "Times are those of Berlin." in card(POD, reader=None)("en").text
    assert "Berlin" not in card(POD)("en").text
    unknown = card(POD, reader=None, zone="nowhere")("en").text
    assert "Times are those of UTC." in unknown


def test_times_are_the_readers_own() -> None:
    shanghai = card(ended(stopping(POD)), zone="Asia/Shanghai")("zh_CN").text
    assert shanghai.startswith("已在 21:25 停止，费用 4.08 USD")


def test_nothing_that_is_over_can_be_stopped_and_only_a_disk_deleted() -> None:
    for run in PROVIDERS:
        for phase in phases(run):
            shown = set(labels(card(phase)("en")))
            if phase.state not in LIVE:
                assert shown <= {"Terminate"}
            if phase.state is RunState.STOPPING:
                assert shown <= {"Already stopped", "Set price", "It's mine"}


def test_idle_is_told_with_what_was_seen() -> None:
    plain = card(replace(POD, idle=IDLE))("en").text
    assert "0 % GPU, 0 % memory in 6 of 6 samples over 60 min" in plain
    some = card(replace(POD, idle=replace(IDLE, gpu_most=3)))("en").text
    assert "At most 3 % GPU, 0 % memory in 6 of 6 samples over 60 min" in some
    few = card(replace(POD, idle=replace(IDLE, samples=5)))("en").text
    assert "samples" not in few


def test_every_reason_that_a_gateway_gives_has_its_words() -> None:
    folder = Path(gateways.fleet.__file__).parent
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    given = set(re.findall(r'"((?:runpod|aws|dstack|vast)\.[a-z_]+)"', source))
    assert {reason.replace(".", "_") for reason in given} <= set(REASONS)
    for reason in sorted(REASONS):
        reading = PlanReading(Grade.ENFORCED, NOW + HOUR, reason.replace("_", ".", 1))
        assert "*Shutdown* " in card(replace(EC2, reading=reading))("en").text


def test_the_bill_that_goes_on_is_in_the_end_card() -> None:
    text = card(ended(stopping(POD)))("en").text
    assert "The disk still costs about 100 USD/month (500 GB)." in text
    assert "Proven on Tue 24 Nov: RunPod lists it as stopped." in text
    unpriced = ended(stopping(replace(POD, storage_per_hour=None)))
    unknown = card(replace(unpriced, billing=ended(POD).billing))("en").text
    assert "The disk is still billed: price unknown (500 GB)." in unknown


def test_what_people_say_proves_nothing() -> None:
    text = card(REPORTED)("en").text
    assert text.startswith("Reported stopped at 14:25")
    assert "not proven" in text


def test_the_age_is_never_negative() -> None:
    young = replace(POD, started_at=NOW + timedelta(minutes=5))
    assert "Running for less than a minute" in card(young)("en").text


def test_an_owner_is_mentioned_and_a_hint_is_not() -> None:
    assert f"owner <@{ADA}>" in card(POD)("en").text
    hinted = replace(UNCLAIMED, owner_hint="<@U0EVIL> *x*")
    assert "nobody claims it, `&lt;@U0EVIL&gt; *x*` stands on it" in card(hinted)("en").text


def test_the_snooze_menu_offers_what_was_agreed() -> None:
    menu = next(e for e in elements(card(POD)("en")) if e["type"] == "static_select")
    refs = [GpuRef.read(o["value"]) for o in menu["options"]]
    assert menu["action_id"] == ids.SNOOZE_GPU
    assert [r.choice for r in refs if r] == ["1h", "4h", "morning"]
