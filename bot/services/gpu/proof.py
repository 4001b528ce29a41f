"""The end of an experiment's GPU becomes its proof of the stop."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cards.gpu_proof import listing, proven_note
from bot.clock import Clock
from bot.domain.delivery import ClaimedDue
from bot.domain.evidence import Entry, Source
from bot.domain.gpu import GpuRun
from bot.domain.plans import Experiment
from bot.errors import NoSuchItem, WrongState
from bot.ports import Store, UnitOfWork
from bot.services.evidence import Change, ChangeEvidence, Checklist
from bot.services.shows import language_of_card

log = structlog.get_logger(__name__)

ITEM = "stop_proof"


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that nothing of an experiment runs any more."""

    experiment: Experiment
    listing: str


class ProveEnd:
    """Put down, once per start of a machine, what shows it off.

    The entry has the row's own key, so that a crash between it and the settling changes nothing.
    """

    def __init__(self, *, store: Store, clock: Clock, change: ChangeEvidence) -> None:
        self._store = store
        self._clock = clock
        self._change = change

    async def __call__(self, row: ClaimedDue) -> None:
        """Re-read: while another machine of the experiment runs, nothing is proven."""
        proof = await self._proof(row)
        if proof is not None:
            await self._put_down(row, proof)
        async with self._store() as uow:
            await uow.due.settle(row, self._clock.now())
            await uow.commit()

    async def _proof(self, row: ClaimedDue) -> Proof | None:
        async with self._store(read_only=True) as uow:
            run = await uow.gpus.by_id(row.due.team, row.due.gpu)
            if run is None or run.generation != row.due.revision or not _is_shown_off(run):
                return None
            x = await uow.plans.by_id(run.team, run.experiment) if run.experiment else None
            if x is None or await _runs(uow, x):
                return None
            return Proof(x, listing(run, await language_of_card(uow, x)))

    async def _put_down(self, row: ClaimedDue, proof: Proof) -> None:
        x = proof.experiment
        try:
            await self._change(
                None, x.team, x.id, row.due.key, lambda *on: _proven(row.due.key, proof, *on)
            )
        except (NoSuchItem, WrongState) as error:  # it asks for none, or takes nothing any more
            log.info("gpu.end_not_asked_for", plan=x.label, why=error.code)


def _is_shown_off(run: GpuRun) -> bool:
    return run.proven and not run.is_live and run.ended_at is not None


async def _runs(uow: UnitOfWork, x: Experiment) -> bool:
    runs = await uow.gpus.of_experiments([x.id])
    return any(r.is_live and not r.disowned and r.merged_into is None for r in runs)


def _proven(key: str, proof: Proof, x: Experiment, have: Checklist, now: datetime) -> Change:
    item = next((e for e in have if e.item == ITEM and e.can_be_given), None)
    if item is None:
        raise NoSuchItem(x.label)
    entry = Entry(key, ITEM, Source.PROVEN, {"listing": proof.listing}, now)
    return Change(
        "evidence.proven",
        [item.with_entry(entry)],
        lambda _, lang: proven_note(item, proof.listing, lang),
        entries=[entry],
    )
