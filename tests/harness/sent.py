"""What is really sent to a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from storage.database import SqlStore

Sent = list[tuple[str, Any]]


@contextmanager
def recorded(store: SqlStore) -> Iterator[Sent]:
    """Everything sent meanwhile, with its parameters."""
    sent: Sent = []

    def record(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(store.engine.sync_engine, "before_cursor_execute", record)
    yield sent
    event.remove(store.engine.sync_engine, "before_cursor_execute", record)
