"""One model and the machines it is rented on, for tests of what they cost."""

from collections.abc import Mapping
from typing import Any

from engine.contract import CostEstimate, DecisionCard
from engine.load import EngineData
from tests.engine.markets import market, model, row
from tests.engine.plans import in_the_way

RENT: dict[str, Any] = {
    "available_route": "rented_gpu",
    "budget_level": "large",
    "max_monthly": "900",
}
MODEL = model("a/model", 9)
"""18 GB in BF16: 0.05 h at 100 MB/s, and with a tenth on top 19.8 GB of disk."""

RUNPOD = row("runpod:l40s:any:secure", "l40s", "0.80")
"""RunPod bills 0.10 USD per GiB and month for its disk."""

VERDA = row("verda:l40s:any:on-demand", "l40s", "0.80")
"""What Verda asks for a disk is not known: the same is assumed, which is 6.90 USD a month."""


def world(*rows: str, disks: Mapping[str, str] | None = None) -> EngineData:
    """The model and these machines; `disks` are rates of providers that are known there."""
    return market(*rows, models=[MODEL], disks=disks or {})


def cost(decision: DecisionCard) -> CostEstimate:
    assert decision.cost is not None, in_the_way(decision)
    return decision.cost
