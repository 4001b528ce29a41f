"""The workspace as a whole: its end."""

import structlog

from bot.clock import Clock
from bot.domain.ids import TeamId
from bot.ports import Store

log = structlog.get_logger(__name__)


class RemoveWorkspace:
    """The app was uninstalled or its token revoked: all work for the workspace ends at once."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, team: TeamId, delivery: str) -> None:
        """Mark it removed; rows of a removed workspace are never claimed. Twice is once."""
        now = self._clock.now()
        async with self._store() as uow:
            if not await uow.inbound.first_time(delivery, now):
                return
            await uow.workspaces.remove(team, now)
            await uow.audit.add(None, team, "workspace.removed", team, now)
            await uow.commit()
        log.warning("workspace.removed", team=team)
