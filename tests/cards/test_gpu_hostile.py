"""What a provider or a person wrote on a machine is shown as it is, and never acts."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.cards import gpu, gpu_notes
from bot.cards.home import home
from bot.cards.home_view import GpuNeed
from bot.cards.text import esc, one_line
from bot.domain.alerts import AlertKind
from bot.domain.delivery import Message
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Orchestrator
from bot.domain.home import Kind
from bot.domain.workspace import LANGUAGES
from sandbox.limits.surfaces import message_problems
from tests.cards.gpuing import ADA, BY_ADA, FAILED, MANUAL, NOW, POD, ended, stopping, view
from tests.cards.homing import lines, seen, with_today
from tests.cards.test_hostile import CODE, HOSTILE, texts

OURS = re.compile(rf"<@{ADA}>|<@U0GRACE001>|<https://console\.runpod\.io/pods\|RunPod[^<>|]*>")


def named(run: GpuRun, text: str) -> GpuRun:
    """A machine with the text wherever somebody else's words can stand."""
    machine = replace(run.machine, instance_id=text, region=text, account=text, project=text)
    return replace(
        run, machine=machine, name=text, gpu=text, tier=text, raw_status=text, unclear=True,
        owner_hint=text, console_url=text if run.is_manual else None,
        stop_command=text if run.is_manual else None,
    )  # fmt: skip


def on_home(text: str, lang: str) -> Message:
    """Homes on which such machines wait for somebody, and are listed."""
    pod = named(POD, text)
    runs = lines(pod, named(MANUAL, text), ended(pod))
    needs = [GpuNeed(kind, runs[0]) for kind in (Kind.PLANLESS, Kind.PROPOSED, Kind.LEAD_GPU)]
    view_ = home(seen(needs, gpus=with_today(runs, "1", "", "2")), lang)
    return Message("Home", tuple(b for b in view_["blocks"] if b["type"] != "context"))


def everything(text: str, lang: str) -> Iterator[Message]:
    yield on_home(text, lang)
    pod, manual = named(POD, text), named(MANUAL, text)
    tool = Orchestrator(pod.machine, text, text, POD.reading, NOW)
    for run in (
        pod,
        manual,
        replace(pod, owner=None, orchestrator=tool, owner_hint=None),
        replace(pod, owner=None),
        replace(pod, may_stop=False),
        replace(pod, cluster=text, endings=frozenset()),
        stopping(pod, failed_at=FAILED),
        ended(stopping(pod)),
    ):
        yield gpu.run_card(view(run), AlertKind.PING, 1, lang)
    yield gpu.ended_note(view(ended(stopping(pod)), reader=None), lang)
    yield gpu_notes.registered_note(view(manual), ADA, lang)
    yield gpu_notes.shutdown_note(view(replace(pod, deadline=BY_ADA)), ADA, lang)
    yield gpu_notes.reassigned_note(view(pod), ADA, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_on_a_machine_becomes_markup_of_slack(text: str, lang: str) -> None:
    for message in everything(text, lang):
        found = {"text": message.text, "blocks": list(message.blocks)}
        assert message_problems(list(message.blocks)) == []
        kinds = ("mrkdwn", "plain_text", "text")
        for shown in (message.text, *(t for kind in kinds for t in texts(found, kind))):
            assert "<" not in OURS.sub("", shown)
            assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
        json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize("text", ["*bold* _italic_ ~strike~", "a ``` fence ` and `code`"])
def test_emphasis_on_a_machine_stands_where_it_is_shown_literally(text: str) -> None:
    for message in everything(text, "en"):
        for shown in texts(list(message.blocks), "mrkdwn"):
            assert text not in shown if "`" in text else text not in CODE.sub("", shown)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_name_in_the_headline_is_the_name_at_the_provider(text: str) -> None:
    headline = gpu.run_card(view(named(POD, text)), AlertKind.PING, 1, "en").blocks[0]
    assert texts(headline, "text")[-1] == esc(one_line(text, gpu.LABEL))
