"""What dstack's runs and machines mean here: state, billing, price, plan and owner."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.fleet import (
    Billing,
    Ending,
    Grade,
    Instance,
    Machine,
    MachineState,
    PlanReading,
    PriceSource,
    Provider,
    joined_to,
    plain,
    strongest,
)
from bot.domain.money import price_of
from gateways.fleet.dstack_wire import OVER, Gpu, Job, Kind, Provisioned, Rented, Run, Submission
from gateways.fleet.gpus import MIB, gpu_name
from gateways.fleet.wire import MAX_GPUS, instance_id, moment

OWN = "remote"
"""The backend of machines that belong to the team: nobody rents them out."""
NEVER_RAN = timedelta(minutes=30)
"""The time limit counts while a job runs: one that takes longer to begin is held by nothing, and
one that is so long past its limit was not ended by it."""

_PROVIDERS = {"runpod": Provider.RUNPOD, "aws": Provider.AWS, "vastai": Provider.VAST}
_BEGINNING = frozenset({"pending", "submitted", "provisioning", "pulling"})


@dataclass(frozen=True, slots=True)
class _Gpus:
    name: str | None
    count: int
    vram_bytes: int | None
    tier: str = "on-demand"


def machines_of(
    run: Run, account: str, now: datetime, *, every: bool = False
) -> Iterator[Instance]:
    """One for each job that has or wants a GPU, or names an experiment; or for every job."""
    joined = tuple(t for t in (run.run_spec.run_name, *_tags(run).values()) if joined_to((t,)))
    for job in run.jobs:
        gpus = _gpus_of(job)
        if gpus.count or joined or every:
            yield _machine(run, job, gpus, joined, account, now)


def is_job(machine: Machine) -> bool:
    """Whether it was named for a job, and not for a machine that idles."""
    return ":" in machine.instance_id


def _job_id(run: Run, job: Job) -> str:
    return f"{run.id}:{job.job_spec.replica_num}-{job.job_spec.job_num}"


def _machine(
    run: Run, job: Job, gpus: _Gpus, joined: tuple[str, ...], account: str, now: datetime
) -> Instance:
    submission, at = job.now, job.now.job_provisioning_data
    state = _state(run, submission)
    price = price_of(at.price, gpus.count) if at else None
    region = (plain(at.region) if at else None) or ""
    return Instance(
        machine=Machine(
            Provider.DSTACK, account, _job_id(run, job), region, project=run.project_name
        ),
        state=state,
        billing=_billing(state, at),
        raw_status=plain(submission.status),
        name=plain(run.run_spec.run_name),
        joined=joined,
        gpu=gpus.name,
        gpu_count=gpus.count,
        vram_bytes=gpus.vram_bytes,
        tier=gpus.tier,
        price_per_hour=price,
        price_source=PriceSource.ORCHESTRATOR if price is not None else None,
        created_at=moment(run.submitted_at),
        started_at=moment(submission.submitted_at) if at else None,
        stopped_at=moment(submission.finished_at),
        plan=_plan(run, job, state, now),
        owner_hint=_owner(run),
        endings=frozenset() if run.is_over else frozenset({Ending.END_RUN}),
        at_provider=below(at) if at else None,
    )


Place = tuple[str, str]
"""A backend, and the address of a machine there."""

_RENTED = {
    "pending": (MachineState.STARTING, Billing.NONE),
    "provisioning": (MachineState.STARTING, Billing.COMPUTE),
    "idle": (MachineState.RUNNING, Billing.COMPUTE),
    "busy": (MachineState.RUNNING, Billing.COMPUTE),
    "terminating": (MachineState.STOPPING, Billing.COMPUTE),
    "terminated": (MachineState.GONE, Billing.NONE),
}


def costs_here(row: Rented) -> bool:
    """Whether a machine is listed by itself: it has a GPU, is rented, and stands under no job."""
    return row.is_waiting and row.backend != OWN and _gpus(row.instance_type).count > 0


def rented_machine(row: Rented, account: str, places: Mapping[Place, Machine]) -> Instance:
    """A machine of a fleet.

    It is billed until its fleet's idle time is over, which this server does not tell.
    """
    gpus = _gpus(row.instance_type)
    state, billing = _RENTED.get(row.status or "", (MachineState.UNKNOWN, Billing.UNKNOWN))
    price = price_of(row.price, gpus.count)
    region = plain(row.region) or ""
    return Instance(
        machine=Machine(Provider.DSTACK, account, row.id, region, row.project_name),
        state=state,
        billing=Billing.NONE if row.backend == OWN else billing,
        raw_status=plain(row.status),
        name=plain(row.name),
        joined=tuple(n for n in (row.fleet_name, row.name) if n and joined_to((n,))),
        gpu=gpus.name,
        gpu_count=gpus.count,
        vram_bytes=gpus.vram_bytes,
        tier=gpus.tier,
        price_per_hour=price,
        price_source=PriceSource.ORCHESTRATOR if price is not None else None,
        created_at=moment(row.created),
        started_at=moment(row.created),
        plan=PlanReading(Grade.CONDITIONAL, reason="dstack.idle_duration"),
        endings=frozenset({Ending.TERMINATE}) if row.can_end else frozenset(),
        at_provider=places.get((row.backend or "", row.hostname or "")),
    )


def places_of(run: Run) -> Iterator[tuple[Place, Machine]]:
    """Where the machines of a run's jobs stand or stood, as their provider names them."""
    for job in run.jobs:
        at = job.now.job_provisioning_data
        machine = below(at) if at else None
        if at is not None and at.hostname and machine is not None:
            yield (at.backend or "", at.hostname), machine


