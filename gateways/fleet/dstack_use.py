"""How busy the GPUs of dstack's jobs are, by the server's latest sample of each."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from bot.domain.fleet import Instance, MachineState
from gateways.fleet.dstack_read import is_job
from gateways.fleet.http import Failed, ProviderApi
from gateways.fleet.wire import ALL, Maybe, Number, Wire, moment, percents, row_of

SECONDS = 15
"""All samples together; a machine whose turn does not come has none."""
FRESH = timedelta(minutes=5)
_UTIL, _USED, _TOTAL = (
    "gpu_util_percent_gpu",
    "gpu_memory_usage_bytes_gpu",
    "gpu_memory_total_bytes",
)


class _Metric(Wire):
    name: str
    timestamps: Maybe[list[str]] = None
    values: Maybe[list[Number]] = None


class _Metrics(Wire):
    metrics: list[_Metric]


async def with_use(
    api: ProviderApi, instances: Iterable[Instance], now: datetime
) -> tuple[Instance, ...]:
    """The same machines; running jobs with their use, as far as it can be read in time."""
    found = {one.machine: one for one in instances}
    running = [one for m, one in found.items() if one.state is MachineState.RUNNING and is_job(m)]
    with suppress(Failed, TimeoutError):  # what fails for one job fails for the next
        async with asyncio.timeout(SECONDS):
            for one in running:
                found[one.machine] = await _with_use(api, one, now)
    return tuple(found.values())


async def _with_use(api: ProviderApi, one: Instance, now: datetime) -> Instance:
    run, _, place = one.machine.instance_id.partition(":")
    replica, _, job = place.partition("-")
    project, name = quote(one.machine.project, safe=""), quote(one.name or "", safe="")
    answer = await api.ask(
        "GET",
        f"/api/project/{project}/metrics/job/{name}",
        params={"limit": "1", "run_id": run, "replica_num": replica, "job_num": job},
    )
    said = row_of(_Metrics, answer)
    latest = _latest(said.metrics if said else (), now)
    total = latest.get(_TOTAL)
    gpus = range(one.gpu_count)
    used = [latest[f"{_USED}{n}"] for n in gpus if f"{_USED}{n}" in latest]
    held = percents(u * ALL / total for u in used) if total and len(used) == len(gpus) else None
    return replace(
        one,
        gpu_util=percents(latest.get(f"{_UTIL}{n}") for n in gpus),
        gpu_mem=held,
    )


def _latest(metrics: Iterable[_Metric], now: datetime) -> Mapping[str, Any]:
    """Each metric's only sample, if it is fresh."""
    return {
        metric.name: metric.values[0]
        for metric in metrics
        if metric.values and metric.timestamps and _is_fresh(moment(metric.timestamps[0]), now)
    }


def _is_fresh(at: datetime | None, now: datetime) -> bool:
    return at is not None and abs(now - at) < FRESH
