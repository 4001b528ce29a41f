"""The list of GPU runs in a workspace where very many disks are left behind."""

import json
from dataclasses import replace

import pytest

from bot.cards import gpus
from bot.cards.ids import GpuRef
from bot.cards.tables import Rung
from sandbox.limits.surfaces import message_problems
from tests.cards.gpu_listing import DISK, PLACE, listed
from tests.cards.gpuing import POD, elements

LONG = "ow-12-" + "very-long-name-" * 12
OPTIONS, TEXT = 100, 10_000
"""So many choices a menu of Slack's may have, so many characters all blocks of a message."""


@pytest.mark.parametrize("rung", Rung)
@pytest.mark.parametrize("name", ["a", LONG])
def test_slack_takes_a_list_with_very_many_stopped_machines(rung: Rung, name: str) -> None:
    runs = [replace(DISK, name=name)] * 150 + [replace(POD, name=name)] * 8
    message = gpus.listing(listed(runs), PLACE, rung, "en")
    assert message_problems(list(message.blocks)) == []
    assert len(json.dumps(message.blocks, ensure_ascii=False)) < TEXT
    (menu,) = (e for e in elements(message) if e["type"] == "static_select")
    assert len(menu["options"]) <= OPTIONS
    refs = [GpuRef.read(o["value"]) for o in menu["options"]]
    live = [ref.g > 150 for ref in refs if ref]
    assert live == sorted(live, reverse=True), "what runs stands first"
    assert sum(live) == 6