def below(at: Provisioned) -> Machine | None:
    """The machine as its own provider names it, where that is one that is watched here."""
    provider = _PROVIDERS.get(at.backend or "")
    same = at.base_backend in (None, at.backend)  # else it is rented by dstack, not by the team
    found = instance_id(at.instance_id)
    if provider is None or found is None or not same:
        return None
    return Machine(provider, "", found, plain(at.region) or "")


def _state(run: Run, submission: Submission) -> MachineState:
    """A job goes on saying `running` while its run is being ended."""
    status = submission.status or ""
    if status in OVER:
        return MachineState.STOPPED
    if status == "terminating" or run.status == "terminating":
        return MachineState.STOPPING
    if status in _BEGINNING:
        return MachineState.STARTING
    return MachineState.RUNNING if status == "running" else MachineState.UNKNOWN


def _billing(state: MachineState, at: Provisioned | None) -> Billing:
    """The machine is charged from its making to its end, whatever the job does on it.

    What idles after a job is a machine of its own here.
    """
    if state is MachineState.STOPPED or at is None or at.backend == OWN:
        return Billing.NONE
    return Billing.UNKNOWN if state is MachineState.UNKNOWN else Billing.COMPUTE


def _plan(run: Run, job: Job, state: MachineState, now: datetime) -> PlanReading:
    """What dstack itself will do. A machine's idle time begins after its job: it holds none."""
    if state not in {MachineState.STARTING, MachineState.RUNNING}:
        return PlanReading()
    return strongest((_limit(job, state, now), *_conditions(run, job)))


def _limit(job: Job, state: MachineState, now: datetime) -> PlanReading:
    seconds, since = job.job_spec.max_duration, moment(job.now.submitted_at)
    if seconds is None or not 0 < seconds < 10**9 or since is None:
        return PlanReading()
    limit = timedelta(seconds=float(seconds))
    if state is MachineState.STARTING:
        slow = now - since > NEVER_RAN
        return PlanReading(reason="dstack.never_ran") if slow else _held(since + limit)
    overdue = now - since - limit > NEVER_RAN
    return PlanReading(reason="dstack.overdue") if overdue else _held(since + limit)


def _held(until: datetime) -> PlanReading:
    return PlanReading(Grade.ENFORCED, until, "dstack.max_duration")


def _conditions(run: Run, job: Job) -> Iterator[PlanReading]:
    if job.job_spec.utilization_policy is not None:
        yield PlanReading(Grade.CONDITIONAL, reason="dstack.utilization_policy")
    configuration = run.run_spec.configuration
    seconds = configuration.inactivity_duration if configuration else None
    if seconds is not None and seconds > 0:
        yield PlanReading(Grade.CONDITIONAL, reason="dstack.inactivity_duration")


def _tags(run: Run) -> Mapping[str, str]:
    configuration = run.run_spec.configuration
    return (configuration.tags if configuration else None) or {}


def _owner(run: Run) -> str | None:
    tagged = (value for key, value in _tags(run).items() if key.lower() == "owner")
    return plain(next(tagged, run.user))


def _gpus_of(job: Job) -> _Gpus:
    """Those of its machine; before there is one, as many as it wants at least."""
    at = job.now.job_provisioning_data
    if at is not None:
        return _gpus(at.instance_type)
    wanted = job.job_spec.requirements and job.job_spec.requirements.resources
    least = wanted and wanted.gpu and wanted.gpu.count and wanted.gpu.count.min
    return _Gpus(None, int(least) if least and 0 < least <= MAX_GPUS else 0, None)


def _gpus(kind: Kind | None) -> _Gpus:
    """What cannot be read is a GPU unknown to us."""
    resources = kind.resources if kind else None
    if resources is None or resources.gpus is None:
        return _Gpus(None, 1, None)
    first = resources.gpus[0] if resources.gpus else Gpu()
    memory = first.memory_mib
    vram = int(memory) * MIB if memory is not None and 0 < memory < 10**8 else None
    tier = "spot" if resources.spot else "on-demand"
    return _Gpus(gpu_name(first.name), len(resources.gpus), vram, tier)
