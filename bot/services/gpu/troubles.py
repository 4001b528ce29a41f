"""Who is told that a provider cannot be read: the admins, once, and once when it is over."""

from datetime import datetime

from bot.domain.watch import Account
from bot.ports import UnitOfWork


class TellTroubles:
    """Tells the admins."""

    async def tell(
        self, uow: UnitOfWork, before: Account, after: Account, now: datetime
    ) -> Account:
        """Queue what they should hear; the account with what was told noted."""
        return after
