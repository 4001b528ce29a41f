"""Errors that the guard of a GPU run meets."""

from bot.errors import UserError


class BadGuard(UserError):
    """The token opens nothing; which of its faults it is, is never told."""

    def __init__(self) -> None:
        super().__init__("bad_guard")


class GuardTooOften(UserError):
    """A guard is heard once a minute."""

    def __init__(self) -> None:
        super().__init__("guard_too_often")
