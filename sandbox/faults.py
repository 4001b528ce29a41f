"""Faults that can be switched on: what Slack does on a bad day."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from sandbox.ids import Ids
from sandbox.model import Json


class FaultKind(StrEnum):
    """How a Web API call goes wrong. The two `_after_accept` do the work, then lose the answer."""

    SLOW = "slow"
    CUT_AFTER_ACCEPT = "cut_after_accept"
    SILENT_AFTER_ACCEPT = "silent_after_accept"
    TOO_MANY = "429"
    SERVER_ERROR = "500"
    REFUSE = "refuse"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault for calls that match: `method` may hold `*`, `channel` None means any.

    `seconds` is real time (of slow, of silence), `times` None lasts until the fault is cleared,
    `retry_after` is sent as it is, so that rubbish can be tried too.
    """

    kind: FaultKind
    method: str = "*"
    error: str = "fatal_error"
    retry_after: str = "30"
    seconds: float = 2.0
    times: int | None = None
    channel: str | None = None

    def matches(self, method: str, where: str | None) -> bool:
        """Whether this call is hit."""
        return fnmatchcase(method, self.method) and self.channel in (None, where)


class Striking(Protocol):
    """A fault of any service, a dataclass: which calls it hits, and how often."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def times(self) -> int | None:
        """How many calls it strikes; None lasts until it is cleared."""
        ...

    def matches(self, method: str, where: str | None) -> bool:
        """Whether this call is hit."""
        ...


_Fault = TypeVar("_Fault", bound=Striking)


class Faults(Generic[_Fault]):
    """The faults that are on, oldest first; the first that matches a call is used."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._on: dict[str, tuple[_Fault, int]] = {}

    def add(self, fault: _Fault) -> str:
        """Switch a fault on; the answer is its id."""
        fault_id = self._ids.short("fault", 8)
        self._on[fault_id] = (fault, 0)
        return fault_id

    def remove(self, fault_id: str) -> None:
        """Switch one fault off; one that has run out already is no matter."""
        self._on.pop(fault_id, None)

    def clear(self) -> None:
        """Switch all faults off."""
        self._on.clear()

    def hit(self, method: str, where: str | None) -> _Fault | None:
        """The fault that strikes this call, counted as used."""
        for fault_id, (fault, used) in self._on.items():
            if not fault.matches(method, where):
                continue
            self._on[fault_id] = (fault, used + 1)
            if fault.times is not None and used + 1 >= fault.times:
                del self._on[fault_id]
            return fault
        return None

    def snapshot(self) -> Json:
        """The faults that are on, by id, with how often each struck."""
        return {key: {**asdict(fault), "used": used} for key, (fault, used) in self._on.items()}
