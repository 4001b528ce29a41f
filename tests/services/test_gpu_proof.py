"""The end of an experiment's machine becomes its proof of the stop, once, whatever is killed."""

from dataclasses import replace
from itertools import count

from bot.domain.delivery import LEASE, ClaimedDue, DueKind
from bot.domain.evidence import Evidence, EvidenceState, Source
from bot.domain.fleet import Billing, Ending
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import Stopping, StopReason
from bot.domain.plans import Experiment, State
from bot.domain.reconcile import vanished
from bot.domain.replanning import reconciled
from storage.database import SqlStore
from tests.engine.cards import card
from tests.services.watched import Watch
from tests.storage.given import ADA, AT, TEAM, added, decided, saved

REQUESTS = count()


async def renting(watch: Watch, route: str = "rented_gpu") -> Experiment:
    """A running experiment on a rented GPU, with all its evidence missing."""
    request = f"V{route}{next(REQUESTS)}"
    asked = card(available_route=route, session_hours=4)
    x = decided(await added(watch.store, request, card=asked), AT)
    needs = x.decision.evidence if x.decision else ()
    assert await saved(watch.store, x)
    x = replace(x, version=x.version + 1, state=State.RUNNING, started_at=AT)
    assert await saved(watch.store, x)
    async with watch.store() as uow:
        await uow.evidence.replace(x.id, reconciled((), needs, AT))
        await uow.commit()
    return x


async def proof_of(watch: Watch, x: Experiment) -> Evidence | None:
    async with watch.store(read_only=True) as uow:
        return next((e for e in await uow.evidence.of(x.id) if e.item == "stop_proof"), None)


async def gone(watch: Watch, run: GpuRun) -> GpuRun:
    now = watch.clock.now()
    return await watch.changed(run, lambda r: vanished(r, now, now))


async def row_of(watch: Watch) -> ClaimedDue:
    async with watch.store() as uow:
        rows = await uow.due.claim(watch.clock.now(), 9, LEASE)
        await uow.commit()
    return next(r for r in rows if r.due.kind is DueKind.GPU_ENDED)


async def test_a_machine_that_is_gone_proves_it(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    x = await renting(watch)
    run = await watch.burns(usd="1", experiment=x.id)
    await gone(watch, run)
    await watch.tick()
    item = await proof_of(watch, x)
    assert item is not None
    assert (item.state, item.source, item.by) == (EvidenceState.GIVEN, Source.PROVEN, None)
    assert item.content["listing"] == (
        "RunPod does not list ow-1-ada (ow-1-ada) any more, seen 2026-11-23 09:00 UTC."
    )
    notes = [s.text for s in watch.slack.said if s.subject.startswith(f"note:{x.id}:")]
    assert len(notes) == 1
    assert "proof of the stop" in notes[0]


async def test_a_stopped_machine_proves_it_with_the_providers_own_word(watch: Watch) -> None:
    x = await renting(watch)
    run = await watch.burns(usd="1", experiment=x.id)
    now = watch.clock.now()
    await watch.changed(
        run,
        lambda r: r.changed(
            now, state=RunState.STOPPED, billing=Billing.STORAGE, raw_status="EXITED",
            ended_at=now, proven=True,
        ),
    )  # fmt: skip
    await watch.tick()
    item = await proof_of(watch, x)
    assert item is not None
    assert "as EXITED" in str(item.content["listing"])


async def test_while_another_machine_of_it_runs_nothing_is_proven(watch: Watch) -> None:
    x = await renting(watch)
    one = await watch.burns(usd="1", experiment=x.id)
    two = await watch.burns("ow-1-ada-2", usd="1", experiment=x.id)
    await gone(watch, one)
    await watch.tick()
    item = await proof_of(watch, x)
    assert item is not None
    assert item.state is EvidenceState.MISSING
    await gone(watch, two)
    await watch.tick()
    item = await proof_of(watch, x)
    assert item is not None
    assert item.state is EvidenceState.GIVEN


async def test_what_a_person_says_proves_nothing(watch: Watch) -> None:
    x = await renting(watch)
    run = await watch.burns(usd="1", experiment=x.id)
    await watch.changed(run, lambda r: r.reported_stopped(at=watch.clock.now(), by=ADA))
    await watch.tick()
    item = await proof_of(watch, x)
    assert item is not None
    assert item.state is EvidenceState.MISSING


async def test_a_death_on_either_side_of_it_leaves_one_entry(both: SqlStore) -> None:
    watch = await Watch(both).opened()
    x = await renting(watch)
    run = await watch.burns(usd="1", experiment=x.id)
    await gone(watch, run)
    row = await row_of(watch)
    await watch.work[row.due.kind](replace(row, lease_token="somebody else's"))  # a lease
    watch.clock.at += 2 * LEASE
    again = await row_of(watch)
    await watch.work[again.due.kind](again)
    async with both(read_only=True) as uow:
        after = await uow.plans.by_id(TEAM, x.id)
        entries = [e for e in await uow.evidence.entries(x.id) if e.item == "stop_proof"]
    assert after is not None
    assert after.version == x.version + 1
    assert len(entries) == 1
    async with both() as uow:
        assert [r.due.kind for r in await uow.due.claim(watch.clock.now(), 9, LEASE)] == []


async def test_an_experiment_that_asks_for_none_or_is_over_is_left_alone(watch: Watch) -> None:
    laptop = await renting(watch, "local_gpu")
    dropped = await renting(watch)
    async with watch.store() as uow:
        known = await uow.plans.by_id(TEAM, dropped.id)
        assert known is not None
        assert await uow.plans.save(known.archived(at=AT))
        await uow.commit()
    for n, x in enumerate((laptop, dropped)):
        run = await watch.burns(f"ow-{n}", usd="1", experiment=x.id)
        await gone(watch, run)
    await watch.tick()
    assert await proof_of(watch, laptop) is None
    item = await proof_of(watch, dropped)
    assert item is not None
    assert item.state is EvidenceState.MISSING


async def test_a_stopped_machine_that_is_deleted_later_is_told_once_more(watch: Watch) -> None:
    x = await renting(watch)
    run = await watch.burns(usd="1", experiment=x.id)
    now = watch.clock.now()
    stopped = {"state": RunState.STOPPED, "billing": Billing.STORAGE, "ended_at": now}
    await watch.changed(run, lambda r: r.changed(now, proven=True, **stopped))
    await watch.tick()
    delete = Stopping(Ending.TERMINATE, StopReason.PERSON, now, ADA)
    for end in (lambda r: r.not_stopping(at=now), lambda r: vanished(r, now, now)):
        await watch.changed(run, lambda r: r.being_stopped(delete))
        await watch.changed(run, end)
        await watch.tick()
    told = [s.text for s in watch.slack.said if s.subject.startswith("gpu_ended")]
    assert ["was stopped at" in text for text in told] == [True, False], "refused: nothing new"
    assert "was terminated at" in told[1]
    assert (await proof_of(watch, x)) is not None
