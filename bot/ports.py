"""What the use cases need from the outside, as Protocols.

`storage` implements the unit of work and its repositories, `gateways` the messenger, the directory
and the engine, tests their stateful twins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from bot.domain.delivery import ClaimedDue, ClaimedOutgoing, Due, Outcome, Outgoing, Post, Sent
from bot.domain.evidence import Entry, Evidence, Progress
from bot.domain.hub import HubAnswer
from bot.domain.ids import ChannelId, ExperimentId, OutboxId, TeamId, UserId
from bot.domain.model_card import CardAnswer
from bot.domain.plans import Draft, Experiment, State
from bot.domain.reminders import Owed, Reminding, Standing
from bot.domain.tokens import Token
from bot.domain.workspace import Actor, Channel, Person
from engine.contract import (
    ConstraintCard,
    DecisionCard,
    EvidenceCheck,
    EvidenceRecord,
    FitReport,
    FitRequest,
)


class Plans(Protocol):
    """Experiments with all revisions of their constraint cards and decisions."""

    async def add(self, draft: Draft, at: datetime) -> Experiment:
        """Number and keep a new experiment (OW-n, counted per workspace), state planned."""
        ...

    async def by_id(self, team: TeamId, experiment: ExperimentId) -> Experiment | None: ...

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

    async def owed(self, team: TeamId, channel: ChannelId) -> tuple[Owed, ...]:
        """A channel's running experiments with items that need somebody, oldest first."""
        ...

    async def standing(self, team: TeamId, channel: ChannelId) -> Standing | None:
        """The one reminder that stands in a channel, if one does.

        Ask for it before anything else about the channel's reminders is read or written: until
        the commit nobody else gets past this.
        """
        ...

    async def unarmed(self, limit: int) -> Sequence[tuple[TeamId, ChannelId]]:
        """Channels in which something runs that needs somebody, and no reminder waits for them.

        Muted channels and removed workspaces want none.
        """
        ...

    async def stand(self, team: TeamId, channel: ChannelId, now: Standing | None) -> None:
        """Note which reminder stands in a channel from now on."""
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


class DueRows(Protocol):
    """Occurrences that must happen, each exactly once."""

    async def add(self, due: Due) -> bool:
        """Keep an occurrence unless its key exists; False when it was there."""
        ...

    async def arm(self, due: Due) -> bool:
        """Keep an occurrence, or move one that waits to its hour; False when it is over or held."""
        ...

    async def end_others(self, kept: Due, now: datetime) -> int:
        """End what waits of the same kind and channel beside `kept`; returns how many."""
        ...

    async def claim(self, now: datetime, limit: int, lease: timedelta) -> list[ClaimedDue]:
        """Take rows that are due and free, oldest first. Commit before acting on them."""
        ...

    async def claim_key(self, key: str, now: datetime, lease: timedelta) -> ClaimedDue | None:
        """Take one row by its key, if it is due and free."""
        ...

    async def settle(self, row: ClaimedDue, now: datetime) -> bool:
        """Mark it done if the lease is still ours; False tells the caller to roll back."""
        ...

    async def defer(self, row: ClaimedDue, due_at: datetime) -> bool:
        """Give it back to be due later, if the lease is still ours."""
        ...

    async def overdue(self, now: datetime, older_than: timedelta) -> int:
        """How many rows should have been done that long ago; a removed workspace's do not count."""
        ...


