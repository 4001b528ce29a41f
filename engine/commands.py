"""The commands of a plan: rent, connect, install, download, start, ask; they run as printed.

Commands are argv in runtimes.yaml with placeholders. Names of models, files and machines come from
people and from strangers: each is put into one argument, and the whole is quoted as one line.
"""

import re
import shlex
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from engine.argv import KEPT, Given, Values, given, printed, told
from engine.contract import (
    ConstraintCard,
    Route,
    RuntimeCommand,
    Step,
    StepKind,
)
from engine.cost import usage_of
from engine.disk import gguf_file, is_converted, rented_gib
from engine.regions import pinned
from engine.run import Machine, Run
from engine.runtimes import CommandWords, Provider, Runtime, RuntimesFile, StepTemplate

_PLAIN_KV = frozenset({"auto", "bf16"})
_BF16 = Decimal("8.0")
"""CUDA capability from which a GPU calculates in bfloat16; below it, float16 is asked for."""

_FP8 = Decimal("8.9")
"""CUDA capability from which a GPU calculates in FP8; below it, only the weights are kept so."""

_FIRST_PART = re.compile(r"(.+)-0*1-of-([0-9]+)\.gguf")
_TAG_LENGTH = 60


def runtime_commands(
    card: ConstraintCard, route: Route, run: Run | None, words: RuntimesFile
) -> tuple[RuntimeCommand, ...]:
    """From a bare machine to the first answer; empty while no way to run a model is chosen."""
    if run is None:
        return ()
    runtime, values = run.runtime, known(card, run, words)
    argv, shell = printed(runtime.start, values)
    return (
        RuntimeCommand(
            runtime=runtime.name,
            before=(*_reached(route, run, words, values), *_prepared(run, values)),
            script=runtime.script,
            argv=argv,
            shell=shell,
            env=_environment(runtime, values),
            bind=runtime.bind,
            health_check=runtime.health_check,
            first_request=_joined(runtime.first_request, values) or shell,
            version_command=runtime.version_command,
            prerequisites=_prerequisites(card, route, run, words.words),
        ),
    )


def known(card: ConstraintCard, run: Run | None, words: RuntimesFile) -> Values:
    """All that the commands of this plan may ask for."""
    values = {"context": str(card.context_tokens), **_named(card), **_deadline(card)}
    if run is not None:
        values |= {**_model(run), **_load(card, run), **_offer(card, run, words)}
    return values


def _named(card: ConstraintCard) -> Values:
    """The machine's name, unless there is none or it would be read as an option."""
    name = card.machine_name
    return {"name": name} if name and not name.startswith("-") else {}


def _deadline(card: ConstraintCard) -> Values:
    hours = usage_of(card).session
    if hours is None:
        return dict.fromkeys(("hours", "minutes", "seconds", "at_end"))
    return {
        "hours": f"{hours.normalize():f}",
        "minutes": _whole(hours * 60),
        "seconds": _whole(hours * 3600),
        "at_end": "STOP",
    }


def _whole(number: Decimal) -> str:
    return str(number.to_integral_value(ROUND_CEILING))


def _model(run: Run) -> Values:
    """The files: where they come from, and under which names they stand and answer here."""
    weights, model = run.weights, run.model
    slug, file = model.repo.split("/")[1], gguf_file(weights)
    split = _FIRST_PART.fullmatch(file) if file else None
    local = file or f"{slug}-{weights.scheme}.gguf"
    return {
        "repo": weights.repo,
        "revision": weights.revision,
        "scheme": weights.scheme,
        "file": None if split else file,
        "parts": f"{split[1]}-*-of-{split[2]}.gguf" if split else None,
        "gguf": f"models/{local}",
        "slug": slug,
        "model_repo": model.repo,
        "model_revision": model.revision,
        "tag": f"{slug[:_TAG_LENGTH]}:{weights.scheme}".lower(),
        "pickled": "*.bin" if model.family_id else None,
    }


def _load(card: ConstraintCard, run: Run) -> Values:
    """What the runtime is told of the machine and of the requests."""
    machine, port = run.machine, run.runtime.bind.rpartition(":")[2]
    return {
        "tp": str(machine.count),
        "ngl": "99" if machine.gpu_id else None,
        "dtype": "float16" if _in_float16(run.weights.scheme, machine) else None,
        "kv": run.runtime.kv.get(card.kv_dtype),
        "concurrency": str(card.concurrency),
        "requests": str(min(card.concurrency, run.runtime.memory.chunk_tokens or card.concurrency)),
        "all_context": str(card.context_tokens * card.concurrency),
        "tunnel": f"{port}:127.0.0.1:{port}" if port else None,
    }


