"""What the watch adds to alerts, and what it tells of prices and proofs, to show."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.cards import gpu
from bot.cards.gpu_others import with_others
from bot.cards.gpu_proof import listing, proven_note
from bot.cards.gpu_unpriced import unpriced_card
from bot.domain.alerts import AlertKind
from bot.domain.delivery import Message
from bot.domain.evidence import Evidence
from bot.domain.gpu import GpuRun, RunState
from bot.domain.ids import GpuId
from tests.cards.gpuing import MANUAL, NOW, POD, UNPRICED, VAST, view
from tests.cards.made import RENTED, STOPPED, checklist, planned

OFF = replace(POD, state=RunState.STOPPED, raw_status="EXITED", ended_at=NOW, proven=True)
GONE = replace(OFF, state=RunState.ENDED, raw_status=None)
HOSTILE = replace(UNPRICED, name="<!channel> *train* `x`", machine=VAST.machine)


def proof(run: GpuRun) -> Callable[[str], Message]:
    def drawn(lang: str) -> Message:
        return proven_note(_item(lang), listing(run, lang), lang)

    return drawn


def _item(lang: str) -> Evidence:
    return next(e for e in checklist(planned(RENTED | STOPPED, lang)) if e.item == "stop_proof")


def many() -> list[GpuRun]:
    return [replace(UNPRICED, id=GpuId(n), name=f"ow-{n}-ada") for n in range(1, 9)]


WATCHED: dict[str, Callable[[str], Message | Mapping[str, Any]]] = {
    "gpu_others": lambda lang: with_others(
        gpu.run_card(view(POD), AlertKind.PING, 2, lang), 2, lang
    ),
    "gpu_unpriced": lambda lang: unpriced_card([replace(MANUAL, price_per_hour=None)], lang),
    "gpu_unpriced_hostile": lambda lang: unpriced_card([HOSTILE], lang),
    "gpu_unpriced_many": lambda lang: unpriced_card(many(), lang),
    "gpu_proof_stopped": proof(OFF),
    "gpu_proof_gone": proof(GONE),
}
