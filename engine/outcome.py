"""What comes of judging one family on one route, and the numbers that a reason names."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.candidate import Candidate, Unsupported
from engine.contract import ModelItem, RejectionCode
from engine.cost import cents
from engine.licenses import Reading
from engine.rules import Caps, Family

Numbers = dict[str, int | str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One family on one route: its candidate, or `code` with the numbers that decided it."""

    family: Family
    candidate: Candidate | None = None
    code: RejectionCode | None = None
    numbers: Numbers = field(default_factory=dict)
    reading: Reading | None = None
    model: ModelItem | None = None


def too_large(family: Family, models: Sequence[ModelItem], ceiling: int) -> Outcome:
    """A family whose every model is above the ceiling of the budget class."""
    least = min(model.architecture.params_total for model in models)
    numbers: Numbers = {"params_total": least, "ceiling": ceiling}
    return Outcome(family, code=RejectionCode.over_budget, numbers=numbers)


def too_long(family: Family, models: Sequence[ModelItem], context: int) -> Outcome:
    """A family whose longest context is too short."""
    longest = max(model.architecture.native_context for model in models)
    numbers: Numbers = {"context": context, "native": longest}
    return Outcome(family, code=RejectionCode.context_too_long, numbers=numbers)


def over(found: Candidate, caps: Caps) -> Numbers:
    """Which cap is missed: the price of an hour, else what a month comes to, against it."""
    hourly = found.place.hourly
    if hourly is not None and caps.max_hourly is not None and hourly > caps.max_hourly:
        asked, cap = hourly, caps.max_hourly
        return {"hourly": str(asked), "cap": str(cap), "gap": str(asked - cap)}
    if found.bill is not None and caps.max_monthly is not None:
        asked, cap = found.bill.monthly, caps.max_monthly
        return {"monthly": str(cents(asked)), "cap": str(cap), "gap": str(cents(asked - cap))}
    return {}


def forbidden(family: Family, reading: Reading, model: ModelItem) -> Outcome:
    """A family whose licence forbids the use."""
    numbers: Numbers = {"license_id": reading.license_id}
    if reading.limit is not None:
        numbers["limit"] = reading.limit
    return Outcome(
        family, code=RejectionCode.license, numbers=numbers, reading=reading, model=model
    )


def capabilities(found: Unsupported) -> Numbers:
    """Both or neither: a GPU without CUDA has no capability to compare."""
    if found.capability is None or found.minimum is None:
        return {}
    return {"capability": str(found.capability), "minimum": str(found.minimum)}
