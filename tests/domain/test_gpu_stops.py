"""What an accepted stop may become, and what is left when a provider refuses it."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.ending import EndOp, must_tell, op_key
from bot.domain.fleet import Billing, Ending, Grade, MachineState, Problem, Provider, Scope
from bot.domain.gpu import RunState
from bot.domain.gpu_parts import Deadline, DeadlineKind, Stopping, StopReason
from bot.domain.reconcile import updated
from bot.domain.shutdown import plan_of
from bot.domain.watch import Account, Watching
from bot.services.gpu.seeing import seen_of
from tests.storage.given import AT, TEAM
from tests.storage.gpus import instance, run

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TERMINATES = frozenset({Ending.TERMINATE})
STOP = Stopping(Ending.STOP, StopReason.DEADLINE, AT)


def op(ending: Ending = Ending.STOP) -> EndOp:
    found = run()
    key = op_key(ending, found.id, 1)
    return EndOp(key, TEAM, found.id, 1, ending, StopReason.PERSON, AT)


def test_a_stop_never_becomes_a_deletion_because_only_that_is_offered_just_now() -> None:
    found = updated(run(), instance(state=MachineState.STOPPING, endings=TERMINATES), AT)
    assert found.ending is Ending.STOP
    only = updated(run(endings=TERMINATES, ways=TERMINATES), instance(endings=TERMINATES), AT)
    assert only.ending is Ending.TERMINATE


def test_after_a_refusal_nothing_is_tried_again_until_somebody_sets_a_time() -> None:
    passed = Deadline(AT - MINUTE, DeadlineKind.PERSON, AT - HOUR)
    refused = run(deadline=passed).being_stopped(STOP).not_stopping(at=AT)
    assert refused.state is RunState.RUNNING
    assert refused.deadline is None
    assert plan_of(refused, AT, hold=False).grade is Grade.NONE
    again = refused.due_to_stop(Deadline(AT + HOUR, DeadlineKind.PERSON, AT), at=AT)
    assert plan_of(again, AT, hold=False).grade is Grade.ENFORCED


def test_a_refused_terminate_leaves_what_is_stopped_stopped() -> None:
    order = Stopping(Ending.TERMINATE, StopReason.PERSON, AT)
    stopped = run(state=RunState.STOPPED, billing=Billing.STORAGE, ended_at=AT)
    assert stopped.being_stopped(order).not_stopping(at=AT).state is RunState.STOPPED


def test_a_terminate_is_not_over_while_the_machine_is_listed_as_stopped() -> None:
    order = Stopping(Ending.TERMINATE, StopReason.PERSON, AT)
    found = run(state=RunState.STOPPED, billing=Billing.STORAGE, ended_at=AT).being_stopped(order)
    listed = instance(state=MachineState.STOPPED, billing=Billing.STORAGE)
    assert updated(found, listed, AT + MINUTE).state is RunState.STOPPING
    gone = instance(state=MachineState.GONE, billing=Billing.NONE)
    assert updated(found, gone, AT + MINUTE).state is RunState.ENDED


def test_a_restart_pays_for_no_pause_and_may_be_stopped_again() -> None:
    off = run(state=RunState.STOPPED, billing=Billing.NONE, ended_at=AT, may_stop=False)
    later = AT + 24 * HOUR
    found = updated(off, instance(state=MachineState.STARTING, started_at=None), later)
    assert (found.generation, found.started_at, found.may_stop) == (2, later, True)


def test_patience_counts_from_the_first_call_and_not_stopped_is_said_again() -> None:
    late, every = AT + HOUR, 2 * HOUR
    called = op().noted(late, "call", "sent", called_at=late, first_called_at=late)
    assert not must_tell(called, Provider.RUNPOD, late, every)
    assert must_tell(called, Provider.RUNPOD, late + 5 * MINUTE, every)
    assert must_tell(op(), Provider.RUNPOD, AT + 5 * MINUTE, every), "it could not be sent at all"
    told = called.noted(late, "read", "running", told_at=late + 5 * MINUTE, told=1)
    assert not must_tell(told, Provider.RUNPOD, late + HOUR, every)
    assert must_tell(told, Provider.RUNPOD, late + 3 * HOUR, every)


def test_a_key_that_is_refused_or_may_only_look_enforces_nothing() -> None:
    planned = run(deadline=Deadline(AT + HOUR, DeadlineKind.PERSON, AT))
    here = Scope(Provider.RUNPOD, "default")
    for account, grade in (
        (Account(TEAM, here), Grade.ENFORCED),
        (Account(TEAM, here, may_stop=False), Grade.DECLARED),
        (Account(TEAM, here, Problem.AUTH, AT, 1), Grade.DECLARED),
        (Account(TEAM, here, Problem.SERVER, AT, 1), Grade.ENFORCED),
        (Account(TEAM, Scope(Provider.VAST, "default"), may_stop=False), Grade.ENFORCED),
    ):
        assert seen_of(planned, Watching(TEAM), [account], AT).plan.grade is grade, account


def test_a_lock_ends_the_trying_and_a_key_that_may_not_write_is_remembered_by_itself() -> None:
    order = run().being_stopped(STOP)
    locked = order.not_stopping(at=AT)
    assert (locked.can_stop, locked.ends_by_itself) == (True, False)
    keyless = order.not_stopping(at=AT, may_stop=False)
    assert (keyless.can_stop, keyless.ends_by_itself) == (False, False)
    assert replace(keyless, may_stop=True).ends_by_itself, "a better key is told by a better key"
