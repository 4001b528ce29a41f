"""Whom an alert about a run goes to, and who of them is not to be told just now."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.alerts import asleep_until, recipients
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.personal import Mute
from bot.domain.watch import WatchRules
from bot.domain.workspace import Person
from bot.ports import UnitOfWork
from bot.services.people import FOR_WORDS, KnowPerson


@dataclass(frozen=True, slots=True)
class Readers:
    """People by whether they may be told now. `strangers` are those Slack should be asked about.

    Who is `muted` has turned such messages off.
    """

    awake: tuple[UserId, ...]
    asleep: Mapping[UserId, datetime]
    strangers: tuple[UserId, ...]
    muted: tuple[UserId, ...] = ()

    @property
    def first_awake(self) -> datetime | None:
        """When the first sleeper wakes."""
        return min(self.asleep.values(), default=None)


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for a run and is still here, with what is known of them."""

    owner: UserId | None
    lead: UserId | None
    admins: tuple[UserId, ...]
    known: Mapping[UserId, Person]

    def asked(self, number: int) -> tuple[UserId, ...]:
        """Whom the n-th unanswered ping goes to."""
        return recipients(self.owner, self.lead, self.admins, number)

    @property
    def warned(self) -> tuple[UserId, ...]:
        """Who is told of a stop: the owner; with none the lead, with none the admins."""
        first = self.owner or self.lead
        return (first,) if first is not None else self.admins

    def instead(self, place: ChannelId) -> UserId | None:
        """Who gets what Slack refuses to post there: another one who answers for the run."""
        others = (self.lead, *self.admins, self.owner)
        return next((u for u in others if u is not None and ChannelId(u) != place), None)


class FindReaders:
    """Looks people up: who answers for a run, and whether it is night where they are."""

    def __init__(self, *, know: KnowPerson, rules: WatchRules) -> None:
        self._know = know
        self._rules = rules

    async def of(self, uow: UnitOfWork, run: GpuRun) -> Answering:
        """Owner, lead of the channel and admins. Who has left answers for nothing."""
        lead = (await uow.channels.get(run.team, run.channel)).lead if run.channel else None
        admins = tuple(await uow.watch.admins(run.team))
        named = {u for u in (run.owner, lead, *admins) if u is not None}
        known = await uow.people.of(run.team, named)
        gone = {user for user, person in known.items() if not person.is_full_member}
        owner, lead = (None if user in gone else user for user in (run.owner, lead))
        return Answering(owner, lead, admins, known)

    def by_night(
        self,
        run: GpuRun,
        users: Iterable[UserId],
        known: Mapping[UserId, Person],
        now: datetime,
        *,
        always: bool = False,
    ) -> Readers:
        """Who of them may be told about the run now, and until when the others sleep.

        `always`: nobody can have muted it. In the order of their ids, so that two alerts for the
        same people never wait for each other.
        """
        awake: list[UserId] = []
        muted: list[UserId] = []
        asleep: dict[UserId, datetime] = {}
        strangers: list[UserId] = []
        for user in sorted(set(users)):
            person = known.get(user)
            if person is None or not person.is_fresh(now, FOR_WORDS):
                strangers.append(user)
            if person is not None and not (always or person.hears(Mute.GPUS)):
                muted.append(user)
                continue
            until = asleep_until(run, person, self._rules.quiet, now)
            if until is None:
                awake.append(user)
            else:
                asleep[user] = until
        return Readers(tuple(awake), asleep, tuple(strangers), tuple(muted))

    async def met_first(
        self, team: TeamId, tried: Callable[[bool], Awaitable[Sequence[UserId]]]
    ) -> None:
        """Try; where it names people we know too little of, ask Slack who they are and try again.

        That is asked with no transaction open, for their words and their nights, and nobody is
        waited for long: `tried` is told that they were met, and goes on with what is known then.
        """
        strangers = await tried(False)
        for user in strangers:
            await self._know(team, user)
        if strangers:
            await tried(True)


def places(users: Iterable[UserId]) -> tuple[ChannelId, ...]:
    """Their direct messages."""
    return tuple(ChannelId(user) for user in users)