class Outbox(Protocol):
    """Messages on their way to Slack."""

    async def add(self, outgoing: Outgoing, now: datetime) -> bool:
        """Queue a message unless its key exists; False when it was there."""
        ...

    async def claim(
        self, now: datetime, limit: int, lease: timedelta, busy: frozenset[OutboxId] = frozenset()
    ) -> list[ClaimedOutgoing]:
        """Take the oldest open row of each channel that is free. Commit before sending.

        `busy` are rows the caller has in flight: never taken, whatever their lease says.
        """
        ...

    async def sent(self, row: ClaimedOutgoing, sent: Sent, now: datetime) -> bool:
        """Settle a delivered row and remember where its subject is shown."""
        ...

    async def release(self, row: ClaimedOutgoing, not_before: datetime) -> bool:
        """Give back a row that was certainly not sent: the try does not count."""
        ...

    async def dead(self, row: ClaimedOutgoing, error: str, now: datetime) -> bool:
        """Give up on a row."""
        ...

    async def turn(self, row: ClaimedOutgoing, into: Outgoing, now: datetime) -> bool:
        """Send something else instead, in the same place of the queue: form, channel or kind.

        A new row would stand behind the replies that wait for this one.
        """
        ...

    async def unknown(self, row: ClaimedOutgoing, now: datetime) -> bool:
        """Settle a row nobody can say anything about, and that must not be repeated."""
        ...

    async def where(self, team: TeamId, subject: str) -> Post | None:
        """Where a subject's message is, if it was posted."""
        ...

    async def shown_at(
        self, team: TeamId, subjects: Sequence[str], channel: ChannelId, ts: str
    ) -> str | None:
        """Which of these subjects a message is; None when it is none of them."""
        ...

    async def forget(self, team: TeamId, subject: str) -> None:
        """Drop the place of a message that is gone, and of all that stood in its thread."""
        ...

    async def is_open(self, team: TeamId, subject: str) -> bool:
        """Whether a post of this subject is still on its way."""
        ...

    async def withdraw(self, team: TeamId, subject: str) -> int:
        """Drop a subject's posts that were certainly not sent; returns how many."""
        ...

    async def drop_files(self, team: TeamId, thread: str, moved: str) -> None:
        """Forget the files of a thread: those of the past, and those that nobody has begun to send.

        So too of threads whose name begins with `moved`. An upload that is just being sent ends as
        it would, and is never taken up again.
        """
        ...

    async def supersede_updates(self, team: TeamId, subject: str, version: int) -> int:
        """Drop unsent updates of a subject older than `version`; returns how many."""
        ...

    async def undelivered(self, now: datetime, older_than: timedelta) -> int:
        """How many rows have waited longer than `older_than`, for the readiness body."""
        ...


class Inbound(Protocol):
    """What Slack has delivered before."""

    async def first_time(self, key: str, now: datetime) -> bool:
        """Note a delivery; False when it was seen. Belongs to the transaction of its effect."""
        ...

    async def forget_before(self, before: datetime) -> int:
        """Delete notes older than `before`; returns how many."""
        ...


class People(Protocol):
    """Members, as Slack told us."""

    async def get(self, team: TeamId, user: UserId) -> Person | None: ...

    async def put(self, person: Person) -> None: ...


class Channels(Protocol):
    """Channel settings."""

    async def get(self, team: TeamId, channel: ChannelId) -> Channel:
        """The channel's settings; defaults where nobody has set any."""
        ...

    async def begin(self, channel: Channel) -> Channel:
        """The channel's settings; these where nobody has set any, kept from then on."""
        ...

    async def led_by(self, team: TeamId, user: UserId) -> Sequence[ChannelId]:
        """The channels that somebody leads."""
        ...

    async def put(self, channel: Channel) -> None: ...


class Audit(Protocol):
    """Who did what."""

    async def add(
        self,
        actor: Actor | None,
        team: TeamId,
        action: str,
        subject: str,
        at: datetime,
        *,
        before: str = "",
        after: str = "",
    ) -> None:
        """One line, in the transaction of its effect. `actor` None = owroute itself."""
        ...


class Workspaces(Protocol):
    """The workspaces that use this bot, and the bot's own secrets and heartbeat."""

    async def secret(self) -> bytes:
        """32 random bytes made by the first migration: signs what must be recognised later."""
        ...

    async def seen(self, team: TeamId, name: str, bot_user: UserId, at: datetime) -> None:
        """Note a workspace at start."""
        ...

    async def is_active(self, team: TeamId) -> bool:
        """False once the app was removed: nothing is sent or done for it any more."""
        ...

    async def remove(self, team: TeamId, at: datetime) -> None:
        """The app was uninstalled: end all open work of the workspace."""
        ...

    async def ticked(self, now: datetime) -> None:
        """Note that a whole cycle has run."""
        ...


class UnitOfWork(Protocol):
    """One transaction. Leaving it without `commit` rolls back."""

    @property
    def plans(self) -> Plans: ...

    @property
    def evidence(self) -> EvidenceItems: ...

    @property
    def reminders(self) -> Reminders: ...

    @property
    def tokens(self) -> Tokens: ...

    @property
    def due(self) -> DueRows: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def inbound(self) -> Inbound: ...

    @property
    def people(self) -> People: ...

    @property
    def channels(self) -> Channels: ...

    @property
    def workspaces(self) -> Workspaces: ...

    @property
    def audit(self) -> Audit: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def commit(self) -> None:
        """Make it so. A commit whose answer is lost raises, though it may have happened."""
        ...


