"""A memory report: what a model needs against what there is, in figures and in words."""

from decimal import Decimal

from engine.candidate import Candidate
from engine.contract import Architecture, Breakdown, FitReport, FitVerdict, ModelItem
from engine.fit_words import FitFile
from engine.memory.fit import BAND, Load, Need, Sized
from engine.run import Machine
from engine.runtimes import Runtime
from engine.say import gib, plain
from engine.shelf import Shelf

_WHOLE = Decimal(1)


def fit_report(candidate: Candidate, load: Load, words: FitFile, shelf: Shelf) -> FitReport:
    """The report of a candidate under a load."""
    run = candidate.run
    share = run.runtime.memory.share
    note = capacity_note(run.machine, run.runtime, words, shelf, share)
    sources = sources_of(run.model, words)
    capacity = candidate.place.capacity
    limits = shelf.limits(run, candidate.size, load, capacity)
    made = report(
        candidate.size, candidate.need, load, candidate.verdict, capacity, note, words, sources,
        limits,
    )  # fmt: skip
    return made_for(run.model.architecture, made)


def report(
    size: Sized | None,
    need: Need,
    load: Load,
    verdict: FitVerdict,
    capacity: int,
    note: str,
    words: FitFile,
    sources: tuple[str, ...],
    limits: tuple[int, int] | None = None,
) -> FitReport:
    """The same from its parts; without a size nothing is known and nothing is guessed."""
    if limits is None and size and capacity:
        limits = size.most_context(load, capacity), size.most_requests(load, capacity)
    measured = bool(size and size.measured(load))
    method = words.words.method_training if load.training else words.words.method
    return FitReport(
        verdict=verdict,
        need_low=need.low,
        need_expected=need.expected,
        need_high=need.high,
        breakdown=Breakdown(
            weights=need.weights,
            kv=need.kv,
            activation=need.activation,
            runtime=need.runtime,
            training=need.training,
        ),
        kv_bytes_per_token=size.kv.per_token(load.kv_dtype) if size else 0,
        capacity=capacity,
        capacity_note=note,
        max_context_tokens=limits[0] if limits else None,
        max_concurrent=limits[1] if limits else None,
        disk_bytes=size.disk if size else 0,
        method=method,
        calibrated=measured,
        error_band_pct=BAND[measured],
        sources=sources,
    )


def made_for(shape: Architecture, made: FitReport) -> FitReport:
    """The report with no more context than the model was made for, however much memory there is."""
    most = made.max_context_tokens
    if most is None or most <= shape.native_context:
        return made
    return made.model_copy(update={"max_context_tokens": shape.native_context})


def sources_of(model: ModelItem, words: FitFile) -> tuple[str, ...]:
    """Where the shape of a model and the constants of the formula come from."""
    return (model.source, *words.sources)


def capacity_note(
    machine: Machine, runtime: Runtime, words: FitFile, shelf: Shelf, share: Decimal
) -> str:
    """What the capacity is: measured, assumed, a share of memory."""
    say = words.words
    facts = {"usable": gib(machine.usable), "count": machine.count, "gpu": ""}
    if machine.gpu_id is None:
        note = (say.ram if machine.measured else say.ram_assumed).format_map(facts)
    else:
        facts["gpu"] = shelf.catalog.hardware.hardware[machine.gpu_id].name
        note = (say.measured if machine.measured else say.unmeasured).format_map(facts)
    facts |= {"runtime": runtime.name, "share": plain(share), "idle": machine.idle}
    if share != _WHOLE:
        note = say.share.format_map({**facts, "note": note})
    if not machine.idle:
        return note
    return say.idle.format_map({**facts, "note": note, "all": machine.count + machine.idle})
