"""Evidence reminders: who is listed, whom it names, and when the next one comes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from bot.domain.digest_when import MONDAY, WeekTime
from bot.domain.ids import ExperimentId, UserId
from bot.domain.schedule import Cadence, QuietHours
from bot.domain.workspace import Channel

REMIND_AT = time(10)
"""The hour of reminders where a channel has none of its own."""

SNOOZE_UNTIL = time(9)
"""The hour of the channel's day at which a snooze ends."""

NIGHT = QuietHours(time(22), time(8))

NAME_LEAD_AFTER = 3
"""Reminders that listed an experiment before the channel's lead is named beside its owner."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """How often an experiment was listed, and whether somebody wants quiet about it."""

    times: int = 0
    snoozed_until: datetime | None = None
    muted: bool = False

    def is_quiet(self, now: datetime) -> bool:
        """Whether it is left out of reminders just now."""
        return self.muted or (self.snoozed_until is not None and now < self.snoozed_until)

    @property
    def names_lead(self) -> bool:
        """Whether the next reminder names the lead too."""
        return self.times >= NAME_LEAD_AFTER

    def unlisted(self) -> "Reminding":
        """Before the reminder that stands: what it says does not change when it is edited."""
        return replace(self, times=max(0, self.times - 1))

    def snoozed(self, until: datetime) -> "Reminding":
        """Quiet until then."""
        return replace(self, snoozed_until=until)

    def awake(self) -> "Reminding":
        """Neither snoozed nor muted any more."""
        return replace(self, snoozed_until=None, muted=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """The one reminder that stands in a channel: its subject in the outbox, and its version."""

    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class ReminderRules:
    """The installation's own: how long after its start an experiment is listed, how often, when.

    `digest_at` is when weekly digests come where a channel says nothing else.
    """

    after: timedelta = timedelta(days=1)
    every: timedelta = timedelta(days=1)
    quiet: QuietHours | None = NIGHT
    digest_at: WeekTime = MONDAY

    def cadence(self, channel: Channel) -> Cadence:
        """When a channel is reminded: its own settings, else these; only in its working hours."""
        return Cadence(
            every=channel.remind_every or self.every,
            at=channel.remind_at or REMIND_AT,
            zone=channel.tz,
            weekends=channel.weekends,
            quiet=channel.hours.rest if channel.hours else self.quiet,
        )


@dataclass(frozen=True, slots=True)
class OwedItem:
    """An item that still needs somebody: the assignee, else the experiment's owner.

    `item` is the engine's id, `label` its words in the planner's language. One that is `claimed` is
    there, and waits for somebody to press Accept.
    """

    item: str
    label: str
    assignee: UserId | None = None
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class Owing:
    """A running experiment with required items that are not settled, whatever they are.

    `lacks`: something is not there yet; otherwise all of it waits for Accept.
    """

    experiment: ExperimentId
    number: int
    revision: int
    owner: UserId
    started_at: datetime
    lacks: bool
    known: Reminding = field(default_factory=Reminding)


@dataclass(frozen=True, slots=True)
class Owed:
    """The same with the items, as a reminder shows it."""

    experiment: ExperimentId
    number: int
    revision: int
    owner: UserId
    task: str
    started_at: datetime
    items: tuple[OwedItem, ...]
    known: Reminding = field(default_factory=Reminding)

    @property
    def label(self) -> str:
        """What people call it: OW-12."""
        return f"OW-{self.number}"

    @property
    def waits(self) -> bool:
        """Whether something waits for Accept."""
        return any(item.claimed for item in self.items)

    @property
    def lacks(self) -> bool:
        """Whether something is not there yet."""
        return not all(item.claimed for item in self.items)

    def asked(self) -> dict[UserId, list[OwedItem]]:
        """Who is asked for what, the owner first."""
        found: dict[UserId, list[OwedItem]] = {self.owner: []}
        for item in self.items:
            found.setdefault(item.assignee or self.owner, []).append(item)
        return {who: items for who, items in found.items() if items}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a channel's reminder is about: who is asked, and whom somebody wants quiet about."""

    asked: tuple[Owing, ...]
    quiet: tuple[Owing, ...]

    def first(self, most: int) -> "Chosen":
        """What a message has room for: who is asked comes first."""
        asked = self.asked[:most]
        return Chosen(asked, self.quiet[: most - len(asked)])


@dataclass(frozen=True, slots=True)
class Listing:
    """What is shown of it, and how much there is besides.

    `beyond_lacks`: of what is asked besides, something is not there yet.
    """

    asked: tuple[Owed, ...]
    quiet: tuple[Owed, ...]
    beyond_asked: int = 0
    beyond_quiet: int = 0
    beyond_lacks: bool = False


def chosen(owing: Iterable[Owing], rules: ReminderRules, now: datetime) -> Chosen:
    """Of what runs, what has run long enough to be asked about."""
    old = [x for x in owing if x.started_at + rules.after <= now]
    return Chosen(
        asked=tuple(x for x in old if not x.known.is_quiet(now)),
        quiet=tuple(x for x in old if x.known.is_quiet(now)),
    )
