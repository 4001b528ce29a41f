"""Idle spells: what was seen in them, and what ends them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.fleet import Billing, Instance, Machine, MachineState, Provider
from bot.domain.gpu import GpuRun
from bot.domain.ids import TeamId
from bot.domain.reconcile import adopted, sampled

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
SEEN = Instance(
    Machine(Provider.RUNPOD, "default", "pod_run1"), MachineState.RUNNING, Billing.COMPUTE
)


def watched(*uses: tuple[tuple[int, ...], tuple[int, ...] | None]) -> GpuRun:
    """A run after these samples of GPU and memory, ten minutes apart."""
    run = adopted(TeamId("T1"), SEEN, START)
    for n, (gpu, memory) in enumerate(uses, 2):
        found = replace(SEEN, gpu_util=gpu, gpu_mem=memory)
        run = sampled(run, found, START + n * timedelta(minutes=10))
    return run


def test_a_spell_keeps_the_highest_use_seen_in_it() -> None:
    idle = watched(((0, 3), (0, 1)), ((0, 0), (4, 0)), ((1, 0), (0, 0))).idle
    assert idle is not None
    assert (idle.samples, idle.gpu_most, idle.memory_most) == (3, 3, 4)


def test_use_ends_a_spell_and_the_next_one_begins_at_nothing() -> None:
    idle = watched(((3,), (1,)), ((60,), (1,)), ((0,), (0,))).idle
    assert idle is not None
    assert (idle.samples, idle.gpu_most, idle.memory_most) == (1, 0, 0)


def test_memory_that_is_not_told_is_not_nothing() -> None:
    idle = watched(((0,), None)).idle
    assert idle is not None
    assert not idle.memory_known
