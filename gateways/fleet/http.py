"""One way to ask a provider over HTTP, and one to tell it to end something.

`ask` changes nothing there and may be repeated; `act` sends once. What goes wrong is named by a
`Problem` or an `Ended`; bodies, which may hold secrets, are never logged.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from bot.clock import Clock
from bot.domain.fleet import Ended, Instance, Listing, Problem, Scope
from gateways.provider_http import Said, TooLarge, is_auth_error, parsed, received, seconds_in

CALL_SECONDS = 25
WHOLE_SECONDS = 60
MAX_BYTES = 20_000_000
AGAIN_AFTER = (2.5, 5.0)
"""Seconds before the second and third try after a 5xx or a broken connection; at Vast.ai less than
2.1 would be a limit broken."""
FIRST_WAIT = timedelta(seconds=2)
LONGEST_BACK_OFF = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=1)
"""A provider's own wish is honoured up to here: the watch must not fall silent for a day."""

_Answer = TypeVar("_Answer")


class Failed(Exception):
    """Nothing usable was said. `status` is HTTP's, 0 without one.

    `is_absence`: the API itself, not something in front of it, says that what was asked for is not
    there, and does not blame the key.
    """

    def __init__(
        self,
        problem: Problem,
        status: int = 0,
        *,
        retry_after: timedelta | None = None,
        is_absence: bool = False,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status
        self.retry_after = retry_after
        self.is_absence = is_absence


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to an act; `json` is None for what is no JSON, fractions are Decimals."""

    status: int
    json: Any

    @property
    def is_success(self) -> bool:
        """Whether status and body say yes; it proves nothing."""
        return httpx.codes.is_success(self.status) and not _is_refusal(self.json)

    @property
    def is_absence(self) -> bool:
        """Whether the API itself says that what was to be ended is not there."""
        return _is_absence(self.status, self.json)


class ProviderApi:
    """One provider's API, over a client that is bound to its address and carries its key.

    After a 429 nothing is asked until the time that the provider names has passed, or else
    `first_wait`, doubled by each further 429; an act is worth its one call even then.
    """

    def __init__(
        self, client: httpx.AsyncClient, clock: Clock, *, first_wait: timedelta = FIRST_WAIT
    ) -> None:
        self._client = client
        self._clock = clock
        self._first_wait = first_wait
        self._wait_until: float | None = None
        self._refusals = 0
        self.skew = timedelta(0)
        """The provider's clock less ours, in whole seconds, by its latest answer."""

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """The JSON, an object or a list, every fraction a Decimal. Raises Failed.

        Only for requests that change nothing there: after a 5xx or without an answer it is sent
        twice more.
        """
        pauses = iter(AGAIN_AFTER)
        while True:
            try:
                return await self._asked(method, path, params, body)
            except Failed as failed:
                pause = next(pauses, None)
                if pause is None or failed.problem not in {Problem.SERVER, Problem.NETWORK}:
                    raise
            await self._clock.sleep(pause)

    async def act(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None
    ) -> Answer | Ended:
        """Send once, whatever comes of it.

        An `Ended` is what means the same at every provider; an `Answer` is for the caller to
        understand: any success, and refusals of the 400s.
        """
        try:
            said = await self._said(method, path, None, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Ended.LATER
        except (TimeoutError, httpx.HTTPError, TooLarge):
            return Ended.UNKNOWN
        found = parsed(said.body)
        problem = _problem(said.status, found)
        ended = _OF_ALL.get(problem) if problem else None
        return ended or Answer(said.status, found)

    def listing(
        self,
        scope: Scope,
        instances: Iterable[Instance] = (),
        problem: Problem | None = None,
        failed: Failed | None = None,
    ) -> Listing:
        """A scope's listing; of `failed` it takes the wait, and the problem unless one is given."""
        if failed is not None:
            problem = problem or failed.problem
        return Listing(
            scope, tuple(instances), problem, failed.retry_after if failed else None, self.skew
        )

    async def _asked(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> Any:
        if wait := self._wait():
            raise Failed(Problem.RATE, httpx.codes.TOO_MANY_REQUESTS, retry_after=wait)
        try:
            said = await self._said(method, path, params, body)
        except TooLarge as error:
            raise Failed(Problem.SHAPE) from error
        except (TimeoutError, httpx.HTTPError) as error:
            raise Failed(Problem.NETWORK) from error
        found = parsed(said.body)
        problem = _problem(said.status, found)
        if problem is not None:
            raise Failed(
                problem,
                said.status,
                retry_after=self._wait(),
                is_absence=problem is Problem.SHAPE and _is_absence(said.status, found),
            )
        return found

    async def _said(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> Said:
        async with asyncio.timeout(CALL_SECONDS):
            said = await received(
                self._client, method, path, params=params, body=body, most=MAX_BYTES
            )
        self._note_time(said.headers.get("date", ""))
        self._note_limit(said)
        return said

    def _wait(self) -> timedelta | None:
        """How long nothing is to be asked."""
        if self._wait_until is None:
            return None
        left = self._wait_until - self._clock.monotonic()
        return timedelta(seconds=left) if left > 0 else None

    def _note_limit(self, said: Said) -> None:
        if said.status != httpx.codes.TOO_MANY_REQUESTS:
            self._wait_until, self._refusals = None, 0
            return
        own = min(self._first_wait * 2**self._refusals, LONGEST_BACK_OFF)
        wish = self._wish(said.headers.get("retry-after", ""))
        self._refusals = min(self._refusals + 1, 10)
        wait = own if wish is None else min(wish, LONGEST_WAIT)
        self._wait_until = self._clock.monotonic() + wait.total_seconds()

    def _wish(self, retry_after: str) -> timedelta | None:
        """How long the provider wants to be left alone, if it says so: seconds or a date."""
        seconds = seconds_in(retry_after)
        if seconds is not None:
            return timedelta(seconds=seconds)
        until = http_date(retry_after)
        return None if until is None else max(until - self._clock.now(), timedelta(0))

    def _note_time(self, date: str) -> None:
        theirs = http_date(date)
        if theirs is not None:
            ahead = (theirs - self._clock.now()).total_seconds()
            self.skew = timedelta(seconds=round(ahead))


async def whole(listing: Awaitable[_Answer], seconds: float = WHOLE_SECONDS) -> _Answer:
    """A listing with all its pages and second tries, given up after 60 s. Raises Failed."""
    try:
        async with asyncio.timeout(seconds):
            return await listing
    except TimeoutError as error:
        raise Failed(Problem.NETWORK) from error


def rows_in(found: Any, key: str) -> list[Any]:
    """The list that stands under `key`. Raises Failed where there is none."""
    rows = found.get(key) if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise Failed(Problem.SHAPE)
    return rows


_OF_ALL = {
    Problem.AUTH: Ended.FORBIDDEN,
    Problem.RATE: Ended.LATER,
    Problem.GONE: Ended.LATER,
    Problem.SERVER: Ended.UNKNOWN,
}
"""What becomes of an act, where that does not depend on who was told."""


def _problem(status: int, found: Any) -> Problem | None:
    """What is wrong with an answer; None for a good one."""
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN} or is_auth_error(found):
        return Problem.AUTH
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Problem.RATE
    if status == httpx.codes.GONE:
        return Problem.GONE
    if httpx.codes.is_server_error(status):
        return Problem.SERVER
    is_json = isinstance(found, dict | list)
    if not httpx.codes.is_success(status) or not is_json or _is_refusal(found):
        return Problem.SHAPE
    return None


def _is_refusal(found: Any) -> bool:
    return isinstance(found, dict) and found.get("success") is False


def _is_absence(status: int, found: Any) -> bool:
    """The API's own 404; dstack says it with a 400 and a code."""
    if not isinstance(found, dict):
        return False
    details = found.get("detail")
    said = details if isinstance(details, list) else []
    coded = any(isinstance(d, dict) and d.get("code") == "resource_not_exists" for d in said)
    return coded or status == httpx.codes.NOT_FOUND


def http_date(text: str) -> datetime | None:
    """An HTTP date, aware; None for what is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
