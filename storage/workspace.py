"""Workspaces, people and channel settings."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.digest_when import DigestMode, WeekTime
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.personal import Mute, Own
from bot.domain.schedule import QuietHours, WorkHours
from bot.domain.workspace import Channel, Person
from storage.digests import look_again, rest, wake
from storage.insert import insert_once, upsert
from storage.tables import bot, channels, due, outbox, people, workspaces

_OWN = frozenset({"own_tz", "own_quiet", "mutes", "named_admin"})
"""Columns that Slack knows nothing of."""


class SqlPeople:
    """`bot.ports.People`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, team: TeamId, user: UserId) -> Person | None:
        """What we know of a person."""
        found = await self._connection.execute(
            select(people).where(people.c.team == team, people.c.user == user)
        )
        row = found.first()
        return _person(row) if row else None

    async def of(self, team: TeamId, users: Collection[UserId]) -> dict[UserId, Person]:
        """What we know of several people."""
        if not users:
            return {}
        asked = select(people).where(people.c.team == team, people.c.user.in_(list(users)))
        return {UserId(row.user): _person(row) for row in await self._connection.execute(asked)}

    async def put(self, person: Person) -> None:
        """Replace what Slack has told us; a person's own settings stay as they are."""
        values = {name: getattr(person, name) for name in people.c.keys() if name not in _OWN}  # noqa: SIM118  # a ColumnCollection, not a dict
        await upsert(self._connection, people, values, people.c.team, people.c.user)

    async def settle(self, team: TeamId, user: UserId, own: Own) -> None:
        """Replace a known person's own settings; who is an admin is not among them."""
        values = {
            "own_tz": own.tz,
            "own_quiet": None if own.usual else _span(own.quiet),
            "mutes": " ".join(sorted(own.mutes)),
        }
        await self._connection.execute(
            update(people).where(people.c.team == team, people.c.user == user).values(**values)
        )

    async def named(self, team: TeamId) -> Sequence[UserId]:
        """Whom admins have named one of them."""
        asked = select(people.c.user).where(people.c.team == team, people.c.named_admin)
        found = await self._connection.execute(asked.order_by(people.c.user))
        return [UserId(user) for user in found.scalars()]

    async def name(self, team: TeamId, users: Collection[UserId]) -> None:
        """These known people are named admins from now on, and no others."""
        chosen = people.c.user.in_(list(users))
        here = update(people).where(people.c.team == team)
        for among, value in ((chosen, True), (~chosen, False)):
            await self._connection.execute(
                here.where(among, people.c.named_admin.is_(not value)).values(named_admin=value)
            )


