"""Experiments and what belongs to them: revisions, checklists, reminders, tokens."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.evidence import Entry, Evidence, Progress
from bot.domain.ids import ChannelId, ExperimentId, TeamId, UserId
from bot.domain.plans import Draft, Experiment, State
from bot.domain.reminders import Owed, Owing, Reminding, Standing
from bot.domain.tokens import Token
from engine.contract import ConstraintCard, DecisionCard


class Plans(Protocol):
    """Experiments with all revisions of their constraint cards and decisions."""

    async def add(self, draft: Draft, at: datetime) -> Experiment:
        """Number and keep a new experiment (OW-n, counted per workspace), state planned."""
        ...

    async def by_id(self, team: TeamId, experiment: ExperimentId) -> Experiment | None: ...

    async def by_ids(
        self, team: TeamId, experiments: Collection[ExperimentId]
    ) -> dict[ExperimentId, Experiment]:
        """Those of these experiments that there are, in one query."""
        ...

    async def by_number(self, team: TeamId, number: int) -> Experiment | None: ...

    async def by_request(self, team: TeamId, request_id: str) -> Experiment | None:
        """The experiment a submission has made or re-planned already, if any."""
        ...

    async def in_channel(
        self, team: TeamId, channel: ChannelId, states: Sequence[State]
    ) -> Sequence[Experiment]:
        """Experiments of a channel in any of `states`, newest first, at most 50."""
        ...

    async def of_owner(
        self, team: TeamId, owner: UserId, states: Sequence[State]
    ) -> Sequence[Experiment]:
        """Experiments somebody owns in any of `states`, newest first, at most 50."""
        ...

    async def assigned_to(
        self, team: TeamId, user: UserId, states: Sequence[State]
    ) -> Sequence[Experiment]:
        """Experiments with an item that somebody is asked for by name, newest first, at most 50."""
        ...

    async def last_card(self, team: TeamId, user: UserId) -> ConstraintCard | None:
        """The card this person submitted last, for the prefill; one indexed read."""
        ...

    async def save(self, experiment: Experiment, *, request_id: str | None = None) -> bool:
        """Write the experiment and its newest revision if its version is one past the stored.

        False when somebody else was first (compare-and-set); nothing is written then. A new
        revision is inserted with `request_id`, an existing one gets its decision or problem, and
        the facts of its model that were read from the hub on its card.
        """
        ...

    async def decision_of(self, experiment: ExperimentId, revision: int) -> DecisionCard | None:
        """An older revision's decision, for the difference a re-plan makes."""
        ...


class EvidenceItems(Protocol):
    """The checklists."""

    async def of(self, experiment: ExperimentId) -> tuple[Evidence, ...]:
        """All items in the order of the decision, retired ones last."""
        ...

    async def replace(self, experiment: ExperimentId, items: Sequence[Evidence]) -> None:
        """Write the checklist as it now is (upsert by item id; order as given)."""
        ...

    async def progress(self, experiments: Sequence[ExperimentId]) -> dict[ExperimentId, Progress]:
        """The counts for a list of experiments, in one query."""
        ...

    async def of_all(
        self, experiments: Sequence[ExperimentId]
    ) -> dict[ExperimentId, tuple[Evidence, ...]]:
        """The checklists of a list of experiments, in one query."""
        ...

    async def note(self, experiment: ExperimentId, entry: Entry) -> bool:
        """Keep what was put down for an item; False when the same delivery left it already."""
        ...

    async def entries(self, experiment: ExperimentId) -> tuple[Entry, ...]:
        """Everything that was ever put down, oldest first."""
        ...

    async def seal(self, experiment: ExperimentId, entries: Sequence[Entry]) -> None:
        """Put these contents in the place of the words that the same entries held."""
        ...


class Reminders(Protocol):
    """What evidence reminders remember between one and the next."""

    async def of(self, experiments: Sequence[ExperimentId]) -> dict[ExperimentId, Reminding]: ...

    async def put(self, experiment: ExperimentId, known: Reminding) -> None: ...

    async def listed(self, experiments: Sequence[ExperimentId], now: datetime) -> None:
        """Count one more reminder that listed these; a snooze that is over ends with it.

        Nothing else that is remembered changes, whoever changes it meanwhile.
        """
        ...

    async def owing(
        self, team: TeamId, channels: Sequence[ChannelId]
    ) -> dict[ChannelId, tuple[Owing, ...]]:
        """The channels' running experiments with items that need somebody, oldest first."""
        ...

    async def owed(self, owing: Sequence[Owing]) -> tuple[Owed, ...]:
        """Those of these experiments that still do, in their order, with the items."""
        ...

    async def standing(
        self, team: TeamId, channels: Sequence[ChannelId]
    ) -> dict[ChannelId, Standing]:
        """The one reminder that stands in each of these channels, where one does.

        Ask for it before anything else about the channels' reminders is read or written: until
        the commit nobody else gets past this.
        """
        ...

    async def unarmed(self, limit: int) -> Sequence[tuple[TeamId, ChannelId]]:
        """Channels in which something runs that needs somebody, and no reminder waits for them.

        Muted channels and removed workspaces want none.
        """
        ...

    async def stand(self, team: TeamId, standing: Mapping[ChannelId, Standing]) -> None:
        """Note which reminders stand in channels from now on."""
        ...

    async def fall(self, team: TeamId, channel: ChannelId) -> None:
        """Note that none stands in a channel from now on."""
        ...


class Tokens(Protocol):
    """Tokens with which a machine may send a capture."""

    async def add(self, token: Token) -> None: ...

    async def by_hash(self, sha256: str) -> Token | None: ...

    async def use(self, sha256: str, most: int) -> bool:
        """Count one use; False when it was used `most` times already (compare-and-set)."""
        ...

    async def revoke(self, experiment: ExperimentId, at: datetime) -> int:
        """End all tokens of an experiment; returns how many were alive."""
        ...
