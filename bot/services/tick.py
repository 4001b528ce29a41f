"""One beat: run what is due, send what is queued, tidy up, and say that we are alive."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.ports import Store
from bot.services.due import RunDue
from bot.services.forgetting import forget_old
from bot.services.outbox import DrainOutbox

log = structlog.get_logger(__name__)

AllWell = Callable[[], Awaitable[None]]
"""Called after a cycle in which every step ran and nothing is overdue."""

STEP_SECONDS = 60.0
"""The last guard: every step stops by itself long before."""

DUE_SECONDS = 2.0
"""How long the other steps wait for what is due; then they go on beside it."""

FORGET_EVERY = timedelta(hours=1)
OVERDUE = timedelta(minutes=5)


class Tick:
    """The steps in order, each under its own guard: one that fails or lags stops no other.

    A timer only calls this; the rows decide what happens, so every replica ticks and none leads.
    `arm` are the steps that see to it that what has to happen is waited for, by name.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        due: RunDue,
        arm: Mapping[str, Callable[[], Awaitable[object]]],
        outbox: DrainOutbox,
        all_well: AllWell,
    ) -> None:
        self._store = store
        self._clock = clock
        self._due = due
        self._arm = arm
        self._outbox = outbox
        self._all_well = all_well
        self._forget_at: datetime | None = None

    async def __call__(self) -> None:
        """One whole cycle. Work that asks a slow engine holds up neither the messages nor the beat.

        What such work queues late is sent at its end.
        """
        async with asyncio.TaskGroup() as beside:
            due = beside.create_task(self._guarded("due", self._due))
            _, slow = await asyncio.wait({due}, timeout=DUE_SECONDS)
            clean = [
                await self._guarded("outbox", self._outbox),
                *[await self._guarded(name, step) for name, step in self._arm.items()],
                await self._guarded("audit", self._audit),
            ]
        clean.append(due.result())
        if slow:
            clean.append(await self._guarded("outbox", self._outbox))
        if all(clean):
            await self._all_well()

    async def _guarded(self, name: str, step: Callable[[], Awaitable[object]]) -> bool:
        """Whether the step ran and had nothing to complain of."""
        try:
            async with asyncio.timeout(STEP_SECONDS):
                return await step() is not False
        except Exception:  # the tick's guard per step
            log.exception("tick.step_failed", step=name)
            return False

    async def _audit(self) -> bool:
        """Look for work and messages that are late, forget what is old, stamp the beat.

        False when something is overdue: then nobody outside hears that all is well.
        """
        now = self._clock.now()
        async with self._store() as uow:
            undone = await uow.due.overdue(now, OVERDUE)
            unsent = await uow.outbox.undelivered(now, OVERDUE)
            if self._forget_at is None or now >= self._forget_at:
                await forget_old(uow, now)
                self._forget_at = now + FORGET_EVERY
            await uow.workspaces.ticked(now)
            await uow.commit()
        if undone or unsent:
            log.warning("outbox.overdue", messages=unsent, due_rows=undone)
        return not (undone or unsent)
