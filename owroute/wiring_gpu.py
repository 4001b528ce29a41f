"""The GPU watch, put together: a part of the composition root."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, DueKind
from bot.domain.ids import TeamId
from bot.domain.watch import WatchRules
from bot.ports import Fleet
from bot.services.background import Background
from bot.services.evidence import ChangeEvidence
from bot.services.gpu.arming import ArmGpus
from bot.services.gpu.budgets import WatchBudgets
from bot.services.gpu.capping import CapExperiment
from bot.services.gpu.carrying import CarryOutEnd
from bot.services.gpu.ending import EndGpu, StopInTime
from bot.services.gpu.guarding import GuardFellSilent, HearGuard
from bot.services.gpu.holding import LookAgain
from bot.services.gpu.pinging import PingGpu
from bot.services.gpu.polling import PollFleet
from bot.services.gpu.proof import ProveEnd
from bot.services.gpu.proposing import ProposeStop
from bot.services.gpu.readers import FindReaders
from bot.services.gpu.reading import ReadGpus
from bot.services.gpu.reconciling import Reconcile
from bot.services.gpu.steering import SteerGpu
from bot.services.gpu.stepping import TakeStep
from bot.services.gpu.telling import TellRun
from bot.services.gpu.troubles import TellTroubles
from bot.services.gpu.unclaimed import PostUnclaimed
from bot.services.gpu.warning import WarnStop
from bot.services.gpu.watch import KeepWatch
from bot.services.people import Rights
from bot.services.reminders import KeepReminders
from storage.database import SqlStore

Work = Mapping[DueKind, Callable[[ClaimedDue], Awaitable[None]]]


@dataclass(frozen=True, slots=True)
class GpuWatch:
    """What people can ask of the watch, and what falls due for it."""

    keep: KeepWatch
    end: EndGpu
    steer: SteerGpu
    cap: CapExperiment
    read: ReadGpus
    poll: PollFleet
    arm: ArmGpus
    hear: HearGuard
    work: Work


def gpu_watch(
    store: SqlStore,
    clock: Clock,
    rights: Rights,
    fleets: Sequence[Fleet],
    rules: WatchRules,
    background: Background,
    reminders: KeepReminders,
    team: Callable[[], TeamId | None],
) -> GpuWatch:
    """The watch over these accounts; without any it still keeps what people register."""
    keep = KeepWatch(rules)
    tell = TellRun(keep=keep)
    change = ChangeEvidence(store=store, clock=clock, reminders=reminders)
    troubles = TellTroubles(store=store, clock=clock, rules=rules)
    end = EndGpu(store=store, clock=clock, rights=rights, keep=keep, tell=tell)
    poll = PollFleet(
        store=store,
        clock=clock,
        fleets=fleets,
        reconcile=Reconcile(store=store, clock=clock, keep=keep, end=end),
        keep=keep,
        troubles=troubles,
        background=background,
    )
    carry = CarryOutEnd(store=store, clock=clock, fleets=fleets, keep=keep, tell=tell)
    readers = FindReaders(know=rights.know, rules=rules)
    warn = WarnStop(store=store, clock=clock, keep=keep, tell=tell, readers=readers)
    take = TakeStep(store=store, clock=clock, rights=rights, keep=keep)
    return GpuWatch(
        keep=keep,
        end=end,
        steer=SteerGpu(take=take, fleets=fleets),
        cap=CapExperiment(store=store, clock=clock, rights=rights),
        read=ReadGpus(store=store, clock=clock, rights=rights, fleets=fleets),
        poll=poll,
        arm=ArmGpus(store=store, clock=clock, keep=keep, fleets=fleets, team=team),
        hear=HearGuard(store=store, clock=clock, rights=rights, keep=keep, tell=tell),
        work={
            DueKind.POLL_FLEET: poll,
            DueKind.END_GPU: carry,
            DueKind.STOP_TIME: StopInTime(store=store, clock=clock, keep=keep, end=end, warn=warn),
            DueKind.WARN_STOP: warn,
            DueKind.TELL_TROUBLE: troubles,
            DueKind.GPU_ENDED: ProveEnd(store=store, clock=clock, change=change),
            **_told(store, clock, keep, tell, readers, end),
            DueKind.GUARD_SILENT: GuardFellSilent(store=store, clock=clock, keep=keep),
            DueKind.LOOK_AGAIN: LookAgain(store=store, clock=clock, keep=keep),
        },
    )


def _told(
    store: SqlStore,
    clock: Clock,
    keep: KeepWatch,
    tell: TellRun,
    readers: FindReaders,
    end: EndGpu,
) -> Work:
    """What people are told of runs as time passes."""
    return {
        DueKind.PING_GPU: PingGpu(store=store, clock=clock, keep=keep, tell=tell, readers=readers),
        DueKind.PROPOSE_STOP: ProposeStop(store=store, clock=clock, tell=tell, readers=readers),
        DueKind.UNCLAIMED_GPU: PostUnclaimed(
            store=store, clock=clock, keep=keep, tell=tell, readers=readers
        ),
        DueKind.WATCH_BUDGETS: WatchBudgets(
            store=store, clock=clock, keep=keep, tell=tell, readers=readers, end=end
        ),
    }
