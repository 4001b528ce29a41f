"""Home tabs: what is remembered of them, which are to be drawn anew, and their lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.delivery import DueKind
from bot.domain.evidence import EvidenceState
from bot.domain.home import KEPT_FRESH, Asks, Pages, Tab, slots
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import OPEN, State
from storage.home_tables import homes
from storage.insert import insert_new, upsert
from storage.reminders import NEEDED
from storage.tables import channels, due, evidence_items, experiments, reminding
from storage.types import UtcDateTime

_MINE = (homes.c.team == bindparam("tab_team"), homes.c.user == bindparam("tab_user"))
_CLAIMED = case((evidence_items.c.state == EvidenceState.CLAIMED.value, 1), else_=0)
_NEWEST = experiments.c.id.desc()
_USER = bindparam("asks_user", type_=Text)

_ASSIGNED = select(evidence_items.c.experiment).where(evidence_items.c.assignee == _USER)
_WAITING = [State.RUNNING.value, State.COMPLETE.value]
_OWNED = select(experiments.c.id).where(
    experiments.c.team == bindparam("asks_team"),
    experiments.c.owner == _USER,
    experiments.c.state.in_(_WAITING),
)
_ASKS = (
    select(
        experiments.c.id,
        experiments.c.state,
        experiments.c.owner,
        func.count(evidence_items.c.item).label("asked"),
        func.coalesce(func.sum(_CLAIMED), 0).label("claimed"),
    )
    .select_from(
        experiments.outerjoin(
            evidence_items,
            and_(
                evidence_items.c.experiment == experiments.c.id,
                func.coalesce(evidence_items.c.assignee, experiments.c.owner) == _USER,
                *NEEDED,
            ),
        )
    )
    .where(
        experiments.c.team == bindparam("asks_team"),
        experiments.c.state.in_(_WAITING),
        experiments.c.id.in_(union(_OWNED, _ASSIGNED)),
    )
    .group_by(experiments.c.id)
    .order_by(_NEWEST)
)

_LATE = (
    select(experiments.c.channel, func.count(experiments.c.id).label("late"))
    .select_from(experiments.join(reminding, reminding.c.experiment == experiments.c.id))
    .where(
        experiments.c.team == bindparam("late_team"),
        experiments.c.state == literal_column(f"'{State.RUNNING.value}'"),  # a partial index's
        reminding.c.times > 0,
        exists().where(evidence_items.c.experiment == experiments.c.id, *NEEDED),
    )
    .group_by(experiments.c.channel)
)

_LEADS = select(channels.c.lead).where(
    channels.c.team == bindparam("draw_team"),
    channels.c.channel.in_(bindparam("draw_places", expanding=True)),
)
_OWN = or_(
    homes.c.user.in_(bindparam("draw_users", expanding=True)),
    homes.c.user.in_(_LEADS),
)
_CONCERNED = (
    select(homes.c.user, case((_OWN, 1), else_=0).label("own"))
    .where(
        homes.c.team == bindparam("draw_team"),
        homes.c.opened_at > bindparam("draw_since", type_=UtcDateTime),
        or_(_OWN, homes.c.sees_all, bindparam("draw_everyone", type_=Boolean)),
    )
    .order_by(homes.c.user)
)
"""Whose Homes show what was changed, and whether it is about them."""


@dataclass(slots=True)
class _Touched:
    """Whose Homes a transaction changes, in one workspace."""

    now: datetime
    users: set[UserId] = field(default_factory=set)
    places: set[ChannelId] = field(default_factory=set)
    everyone: bool = False


class SqlHomes:
    """`bot.ports.Homes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._touched: dict[TeamId, _Touched] = {}

    async def of(self, team: TeamId, user: UserId) -> Tab | None:
        """One row, by its key."""
        mine = select(homes).where(*_MINE)
        found = await self._connection.execute(mine, {"tab_team": team, "tab_user": user})
        row = found.first()
        return _tab(row) if row else None

    async def opened(self, tab: Tab) -> None:
        """Insert or replace."""
        values = {
            "team": tab.team,
            "user": tab.user,
            "opened_at": tab.opened_at,
            "drawn": tab.drawn,
            "hash": tab.hash,
            **_columns(tab.pages),
        }
        await upsert(self._connection, homes, values, homes.c.team, homes.c.user)

    async def turned(self, team: TeamId, user: UserId, pages: Pages) -> None:
        """Other pages."""
        await self._write(team, user, _columns(pages))

    async def greeted(self, team: TeamId, user: UserId) -> None:
        """For good."""
        await self._write(team, user, {"greeted": True})

    async def drawn(self, tab: Tab, *, sees_all: bool) -> None:
        """What Slack took."""
        shown = {"drawn": tab.drawn, "hash": tab.hash, "sees_all": sees_all}
        await self._write(tab.team, tab.user, shown)

    def changed(
        self,
        team: TeamId,
        now: datetime,
        *,
        users: Collection[UserId | None] = (),
        place: ChannelId | None = None,
        everyone: bool = False,
    ) -> None:
        """Kept until `flush`."""
        touched = self._touched.setdefault(team, _Touched(now))
        touched.users |= {user for user in users if user is not None}
        touched.places |= {place} if place else set()
        touched.everyone |= everyone

    async def flush(self) -> None:
        """Add the rows, as the last thing before the commit.

        Always in the order of the users, once per transaction: two transactions that change the
        same people's Homes never wait for each other in a circle.
        """
        for team, touched in sorted(self._touched.items()):
            values = {
                "draw_team": team,
                "draw_users": sorted(touched.users),
                "draw_places": sorted(touched.places),
                "draw_everyone": touched.everyone,
                "draw_since": touched.now - KEPT_FRESH,
            }
            found = await self._connection.execute(_CONCERNED, values)
            readers = [(UserId(row.user), bool(row.own)) for row in found]
            rows = [
                {
                    "key": f"home:{team}:{user}:{int(end.timestamp())}",
                    "kind": DueKind.DRAW_HOME.value,
                    "team": team,
                    "channel": user,
                    "due_at": at,
                }
                for user, end, at in slots(readers, touched.now, everyone=touched.everyone)
            ]
            await insert_new(self._connection, due, rows, due.c.key)
        self._touched.clear()

    async def asks(self, team: TeamId, user: UserId) -> Sequence[Asks]:
        """One query, however many there are; the items themselves are read for one page."""
        rows = await self._connection.execute(_ASKS, {"asks_team": team, "asks_user": user})
        return [
            Asks(ExperimentId(row.id), State(row.state), row.claimed, row.asked - row.claimed)
            for row in rows
            if row.asked or (row.state == State.COMPLETE.value and row.owner == user)
        ]

    async def owned(
        self, team: TeamId, owner: UserId, first: int, most: int
    ) -> tuple[Sequence[ExperimentId], int]:
        """Ids and their number."""
        mine = (
            experiments.c.team == team,
            experiments.c.owner == owner,
            experiments.c.state.in_([state.value for state in OPEN]),
        )
        total = await self._connection.scalar(select(func.count(experiments.c.id)).where(*mine))
        asked = select(experiments.c.id).where(*mine).order_by(_NEWEST).offset(first).limit(most)
        found = (await self._connection.execute(asked)).scalars()
        return [ExperimentId(x) for x in found], int(total or 0)

    async def late(self, team: TeamId) -> Mapping[ChannelId, int]:
        """What runs, misses evidence and was in a reminder."""
        rows = await self._connection.execute(_LATE, {"late_team": team})
        return {ChannelId(row.channel): int(row.late) for row in rows}

    async def _write(self, team: TeamId, user: UserId, values: Mapping[str, Any]) -> None:
        known = update(homes).where(homes.c.team == team, homes.c.user == user)
        await self._connection.execute(known.values(**values))


def _tab(row: Any) -> Tab:
    return Tab(
        TeamId(row.team),
        UserId(row.user),
        row.opened_at,
        Pages(row.page_needs, row.page_plans, row.page_gpus),
        row.drawn,
        row.hash,
        row.greeted,
    )


def _columns(pages: Pages) -> dict[str, int]:
    return {
        "page_needs": pages.needs,
        "page_plans": pages.plans,
        "page_gpus": pages.gpus,
    }
