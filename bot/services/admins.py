"""Who the admins are: they are told what nobody else answers for, so they must be known before."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, Due, DueKind
from bot.domain.ids import TeamId
from bot.ports import Directory, Store

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=24)
AGAIN = timedelta(minutes=10)
"""After Slack has not answered."""


def admins_row(team: TeamId, now: datetime) -> Due:
    """The row that a workspace's look at its admins hangs on, for ever."""
    return Due(key=f"know_admins:{team}", kind=DueKind.KNOW_ADMINS, team=team, due_at=now)


class KnowAdmins:
    """Ask Slack once a day who its admins and owners are."""

    def __init__(self, *, store: Store, directory: Directory, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock

    async def __call__(self, row: ClaimedDue) -> None:
        """Keep those that Slack names; who is none any more is noted as such."""
        now, team = self._clock.now(), row.due.team
        try:
            found = await self._directory.admins(team, now)
        except OSError as error:
            log.warning("admins.not_known", error=str(error))
            found = None
        async with self._store() as uow:
            await uow.due.defer(row, now + (AGAIN if found is None else EVERY))
            for person in found or ():
                await uow.people.put(person)
            named = {person.user for person in found or ()}
            for user in await uow.watch.admins(team) if found is not None else ():
                known = await uow.people.get(team, user)
                if user not in named and known is not None:
                    await uow.people.put(replace(known, is_admin=False))
            await uow.commit()
