"""The places that get digests: since when, which weeks they had, when each is next looked at."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.digest_when import DigestPlace
from bot.domain.ids import ChannelId, TeamId
from storage.digest_tables import digests
from storage.insert import insert_once, upsert
from storage.types import UtcDateTime

LOOK = datetime(1970, 1, 1, tzinfo=UTC)
"""`next_at` of a place whose settings were changed: the next tick works it out anew."""

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""`next_at` of the places of a workspace that removed the app."""

WORKSPACE = ""
"""`channel` of a workspace's own digest."""

_KEY = (digests.c.team, digests.c.channel)
_TO_LOOK_AT = (
    select(digests)
    .where(digests.c.next_at <= bindparam("now", type_=UtcDateTime))
    .order_by(digests.c.next_at)
    .limit(bindparam("most"))
)
_TAKEN = _TO_LOOK_AT.with_for_update(skip_locked=True)


class SqlDigests:
    """`bot.ports.Digests`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, team: TeamId, channel: ChannelId | None, at: datetime) -> None:
        """Insert unless the place is known."""
        values = {"team": team, "channel": channel or WORKSPACE, "since": at, "next_at": at}
        await insert_once(self._connection, digests, values, *_KEY)

    async def look_again(self, team: TeamId, channel: ChannelId | None) -> None:
        """The next tick works it out anew."""
        await look_again(self._connection, team, channel or ChannelId(WORKSPACE))

    async def of(
        self, team: TeamId, channels: Sequence[ChannelId | None]
    ) -> dict[ChannelId | None, DigestPlace]:
        """By their key."""
        named = digests.c.channel.in_([channel or WORKSPACE for channel in channels])
        rows = await self._connection.execute(select(digests).where(digests.c.team == team, named))
        return {place.channel: place for place in map(_place, rows)}

    async def to_look_at(self, now: datetime, limit: int) -> Sequence[DigestPlace]:
        """By the index on `next_at`, the oldest first."""
        rows = await self._connection.execute(_TO_LOOK_AT, {"now": now, "most": limit})
        return [_place(row) for row in rows]

    async def take(self, now: datetime, limit: int) -> Sequence[DigestPlace]:
        """The same, locked; SQLite has one writer, and needs no lock."""
        rows = await self._connection.execute(_TAKEN, {"now": now, "most": limit})
        return [_place(row) for row in rows]

    async def put(self, places: Sequence[DigestPlace]) -> None:
        """Replace what is known of them."""
        if places:
            await upsert(self._connection, digests, [_values(p) for p in places], *_KEY)

    async def posted(self, team: TeamId, channels: Collection[ChannelId | None], week: str) -> None:
        """Several places of a workspace at once."""
        theirs = digests.c.channel.in_([channel or WORKSPACE for channel in channels])
        mine = update(digests).where(digests.c.team == team, theirs)
        await self._connection.execute(mine.values(posted_week=week))


async def look_again(connection: AsyncConnection, team: TeamId, channel: ChannelId) -> None:
    """A channel's settings were written: its next time may be another one.

    The workspace's too, whose hours are those of its ops channel.
    """
    await insert_once(
        connection, digests, {"team": team, "channel": channel, "next_at": LOOK}, *_KEY
    )
    mine = (digests.c.team == team, digests.c.channel.in_([channel, WORKSPACE]))
    await connection.execute(update(digests).where(*mine).values(next_at=LOOK))


async def rest(connection: AsyncConnection, team: TeamId) -> None:
    """The app was removed: nothing there is looked at."""
    theirs = update(digests).where(digests.c.team == team)
    await connection.execute(theirs.values(next_at=NEVER))


async def wake(connection: AsyncConnection, team: TeamId, at: datetime) -> None:
    """The app is there, maybe again: what missed its time meanwhile is not made up for."""
    await SqlDigests(connection).begin(team, None, at)
    resting = update(digests).where(digests.c.team == team, digests.c.next_at == NEVER)
    await connection.execute(resting.values(next_at=LOOK, since=at))


def _place(row: Any) -> DigestPlace:
    return DigestPlace(
        team=TeamId(row.team),
        channel=ChannelId(row.channel) if row.channel else None,
        next_at=row.next_at,
        since=row.since,
        week=row.week,
        posted_week=row.posted_week,
        is_moved=row.next_at == LOOK,
    )


def _values(place: DigestPlace) -> dict[str, Any]:
    return {
        "team": place.team,
        "channel": place.channel or WORKSPACE,
        "since": place.since,
        "next_at": place.next_at,
        "week": place.week,
        "posted_week": place.posted_week,
    }
