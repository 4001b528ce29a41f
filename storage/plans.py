"""Experiments with all revisions of their cards and decisions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import Conclusion, Draft, Experiment, Revision, State
from engine.contract import ConstraintCard, DecisionCard
from storage.insert import insert_once, upsert
from storage.tables import constraint_cards, decisions, evidence_items, experiments, workspaces

LISTED = 50
newest = constraint_cards.alias("newest")
in_force = constraint_cards.alias("in_force")
newest_decision = decisions.alias("newest_decision")
decision_in_force = decisions.alias("decision_in_force")


class SqlPlans:
    """`bot.ports.Plans`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, draft: Draft, at: datetime) -> Experiment:
        """Number it and keep it; a request id that is taken gives the experiment it made."""
        await self._take_turn(draft.team, at)
        if (made := await self.by_request(draft.team, draft.request_id)) is not None:
            return made
        number = await self._next_number(draft.team)
        key = await self._connection.scalar(
            insert(experiments)
            .values(
                team=draft.team,
                number=number,
                channel=draft.channel,
                owner=draft.owner,
                state=State.PLANNED.value,
                latest=1,
                version=1,
                created_at=at,
                changed_at=at,
            )
            .returning(experiments.c.id)
        )
        x = Experiment(
            id=ExperimentId(key),
            team=draft.team,
            number=number,
            channel=draft.channel,
            owner=draft.owner,
            state=State.PLANNED,
            latest=Revision(1, draft.card, None, draft.submitted_by, at),
            current=None,
            version=1,
            created_at=at,
            changed_at=at,
        )
        await self._write_card(x, draft.request_id)
        return x

    async def by_id(self, team: TeamId, experiment: ExperimentId) -> Experiment | None:
        """One experiment of a workspace."""
        return await self._one(experiments.c.team == team, experiments.c.id == experiment)

    async def by_ids(
        self, team: TeamId, wanted: Collection[ExperimentId]
    ) -> dict[ExperimentId, Experiment]:
        """Several experiments of a workspace."""
        mine = (experiments.c.team == team, experiments.c.id.in_(list(wanted)))
        rows = await self._connection.execute(_whole().where(*mine))
        return {x.id: x for x in map(_experiment, rows)}

    async def by_number(self, team: TeamId, number: int) -> Experiment | None:
        """OW-n."""
        return await self._one(experiments.c.team == team, experiments.c.number == number)

    async def by_request(self, team: TeamId, request_id: str) -> Experiment | None:
        """The experiment a submission belongs to already."""
        made = select(constraint_cards.c.experiment).where(
            constraint_cards.c.team == team, constraint_cards.c.request_id == request_id
        )
        return await self._one(
            experiments.c.team == team, experiments.c.id == made.scalar_subquery()
        )

    async def in_channel(
        self, team: TeamId, channel: ChannelId, states: Sequence[State]
    ) -> Sequence[Experiment]:
        """A channel's experiments, newest first."""
        return await self._many(
            experiments.c.team == team, experiments.c.channel == channel, _any_of(states)
        )

    async def of_owner(
        self, team: TeamId, owner: UserId, states: Sequence[State]
    ) -> Sequence[Experiment]:
        """A person's experiments, newest first."""
        return await self._many(
            experiments.c.team == team, experiments.c.owner == owner, _any_of(states)
        )

    async def assigned_to(
        self, team: TeamId, user: UserId, states: Sequence[State]
    ) -> Sequence[Experiment]:
        """Experiments with an item that this person is asked for, newest first."""
        asked = select(evidence_items.c.experiment).where(evidence_items.c.assignee == user)
        return await self._many(
            experiments.c.team == team, experiments.c.id.in_(asked), _any_of(states)
        )

    async def last_card(self, team: TeamId, user: UserId) -> ConstraintCard | None:
        """The card this person submitted last."""
        found = await self._connection.scalar(
            select(constraint_cards.c.card)
            .where(constraint_cards.c.team == team, constraint_cards.c.submitted_by == user)
            .order_by(constraint_cards.c.submitted_at.desc())
            .limit(1)
        )
        return ConstraintCard.model_validate_json(found) if found else None

    async def save(self, experiment: Experiment, *, request_id: str | None = None) -> bool:
        """Compare-and-set on the version, then the newest revision."""
        x = experiment
        won = await self._connection.scalar(
            update(experiments)
            .where(
                experiments.c.id == x.id,
                experiments.c.team == x.team,
                experiments.c.version == x.version - 1,
            )
            .values(
                owner=x.owner,
                state=x.state.value,
                latest=x.latest.number,
                current=x.current.number if x.current else None,
                version=x.version,
                changed_at=x.changed_at,
                started_at=x.started_at,
                conclusion=x.conclusion.value if x.conclusion else None,
                concluded_by=x.concluded_by,
                concluded_at=x.concluded_at,
            )
            .returning(experiments.c.id)
        )
        if won is None:
            return False
        await self._write_card(x, request_id)
        await self._write_decision(x)
        return True

    async def decision_of(self, experiment: ExperimentId, revision: int) -> DecisionCard | None:
        """A revision's decision."""
        found = await self._connection.scalar(
            select(decisions.c.decision).where(
                decisions.c.experiment == experiment, decisions.c.revision == revision
            )
        )
        return DecisionCard.model_validate_json(found) if found else None

    async def _take_turn(self, team: TeamId, at: datetime) -> None:
        """Hold the workspace's row until commit, so that plans are numbered one after the other."""
        unseen = {"team": team, "name": team, "bot_user": "", "seen_at": at}
        await insert_once(self._connection, workspaces, unseen, workspaces.c.team)
        await self._connection.execute(
            select(workspaces.c.team).where(workspaces.c.team == team).with_for_update()
        )

    async def _next_number(self, team: TeamId) -> int:
        following = await self._connection.execute(
            update(workspaces)
            .where(workspaces.c.team == team)
            .values(next_number=workspaces.c.next_number + 1)
            .returning(workspaces.c.next_number)
        )
        return int(following.scalar_one()) - 1

    async def _write_card(self, x: Experiment, request_id: str | None) -> None:
        """A new revision's card; one that is there may get a problem, or facts from the hub."""
        cards, latest = constraint_cards, x.latest
        values = {
            "experiment": x.id,
            "revision": latest.number,
            "team": x.team,
            "request_id": request_id,
            "card": latest.card.model_dump_json(),
            "submitted_by": latest.submitted_by,
            "submitted_at": latest.submitted_at,
            "problem": latest.problem,
        }
        key = (cards.c.experiment, cards.c.revision)
        if await insert_once(self._connection, cards, values, *key) is None:
            await self._connection.execute(
                update(cards)
                .where(cards.c.experiment == x.id, cards.c.revision == latest.number)
                .values(card=values["card"], problem=latest.problem)
            )

    async def _write_decision(self, x: Experiment) -> None:
        if x.latest.decision is None:
            return
        values = {
            "experiment": x.id,
            "revision": x.latest.number,
            "plan_id": x.latest.decision.plan_id,
            "status": x.latest.decision.status,
            "decision": x.latest.decision.model_dump_json(),
            "decided_at": x.changed_at,
        }
        key = (decisions.c.experiment, decisions.c.revision)
        await upsert(self._connection, decisions, values, *key)

    async def _one(self, *where: ColumnElement[bool]) -> Experiment | None:
        row = (await self._connection.execute(_whole().where(*where))).first()
        return _experiment(row) if row else None

    async def _many(self, *where: ColumnElement[bool]) -> Sequence[Experiment]:
        rows = await self._connection.execute(
            _whole().where(*where).order_by(experiments.c.id.desc()).limit(LISTED)
        )
        return [_experiment(row) for row in rows]


