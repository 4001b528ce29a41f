"""The experiment record, asked for in Slack: read, put into the thread, and checked by the engine.

The files of one state are uploaded once, however often somebody asks.
"""

import asyncio
from dataclasses import dataclass

import structlog

from bot.cards import record as cards
from bot.clock import Clock
from bot.crash import crash_point
from bot.domain.delivery import HandedOver, Message
from bot.domain.ids import ChannelId, ExperimentId
from bot.domain.plans import Experiment
from bot.domain.record import record_of
from bot.domain.record_model import Record
from bot.domain.workspace import Actor
from bot.errors import ChangedMeanwhile, EngineRefusedCard, EngineUnavailable, NothingAsked
from bot.ports import RouteEngine, Store, UnitOfWork
from bot.services.handing import Parcel, hand_over
from bot.services.plans import FindPlan
from bot.services.reading import Listing
from bot.services.shows import language_of_card, record_subject
from engine.contract import EvidenceCheck

log = structlog.get_logger(__name__)

TRIES = 5
"""So often a record is read again because somebody has just changed its experiment."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A record as it stands, and what became of its files."""

    experiment: Experiment
    record: Record
    handed: HandedOver


class ExportRecord:
    """Hand out the record of an experiment, to any full member who may see it."""

    def __init__(self, *, find: FindPlan, store: Store, engine: RouteEngine, clock: Clock) -> None:
        self._find = find
        self._store = store
        self._engine = engine
        self._clock = clock

    async def __call__(self, actor: Actor, experiment: ExperimentId, delivery: str) -> Exported:
        """The record, its files on their way; raises `NotMember`, `NotFound`, `NothingAsked`.

        No network: the files are committed before anybody is told, `check` comes afterwards.
        """
        return await self._exported(actor, await self._find(actor, experiment), delivery)

    async def numbered(
        self, actor: Actor, number: int, channel: ChannelId | None, delivery: str
    ) -> Exported | Listing:
        """The same by the number people see; where there is none, what is open in `channel`."""
        x = await self._find.numbered(actor, number, channel)
        if isinstance(x, Listing):
            return x
        return await self._exported(actor, x, delivery)

    async def check(self, record: Record, lang: str) -> EvidenceCheck | None:
        """What the engine says of a record; None where it does not answer."""
        try:
            return await self._engine.check(record.nine, lang)
        except (EngineUnavailable, EngineRefusedCard) as error:
            log.warning("record.unchecked", plan=record.experiment, reason=error.code)
            return None

    async def _exported(self, actor: Actor, x: Experiment, delivery: str) -> Exported:
        """The files are drawn beside everything else: a table of 500 cases takes its time."""
        for _ in range(TRIES):
            async with self._store(read_only=True) as uow:
                x = await uow.plans.by_id(x.team, x.id) or x
                if x.decision is None:
                    raise NothingAsked(x.label)
                record, lang = await read_record(uow, x), await language_of_card(uow, x)
            parcel = await asyncio.to_thread(_parcel, x, record, lang)
            handed = await self._handed(actor, x, parcel, delivery)
            if handed is not None:
                log.info("record.exported", plan=x.label, handed=handed.how.value)
                return Exported(x, record, handed)
        raise ChangedMeanwhile(x.label)

    async def _handed(
        self, actor: Actor, x: Experiment, parcel: Parcel, delivery: str
    ) -> HandedOver | None:
        """What became of the files; None when somebody changed the experiment meanwhile."""
        async with self._store() as uow:
            now = await uow.plans.by_id(x.team, x.id)
            if now is not None and now.version != x.version:
                return None
            handed = await hand_over(uow, actor, x, parcel, delivery, self._clock.now())
            crash_point("handed.before_commit")
            await uow.commit()
        crash_point("handed.after_commit")
        return handed


def _parcel(x: Experiment, record: Record, lang: str) -> Parcel:
    """Markdown and JSON, named by what is in them."""
    files = cards.files(record, lang)
    message = Message(cards.comment(record, lang), files=files)
    return Parcel(record_subject(x), files[0].name, message, "record.exported")


async def read_record(uow: UnitOfWork, x: Experiment) -> Record:
    """The record of an experiment as the database has it: all of it from one moment.

    Every change of an experiment or its evidence raises its version, so what was read between two
    looks at the same version belongs together. Raises `ChangedMeanwhile` when it never holds still.
    """
    now = await uow.plans.by_id(x.team, x.id) or x
    for _ in range(TRIES):
        before = now
        items, entries = await uow.evidence.of(x.id), await uow.evidence.entries(x.id)
        now = await uow.plans.by_id(x.team, x.id) or x
        if now.version == before.version:
            return record_of(now, items, entries)
    raise ChangedMeanwhile(x.label)