class Store(Protocol):
    """Opens transactions."""

    def __call__(self, *, read_only: bool = False) -> UnitOfWork:
        """A transaction of its own; `read_only` takes no write lock."""
        ...

    async def ping(self) -> None:
        """Raise unless the database answers and its schema is this version's."""
        ...

    async def last_tick(self) -> datetime | None:
        """When a cycle last ran, in any replica."""
        ...


class Messenger(Protocol):
    """Slack, as far as sending goes. No method re-sends by itself."""

    async def post(
        self, team: TeamId, outgoing: Outgoing, thread_ts: str | None, channel: ChannelId
    ) -> Outcome:
        """Post a message with its key in the metadata."""
        ...

    async def upload(
        self, team: TeamId, outgoing: Outgoing, thread_ts: str | None, channel: ChannelId
    ) -> Outcome:
        """Upload the message's files into a conversation, all in one message; no `U...` channel."""
        ...

    async def update(self, team: TeamId, outgoing: Outgoing, post: Post) -> Outcome:
        """Edit our message in place."""
        ...

    async def delete(self, team: TeamId, post: Post) -> Outcome:
        """Delete our message; already gone counts as done."""
        ...

    async def find(
        self,
        team: TeamId,
        outgoing: Outgoing,
        channel: ChannelId,
        thread_ts: str | None,
        since: datetime,
    ) -> Sent | None:
        """Look for a message an earlier try may have left; None = certainly not there.

        Files carry no key: they are known by their names.
        Raises `CannotLook` when history cannot be read at all, `LookupFailed` when this try failed.
        """
        ...


class CannotLook(Exception):
    """The history of this conversation is closed to us (missing scope)."""


class LookupFailed(Exception):
    """The history could not be read just now: no answer, which is not an empty one."""


class Directory(Protocol):
    """Slack's list of members."""

    async def person(
        self, team: TeamId, user: UserId, now: datetime, *, within: float
    ) -> Person | None:
        """Ask Slack, for at most `within` seconds; None when Slack does not know the person.

        Raises OSError (TimeoutError included) when Slack does not answer or answers with an error.
        """
        ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of a typeahead: what people read and what the card gets."""

    text: str
    value: str


class ModelHub(Protocol):
    """The public hub of open-weight models, if the network allows."""

    async def facts(self, repo: str, revision: str | None) -> HubAnswer:
        """What it knows of a repository, at a commit or as it now is; never raises, 5 s at most."""
        ...


class ModelCards(Protocol):
    """Model cards of the public hub, for people to confirm."""

    async def card(self, repo: str, revision: str | None) -> CardAnswer:
        """A repository's card, at a commit or as it now is; never raises, given up in seconds."""
        ...


class RouteEngine(Protocol):
    """The shared route engine, embedded or by URL: the caller cannot tell.

    Every method raises `EngineUnavailable` when it is down, slow or answers rubbish, and
    `EngineRefusedCard` when it finds the card invalid. `lang` is `en` or `zh_CN`.
    """

    async def decide(
        self, card: ConstraintCard, lang: str, *, within: timedelta | None = None
    ) -> DecisionCard:
        """The decision for a card; `within` shortens the usual time limit."""
        ...

    async def compare(
        self, card: ConstraintCard, lang: str, *, within: timedelta | None = None
    ) -> tuple[DecisionCard, ...]:
        """The decisions for the card on each of the five routes, in the order of `Route`."""
        ...

    async def fit(self, asked: FitRequest, lang: str) -> FitReport:
        """Whether a model fits in memory; `EngineRefusedCard` names what is wrong with `asked`."""
        ...

    async def check(self, record: EvidenceRecord, lang: str) -> EvidenceCheck:
        """What the nine fields of an experiment record lack, and what is wrong with them."""
        ...

    async def lesson(self, card: ConstraintCard) -> str:
        """The lesson's own JSON text for the card's first six fields."""
        ...

    async def models(self, query: str) -> Sequence[Suggestion]:
        """Catalogue models by name, family, size or licence, at most 20; exact names first."""
        ...

    async def hardware(self, query: str) -> Sequence[Suggestion]:
        """Known GPUs by any name drivers and providers give them, at most 20; exact ones first."""
        ...

    async def ready(self) -> str:
        """One line on how the engine is, for the readiness body; never raises."""
        ...
