"""What admins are told of the watch itself: providers that cannot be read, budgets, hold."""

from bot.domain.costs import Spent
from bot.domain.delivery import Message
from bot.domain.watch import Account, Budget, Watching


def trouble_card(account: Account, lang: str) -> Message:
    """A provider that cannot be read: why, since when, what that means, and what to do."""
    return Message(f"{account.scope.provider.value} cannot be read: {account.problem}")


def recovered_card(account: Account, lang: str) -> Message:
    """It can be read again; for the message of `trouble_card`, or a new one."""
    return Message(f"{account.scope.provider.value} can be read again")


def budget_card(budget: Budget, spent: Spent, mark: int, subject: str, lang: str) -> Message:
    """A mark of a budget is reached. `subject`: OW-12, or empty for a channel or the workspace."""
    return Message(f"{mark} % of {budget.cap} USD: {subject}")


def hold_card(watching: Watching, lang: str) -> Message:
    """Hold as it stands: since when, by whom, what it means, and the button that changes it."""
    return Message(f"hold: {watching.hold}")
