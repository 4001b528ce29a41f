"""Whom an alert about a run goes to, and who of them is not to be told just now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.alerts import asleep_until, recipients
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.watch import WatchRules
from bot.ports import UnitOfWork
from bot.services.people import FOR_WORDS, KnowPerson


@dataclass(frozen=True, slots=True)
class Readers:
    """People by whether they may be told now. `strangers` are those Slack should be asked about."""

    awake: tuple[UserId, ...]
    asleep: Mapping[UserId, datetime]
    strangers: tuple[UserId, ...]

    @property
    def first_awake(self) -> datetime | None:
        """When the first sleeper wakes."""
        return min(self.asleep.values(), default=None)


class FindReaders:
    """Looks people up: who answers for a run, and whether it is night where they are."""

    def __init__(self, *, know: KnowPerson, rules: WatchRules) -> None:
        self._know = know
        self._rules = rules

    async def of_ping(self, uow: UnitOfWork, run: GpuRun, number: int) -> tuple[UserId, ...]:
        """Whom the n-th unanswered ping goes to. An owner who has left counts for none."""
        owner, lead, admins = await self.all_of(uow, run)
        return recipients(owner, lead, admins, number)

    async def of_warning(self, uow: UnitOfWork, run: GpuRun) -> tuple[UserId, ...]:
        """The owner; with none the lead, with none the admins."""
        owner, lead, admins = await self.all_of(uow, run)
        first = owner or lead
        return (first,) if first is not None else admins

    async def all_of(
        self, uow: UnitOfWork, run: GpuRun
    ) -> tuple[UserId | None, UserId | None, tuple[UserId, ...]]:
        """Owner, lead of the channel and admins, who are still here."""
        lead = (await uow.channels.get(run.team, run.channel)).lead if run.channel else None
        admins = tuple(await uow.watch.admins(run.team))
        return (
            await self._present(uow, run.team, run.owner),
            await self._present(uow, run.team, lead),
            admins,
        )

    async def by_night(
        self, uow: UnitOfWork, run: GpuRun, users: Iterable[UserId], now: datetime
    ) -> Readers:
        """Who of them may be told about the run now, and until when the others sleep.

        In the order of their ids, so that two alerts for the same people never wait for each other.
        """
        awake: list[UserId] = []
        asleep: dict[UserId, datetime] = {}
        strangers: list[UserId] = []
        for user in sorted(set(users)):
            person = await uow.people.get(run.team, user)
            if person is None or not person.is_fresh(now, FOR_WORDS):
                strangers.append(user)
            until = asleep_until(run, person, self._rules.quiet, now)
            if until is None:
                awake.append(user)
            else:
                asleep[user] = until
        return Readers(tuple(awake), asleep, tuple(strangers))

    async def meet(self, team: TeamId, users: Sequence[UserId]) -> None:
        """Ask Slack who they are, for their words and their nights; nobody is waited for long."""
        for user in users:
            await self._know(team, user)

    async def instead(self, uow: UnitOfWork, run: GpuRun, place: ChannelId) -> UserId | None:
        """Who gets what Slack refuses to post there: another one who answers for the run."""
        owner, lead, admins = await self.all_of(uow, run)
        others = (lead, *admins, owner)
        return next((u for u in others if u is not None and ChannelId(u) != place), None)

    async def _present(self, uow: UnitOfWork, team: TeamId, user: UserId | None) -> UserId | None:
        person = await uow.people.get(team, user) if user is not None else None
        return None if person is not None and not person.is_full_member else user


def places(users: Iterable[UserId]) -> tuple[ChannelId, ...]:
    """Their direct messages."""
    return tuple(ChannelId(user) for user in users)
