"""Errors about settings that are for someone; see `bot.errors`."""

from bot.errors import UserError


class AdminGone(UserError):
    """Somebody who has left, is a guest or a bot was to be named an admin."""

    field = "admins"

    def __init__(self) -> None:
        super().__init__("admin_gone")


class LastAdmin(UserError):
    """Nobody would be left who may change the workspace's settings."""

    field = "admins"

    def __init__(self) -> None:
        super().__init__("last_admin")
