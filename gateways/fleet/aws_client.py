"""AWS's own library, which blocks: all of this runs in threads.

Reading is tried three times by the library itself; an act is sent through a client that never
repeats.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

from bot.domain.fleet import Problem
from gateways.fleet.aws_errors import ANY, failed
from gateways.fleet.http import Failed
from gateways.provider_http import CONNECT_SECONDS, READ_SECONDS

PAGE = 100
MOST_PAGES = 400
TRIES = 3
HOME = "us-east-1"
"""Where the regions are asked for, unless a region is set."""


class Clients:
    """One account's clients: one per service and region, made one at a time and kept."""

    def __init__(
        self,
        session: Callable[[], boto3.Session],
        *,
        read_seconds: float = READ_SECONDS,
        page: int = PAGE,
    ) -> None:
        self._make_session = session
        self._session: boto3.Session | None = None
        self.home = HOME
        """The account's own region, once it is known."""
        self._timeouts = {"connect_timeout": CONNECT_SECONDS, "read_timeout": read_seconds}
        self._page = page
        self._made: dict[tuple[str, str, int], Any] = {}
        self._lock = Lock()

    def get(self, service: str, region: str, *, tries: int = TRIES) -> Any:
        """The client of a service; `region` "" is the account's own."""
        key = (service, region, tries)
        with self._lock:  # a session must not be used by two threads at once
            if key not in self._made:
                session = self._opened()
                self._made[key] = session.client(
                    service,
                    region_name=region or self.home,
                    config=Config(
                        retries={"mode": "standard", "total_max_attempts": tries}, **self._timeouts
                    ),
                )
            return self._made[key]

    def _opened(self) -> boto3.Session:
        if self._session is None:
            self._session = self._make_session()
            self.home = self._session.region_name or HOME
        return self._session

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            for client in self._made.values():
                client.close()
            self._made.clear()

    def pages(
        self, service: str, region: str, operation: str, **asked: Any
    ) -> Iterator[dict[str, Any]]:
        """Page by page; raises Failed for pages without end, the library for a token seen twice."""
        paginator = self.get(service, region).get_paginator(operation)
        paging = paginator.paginate(**asked, PaginationConfig={"PageSize": self._page})
        for number, page in enumerate(paging, start=1):
            if number > MOST_PAGES:
                raise Failed(Problem.PARTIAL)
            yield page


@contextmanager
def reading() -> Iterator[None]:
    """Whatever goes wrong inside becomes a Failed."""
    try:
        yield
    except ANY as error:
        raise failed(error) from error
