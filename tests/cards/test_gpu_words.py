"""Cards of GPU runs: what they say, whose words these are, and in whose time."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import gateways.fleet
from bot.cards.gpu_plan import REASONS
from bot.domain.fleet import Grade, PlanReading
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Claim
from tests.cards.gpuing import (
    ADA,
    BY_ADA,
    DSTACK,
    EC2,
    FAILED,
    HOUR,
    IDLE,
    LIN,
    MANUAL,
    NOW,
    ONLY_DELETES,
    POD,
    READ_ONLY,
    REPORTED,
    UNCLAIMED,
    VAST,
    card,
    ended,
    labels,
    stopping,
)


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
    assert "Proven on Tue 24 Nov 14:25: RunPod lists it as stopped." in text
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
