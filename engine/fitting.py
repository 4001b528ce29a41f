"""POST /v1/fit: does this model fit, asked directly. A report, or what is wrong with the question.

Without hardware or a capacity the report says what is needed and that nothing was compared.
"""

from decimal import Decimal

from engine.candidates import runs_on
from engine.contract import (
    FitReport,
    FitRequest,
    FitVerdict,
    HardwareSpec,
    ProblemCode,
)
from engine.fit import Load, Need, sized, verdict
from engine.load import EngineData
from engine.places import usable
from engine.problems import Unanswerable
from engine.report import capacity_note, report, sources_of
from engine.rules import Ruleset
from engine.run import Machine
from engine.runtimes import Runtime
from engine.say import gib
from engine.shelf import cpu


def answer_fit(asked: FitRequest, data: EngineData, rules: Ruleset) -> FitReport:
    """The report. Raises Unanswerable `FIT_REQUEST_INVALID` naming what is not known."""
    runtime = rules.runtimes.runtimes.get(asked.runtime)
    if runtime is None:
        raise _unknown("/runtime", "runtime_unknown")
    if asked.scheme not in runtime.schemes:
        raise _unknown("/scheme", "scheme_unknown")
    model = data.catalog.models.models.get(asked.model_repo or "")
    shape = asked.architecture or (model.architecture if model else None)
    if shape is None:
        raise _unknown("/model_repo", "model_unknown")
    machine = _machine(asked.hardware, data)
    placed = usable(machine, runtime) if machine else None
    size = sized(shape, asked.scheme, runtime.memory, placed.count if placed else 1)
    sources = sources_of(model, rules.fit) if model else rules.fit.sources
    if size is None:
        return _nothing_known(asked, rules, sources)
    load = _load(asked)
    need = size.need(load)
    capacity, note = _capacity(asked, placed, runtime, data, rules)
    found = _verdict(asked, placed, runtime, need, capacity)
    return report(size, need, load, found, capacity, note, rules.fit, sources)


def _machine(hardware: HardwareSpec | None, data: EngineData) -> Machine | None:
    if hardware is None:
        return None
    if hardware.gpu_id is None:
        return cpu(hardware)
    own = data.shelf.own(hardware)
    if own is None:
        raise _unknown("/hardware/gpu_id", "gpu_unknown")
    return own


def _load(asked: FitRequest) -> Load:
    return Load(
        asked.context_tokens,
        asked.concurrency,
        asked.kv_dtype,
        asked.prefill_tokens,
        asked.chunk_tokens,
        asked.phase,
    )


def _capacity(
    asked: FitRequest,
    machine: Machine | None,
    runtime: Runtime,
    data: EngineData,
    rules: Ruleset,
) -> tuple[int, str]:
    """Bytes the runtime may fill, and what they are; an asked utilization replaces its share."""
    share = asked.utilization or runtime.memory.share
    if asked.capacity_bytes is not None:
        whole = asked.utilization or Decimal(1)
        capacity = int(asked.capacity_bytes * whole)
        return capacity, rules.fit.words.given.format_map({"usable": gib(capacity)})
    if machine is None:
        return 0, rules.fit.words.none
    return int(machine.usable * share), capacity_note(
        machine, runtime, rules.fit, data.shelf, share
    )


def _verdict(
    asked: FitRequest, machine: Machine | None, runtime: Runtime, need: Need, capacity: int
) -> FitVerdict:
    if machine is None and asked.capacity_bytes is None:
        return FitVerdict.unknown
    if machine is not None and not runs_on(runtime.schemes[asked.scheme].capability, machine):
        return FitVerdict.does_not_fit
    return verdict(need, capacity)


def _nothing_known(asked: FitRequest, rules: Ruleset, sources: tuple[str, ...]) -> FitReport:
    """An architecture nobody has described: no figure is guessed."""
    nothing = Need(0, 0, 0, 0, 0, 0, 0)
    return report(None, nothing, _load(asked), FitVerdict.unknown, 0, rules.fit.words.unknown,
                  rules.fit, sources)  # fmt: skip


def _unknown(pointer: str, code: str) -> Unanswerable:
    return Unanswerable(ProblemCode.FIT_REQUEST_INVALID, (pointer, code))
