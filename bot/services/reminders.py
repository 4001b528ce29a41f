"""Evidence reminders: one per channel and cadence, asked for by whatever changes an experiment."""

from datetime import datetime

from bot.domain.plans import Experiment
from bot.ports import UnitOfWork


class KeepReminders:
    """Keeps a channel's reminder in step with its experiments, inside their transactions."""

    async def after(self, uow: UnitOfWork, x: Experiment, now: datetime) -> None:
        """Arm the next reminder once something runs; bring the standing one up to date."""