def _in_float16(scheme: str, machine: Machine) -> bool:
    return scheme == "FP16" or _is_below(_BF16, machine)


def _offer(card: ConstraintCard, run: Run, words: RuntimesFile) -> Values:
    """What a provider is asked for."""
    offer = run.offer
    if offer is None:
        return {}
    provider, is_any = words.provider(offer.provider), offer.region == "any"
    return {
        "sku": offer.sku,
        "machine": offer.sku.partition("+")[0],
        "gpu": provider.gpus.get(offer.gpu, offer.gpu),
        "accelerator": provider.gpus.get(offer.gpu),
        "count": str(offer.gpu_count),
        "tier": provider.tiers.get(offer.tier),
        "region": None if is_any else offer.region,
        "data_center": pinned(card.region if is_any else offer.region, provider),
        "disk": str(rented_gib(run)),
    }


def _reached(route: Route, run: Run, words: RuntimesFile, values: Values) -> tuple[Step, ...]:
    """Renting the machine and a way to it; nothing where it is there already."""
    if route is not Route.rented_gpu or run.offer is None:
        return ()
    provider = words.provider(run.offer.provider)
    rent = (_step(template, values) for template in provider.rent)
    return (*rent, _connect(provider, run.runtime, words.words, values))


def _connect(provider: Provider, runtime: Runtime, words: CommandWords, values: Values) -> Step:
    note = words.connect + (told(words.tunnel, {"bind": runtime.bind}) if runtime.bind else "")
    return _step(StepTemplate(kind=StepKind.connect, argv=provider.connect, note=note), values)


def _prepared(run: Run, values: Values) -> tuple[Step, ...]:
    """What is installed and downloaded for these files on this machine."""
    facts = {"gpu": run.machine.gpu_id is not None, "file": gguf_file(run.weights) is not None}
    return tuple(
        _step(template, values)
        for template in run.runtime.before
        if (not template.schemes or run.weights.scheme in template.schemes)
        and template.gpu in (None, facts["gpu"])
        and template.file in (None, facts["file"])
        and _is_below(template.below, run.machine)
    )


def _is_below(capability: Decimal | None, machine: Machine) -> bool:
    has = machine.capability
    return capability is None or (has is not None and has < capability)


def _step(template: StepTemplate, values: Values) -> Step:
    asked = given((*template.argv, template.note), values)
    return _made(template.kind, template.argv, template.note, asked)


@lru_cache(maxsize=KEPT)
def _made(kind: StepKind, argv: tuple[str, ...], note: str, known: Given) -> Step:
    values = dict(known)
    filled, shell = printed(argv, values)
    return Step(kind=kind, argv=filled, shell=shell, note=told(note, values))


def _environment(runtime: Runtime, values: Values) -> dict[str, str]:
    pairs = ((name, printed((value,), values)[0]) for name, value in runtime.env.items())
    return {name: value[0] for name, value in pairs if value}


def _joined(text: str, values: Values) -> str:
    """A shell line of commands joined by `&&`, each quoted anew once it is filled in."""
    return " && ".join(printed(argv, values)[1] for argv in _split(text))


@lru_cache(maxsize=KEPT)
def _split(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(shlex.split(part)) for part in text.split(" && "))


def _prerequisites(
    card: ConstraintCard, route: Route, run: Run, words: CommandWords
) -> tuple[str, ...]:
    """What must be so before the first line is typed."""
    runtime = run.runtime
    told_kv = card.kv_dtype in _PLAIN_KV or card.kv_dtype in runtime.kv
    rented = route is Route.rented_gpu and run.offer is not None
    spoken = (
        (run.model.gated, words.gated),
        (not _is_pinned(run), words.not_pinned),
        (is_converted(run.weights), words.no_file),
        (card.context_tokens > run.model.architecture.native_context, words.long_context),
        (not told_kv, words.kv_ignored),
        (run.weights.scheme == "FP8" and _is_below(_FP8, run.machine), words.weights_only),
        (route is Route.free_colab, words.colab),
        (rented and not _named(card), words.unnamed),
        (rented, words.issued),
        (runtime.serves, words.second_terminal),
    )
    values = {"runtime": runtime.name, "kv_dtype": card.kv_dtype, "repo": run.model.repo}
    return (*runtime.needs, *(told(text, values) for holds, text in spoken if holds))


def _is_pinned(run: Run) -> bool:
    known = run.model if is_converted(run.weights) else run.weights
    return known.revision is not None
