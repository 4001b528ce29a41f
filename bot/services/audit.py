"""Reading the audit: admins, a page at a time."""

from collections.abc import Sequence

from bot.domain.audit import Entry
from bot.domain.workspace import Actor
from bot.ports import Store
from bot.services.people import Rights


class ReadAudit:
    """Who did what in a workspace, newest first."""

    def __init__(self, *, store: Store, rights: Rights) -> None:
        self._store = store
        self._rights = rights

    async def __call__(
        self, actor: Actor, most: int, below: int | None = None
    ) -> tuple[Sequence[Entry], bool]:
        """A page, and whether there are older lines; else `AdminOnly`."""
        await self._rights.require_admin(actor)
        async with self._store(read_only=True) as uow:
            found = await uow.audit.page(actor.team, most + 1, below)
        return found[:most], len(found) > most
