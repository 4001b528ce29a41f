"""What waits for one person."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.evidence import Evidence, missing
from bot.domain.ids import UserId
from bot.domain.plans import Experiment, State


@dataclass(frozen=True, slots=True)
class Need:
    """An experiment that waits for somebody: for these items, or, with none, to be decided.

    `leads`: others are asked for it, and were so often that who leads its channel is.
    """

    experiment: Experiment
    items: tuple[Evidence, ...]
    leads: bool = False


def need_of(x: Experiment, items: Iterable[Evidence], user: UserId) -> Need | None:
    """What `user` is asked for: the owner for all that nobody else is; None when for nothing."""
    asked = tuple(e for e in missing(items) if (e.assignee or x.owner) == user)
    to_decide = x.state is State.COMPLETE and x.owner == user
    return Need(x, asked) if asked or to_decide else None
