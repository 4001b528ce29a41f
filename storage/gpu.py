"""GPU runs, each kept whole, with what queries need beside it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, exists, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.fleet import Machine, Provider
from bot.domain.gpu import LIVE, GpuRun, RunState
from bot.domain.ids import ExperimentId, GpuId, TeamId
from bot.domain.plans import State
from storage.gpu_tables import (
    gpu_accruals,
    gpu_alerts,
    gpu_ends,
    gpu_runs,
    gpu_unattended,
    guard_tokens,
)
from storage.insert import insert_once
from storage.tables import experiments

RUN = TypeAdapter(GpuRun)

FORGOTTEN = 200
"""So many at once: the writer is not held for long."""

OVER = (State.ARCHIVED, State.DROPPED)
"""States of an experiment whose runs nobody sums any more."""

HANGING = (gpu_accruals, gpu_alerts, gpu_ends, gpu_unattended, guard_tokens)
"""What belongs to a run and goes with it."""

NOT_ENDED = gpu_runs.c.state != RunState.ENDED.value

_UNWATCHED = text(
    f"""
SELECT g.id, g.run FROM gpu_runs g JOIN workspaces w ON w.team = g.team
WHERE g.state IN ({", ".join(f"'{state.value}'" for state in LIVE)})
AND w.removed_at IS NULL AND g.id > :after
AND NOT EXISTS (
    SELECT 1 FROM due d WHERE d.subject = g.id AND d.done_at IS NULL
    AND d.kind IN ('ping_gpu', 'warn_stop', 'stop_time', 'end_gpu')
)
ORDER BY g.id LIMIT :most
"""  # noqa: S608  # no value in it comes from outside
)


class SqlGpus:
    """`bot.ports.Gpus`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, run: GpuRun) -> GpuRun:
        """Insert, or find who was first."""
        where = (
            gpu_runs.c.team,
            gpu_runs.c.provider,
            gpu_runs.c.account,
            gpu_runs.c.instance_id,
        )
        new = await insert_once(self._connection, gpu_runs, _columns(run), *where)
        if new is None:
            known = await self.by_machine(run.team, run.machine)
            return known or run
        return _run_of(GpuId(int(new)), run)

    async def by_id(self, team: TeamId, gpu: GpuId) -> GpuRun | None:
        """A run of this workspace."""
        return await self._one(gpu_runs.c.team == team, gpu_runs.c.id == gpu)

    async def by_ids(self, team: TeamId, gpus: Sequence[GpuId]) -> Sequence[GpuRun]:
        """Some runs of this workspace, however they stand."""
        return await self._all(gpu_runs.c.team == team, gpu_runs.c.id.in_(gpus)) if gpus else []

    async def taken(self, team: TeamId, gpu: GpuId) -> GpuRun | None:
        """Lock its row; SQLite has one writer, and needs none."""
        asked = select(gpu_runs.c.id, gpu_runs.c.run)
        mine = asked.where(gpu_runs.c.team == team, gpu_runs.c.id == gpu).with_for_update()
        row = (await self._connection.execute(mine)).first()
        return _run_of(GpuId(row.id), RUN.validate_json(row.run)) if row else None

    async def by_machine(self, team: TeamId, machine: Machine) -> GpuRun | None:
        """The run of a machine."""
        return await self._one(
            gpu_runs.c.team == team,
            gpu_runs.c.provider == machine.provider.value,
            gpu_runs.c.account == machine.account,
            gpu_runs.c.instance_id == machine.instance_id,
        )

    async def at(self, team: TeamId, provider: Provider, instance_id: str) -> GpuRun | None:
        """The newest run of a provider's machine, whatever the account."""
        return await self._one(
            gpu_runs.c.team == team,
            gpu_runs.c.provider == provider.value,
            gpu_runs.c.instance_id == instance_id,
        )

    async def of_account(self, team: TeamId, provider: Provider, account: str) -> Sequence[GpuRun]:
        """What a listing of the account is compared with."""
        return await self._all(
            gpu_runs.c.team == team,
            NOT_ENDED,
            gpu_runs.c.provider == provider.value,
            gpu_runs.c.account == account,
        )

    async def watched(self, team: TeamId) -> Sequence[GpuRun]:
        """What is live, or stopped and not gone."""
        return await self._all(gpu_runs.c.team == team, NOT_ENDED)

    async def entered(self, team: TeamId) -> Sequence[GpuRun]:
        """What is not over and was entered by hand."""
        manual = gpu_runs.c.provider == Provider.MANUAL.value
        return await self._all(gpu_runs.c.team == team, NOT_ENDED, manual)

    async def of_experiments(self, experiments: Sequence[ExperimentId]) -> Sequence[GpuRun]:
        """All runs of some experiments."""
        return await self._all(gpu_runs.c.experiment.in_(experiments)) if experiments else []

    async def save(self, run: GpuRun) -> bool:
        """Compare-and-set on the version."""
        written = (
            update(gpu_runs)
            .where(
                gpu_runs.c.id == run.id,
                gpu_runs.c.team == run.team,
                gpu_runs.c.version == run.version - 1,
            )
            .values(_columns(run))
            .returning(gpu_runs.c.id)
        )
        return (await self._connection.execute(written)).first() is not None

    async def unwatched(self, after: GpuId, limit: int) -> Sequence[GpuRun]:
        """Live runs behind `after` that nothing waits for."""
        rows = await self._connection.execute(_UNWATCHED, {"after": after, "most": limit})
        return [_run_of(GpuId(row.id), RUN.validate_json(row.run)) for row in rows]

    async def forget_ended(self, team: TeamId, before: datetime) -> int:
        """Delete the oldest that cost nothing since then, with all that hangs on them.

        What an experiment that is not over has cost is kept: its budget counts all of it.
        """
        since = exists().where(
            gpu_accruals.c.gpu == gpu_runs.c.id,
            or_(gpu_accruals.c.until.is_(None), gpu_accruals.c.until >= before),
        )
        ever = exists().where(gpu_accruals.c.gpu == gpu_runs.c.id)
        wanted = exists().where(
            experiments.c.id == gpu_runs.c.experiment, experiments.c.state.not_in(OVER)
        )
        asked = select(gpu_runs.c.id).where(
            gpu_runs.c.team == team, ~NOT_ENDED, ever, ~since, ~wanted
        )
        found = await self._connection.execute(asked.order_by(gpu_runs.c.id).limit(FORGOTTEN))
        old = list(found.scalars())
        for table in HANGING if old else ():
            await self._connection.execute(delete(table).where(table.c.gpu.in_(old)))
        if old:
            await self._connection.execute(delete(gpu_runs).where(gpu_runs.c.id.in_(old)))
        return len(old)

    async def _one(self, *where: Any) -> GpuRun | None:
        asked = select(gpu_runs.c.id, gpu_runs.c.run).where(*where).order_by(gpu_runs.c.id.desc())
        row = (await self._connection.execute(asked.limit(1))).first()
        return _run_of(GpuId(row.id), RUN.validate_json(row.run)) if row else None

    async def _all(self, *where: Any) -> Sequence[GpuRun]:
        asked = select(gpu_runs.c.id, gpu_runs.c.run).where(*where).order_by(gpu_runs.c.id.desc())
        rows = await self._connection.execute(asked)
        return [_run_of(GpuId(row.id), RUN.validate_json(row.run)) for row in rows]


def _columns(run: GpuRun) -> dict[str, Any]:
    return {
        "team": run.team,
        "provider": run.machine.provider.value,
        "account": run.machine.account,
        "instance_id": run.machine.instance_id,
        "state": run.state.value,
        "generation": run.generation,
        "version": run.version,
        "experiment": run.experiment,
        "channel": run.channel,
        "run": RUN.dump_json(run).decode(),
    }


def _run_of(gpu: GpuId, run: GpuRun) -> GpuRun:
    return run if run.id == gpu else run.numbered(gpu)
