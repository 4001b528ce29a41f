"""Vast.ai: contracts in pages of the v1 list, and their end over v0, with a pause between calls."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.clock import Clock
from bot.domain.fleet import (
    Ended,
    Ending,
    Instance,
    Listing,
    Machine,
    MachineState,
    Problem,
    Provider,
    Read,
    Scope,
    Sight,
)
from gateways.fleet.http import WHOLE_SECONDS, Answer, Failed, ProviderApi, rows_in, whole
from gateways.fleet.vast_rows import COLUMNS, Row, instance_of
from gateways.fleet.wire import instance_id, row_of

LIST = "/api/v1/instances/"
FIRST_WAIT = timedelta(seconds=3)
"""After a 429, which names no time here."""
PATIENCE = timedelta(seconds=6)
"""A wait within a listing; a longer one ends it."""
PAGE = 25
MOST_PAGES = 400
INTERVALS = {"list": 1.1, "put": 1.1, "read": 2.1, "delete": 3.1}
"""Seconds between two calls to one endpoint: a tenth above Vast.ai's own limits."""


class Vast:
    """`bot.ports.Fleet` for the account of one key."""

    provider = Provider.VAST

    def __init__(
        self,
        api: ProviderApi,
        clock: Clock,
        account: str = "default",
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        self._api = api
        self._clock = clock
        self._whole_seconds = whole_seconds
        self.account = account
        self._paces = {name: _Pace(clock, least) for name, least in INTERVALS.items()}

    async def listings(self) -> tuple[Listing, ...]:
        """All contracts. In 60 s about 50 pages of 25 fit; an account with more is never whole."""
        return (await self._listing(),)

    async def read(self, machine: Machine) -> Read:
        """One contract; a 404 that blames the key is no absence."""
        try:
            async with self._paces["read"]:
                found = await self._api.ask("GET", _path(machine))
        except Failed as failed:
            return Read() if failed.is_absence else Read(problem=failed.problem)
        row = row_of(Row, found.get("instances") if isinstance(found, dict) else None)
        if row is None or instance_id(row.id) != machine.instance_id:
            return Read(problem=Problem.SHAPE)
        return Read(instance_of(row, machine.instance_id, self.account))

    async def end(self, machine: Machine, ending: Ending, key: str) -> Ended:
        """Stop or destroy; Vast.ai has no keys for idempotence. Raises KeyError for END_RUN."""
        del key
        method, body, pace = _ACTS[ending]
        async with self._paces[pace]:
            said = await self._api.act(method, _path(machine), body=body)
        if not isinstance(said, Answer):
            return said
        if said.is_success:
            return Ended.ACCEPTED
        return Ended.ALREADY if said.is_absence else await self._why(machine, ending)

    async def sight(self) -> Sight:
        """One listing; what the key may stop, only the first stop tells."""
        listing = await self._listing()
        return Sight(listing.problem, len(listing.instances), skew=listing.skew)

    async def _why(self, machine: Machine, ending: Ending) -> Ended:
        """A refusal, explained by the contract as it is now."""
        now = await self.read(machine)
        is_gone = now.instance is None and now.problem is None
        is_stopped = now.instance is not None and now.instance.state is MachineState.STOPPED
        is_over = is_gone or (is_stopped and ending is Ending.STOP)
        return Ended.ALREADY if is_over else Ended.UNKNOWN

    async def _listing(self) -> Listing:
        """Pages by id, read twice where the first time did not bring as many as there are."""
        scope = Scope(self.provider, self.account)
        seen = _Seen()
        try:
            await whole(self._fill(seen), self._whole_seconds)
        except Failed as failed:
            partly = Problem.PARTIAL if seen.rows else None
            return self._api.listing(scope, self._instances(seen), partly, failed)
        if seen.has_lost_columns:
            return self._api.listing(scope, problem=Problem.SHAPE)
        problem = None if seen.is_whole else Problem.PARTIAL
        return self._api.listing(scope, self._instances(seen), problem)

    async def _fill(self, seen: "_Seen") -> None:
        await self._pages(seen)
        if seen.is_short:
            seen.begin_again()
            await self._pages(seen)

    async def _pages(self, seen: "_Seen") -> None:
        """Until there is no next page; tokens that repeat and lists without an end are left."""
        token: str | None = None
        tokens: set[str | None] = set()
        while token not in tokens and len(tokens) < MOST_PAGES:
            tokens.add(token)
            token = seen.take(await self._page(token))
            if token is None:
                seen.has_end = True
                return

    async def _page(self, token: str | None) -> Any:
        """One page; in the middle of a listing a short wait is waited for."""
        params = {
            "limit": str(PAGE),
            "order_by": json.dumps([{"col": "id", "dir": "asc"}]),
            "select_cols": json.dumps(COLUMNS),
        }
        if token is None:
            async with self._paces["list"]:
                return await self._api.ask("GET", LIST, params=params)
        for _ in range(2):
            try:
                async with self._paces["list"]:
                    return await self._api.ask("GET", LIST, params={**params, "after_token": token})
            except Failed as failed:
                wait = failed.retry_after
                if failed.problem is not Problem.RATE or wait is None or wait > PATIENCE:
                    raise
            await self._clock.sleep(wait.total_seconds())
        raise Failed(Problem.RATE)

    def _instances(self, seen: "_Seen") -> list[Instance]:
        return [instance_of(row, key, self.account) for key, row in seen.rows.items()]


class _Seen:
    """What the pages brought so far: the newest row of each contract.

    Rows of a first time through the pages count until the second is whole.
    """

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._earlier: dict[str, Row] = {}
        self._nameless = 0
        self._total = 0
        self.has_end = False

    def begin_again(self) -> None:
        """A second time through the pages."""
        self._earlier, self._rows = self._rows, {}
        self._nameless, self.has_end = 0, False

    @property
    def rows(self) -> Mapping[str, Row]:
        """By id."""
        return self._rows if self.is_whole else {**self._earlier, **self._rows}

    @property
    def is_short(self) -> bool:
        """Whether the last page counted more than were seen."""
        return self.has_end and len(self._rows) + self._nameless < self._total

    @property
    def is_whole(self) -> bool:
        """Whether what is not here is not there."""
        return self.has_end and not self.is_short and not self._nameless

    @property
    def has_lost_columns(self) -> bool:
        """Columns that are renamed come back as null, which would read as a state."""
        rows = self.rows.values()
        if not rows:
            return self._nameless > 0
        return all(row.cur_state is None for row in rows) or all(
            row.num_gpus is None for row in rows
        )

    def take(self, page: Any) -> str | None:
        """Take a page in; gives the next one's token. Raises Failed for what is no page."""
        rows = rows_in(page, "instances")
        for found in rows:
            row = row_of(Row, found)
            key = instance_id(row.id) if row else None
            if row is None or key is None:
                self._nameless += 1
            else:
                self._rows[key] = row
        total, token = page.get("total_instances"), page.get("next_token")
        self._total = total if isinstance(total, int) else 0
        if token is not None and not isinstance(token, str):
            raise Failed(Problem.SHAPE)
        return token


class _Pace:
    """`async with` it around calls that must not follow each other too closely."""

    def __init__(self, clock: Clock, least: float) -> None:
        self._clock = clock
        self._least = least
        self._lock = asyncio.Lock()
        self._last: float | None = None

    async def __aenter__(self) -> None:
        await self._lock.acquire()
        try:
            await self._wait()
        except asyncio.CancelledError:
            self._lock.release()
            raise

    async def __aexit__(self, *_error: object) -> None:
        self._last = self._clock.monotonic()
        self._lock.release()

    async def _wait(self) -> None:
        if self._last is not None:
            left = self._last + self._least - self._clock.monotonic()
            if left > 0:
                await self._clock.sleep(left)


_ACTS: Mapping[Ending, tuple[str, Mapping[str, str] | None, str]] = {
    Ending.STOP: ("PUT", {"state": "stopped"}, "put"),
    Ending.TERMINATE: ("DELETE", None, "delete"),
}


def _path(machine: Machine) -> str:
    return f"/api/v0/instances/{quote(machine.instance_id, safe='')}/"
