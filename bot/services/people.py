"""Who somebody is, and whether they may do what they ask for."""

from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.domain.ids import TeamId, UserId
from bot.domain.plans import Experiment
from bot.domain.workspace import Act, Actor, Person, may
from bot.errors import NotAllowed, NotMember, OwnerGone
from bot.ports import Directory, Store

log = structlog.get_logger(__name__)

REMEMBER_SECONDS = 60.0
REMEMBER_PEOPLE = 10_000
"""Who acts in Slack acts several times a minute: a command's language then costs no read."""

FOR_WORDS = timedelta(hours=24)
"""A person's language and zone may be this old."""

FOR_RIGHTS = timedelta(minutes=10)
"""A person's rights may be this old: an admin demoted longer ago than this is refused."""


class KnowPerson:
    """A member from our own table, refreshed from Slack when it is older than the caller allows."""

    def __init__(
        self, *, store: Store, directory: Directory, clock: Clock, patience: float = 1.0
    ) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._patience = patience
        self._remembered: dict[tuple[TeamId, UserId], tuple[float, Person]] = {}

    async def cached(self, team: TeamId, user: UserId) -> Person | None:
        """What we know without asking Slack: from memory for a minute, else one indexed read."""
        since, person = self._remembered.get((team, user), (0.0, None))
        if person is not None and self._clock.monotonic() - since < REMEMBER_SECONDS:
            return person
        async with self._store(read_only=True) as uow:
            return self._remember(await uow.people.get(team, user))

    async def __call__(
        self, team: TeamId, user: UserId, max_age: timedelta = FOR_WORDS
    ) -> Person | None:
        """The person; an older note serves where Slack does not answer within a second."""
        known = await self.cached(team, user)
        now = self._clock.now()
        if known and known.is_fresh(now, max_age):
            return known
        try:
            person = await self._directory.person(team, user, now, within=self._patience)
        except OSError as error:  # TimeoutError is one: slow and down look the same here
            log.warning("people.unreachable", user=user, error=type(error).__name__)
            return known if known and known.is_fresh(now, FOR_WORDS) else None
        if person is not None:
            async with self._store() as uow:
                await uow.people.put(person)
                await uow.commit()
        return self._remember(person)

    def _remember(self, person: Person | None) -> Person | None:
        if person is not None:
            if len(self._remembered) >= REMEMBER_PEOPLE:
                self._remembered.clear()
            key = (person.team, person.user)
            self._remembered[key] = (self._clock.monotonic(), person)
        return person


class Rights:
    """Decides, at the time of the act, whether somebody may act. Deny by default."""

    def __init__(self, *, store: Store, know: KnowPerson) -> None:
        self._store = store
        self._know = know

    async def require_member(self, actor: Actor) -> Person:
        """The acting person, if they are a full member of this workspace; else `NotMember`."""
        person = await self._know(actor.team, actor.user, FOR_RIGHTS)
        if person is None or actor.is_external or not person.is_full_member:
            raise NotMember
        return person

    async def require_owner(self, team: TeamId, owner: UserId) -> None:
        """Raise `OwnerGone` for somebody who cannot own an experiment.

        Somebody Slack does not tell us about just now is accepted: nothing typed is lost by that.
        """
        person = await self._know(team, owner)
        if person is not None and not person.is_full_member:
            raise OwnerGone(owner)

    async def require(self, actor: Actor, act: Act, experiment: Experiment) -> Person:
        """The acting person, if they may do `act` to `experiment`; else `NotAllowed`."""
        person = await self.require_member(actor)
        async with self._store(read_only=True) as uow:
            lead = (await uow.channels.get(actor.team, experiment.channel)).lead
        if not may(actor, person, act, owner=experiment.owner, lead=lead):
            raise NotAllowed(experiment.label, experiment.owner)
        return person
