"""What a dstack server says of runs and machines: the fields that are wanted.

Environment variables, keys and repositories of a run are not among them. Neither is `cost`: it sums
only the submissions that an answer happens to hold.
"""

from collections.abc import Mapping

from gateways.fleet.wire import Maybe, Number, Wire

OVER = frozenset({"terminated", "aborted", "failed", "done"})
"""Statuses of a job or run that has ended, in whatever way."""


class Gpu(Wire):
    """One GPU of a machine."""

    name: Maybe[str] = None
    memory_mib: Maybe[Number] = None


class _Resources(Wire):
    gpus: Maybe[list[Gpu]] = None
    spot: Maybe[bool] = None


class Kind(Wire):
    """What a machine is made of."""

    resources: Maybe[_Resources] = None


class Provisioned(Wire):
    """The machine under a job."""

    backend: Maybe[str] = None
    base_backend: Maybe[str] = None
    instance_id: Maybe[str] = None
    hostname: Maybe[str] = None
    region: Maybe[str] = None
    price: Maybe[Number] = None
    instance_type: Maybe[Kind] = None


class Submission(Wire):
    """One try of a job; the last one counts."""

    status: Maybe[str] = None
    submitted_at: Maybe[str] = None
    finished_at: Maybe[str] = None
    job_provisioning_data: Maybe[Provisioned] = None


class _Range(Wire):
    min: Maybe[Number] = None


class _WantedGpu(Wire):
    count: Maybe[_Range] = None


class _WantedResources(Wire):
    gpu: Maybe[_WantedGpu] = None


class _Requirements(Wire):
    resources: Maybe[_WantedResources] = None


class _Policy(Wire):
    min_gpu_utilization: Maybe[Number] = None


class JobSpec(Wire):
    """What was asked for; `max_duration` in seconds, None for no limit."""

    replica_num: int = 0
    job_num: int = 0
    max_duration: Maybe[Number] = None
    utilization_policy: Maybe[_Policy] = None
    requirements: Maybe[_Requirements] = None


class Job(Wire):
    """One node of one replica."""

    job_spec: JobSpec
    job_submissions: list[Submission]

    @property
    def now(self) -> Submission:
        """Its latest try."""
        return self.job_submissions[-1] if self.job_submissions else Submission()


class _Configuration(Wire):
    inactivity_duration: Maybe[Number] = None
    tags: Maybe[dict[str, str]] = None


class _RunSpec(Wire):
    run_name: str
    configuration: Maybe[_Configuration] = None


class Run(Wire):
    """A row of `runs/list`."""

    id: str
    project_name: str
    submitted_at: str
    user: Maybe[str] = None
    status: Maybe[str] = None
    run_spec: _RunSpec
    jobs: list[Job]

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is left to stop."""
        return self.status in OVER or self.status == "terminating"

    @property
    def cursor(self) -> Mapping[str, str]:
        """Where the next page begins."""
        return {"prev_submitted_at": self.submitted_at, "prev_run_id": self.id}


class Idle(Wire):
    """A row of `instances/list`: a machine, whatever it does."""

    id: str
    created: str
    project_name: str
    name: Maybe[str] = None
    fleet_name: Maybe[str] = None
    instance_num: Maybe[int] = None
    status: Maybe[str] = None
    backend: Maybe[str] = None
    hostname: Maybe[str] = None
    region: Maybe[str] = None
    price: Maybe[Number] = None
    instance_type: Maybe[Kind] = None

    @property
    def is_over(self) -> bool:
        """Whether it is being given back, or was, or works again: an idle machine no more."""
        return self.status != "idle"

    @property
    def cursor(self) -> Mapping[str, str]:
        """Where the next page begins."""
        return {"prev_created_at": self.created, "prev_id": self.id}
