"""Which kind of table each workspace takes, as far as this process has found out.

Kept in memory on purpose: a restart costs a workspace without the newer blocks one refused try, and
one that has got them meanwhile is shown the better table again.
"""

from collections.abc import Sequence

from bot.cards.tables import Rung
from bot.domain.ids import TeamId

RUNGS = tuple(Rung)


class Ladder:
    """The rungs of a workspace, best first."""

    def __init__(self) -> None:
        self._highest: dict[TeamId, Rung] = {}

    def rungs(self, team: TeamId) -> Sequence[Rung]:
        """What may be tried: all, without those above the one that was taken."""
        return RUNGS[RUNGS.index(self._highest.get(team, RUNGS[0])) :]

    def taken(self, team: TeamId, rung: Rung) -> None:
        """The workspace took this one after refusing those above it."""
        self._highest[team] = rung
