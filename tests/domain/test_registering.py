"""Machines entered by hand, and the same machine when a provider lists it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.costs import rate
from bot.domain.fleet import Billing, Instance, Machine, MachineState, PriceSource, Provider
from bot.domain.gpu import GpuRun, RunState
from bot.domain.gpu_parts import Claim, Deadline, DeadlineKind
from bot.domain.ids import ChannelId, GpuId, TeamId, UserId
from bot.domain.reconcile import adopted, updated
from bot.domain.registering import Entry, Registration, are_twins, claimed, is_named, registered

NOW = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEAM, ADA, LIN = TeamId("T1"), UserId("U1"), UserId("U2")
HERE = ChannelId("C1")
SAID = Registration("RunPod", "ow-12-ada", NOW - HOUR, ADA, "L4", 2, Decimal("1.2"), NOW + HOUR)
ENTRY = Entry(TEAM, LIN, NOW, "view:V1", place=HERE)


def listed(name: str | None = "ow-12-ada", provider: Provider = Provider.RUNPOD) -> GpuRun:
    """What a provider lists of it."""
    machine = Machine(provider, "default", "pod-7")
    told = Instance(machine, MachineState.RUNNING, Billing.COMPUTE, name=name, gpu="L4")
    return replace(adopted(TEAM, told, NOW), id=GpuId(9))


def entered(said: Registration = SAID) -> GpuRun:
    return replace(registered(said, ENTRY), id=GpuId(3))


def test_what_is_entered_costs_from_its_start_and_cannot_be_stopped() -> None:
    run = entered()
    assert (run.state, run.claim, run.owner) == (RunState.RUNNING, Claim.REGISTERED, ADA)
    assert run.age(NOW) == HOUR
    assert rate(run) == (Billing.COMPUTE, Decimal("1.2"), PriceSource.DECLARED)
    assert run.is_manual
    assert not run.can_stop
    assert run.deadline is not None
    assert (run.deadline.at, run.deadline.by) == (NOW + HOUR, LIN)


def test_a_price_that_nobody_knows_has_no_source() -> None:
    run = entered(replace(SAID, price=None, stop_at=None))
    assert (run.price_per_hour, run.price_source, run.deadline) == (None, None, None)


def test_a_machine_is_shown_where_it_was_entered_save_in_private() -> None:
    assert entered().channel == HERE
    alone = replace(ENTRY, place=ChannelId("D1"))
    assert registered(SAID, alone).channel is None


def test_two_copies_of_one_submission_are_one_machine() -> None:
    assert registered(SAID, ENTRY).machine == registered(SAID, ENTRY).machine
    other = replace(ENTRY, key="view:V2")
    assert registered(SAID, other).machine != registered(SAID, ENTRY).machine


@pytest.mark.parametrize("name", ["ow-12-ada", "OW-12-ADA", " pod-7 ", "POD-7"])
def test_a_run_is_called_by_its_name_or_id(name: str) -> None:
    assert is_named(listed(), name)


def test_what_is_over_is_called_nothing() -> None:
    over = replace(listed(), state=RunState.ENDED)
    assert not is_named(over, "pod-7")


@pytest.mark.parametrize("provider", ["RunPod", "runpod ", "RunPod.io"])
def test_the_same_name_is_the_same_machine(provider: str) -> None:
    assert are_twins(listed(), entered(replace(SAID, provider=provider)))


def test_the_providers_id_as_a_name_is_the_same_machine() -> None:
    assert are_twins(listed(name="training"), entered(replace(SAID, name="pod-7")))


def test_another_providers_machine_of_the_same_name_is_another_one() -> None:
    assert not are_twins(listed(), entered(replace(SAID, provider="AWS")))
    assert not are_twins(listed(), entered(replace(SAID, provider="Lambda")))
    assert not are_twins(listed(), entered(replace(SAID, provider="our cluster")))
    assert not are_twins(listed(name="ow-12-lin"), entered())


def test_an_orchestrators_run_may_be_any_providers_machine() -> None:
    assert are_twins(listed(provider=Provider.DSTACK), entered(replace(SAID, provider="AWS")))


def test_neither_two_listed_nor_two_entered_machines_are_twins() -> None:
    assert not are_twins(entered(), entered())
    assert not are_twins(listed(), listed())
    assert not are_twins(listed(), replace(entered(), state=RunState.ENDED))


def test_what_is_listed_already_keeps_its_state_and_price() -> None:
    priced = replace(listed(), price_per_hour=Decimal("0.69"), price_source=PriceSource.INSTANCE)
    run = claimed(priced, replace(SAID, stop_command="runpodctl stop pod pod-7"), ENTRY)
    assert (run.owner, run.claim, run.channel) == (ADA, Claim.REGISTERED, HERE)
    assert (run.price_per_hour, run.price_source) == (Decimal("0.69"), PriceSource.INSTANCE)
    assert run.deadline is not None
    assert run.stop_command == "runpodctl stop pod pod-7"
    assert run.plan_version == priced.plan_version + 1, "earlier pings are void"


def test_a_price_that_its_provider_does_not_tell_stays_until_it_does() -> None:
    run = claimed(listed(), SAID, ENTRY)
    assert (run.price_per_hour, run.price_source) == (Decimal("1.2"), PriceSource.DECLARED)
    told = Instance(run.machine, MachineState.RUNNING, Billing.COMPUTE, name="ow-12-ada")
    assert updated(run, told, NOW + HOUR).price_per_hour == Decimal("1.2")
    dearer = replace(told, price_per_hour=Decimal(2), price_source=PriceSource.INSTANCE)
    assert updated(run, dearer, NOW + HOUR).price_per_hour == 2


def test_a_form_that_nobody_touched_does_not_undo_a_newer_stop_time() -> None:
    newer = Deadline(NOW + 5 * HOUR, DeadlineKind.PERSON, NOW, LIN)
    run = replace(listed(), deadline=newer)
    untouched = replace(SAID, stop_at=NOW + HOUR, shown=NOW + HOUR)
    assert claimed(run, untouched, ENTRY).deadline == newer
    chosen = claimed(run, replace(untouched, stop_at=NOW + 2 * HOUR), ENTRY).deadline
    assert chosen is not None
    assert (chosen.at, chosen.by) == (NOW + 2 * HOUR, LIN)
    default = replace(newer, kind=DeadlineKind.DEFAULT, by=None)
    confirmed = claimed(replace(run, deadline=default), untouched, ENTRY).deadline
    assert confirmed is not None
    assert (confirmed.at, confirmed.kind) == (NOW + HOUR, DeadlineKind.PERSON)
