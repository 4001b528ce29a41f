"""What `owroute fit` does: find model and hardware, ask the engine per format, print the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.cards.forms.problems import Problem
from bot.errors import EngineRefusedCard
from engine.contract import (
    FitReport,
    FitRequest,
    HardwareItem,
    HardwareSpec,
    ModelItem,
    Page,
    RuntimeItem,
    SchemeItem,
)
from gateways.engine import HttpRouteEngine
from owroute.commands import fit_choice, fit_hub, fit_page, plan_card
from owroute.commands.exits import Code, stop
from owroute.commands.fit_choice import Choice, Unknown
from owroute.commands.fit_flags import FIELDS, FLAGS
from owroute.commands.plan_run import asked
from owroute.commands.speech import Speech

USUAL = {"context_tokens": 8192}
ON_GPU, ON_CPU = "vllm", "llama_cpp"
"""The runtimes that are meant where none is named."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed: names as they are, the GPU's too, numbers as fields of the request."""

    model: str
    runtime: str
    scheme: str | None
    fields: Mapping[str, Any]
    hardware: HardwareSpec


def fit(model: str | None, typed: Mapping[str, Any], say: Speech, *, as_json: bool) -> Code:
    """Print whether it fits. The exit code is the best format's verdict."""
    if model is None:
        stop(Code.BAD_INPUT, say.fit_no_model())
    wish = _wish(model, typed, say)

    async def question(engine: HttpRouteEngine) -> fit_page.Answer:
        try:
            choice = await _choice(engine, wish, say)
            schemes = choice.schemes(wish.scheme)
        except Unknown as unknown:
            near = ", ".join(unknown.near)
            stop(Code.BAD_INPUT, getattr(say, f"fit_unknown_{unknown.what}")(unknown.typed, near))
        reports = {s.scheme: await _report(engine, choice, s, wish, say) for s in schemes}
        return fit_page.Answer(choice, wish.hardware, schemes, reports)

    answer = asked(question, say, _refused)
    if as_json:
        return fit_page.print_json(answer, say, alone=wish.scheme is not None)
    return fit_page.print_page(answer, say)


def _refused(error: EngineRefusedCard, say: Speech) -> str:
    names = (pointer.rpartition("/")[2] for pointer in error.fields)
    options = " ".join(FLAGS[FIELDS[name]].option for name in names if name in FIELDS)
    return say.fit_refused(options, error.problem)


async def _choice(engine: HttpRouteEngine, wish: Wish, say: Speech) -> Choice:
    models = await engine.items("/v1/models", Page[ModelItem])
    hardware = await engine.items("/v1/hardware", Page[HardwareItem])
    runtimes = await engine.items("/v1/runtimes", Page[RuntimeItem])
    runtime, name = fit_choice.runtime(wish.runtime, runtimes), wish.hardware.gpu_id
    gpu = fit_choice.gpu(name, hardware) if name else None
    try:
        return Choice(fit_choice.model(wish.model, models), runtime, name, gpu)
    except Unknown as unknown:
        described = await fit_hub.described(unknown, say)
        return Choice(described, runtime, name, gpu, is_catalogued=False)


async def _report(
    engine: HttpRouteEngine, choice: Choice, scheme: SchemeItem, wish: Wish, say: Speech
) -> FitReport | None:
    """The engine's answer for one format; None where the hardware cannot run it at all."""
    if not choice.runs(scheme):
        return None
    known = choice.is_catalogued
    request = FitRequest(
        model_repo=choice.model.repo if known else None,
        architecture=None if known else choice.model.architecture,
        scheme=scheme.scheme,
        runtime=choice.runtime.runtime,
        hardware=wish.hardware,
        **wish.fields,
    )
    return await engine.fit(request, say.lang)


def _wish(model: str, typed: Mapping[str, Any], say: Speech) -> Wish:
    """What was typed, if the contract accepts its numbers; else the command ends with sentences."""
    values, wrong = plan_card.understood(typed, FLAGS)
    if not wrong and values.get("gpu") is None and values.get("ram") is None:
        stop(Code.BAD_INPUT, say.fit_no_hardware())
    given = {field: values[flag] for field, flag in FIELDS.items() if flag in values}
    hardware = {n: given.pop(n) for n in ("gpu_id", "gpu_count", "ram_gib") if n in given}
    found: HardwareSpec | None = None
    problems = list(wrong)
    try:
        found = HardwareSpec.model_validate(hardware)
        FitRequest.model_validate(
            {**USUAL, **given, "model_repo": "owner/name", "scheme": "", "runtime": ""}
        )
    except ValidationError as error:
        problems += [Problem(FIELDS[str(e["loc"][0])], "expected") for e in error.errors()]
    if problems or found is None:
        stop(Code.BAD_INPUT, *(plan_card.explained(p, say, FLAGS) for p in problems))
    runtime = values.get("runtime") or (ON_GPU if found.gpu_id else ON_CPU)
    return Wish(model, runtime, values.get("scheme"), {**USUAL, **given}, found)