def _any_of(states: Sequence[State]) -> ColumnElement[bool]:
    return experiments.c.state.in_([s.value for s in states])


def _whole() -> Select[Any]:
    """An experiment with its newest revision and the one in force, in one read."""
    x = experiments
    columns = [
        *x.c,
        *_labelled(newest, newest_decision, "newest"),
        *_labelled(in_force, decision_in_force, "in_force"),
    ]
    joined = (
        x.join(newest, and_(newest.c.experiment == x.c.id, newest.c.revision == x.c.latest))
        .outerjoin(
            newest_decision,
            and_(newest_decision.c.experiment == x.c.id, newest_decision.c.revision == x.c.latest),
        )
        .outerjoin(
            in_force, and_(in_force.c.experiment == x.c.id, in_force.c.revision == x.c.current)
        )
        .outerjoin(
            decision_in_force,
            and_(
                decision_in_force.c.experiment == x.c.id,
                decision_in_force.c.revision == x.c.current,
            ),
        )
    )
    return select(*columns).select_from(joined)


def _labelled(card: Any, decision: Any, prefix: str) -> list[Any]:
    names = ("revision", "card", "submitted_by", "submitted_at", "problem")
    found = [card.c[name].label(f"{prefix}_{name}") for name in names]
    return [*found, decision.c.decision.label(f"{prefix}_decision")]


def _experiment(row: Any) -> Experiment:
    latest = _revision(row._mapping, "newest")  # noqa: SLF001  # a Row's public mapping in SQLAlchemy
    current = latest if row.current == row.latest else None
    if current is None and row.current is not None:
        current = _revision(row._mapping, "in_force")  # noqa: SLF001  # the same
    return Experiment(
        id=ExperimentId(row.id),
        team=TeamId(row.team),
        number=row.number,
        channel=ChannelId(row.channel),
        owner=UserId(row.owner),
        state=State(row.state),
        latest=latest,
        current=current,
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        started_at=row.started_at,
        conclusion=Conclusion(row.conclusion) if row.conclusion else None,
        concluded_by=UserId(row.concluded_by) if row.concluded_by else None,
        concluded_at=row.concluded_at,
    )


def _revision(row: Any, prefix: str) -> Revision:
    decision = row[f"{prefix}_decision"]
    return Revision(
        number=row[f"{prefix}_revision"],
        card=ConstraintCard.model_validate_json(row[f"{prefix}_card"]),
        decision=DecisionCard.model_validate_json(decision) if decision else None,
        submitted_by=UserId(row[f"{prefix}_submitted_by"]),
        submitted_at=row[f"{prefix}_submitted_at"],
        problem=row[f"{prefix}_problem"],
    )
