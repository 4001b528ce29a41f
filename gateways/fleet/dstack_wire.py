"""What a dstack server says of runs and machines: the fields that are wanted.

Environment variables, keys and repositories of a run are not among them. Neither is `cost`: it sums
only the submissions that an answer happens to hold.
"""

from collections.abc import Mapping
from typing import Any

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


class Rented(Wire):
    """A machine of a fleet, whatever it does."""

    id: str
    created: str
    project_name: str
    name: Maybe[str] = None
    fleet_name: Maybe[str] = None
    instance_num: Maybe[int] = None
    status: Maybe[str] = None
    termination_reason: Maybe[str] = None
    busy_blocks: Maybe[int] = None
    backend: Maybe[str] = None
    hostname: Maybe[str] = None
    region: Maybe[str] = None
    price: Maybe[Number] = None
    instance_type: Maybe[Kind] = None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is left to give back."""
        return self.status in {"terminating", "terminated"}

    @property
    def has_job(self) -> bool:
        """Whether it works, or is made for a job: then nobody may give it back."""
        return self.status == "busy" or bool(self.busy_blocks)

    @property
    def can_end(self) -> bool:
        """Whether it can be given back, by its number in its fleet."""
        named = bool(self.fleet_name) and self.instance_num is not None
        return named and not self.is_over and not self.has_job

    @property
    def is_waiting(self) -> bool:
        """Whether it is a machine of its own here: paid for, and no job is listed for it.

        What is `pending` is not rented yet; what goes after its job goes with the job's run.
        """
        if self.is_over:
            return self.status == "terminating" and self.termination_reason != "job_finished"
        return self.status != "pending" and not self.has_job


class Fleet(Wire):
    """A row of `fleets/list`: its machines that were not given back, each read on its own."""

    id: str
    created_at: str
    instances: list[Any]

    @property
    def cursor(self) -> Mapping[str, str]:
        """Where the next page begins."""
        return {"prev_created_at": self.created_at, "prev_id": self.id}
