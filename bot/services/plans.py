"""A constraint card becomes an experiment: durable intent first, everything slow afterwards."""

import structlog

from bot.clock import Clock
from bot.crash import crash_point
from bot.domain.delivery import Due, DueKind
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import Draft, Experiment
from bot.domain.workspace import Act, Actor, Powers, may
from bot.errors import ChangedMeanwhile, NotFound
from bot.ports import Store, UnitOfWork
from bot.services.people import Rights
from bot.services.reading import Listing, ListPlans
from engine.contract import ConstraintCard

log = structlog.get_logger(__name__)


def publish_key(x: Experiment) -> str:
    """The key of the work that decides the experiment's newest card."""
    return f"publish_plan:{x.id}:{x.latest.number}"


def publish_due(x: Experiment) -> Due:
    """The row that makes sure the newest card is decided, whatever happens to this process."""
    return Due(
        key=publish_key(x),
        kind=DueKind.PUBLISH_PLAN,
        team=x.team,
        subject=x.id,
        due_at=x.latest.submitted_at,
        revision=x.latest.number,
    )


async def existing(uow: UnitOfWork, team: TeamId, experiment: ExperimentId) -> Experiment:
    """An experiment as this transaction sees it; raises `NotFound`."""
    found = await uow.plans.by_id(team, experiment)
    if found is None:
        raise NotFound(f"#{experiment}")
    return found


class FindPlan:
    """Look an experiment up, for somebody who may see it or steer it."""

    def __init__(self, *, store: Store, rights: Rights, list_plans: ListPlans) -> None:
        self._store = store
        self._rights = rights
        self._list_plans = list_plans

    async def __call__(self, actor: Actor, experiment: ExperimentId) -> Experiment:
        """The experiment, for a full member of its workspace; else `NotMember`, `NotFound`."""
        await self._rights.require_member(actor)
        async with self._store(read_only=True) as uow:
            return await existing(uow, actor.team, experiment)

    async def member(self, actor: Actor) -> None:
        """Raise `NotMember` for who is no full member of the workspace."""
        await self._rights.require_member(actor)

    async def powers(self, actor: Actor, x: Experiment) -> Powers:
        """What somebody may do to an experiment, for what is offered to them."""
        return await self._rights.powers(actor, x)

    async def numbered(
        self, actor: Actor, number: int, channel: ChannelId | None
    ) -> Experiment | Listing:
        """The same by the number people see; where none is shown here, what is open here.

        Numbers can be counted through, so outside its channel it is there only for its owner, the
        channel's lead and the admins.
        """
        person = await self._rights.require_member(actor)
        async with self._store(read_only=True) as uow:
            x = await uow.plans.by_number(actor.team, number)
            if x is not None and x.channel == channel:
                return x
            lead = (await uow.channels.get(actor.team, x.channel)).lead if x else None
        if x is not None and may(actor, person, Act.STEER, owner=x.owner, lead=lead):
            return x
        return await self._list_plans(actor, channel)

    async def to_do(self, actor: Actor, act: Act, experiment: ExperimentId) -> Experiment:
        """The same for somebody who may do `act` to it; else `NotAllowed` or `LeadOnly`."""
        x = await self(actor, experiment)
        await self._rights.require(actor, act, x)
        return x

    async def to_steer(self, actor: Actor, experiment: ExperimentId, seen: int) -> Experiment:
        """The same for somebody about to change it, told at once if they may not.

        Raises `NotAllowed`, and `ChangedMeanwhile` when `seen` is not its newest revision.
        """
        x = await self.to_do(actor, Act.STEER, experiment)
        if x.latest.number != seen:
            raise ChangedMeanwhile(x.label)
        return x


class SubmitPlan:
    """Keep a submitted card. The same submission twice gives the same experiment."""

    def __init__(self, *, store: Store, clock: Clock, rights: Rights, replan: "ReplanPlan") -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._replan = replan

    async def __call__(self, actor: Actor, draft: Draft) -> Experiment:
        """Commit the plan, its audit line and the row that will decide it; no network."""
        if draft.replans is not None:
            return await self._replan(
                actor, draft.replans, draft.seen, draft.card, draft.request_id, draft.owner
            )
        await self._rights.require_member(actor)
        await self._rights.require_owner(draft.team, draft.owner)
        now = self._clock.now()
        async with self._store() as uow:
            seen = await uow.plans.by_request(draft.team, draft.request_id)
            if seen is not None:
                return seen
            x = await uow.plans.add(draft, now)
            await uow.due.add(publish_due(x))
            await uow.digests.begin(x.team, x.channel, now)
            await uow.audit.add(actor, x.team, "plan.submitted", x.label, now)
            crash_point("submit.before_commit")
            await uow.commit()
        crash_point("submit.after_commit")
        log.info("plan.submitted", plan=x.label, team=x.team)
        return x


class ReplanPlan:
    """Give an experiment a new card; the decision in force stays until the engine has answered."""

    def __init__(self, *, store: Store, clock: Clock, find: FindPlan, rights: Rights) -> None:
        self._store = store
        self._clock = clock
        self._find = find
        self._rights = rights

    async def __call__(
        self,
        actor: Actor,
        experiment: ExperimentId,
        seen: int,
        card: ConstraintCard,
        request: str,
        owner: UserId | None = None,
    ) -> Experiment:
        """Commit the new revision. `seen` is the revision the person looked at.

        Raises `ChangedMeanwhile` when somebody else re-planned since, `NotFound`, `NotAllowed`
        and `WrongState`.
        """
        await self._find.to_do(actor, Act.STEER, experiment)
        if owner is not None:
            await self._rights.require_owner(actor.team, owner)
        now = self._clock.now()
        async with self._store() as uow:
            done = await uow.plans.by_request(actor.team, request)
            if done is not None:
                return done
            x = await existing(uow, actor.team, experiment)
            if x.latest.number != seen:
                raise ChangedMeanwhile(x.label)
            x = x.replanned(card, by=actor.user, at=now, owner=owner)
            if not await uow.plans.save(x, request_id=request):
                raise ChangedMeanwhile(x.label)
            await uow.due.add(publish_due(x))
            await uow.audit.add(actor, x.team, "plan.replanned", x.label, now)
            await uow.commit()
        log.info("plan.replanned", plan=x.label, revision=x.latest.number)
        return x
