"""Who somebody is, and whether they may do what they ask for."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.domain.gpu import GpuRun
from bot.domain.gpu_rights import GpuPowers, gpu_powers, may_gpu
from bot.domain.ids import ChannelId, GpuId, TeamId, UserId
from bot.domain.plans import Experiment
from bot.domain.workspace import Act, Actor, Person, Powers, may
from bot.errors import (
    CannotCheck,
    LeadGone,
    LeadOnly,
    NoSuchGpu,
    NotAllowed,
    NotLead,
    NotMember,
    OwnerGone,
)
from bot.errors_gpu import AdminOnly, NotYourGpu
from bot.ports import Directory, Store, UnitOfWork

log = structlog.get_logger(__name__)

REMEMBER_SECONDS = 60.0
REMEMBER_PEOPLE = 10_000
"""Who acts in Slack acts several times a minute: a command's language then costs no read."""

FOR_WORDS = timedelta(hours=24)
"""A person's language and zone may be this old."""

FOR_RIGHTS = timedelta(minutes=10)
"""A person's rights may be this old; up to `FOR_WORDS` while Slack does not answer."""

SILENCE_SECONDS = 2.0
"""Who Slack said nothing about is not asked for again within one request."""


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
        self._silent: dict[tuple[TeamId, UserId], float] = {}

    @property
    def directory(self) -> Directory:
        """Slack's list of members."""
        return self._directory

    async def cached(self, team: TeamId, user: UserId) -> Person | None:
        """What we know without asking Slack: from memory for a minute, else one indexed read."""
        since, person = self._remembered.get((team, user), (0.0, None))
        if person is not None and self._clock.monotonic() - since < REMEMBER_SECONDS:
            return person
        async with self._store(read_only=True) as uow:
            return self._remember(await uow.people.get(team, user))

    async def __call__(
        self, team: TeamId, user: UserId, *, within: float | None = None
    ) -> Person | None:
        """The person, for their words; None when Slack does not know them or does not answer."""
        try:
            return await self.surely(team, user, FOR_WORDS, within=within)
        except CannotCheck:
            return None

    async def surely(
        self, team: TeamId, user: UserId, max_age: timedelta, *, within: float | None = None
    ) -> Person | None:
        """The person; None when Slack does not know them.

        While Slack does not answer within `within` seconds, a note of the last day serves;
        `CannotCheck` where there is none.
        """
        known = await self.cached(team, user)
        now = self._clock.now()
        if known and known.is_fresh(now, max_age):
            return known
        try:
            person = await self._asked(team, user, now, within or self._patience)
        except OSError as error:  # TimeoutError is one: slow and down look the same here
            log.warning("people.unreachable", user=user, error=type(error).__name__)
            if known and known.is_fresh(now, FOR_WORDS):
                return known
            raise CannotCheck from error
        if person is not None:
            async with self._store() as uow:
                await uow.people.put(person)
                person = await uow.people.get(team, user)  # with their own, as it stands by now
                await uow.commit()
        return self._remember(person)

    def forget(self, team: TeamId, *users: UserId) -> None:
        """Their own settings were changed: the next question reads them anew."""
        for user in users:
            self._remembered.pop((team, user), None)

    async def member(self, actor: Actor) -> Person:
        """The acting person, if they are a full member of this workspace.

        Whom admins have named is read anew: another replica may have kept it a moment ago.
        Raises `NotMember` after noting the refusal, `CannotCheck` when nobody can say.
        """
        person = await self.surely(actor.team, actor.user, FOR_RIGHTS)
        if person is None or actor.is_external or not person.is_full_member:
            await self.refused(actor, actor.user)
            raise NotMember
        async with self._store(read_only=True) as uow:
            kept = await uow.people.get(actor.team, actor.user)
        return replace(person, own=kept.own) if kept else person

    async def not_a_stranger(self, actor: Actor, *, within: float) -> None:
        """Raise `NotMember` for who is known not to be a full member; Slack is not asked.

        For what must be quick and is checked in full afterwards: who is unknown is let through.
        """
        try:
            async with asyncio.timeout(within):
                person = await self.cached(actor.team, actor.user)
        except TimeoutError:
            person = None
        recent = person is not None and person.is_fresh(self._clock.now(), FOR_RIGHTS)
        if actor.is_external or (recent and person is not None and not person.is_full_member):
            await self.refused(actor, actor.user)
            raise NotMember

    async def refused(self, actor: Actor, subject: str) -> None:
        """Note in the audit that somebody tried what they may not do."""
        async with self._store() as uow:
            await uow.audit.add(actor, actor.team, "rights.refused", subject, self._clock.now())
            await uow.commit()

    async def _asked(
        self, team: TeamId, user: UserId, now: datetime, within: float
    ) -> Person | None:
        """What Slack says; a silence is kept for a moment, so that one request waits once."""
        key = (team, user)
        moment = self._clock.monotonic()
        if key in self._silent and moment - self._silent[key] < SILENCE_SECONDS:
            raise TimeoutError
        self._silent.pop(key, None)
        try:
            return await self._directory.person(team, user, now, within=within)
        except OSError:
            if len(self._silent) >= REMEMBER_PEOPLE:
                self._silent.clear()
            self._silent[key] = self._clock.monotonic()
            raise

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

    @property
    def know(self) -> KnowPerson:
        """Who tells who somebody is."""
        return self._know

    async def require_member(self, actor: Actor) -> Person:
        """The acting person, if they are a full member; else `NotMember` or `CannotCheck`."""
        return await self._know.member(actor)

    async def require_lead(self, actor: Actor, place: ChannelId) -> Person:
        """The acting person, if they lead a channel or are an admin; else `NotLead`.

        Direct messages with the bot are led by the person.
        """
        person = await self.require_member(actor)
        if place.startswith("D"):
            return person
        async with self._store(read_only=True) as uow:
            lead = (await uow.channels.get(actor.team, place)).lead
        if not may(actor, person, Act.LEAD, owner=actor.user, lead=lead):
            await self._know.refused(actor, place)
            raise NotLead(led=lead is not None)
        return person

    async def require_lead_to_be(self, team: TeamId, lead: UserId) -> None:
        """Raise `LeadGone` for somebody who cannot lead a channel."""
        try:
            await self.require_owner(team, lead)
        except OwnerGone:
            raise LeadGone from None

    async def require_owner(self, team: TeamId, owner: UserId) -> None:
        """Raise `OwnerGone` for somebody who cannot own an experiment.

        Somebody Slack does not tell us about just now is accepted: nothing typed is lost by that.
        """
        try:
            person = await self._know.surely(team, owner, FOR_RIGHTS)
        except CannotCheck:
            return
        if person is None or not person.is_full_member:
            raise OwnerGone(owner)

    async def allows(self, actor: Actor, act: Act, experiment: Experiment) -> bool:
        """Whether a full member may do `act`: for what is offered, so nothing is noted.

        Raises `NotMember` or `CannotCheck`.
        """
        person = await self.require_member(actor)
        async with self._store(read_only=True) as uow:
            lead = (await uow.channels.get(actor.team, experiment.channel)).lead
        return may(actor, person, act, owner=experiment.owner, lead=lead)

    async def powers(self, actor: Actor, experiment: Experiment) -> Powers:
        """What a full member may do, for what is offered; `NotMember` or `CannotCheck`."""
        person = await self.require_member(actor)
        async with self._store(read_only=True) as uow:
            lead = (await uow.channels.get(actor.team, experiment.channel)).lead
        steers, leads = (
            may(actor, person, act, owner=experiment.owner, lead=lead)
            for act in (Act.STEER, Act.LEAD)
        )
        return Powers(steers, leads, lead)

    async def require(self, actor: Actor, act: Act, experiment: Experiment) -> Person:
        """The acting person, if they may do `act` to `experiment`.

        Else `NotAllowed`, or `LeadOnly` for what is not the owner's either.
        """
        person = await self.require_member(actor)
        async with self._store(read_only=True) as uow:
            lead = (await uow.channels.get(actor.team, experiment.channel)).lead
        if not may(actor, person, act, owner=experiment.owner, lead=lead):
            await self._know.refused(actor, experiment.label)
            if act is Act.LEAD:
                raise LeadOnly(experiment.label)
            raise NotAllowed(experiment.label, experiment.owner)
        return person

    async def require_gpu(
        self, actor: Actor, act: Act, run: GpuRun, place: ChannelId | None = None
    ) -> Person:
        """The acting person, if they may do `act` to a GPU run; `place` is where they ask for it.

        Else `NotYourGpu`, which says who may, or `NoSuchGpu` where the run is not shown to them.
        """
        person = await self.require_member(actor)
        async with self._store(read_only=True) as uow:
            lead = (await uow.channels.get(run.team, run.channel)).lead if run.channel else None
            watching = await uow.watch.settings(run.team)
            owner, leader = [await _name(uow, run.team, user) for user in (run.owner, lead)]
        if may_gpu(actor, person, act, run, lead, watching):
            return person
        await self._know.refused(actor, run.audited)
        if gpu_powers(actor, person, run, lead, place, watching) is None:
            raise NoSuchGpu
        raise NotYourGpu(run.label, act.value, owner, leader)

    async def require_admin(self, actor: Actor) -> Person:
        """The acting person, if an admin of the workspace; else `AdminOnly`."""
        person = await self.require_member(actor)
        if not may(actor, person, Act.ADMIN, owner=None, lead=None):
            await self._know.refused(actor, actor.team)
            raise AdminOnly
        return person

    async def over_gpus(
        self, actor: Actor, runs: Sequence[GpuRun], place: ChannelId | None
    ) -> Mapping[GpuId, GpuPowers]:
        """Of these runs those that are shown to somebody in a place, with what they may do."""
        person = await self.require_member(actor)
        async with self._store(read_only=True) as uow:
            led = set(await uow.channels.led_by(actor.team, actor.user))
            watching = await uow.watch.settings(actor.team)
        leads = {run.id: actor.user if run.channel in led else None for run in runs}
        found = {r.id: gpu_powers(actor, person, r, leads[r.id], place, watching) for r in runs}
        return {gpu: powers for gpu, powers in found.items() if powers is not None}


async def _name(uow: UnitOfWork, team: TeamId, user: UserId | None) -> str | None:
    known = await uow.people.get(team, user) if user else None
    return known.name if known else user
