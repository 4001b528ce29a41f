"""Tells a database that is away from a defect of ours: only the first is `StoreUnavailable`."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import StoreUnavailable

_DEFECTS = (DataError, IntegrityError, ProgrammingError)


def is_outage(error: BaseException | None) -> bool:
    """Whether a driver says so because the database is down, slow, locked, full or read-only."""
    return isinstance(error, DBAPIError | PoolTimeout | OSError) and not isinstance(error, _DEFECTS)


def without_values(context: ExceptionContext) -> None:
    """Leave of a Postgres error its kind and the constraint or column it names.

    Its text and detail repeat whole rows and arguments, and a defect's traceback gets into the log.
    """
    error = context.original_exception
    cause = error.__cause__ or error
    names = (getattr(cause, name, None) for name in ("constraint_name", "column_name"))
    told = " ".join((type(cause).__name__, *(name for name in names if name)))
    error.args = (told,)
    error.__cause__ = None
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (told,)


@contextmanager
def outages() -> Iterator[None]:
    """Raise `StoreUnavailable` with the error's kind only: its text may hold what we sent.

    Nor is it kept as the cause, which a traceback in the log would spell out.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError) as error:
        if not is_outage(error):
            raise
        raise StoreUnavailable(type(error).__name__) from None
