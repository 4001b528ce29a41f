"""One beat: run what is due, send what is queued, tidy up, and say that we are alive."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.ports import Store
from bot.services.due import RunDue
from bot.services.outbox import DrainOutbox

log = structlog.get_logger(__name__)

AllWell = Callable[[], Awaitable[None]]
"""Called after a cycle in which every step ran and nothing is overdue."""

STEP_SECONDS = 60.0
REMEMBER_INBOUND = timedelta(days=7)
OVERDUE = timedelta(minutes=5)


class Tick:
    """The steps in order, each under its own guard: one that fails does not stop the others.

    A timer only calls this; the rows decide what happens, so every replica ticks and none leads.
    """

    def __init__(
        self, *, store: Store, clock: Clock, due: RunDue, outbox: DrainOutbox, all_well: AllWell
    ) -> None:
        self._store = store
        self._clock = clock
        self._due = due
        self._outbox = outbox
        self._all_well = all_well

    async def __call__(self) -> None:
        """One whole cycle."""
        steps: tuple[tuple[str, Callable[[], Awaitable[object]]], ...] = (
            ("due", self._due),
            ("outbox", self._outbox),
            ("audit", self._audit),
        )
        clean = [await self._guarded(name, step) for name, step in steps]
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
        """Look for messages that should have left by now, forget old deliveries, stamp the beat.

        False when something is overdue: then nobody outside hears that all is well.
        """
        now = self._clock.now()
        async with self._store() as uow:
            late = await uow.outbox.undelivered(now, OVERDUE)
            await uow.inbound.forget_before(now - REMEMBER_INBOUND)
            await uow.commit()
        if late:
            log.warning("outbox.overdue", messages=late)
        await self._store.stamp_tick(now)
        return late == 0
