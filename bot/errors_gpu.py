"""Errors about GPU runs that are for someone; see `bot.errors`."""

from datetime import datetime
from decimal import Decimal

from bot.domain.budgets import CapKind
from bot.errors import UserError


class NotYourGpu(UserError):
    """The act belongs to others, who are named as far as they are known.

    `act` is a group of the rights table: to steer, to stop, or what leads and admins do.
    """

    def __init__(self, label: str, act: str, owner: str | None, lead: str | None) -> None:
        super().__init__("not_your_gpu", label=label, act=act, owner=owner, lead=lead)


class AdminOnly(UserError):
    """The act belongs to the workspace's admins."""

    def __init__(self) -> None:
        super().__init__("admin_only")


class TakenMeanwhile(UserError):
    """*It's mine* of a run that has an owner."""

    def __init__(self, label: str, owner: str | None) -> None:
        super().__init__("taken_meanwhile", label=label, owner=owner)


class StillListed(UserError):
    """*Already stopped* of a machine that its provider lists as running."""

    def __init__(self, label: str, *, stopping: bool) -> None:
        super().__init__("still_listed", label=label, stopping=stopping)


class ProviderSilent(UserError):
    """The provider does not say just now how a machine stands."""

    def __init__(self, label: str) -> None:
        super().__init__("provider_silent", label=label)


class NoStopTime(UserError):
    """*Extend* of a run that has no stop time to extend."""

    def __init__(self, label: str) -> None:
        super().__init__("no_stop_time", label=label)


class OverCap(UserError):
    """A stop time would cost more than a cap leaves: which, and of which experiment if of one.

    Amounts are USD; `latest` is when the cap is reached, None where it is reached already, in the
    reader's `zone`.
    """

    field = "at"

    def __init__(
        self,
        label: str,
        kind: CapKind,
        of: str,
        cap: Decimal,
        spent: Decimal,
        latest: datetime | None,
        zone: str,
    ) -> None:
        values = {"label": label, "spent": spent, "latest": latest, "zone": zone}
        super().__init__("over_cap", **values, limit=kind, of=of, cap=cap)


class NameInUse(UserError):
    """A machine of that name is known already, and is somebody else's."""

    field = "name"

    def __init__(self, label: str) -> None:
        super().__init__("name_in_use", label=label)
