"""The experiment record, asked for in Slack: read, checked by the engine, and put into the thread.

The files of one state are uploaded once, however often somebody asks.
"""

from dataclasses import dataclass, replace

import structlog

from bot.cards import record as cards
from bot.cards.record import Handed
from bot.clock import Clock
from bot.domain.delivery import Message, Op, Outgoing
from bot.domain.ids import ChannelId, ExperimentId
from bot.domain.plans import Experiment
from bot.domain.record import record_of
from bot.domain.record_model import Record
from bot.domain.workspace import Actor
from bot.errors import ChangedMeanwhile, EngineRefusedCard, EngineUnavailable, NothingAsked
from bot.ports import RouteEngine, Store, UnitOfWork
from bot.services.plans import FindPlan
from bot.services.reading import Listing, ListPlans
from bot.services.shows import card_subject, language_of_card, record_subject
from engine.contract import EvidenceCheck

log = structlog.get_logger(__name__)

TRIES = 5
"""So often a record is read again because somebody has just changed its experiment."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A record as it stands, what the engine says of it, and what became of its files.

    `check` is None where the engine does not answer: the record itself does not need it.
    """

    experiment: Experiment
    record: Record
    check: EvidenceCheck | None
    handed: Handed


class ExportRecord:
    """Hand out the record of an experiment, to any full member who may see it."""

    def __init__(
        self,
        *,
        find: FindPlan,
        list_plans: ListPlans,
        store: Store,
        engine: RouteEngine,
        clock: Clock,
    ) -> None:
        self._find = find
        self._list_plans = list_plans
        self._store = store
        self._engine = engine
        self._clock = clock

    async def __call__(
        self, actor: Actor, experiment: ExperimentId, lang: str, delivery: str
    ) -> Exported:
        """The record, its files on their way; raises `NotMember`, `NotFound`, `NothingAsked`."""
        return await self._exported(actor, await self._find(actor, experiment), lang, delivery)

    async def numbered(
        self, actor: Actor, number: int, channel: ChannelId | None, lang: str, delivery: str
    ) -> Exported | Listing:
        """The same by the number people see; where there is none, what is open in `channel`."""
        x = await self._find.numbered(actor, number, channel)
        if x is None:
            return await self._list_plans(actor, channel)
        return await self._exported(actor, x, lang, delivery)

    async def _exported(self, actor: Actor, x: Experiment, lang: str, delivery: str) -> Exported:
        """No transaction is open while the engine thinks."""
        async with self._store() as uow:
            x = await uow.plans.by_id(x.team, x.id) or x
            if x.decision is None:
                raise NothingAsked(x.label)
            record = await read_record(uow, x)
            handed = await self._hand_over(uow, actor, x, record, delivery)
            await uow.commit()
        log.info("record.exported", plan=x.label, handed=handed.value)
        return Exported(x, record, await self._checked(record, lang), handed)

    async def _checked(self, record: Record, lang: str) -> EvidenceCheck | None:
        try:
            return await self._engine.check(record.nine, lang)
        except (EngineUnavailable, EngineRefusedCard) as error:
            log.warning("record.unchecked", plan=record.experiment, reason=error.code)
            return None

    async def _hand_over(
        self, uow: UnitOfWork, actor: Actor, x: Experiment, record: Record, delivery: str
    ) -> Handed:
        """Queue the files unless those of this very state are there or on their way.

        A thread that was posted anew elsewhere gets them again, and so does, when somebody asks
        again, an upload that failed.
        """
        now, lang = self._clock.now(), await language_of_card(uow, x)
        files = cards.files(record, lang)
        card = await uow.outbox.where(x.team, card_subject(x))
        subject = f"{record_subject(x)}{card.ts if card else ''}:{files[0].name}"
        upload = Outgoing(
            key=f"upload:{subject}",
            team=x.team,
            channel=card.channel if card else x.channel,
            op=Op.UPLOAD,
            subject=subject,
            message=Message(cards.comment(record, lang), files=files),
            version=x.version,
            thread=card_subject(x),
            fallback=actor.user,
            repeatable=False,
        )
        if await uow.outbox.add(upload, now):
            await uow.audit.add(actor, x.team, "record.exported", x.label, now, after=files[0].name)
            return Handed.QUEUED
        if await uow.outbox.is_open(x.team, subject):
            return Handed.ON_ITS_WAY
        place = await uow.outbox.where(x.team, subject)
        if place is not None and place.channel == upload.channel:
            return Handed.THERE
        await uow.outbox.add(replace(upload, key=f"{upload.key}:{delivery}"), now)
        return Handed.AGAIN


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
