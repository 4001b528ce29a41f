"""The GPU watch, put together: a part of the composition root."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, DueKind
from bot.domain.watch import WatchRules
from bot.ports import Fleet
from bot.services.background import Background
from bot.services.gpu.carrying import CarryOutEnd
from bot.services.gpu.ending import EndGpu, StopInTime
from bot.services.gpu.polling import PollFleet
from bot.services.gpu.reading import ReadGpus
from bot.services.gpu.reconciling import Reconcile
from bot.services.gpu.steering import SteerGpu
from bot.services.gpu.stepping import TakeStep
from bot.services.gpu.telling import TellRun
from bot.services.gpu.troubles import TellTroubles
from bot.services.gpu.watch import KeepWatch
from bot.services.people import Rights
from storage.database import SqlStore

Work = Mapping[DueKind, Callable[[ClaimedDue], Awaitable[None]]]


@dataclass(frozen=True, slots=True)
class GpuWatch:
    """What people can ask of the watch, and what falls due for it."""

    keep: KeepWatch
    end: EndGpu
    steer: SteerGpu
    read: ReadGpus
    poll: PollFleet
    work: Work


def gpu_watch(
    store: SqlStore,
    clock: Clock,
    rights: Rights,
    fleets: Sequence[Fleet],
    rules: WatchRules,
    background: Background,
) -> GpuWatch:
    """The watch over these accounts; without any it still keeps what people register."""
    keep = KeepWatch(rules)
    tell = TellRun(keep=keep)
    end = EndGpu(store=store, clock=clock, rights=rights, keep=keep, tell=tell)
    poll = PollFleet(
        store=store,
        clock=clock,
        fleets=fleets,
        reconcile=Reconcile(store=store, clock=clock, keep=keep),
        keep=keep,
        troubles=TellTroubles(),
        background=background,
    )
    carry = CarryOutEnd(store=store, clock=clock, fleets=fleets, keep=keep, tell=tell)
    take = TakeStep(store=store, clock=clock, rights=rights, keep=keep)
    return GpuWatch(
        keep=keep,
        end=end,
        steer=SteerGpu(take=take, fleets=fleets),
        read=ReadGpus(store=store, clock=clock, rights=rights, fleets=fleets),
        poll=poll,
        work={
            DueKind.POLL_FLEET: poll,
            DueKind.END_GPU: carry,
            DueKind.STOP_TIME: StopInTime(store=store, clock=clock, keep=keep, end=end),
        },
    )
