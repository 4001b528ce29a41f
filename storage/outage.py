"""Tells a database that is away from a defect of ours: only the first is `StoreUnavailable`."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import StoreUnavailable

_DEFECTS = (DataError, IntegrityError, ProgrammingError)


def is_outage(error: BaseException | None) -> bool:
    """Whether a driver says so because the database is down, slow, locked, full or read-only."""
    return isinstance(error, DBAPIError | PoolTimeout | OSError) and not isinstance(error, _DEFECTS)


@contextmanager
def outages() -> Iterator[None]:
    """Raise `StoreUnavailable` with the error's kind only: its text may hold what we sent."""
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError) as error:
        if not is_outage(error):
            raise
        raise StoreUnavailable(type(error).__name__) from error
