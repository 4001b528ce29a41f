"""POST /v1/fit: does this model fit, asked directly. A report, or what is wrong with the question.

Without hardware or a capacity the report says what is needed and that nothing was compared. Where
the hardware cannot run the format at all, it does not fit, whatever memory there is, and the note
on the capacity says why; of a GPU that is not an NVIDIA one nothing is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.candidate import runs_on
from engine.contract import (
    Architecture,
    FitReport,
    FitRequest,
    FitVerdict,
    HardwareSpec,
    ModelItem,
    ProblemCode,
)
from engine.load import EngineData
from engine.memory.fit import Load, Need, sized, verdict
from engine.nearest import nearest
from engine.places import usable
from engine.report import capacity_note, made_for, report, sources_of
from engine.rules import Ruleset
from engine.run import Machine
from engine.runtimes import Runtime
from engine.say import gib
from engine.service.problems import Defect, Unanswerable
from engine.service.shaping import shape_defect
from engine.shelf import cpu


@dataclass(frozen=True, slots=True)
class _Question:
    """What was asked, with every name looked up."""

    asked: FitRequest
    runtime: Runtime
    shape: Architecture
    model: ModelItem | None
    machine: Machine | None

    @property
    def load(self) -> Load:
        asked = self.asked
        return Load(
            asked.context_tokens,
            asked.concurrency,
            self.runtime.keeps(asked.kv_dtype),
            asked.prefill_tokens,
            asked.chunk_tokens,
            asked.phase,
        )

    @property
    def minimum(self) -> Decimal | None:
        """CUDA capability that the format needs."""
        return self.runtime.schemes[self.asked.scheme].capability

    @property
    def runs(self) -> bool:
        """Whether the machine, if there is one, runs the format at all."""
        return self.machine is None or runs_on(self.minimum, self.machine)

    @property
    def unheard_of(self) -> bool:
        """Whether the machine's GPU is no NVIDIA one, on which nothing is known to run or not."""
        machine = self.machine
        return machine is not None and machine.gpu_id is not None and machine.capability is None


def answer_fit(asked: FitRequest, data: EngineData, rules: Ruleset) -> FitReport:
    """The report. Raises Unanswerable `FIT_REQUEST_INVALID` naming all that is not known."""
    question = _question(asked, data, rules)
    load = question.load
    gpus = question.machine.count if question.machine else 1
    size = sized(question.shape, asked.scheme, question.runtime.memory, gpus)
    model = question.model
    sources = sources_of(model, rules.fit) if model else rules.fit.sources
    if size is None:
        said = rules.fit.words.unknown
        return report(None, Need(*[0] * 7), load, FitVerdict.unknown, 0, said, rules.fit, sources)
    if question.machine is not None and question.machine.gpu_id is None:
        size = replace(size, calibrated=False)  # nobody has measured processors
    capacity, note = _capacity(question, data, rules)
    need = size.need(load)
    found = _verdict(question, need, capacity)
    made = report(size, need, load, found, capacity, note, rules.fit, sources)
    made = made_for(question.shape, made)
    return made if question.runs else _nothing_runs(made, question, data, rules)


def _question(asked: FitRequest, data: EngineData, rules: Ruleset) -> _Question:
    runtime = rules.runtimes.runtimes.get(asked.runtime)
    model = data.catalog.models.models.get(asked.model_repo or "")
    shape = asked.architecture or (model.architecture if model else None)
    defects = tuple(_defects(asked, runtime, model, data, rules))
    if defects or runtime is None or shape is None:
        raise Unanswerable(ProblemCode.FIT_REQUEST_INVALID, *defects)
    machine = _machine(asked.hardware, data)
    used = usable(machine, runtime, shape) if machine else None
    return _Question(asked, runtime, shape, model, used)


def _defects(
    asked: FitRequest,
    runtime: Runtime | None,
    model: ModelItem | None,
    data: EngineData,
    rules: Ruleset,
) -> Iterator[Defect]:
    """Every name that is not known, with what may have been meant."""
    if asked.model_repo is not None and model is None:
        yield Defect("/model_repo", "model_unknown", _models_near(asked.model_repo, data))
    if runtime is None:
        yield Defect("/runtime", "runtime_unknown", tuple(rules.runtimes.runtimes))
    elif asked.scheme not in runtime.schemes:
        yield Defect("/scheme", "scheme_unknown", tuple(runtime.schemes))
    elif model is not None and asked.scheme in model.never:
        yield Defect("/scheme", "scheme_breaks_model")
    defect = shape_defect(asked.architecture)
    if defect is not None:
        yield defect
    gpu_id = asked.hardware.gpu_id if asked.hardware else None
    if gpu_id is not None and not data.catalog.knows(asked.hardware):
        hardware = data.catalog.hardware
        code = "gpu_ambiguous" if hardware.called(gpu_id) else "gpu_unknown"
        yield Defect("/hardware/gpu_id", code, hardware.near(gpu_id))


def _models_near(typed: str, data: EngineData) -> tuple[str, ...]:
    names = {repo: (repo, _bare(repo)) for repo in data.catalog.models.models}
    return nearest(typed, names) or nearest(_bare(typed), names)


def _bare(repo: str) -> str:
    return repo.rpartition("/")[2]


def _machine(hardware: HardwareSpec | None, data: EngineData) -> Machine | None:
    if hardware is None:
        return None
    return cpu(hardware) if hardware.gpu_id is None else data.shelf.own(hardware)


def _capacity(question: _Question, data: EngineData, rules: Ruleset) -> tuple[int, str]:
    """Bytes the runtime may fill, and what they are; an asked utilization replaces its share."""
    asked, machine, runtime = question.asked, question.machine, question.runtime
    if asked.capacity_bytes is not None:
        capacity = int(asked.capacity_bytes * (asked.utilization or Decimal(1)))
        return capacity, rules.fit.words.given.format_map({"usable": gib(capacity)})
    if machine is None:
        return 0, rules.fit.words.none
    share = asked.utilization or runtime.memory.share
    note = capacity_note(machine, runtime, rules.fit, data.shelf, share)
    return int(machine.usable * share), note


def _verdict(question: _Question, need: Need, capacity: int) -> FitVerdict:
    if question.machine is None and question.asked.capacity_bytes is None:
        return FitVerdict.unknown
    if question.runs:
        return verdict(need, capacity)
    return FitVerdict.unknown if question.unheard_of else FitVerdict.does_not_fit


def _nothing_runs(
    made: FitReport, question: _Question, data: EngineData, rules: Ruleset
) -> FitReport:
    """Not one token fits where the format does not run; nobody knows where that is not known."""
    machine = question.machine
    gpu = data.catalog.hardware.hardware.get(machine.gpu_id or "") if machine else None
    facts = {
        "note": made.capacity_note,
        "scheme": question.asked.scheme,
        "runtime": question.runtime.name,
        "minimum": question.minimum,
        "gpu": gpu.name if gpu else "",
        "capability": gpu.capability if gpu else None,
    }
    has_cuda = gpu is not None and gpu.capability is not None
    said = rules.fit.words.older if has_cuda else rules.fit.words.no_cuda
    note = said.format_map(facts)
    most = None if question.unheard_of else 0
    return made.model_copy(
        update={"capacity_note": note, "max_context_tokens": most, "max_concurrent": most}
    )