class SqlChannels:
    """`bot.ports.Channels`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, team: TeamId, channel: ChannelId) -> Channel:
        """The settings; defaults where nobody has set any."""
        found = await self._connection.execute(
            select(channels).where(channels.c.team == team, channels.c.channel == channel)
        )
        row = found.first()
        return _channel(row) if row else Channel(team, channel)

    async def of(self, team: TeamId, names: Sequence[ChannelId]) -> dict[ChannelId, Channel]:
        """The settings of several; defaults where nobody has set any."""
        asked = select(channels).where(channels.c.team == team, channels.c.channel.in_(names))
        rows = await self._connection.execute(asked)
        set_ = {ChannelId(row.channel): _channel(row) for row in rows}
        return {name: set_.get(name) or Channel(team, name) for name in names}

    async def begin(self, channel: Channel) -> Channel:
        """Insert unless somebody has set any; with a time zone its digest has another hour."""
        key = (channels.c.team, channels.c.channel)
        if await insert_once(self._connection, channels, _settings(channel), *key) is not None:
            await look_again(self._connection, channel.team, channel.channel)
        return await self.get(channel.team, channel.channel)

    async def led_by(self, team: TeamId, user: UserId) -> Sequence[ChannelId]:
        """The channels that somebody leads."""
        asked = select(channels.c.channel).where(channels.c.team == team, channels.c.lead == user)
        found = await self._connection.execute(asked.order_by(channels.c.channel))
        return [ChannelId(name) for name in found.scalars()]

    async def put(self, channel: Channel) -> None:
        """Replace the settings."""
        values = _settings(channel)
        await upsert(self._connection, channels, values, channels.c.team, channels.c.channel)
        await look_again(self._connection, channel.team, channel.channel)


def _channel(row: Any) -> Channel:
    return Channel(
        TeamId(row.team),
        ChannelId(row.channel),
        row.language,
        row.tz,
        UserId(row.lead) if row.lead else None,
        row.defaults,
        remind_at=time.fromisoformat(row.remind_at) if row.remind_at else None,
        remind_every=timedelta(minutes=row.remind_every) if row.remind_every else None,
        weekends=row.weekends,
        muted=row.muted,
        digest=DigestMode(row.digest),
        digest_at=WeekTime.read(row.digest_at) if row.digest_at else None,
        hours=WorkHours(*_times(row.hours)) if row.hours else None,
        greeted=row.greeted,
        gone=row.gone,
    )


def _settings(channel: Channel) -> dict[str, Any]:
    return {
        "team": channel.team,
        "channel": channel.channel,
        "language": channel.language,
        "tz": channel.tz,
        "lead": channel.lead,
        "defaults": dict(channel.defaults),
        "remind_at": channel.remind_at.isoformat("minutes") if channel.remind_at else None,
        "remind_every": _minutes(channel.remind_every),
        "weekends": channel.weekends,
        "muted": channel.muted,
        "digest": channel.digest.value,
        "digest_at": str(channel.digest_at) if channel.digest_at else None,
        "hours": _span(channel.hours) or None,
        "greeted": channel.greeted,
        "gone": channel.gone,
    }


_TICKED = update(bot)
"""Built once: it runs every few seconds for good."""


class SqlWorkspaces:
    """`bot.ports.Workspaces`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def secret(self) -> bytes:
        """Made by the first migration."""
        return bytes((await self._connection.execute(select(bot.c.secret))).scalar_one())

    async def ticked(self, now: datetime) -> None:
        """The beat, kept with the bot's other own things."""
        await self._connection.execute(_TICKED, {"last_tick": now})

    async def seen(self, team: TeamId, name: str, bot_user: UserId, at: datetime) -> None:
        """Note a workspace; one that was removed is back when its token works again."""
        values = {
            "team": team,
            "name": name,
            "bot_user": bot_user,
            "seen_at": at,
            "removed_at": None,
        }
        await upsert(self._connection, workspaces, values, workspaces.c.team)
        await wake(self._connection, team, at)

    async def bot_user(self, team: TeamId) -> UserId | None:
        """Whom the bot is there."""
        asked = select(workspaces.c.bot_user).where(workspaces.c.team == team)
        found = (await self._connection.execute(asked)).scalar()
        return UserId(found) if found else None

    async def active(self) -> list[TeamId]:
        """Those that have not removed it."""
        asked = select(workspaces.c.team).where(workspaces.c.removed_at.is_(None))
        found = await self._connection.execute(asked.order_by(workspaces.c.team))
        return [TeamId(team) for team in found.scalars()]

    async def is_active(self, team: TeamId) -> bool:
        """Whether the app is installed, as far as we know."""
        found = await self._connection.execute(
            select(workspaces.c.removed_at).where(workspaces.c.team == team)
        )
        row = found.first()
        return row is not None and row.removed_at is None

    async def remove(self, team: TeamId, at: datetime) -> None:
        """End its open work too: a workspace that comes back is not told old news."""
        freed = {"lease_token": None, "lease_until": None}
        ended = {"state": "dead", "error": "workspace_removed", "settled_at": at}
        for statement in (
            update(workspaces).where(workspaces.c.team == team).values(removed_at=at),
            update(due)
            .where(due.c.team == team, due.c.done_at.is_(None))
            .values(done_at=at, **freed),
            update(outbox)
            .where(outbox.c.team == team, outbox.c.settled_at.is_(None))
            .values(**ended, **freed),
        ):
            await self._connection.execute(statement)
        await rest(self._connection, team)


def _minutes(every: timedelta | None) -> int | None:
    return None if every is None else int(every / timedelta(minutes=1))


def _person(row: Any) -> Person:
    return Person(
        team=TeamId(row.team),
        user=UserId(row.user),
        home_team=TeamId(row.home_team),
        name=row.name,
        locale=row.locale,
        tz=row.tz,
        is_admin=row.is_admin,
        is_guest=row.is_guest,
        is_bot=row.is_bot,
        deleted=row.deleted,
        fetched_at=row.fetched_at,
        own=Own(
            tz=row.own_tz,
            usual=row.own_quiet is None,
            quiet=QuietHours(*_times(row.own_quiet)) if row.own_quiet else None,
            mutes=frozenset(map(Mute, row.mutes.split())),
            admin=row.named_admin,
        ),
    )


def _span(hours: WorkHours | QuietHours | None) -> str:
    """`09:00-18:00`; empty for none."""
    if hours is None:
        return ""
    return f"{hours.start.isoformat('minutes')}-{hours.end.isoformat('minutes')}"


def _times(span: str) -> tuple[time, time]:
    start, _, end = span.partition("-")
    return time.fromisoformat(start), time.fromisoformat(end)
