"""People, channels and rights: who may do what to which experiment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import assert_never

from bot.domain.digest_when import DigestMode, WeekTime
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.personal import AS_IT_COMES, Mute, Own
from bot.domain.schedule import WorkHours

LANGUAGES = ("en", "zh_CN")
"""The languages every sentence exists in; the first is the default."""


def language_of(locale: str | None) -> str:
    """The catalogue for a Slack locale such as `zh-CN` or `de-DE`; English where there is none."""
    return "zh_CN" if (locale or "").lower().startswith("zh") else "en"


@dataclass(frozen=True, slots=True)
class Person:
    """What owroute knows of somebody seen in `team`, as Slack told it at `fetched_at`.

    `own` is what they have set here themselves, which Slack knows nothing of.
    """

    team: TeamId
    user: UserId
    home_team: TeamId
    name: str
    locale: str | None
    tz: str | None
    is_admin: bool
    is_guest: bool
    is_bot: bool
    deleted: bool
    fetched_at: datetime
    own: Own = AS_IT_COMES

    @property
    def zone(self) -> str | None:
        """The time zone this person lives by: their own choice, else Slack's."""
        return self.own.tz or self.tz

    def hears(self, what: Mute) -> bool:
        """Whether this person wants to be told of it."""
        return what not in self.own.mutes

    @property
    def administers(self) -> bool:
        """Whether this person is an admin: Slack's, or one whom an admin has named."""
        return self.is_admin or self.own.admin

    @property
    def language(self) -> str:
        """The catalogue of this person's words."""
        return language_of(self.locale)

    @property
    def is_full_member(self) -> bool:
        """Whether this is a person of the workspace who may act at all."""
        at_home = self.home_team == self.team
        return at_home and not (self.is_guest or self.is_bot or self.deleted)

    def is_fresh(self, now: datetime, max_age: timedelta) -> bool:
        """Whether what we know is younger than `max_age`."""
        return now - self.fetched_at < max_age


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel's settings. `defaults` prefill the constraint card (names of the wire contract).

    `language` is None until somebody chose one: cards of what somebody does then speak the language
    of who does it, and what owroute says of its own accord is in English (`spoken`).
    Evidence reminders come at `remind_at` in `tz`, or `remind_every`; None is the installation's
    own setting. `muted` channels get none. The weekly digest comes at `digest_at` in `tz`; None is
    the installation's own again. `hours` are the working hours by which reminders keep quiet and
    projections end. `greeted`: owroute has introduced itself there; `gone`: it was removed from the
    channel, or that was archived, and says nothing there.
    """

    team: TeamId
    channel: ChannelId
    language: str | None = None
    tz: str = "UTC"
    lead: UserId | None = None
    defaults: Mapping[str, str] = field(default_factory=dict)
    remind_at: time | None = None
    remind_every: timedelta | None = None
    weekends: bool = False
    muted: bool = False
    digest: DigestMode = DigestMode.ON
    digest_at: WeekTime | None = None
    hours: WorkHours | None = None
    greeted: bool = False
    gone: bool = False

    @property
    def spoken(self) -> str:
        """The language of what nobody's act brings there: alerts, digests."""
        return self.language or "en"

    @property
    def reminds(self) -> bool:
        """Whether evidence reminders go there at all."""
        return not (self.muted or self.gone)

    @property
    def weekly(self) -> DigestMode:
        """Which digests go there: none where owroute is no more."""
        return DigestMode.PAUSED if self.gone else self.digest


@dataclass(frozen=True, slots=True)
class Actor:
    """Who pressed or typed, from the verified envelope: the workspace acted in and one's own."""

    team: TeamId
    user: UserId
    home_team: TeamId

    @property
    def is_external(self) -> bool:
        """Whether this person belongs to another workspace (Slack Connect)."""
        return self.team != self.home_team


class Act(StrEnum):
    """Acts that need a right. The groups are the columns of the rights table in docs/security."""

    VIEW = "view"
    PLAN = "plan"  # plan, register a GPU, take one that has no owner
    STEER = "steer"  # start, drop, fix, re-plan, accept, assign, change owner, decide, archive;
    # of a GPU run: snooze, set shutdown, extend, keep, reassign, already stopped, set price
    STOP = "stop"  # stop and terminate: as above, and every full member where a setting says so
    LEAD = "lead"  # waive, channel settings; of a GPU run: not ours
    ADMIN = "admin"  # default stop, hold


@dataclass(frozen=True, slots=True)
class Powers:
    """What somebody may do to an experiment, for what is offered to them, and who leads there."""

    steers: bool = True
    leads: bool = True
    lead: UserId | None = None


ALL = Powers()


def may(
    actor: Actor,
    person: Person,
    act: Act,
    *,
    owner: UserId | None,
    lead: UserId | None,
    members_stop: bool = False,
) -> bool:
    """Whether `actor` may do `act` to what `owner` owns in a channel led by `lead`.

    Decided at the time of the act, never when a button was drawn; denied by default.
    `members_stop` is the workspace's setting that widens *stop*, never to guests.
    """
    if actor.is_external or not person.is_full_member:
        return False
    match act:
        case Act.VIEW | Act.PLAN:
            return True
        case Act.STEER:
            return person.administers or actor.user in (owner, lead)
        case Act.STOP:
            return members_stop or person.administers or actor.user in (owner, lead)
        case Act.LEAD:
            return person.administers or actor.user == lead
        case Act.ADMIN:
            return person.administers
        case _:
            assert_never(act)
