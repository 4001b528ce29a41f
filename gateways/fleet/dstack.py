"""dstack: the jobs of its runs, and the machines of its fleets that no job runs on.

A run is ended, a waiting machine is given back; dstack says 200 to both whatever becomes of it.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from bot.clock import Clock
from bot.domain.fleet import (
    Ended,
    Ending,
    Instance,
    Listing,
    Machine,
    Problem,
    Provider,
    Read,
    Scope,
    Sight,
)
from gateways.fleet.dstack_read import (
    Place,
    costs_here,
    is_job,
    machines_of,
    places_of,
    rented_machine,
)
from gateways.fleet.dstack_use import with_use
from gateways.fleet.dstack_wire import Fleet, Rented, Run
from gateways.fleet.http import Answer, Failed, ProviderApi, whole
from gateways.fleet.wire import row_of

RUNS = "/api/runs/list"
FLEETS = "/api/fleets/list"
"""Its own list of machines leaves out those that are made or given back just now."""
PAGE = 100
MOST_PAGES = 400

_Row = TypeVar("_Row", Run, Fleet)
_Known = Mapping[Place, Machine]


class Dstack:
    """`bot.ports.Fleet` for what one token sees on one dstack server."""

    provider = Provider.DSTACK

    def __init__(
        self, api: ProviderApi, clock: Clock, account: str = "default", *, page: int = PAGE
    ) -> None:
        self._api = api
        self._clock = clock
        self._page = page
        self.account = account

    async def listings(self) -> tuple[Listing, ...]:
        """All projects' jobs with a GPU and all machines without one, as one listing."""
        return (await self._listing(),)

    async def read(self, machine: Machine) -> Read:
        """One job, also when its run is over, or one machine, also when a job runs on it."""
        try:
            found = await self._one(machine)
        except Failed as failed:
            return Read() if failed.is_absence else Read(problem=failed.problem)
        if isinstance(found, Run):
            jobs = machines_of(found, self.account, self._clock.now(), every=True)
            return Read(next((j for j in jobs if _is_same(j.machine, machine)), None))
        return Read(rented_machine(found, self.account, {}))

    async def end(self, machine: Machine, ending: Ending, key: str) -> Ended:
        """End the job's run, or give an idle machine back; looked at first, and told once."""
        del ending, key  # each has one end, and an end of what is over changes nothing
        try:
            found = await self._one(machine)
        except Failed as failed:
            return _unread(failed)
        if found.is_over:
            return Ended.ALREADY
        if isinstance(found, Rented) and found.has_job:
            return Ended.LATER  # dstack gives back no machine that works
        path, body = _end_of(found)
        said = await self._api.act("POST", _in(machine, path), body=body)
        if not isinstance(said, Answer):
            return said
        if said.is_success:
            return Ended.ACCEPTED
        return Ended.ALREADY if said.is_absence else Ended.UNKNOWN

    async def sight(self) -> Sight:
        """One listing; whether the token may end a run depends on the project."""
        listing = await self._listing()
        return Sight(listing.problem, len(listing.instances), skew=listing.skew)

    async def _listing(self) -> Listing:
        scope = Scope(self.provider, self.account)
        found: dict[str, Instance] = {}
        problem, failed = None, None
        try:
            problem = await whole(self._all(found))
        except Failed as error:
            problem, failed = Problem.PARTIAL if found else error.problem, error
        used = await with_use(self._api, found.values(), self._clock.now())
        return self._api.listing(scope, used, problem, failed)

    async def _all(self, found: dict[str, Instance]) -> Problem | None:
        """Put everything there is into `found`; a row that cannot be read makes it partial."""
        whole_rows = [await self._jobs(found), await self._rented(found)]
        return None if all(whole_rows) else Problem.PARTIAL

    async def _jobs(self, found: dict[str, Instance]) -> bool:
        """Whether every row could be read."""
        readable, now = True, self._clock.now()
        async for run in self._rows(RUNS, _active(), Run):
            readable &= run is not None
            for one in machines_of(run, self.account, now) if run else ():
                found[one.machine.instance_id] = one
        return readable

    async def _rented(self, found: dict[str, Instance]) -> bool:
        """Whether every row could be read."""
        fleets = [fleet async for fleet in self._rows(FLEETS, {"only_active": True}, Fleet)]
        rows = [row_of(Rented, row) for fleet in fleets if fleet for row in fleet.instances]
        waiting = [row for row in rows if row and costs_here(row)]
        places = await self._places() if waiting else {}
        for row in waiting:
            found[row.id] = rented_machine(row, self.account, places)
        return None not in fleets and None not in rows

    async def _places(self) -> _Known:
        """Which machine of a provider stands where: told of jobs only, also of past ones."""
        asked = {**_active(), "only_active": False, "limit": PAGE}
        try:
            rows = await self._api.ask("POST", RUNS, body=asked)
        except Failed:
            return {}
        runs = (row_of(Run, row) for row in rows) if isinstance(rows, list) else ()
        newest_first = [place for run in runs if run for place in places_of(run)]
        return dict(reversed(newest_first))

    async def _rows(
        self, path: str, asked: Mapping[str, Any], shape: type[_Row]
    ) -> AsyncIterator[_Row | None]:
        """All pages, row by row; None for a row that cannot be read. Raises Failed."""
        cursor: Mapping[str, str] = {}
        for _ in range(MOST_PAGES):
            body = {**asked, **cursor, "limit": self._page}
            rows = await self._api.ask("POST", path, body=body)
            if not isinstance(rows, list):
                raise Failed(Problem.SHAPE)
            last = None
            for row in rows:
                last = row_of(shape, row)
                yield last
            if len(rows) < self._page:
                return
            if last is None or last.cursor == cursor:
                break
            cursor = last.cursor
        raise Failed(Problem.PARTIAL)

    async def _one(self, machine: Machine) -> Run | Rented:
        """The run of a job, or the machine. Raises Failed."""
        shape: type[Run] | type[Rented] = Run if is_job(machine) else Rented
        path = "runs/get" if is_job(machine) else "instances/get"
        asked = {"id": machine.instance_id.partition(":")[0]}
        found = row_of(shape, await self._api.ask("POST", _in(machine, path), body=asked))
        if found is None or found.id != asked["id"]:
            raise Failed(Problem.SHAPE)
        return found


def _active() -> dict[str, Any]:
    """Of a job the latest try alone is asked for."""
    return {"only_active": True, "include_jobs": True, "job_submissions_limit": 1}


def _in(machine: Machine, path: str) -> str:
    return f"/api/project/{quote(machine.project, safe='')}/{path}"


def _end_of(found: Run | Rented) -> tuple[str, dict[str, Any]]:
    if isinstance(found, Run):
        return "runs/stop", {"runs_names": [found.run_spec.run_name], "abort": False}
    return "fleets/delete_instances", {
        "name": found.fleet_name,
        "instance_nums": [found.instance_num],
    }


def _unread(failed: Failed) -> Ended:
    """What becomes of an end where the state cannot be read: nothing was sent."""
    if failed.is_absence:
        return Ended.ALREADY
    return Ended.FORBIDDEN if failed.problem is Problem.AUTH else Ended.LATER


def _is_same(one: Machine, other: Machine) -> bool:
    return one.instance_id == other.instance_id
