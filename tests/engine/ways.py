"""Ways to run a model, made by hand: every runtime, format and provider of the data."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from engine.commands import runtime_commands
from engine.contract import (
    Architecture,
    ConstraintCard,
    Lang,
    ModelItem,
    OfferItem,
    Route,
    RuntimeCommand,
    ShutdownCommand,
    StepKind,
    Weights,
)
from engine.memory.schemes import is_gguf
from engine.run import Machine, Run
from engine.runtimes import RuntimesFile
from engine.shutdown import shutdown_commands
from tests.engine.cards import DATA, REVISION, card

WORDS: RuntimesFile = DATA.rules[Lang.en].runtimes
REPO = "Qwen/Qwen2.5-7B-Instruct"
FILE = "qwen2.5-7b-instruct-q4_k_m.gguf"
SHAPE = Architecture.model_validate(
    {
        "attention": "gqa", "layers": 28, "kv_heads": 4, "head_dim": 128, "d_model": 3584,
        "intermediate": 18944, "vocab": 152064, "tied": False, "native_context": 32768,
        "params_total": 7_615_617_000,
    }
)  # fmt: skip
SKUS = {"aws": "g6.xlarge", "gcp": "n1-standard-4+t4", "azure": "NC4as_T4_v3"}
LARGE = ("aws", "gcp", "azure")


def model(**changes: Any) -> ModelItem:
    """A 7B model pinned to a commit."""
    plain = {
        "repo": REPO, "family_id": "qwen_llama", "license_id": "apache-2.0", "revision": REVISION,
        "architecture": SHAPE, "source": "by hand",
        "weights": [{"scheme": "BF16", "repo": REPO, "revision": REVISION}],
    }  # fmt: skip
    return ModelItem.model_validate(plain | changes)


def offer(provider: str, **changes: Any) -> OfferItem:
    """One L4 or T4 of this provider."""
    plain = {
        "offer_id": f"{provider}:l4:any:secure", "provider": provider,
        "sku": SKUS.get(provider, "l4"), "gpu": "T4" if provider in LARGE else "L4",
        "gpu_id": "l4", "gpu_count": 1, "vram_gb_per_gpu": "24", "usd_per_hour": "0.44",
        "tier": "secure", "region": "us-east-1" if provider in LARGE else "any",
        "as_of": date(2026, 5, 24), "source_url": "https://example.com/prices", "note": "",
    }  # fmt: skip
    return OfferItem.model_validate(plain | changes)


def gpu(count: int = 1, capability: str = "8.9") -> Machine:
    """So many L4, or another GPU of this capability."""
    return Machine("l4", count, 24 * 2**30, measured=True, capability=Decimal(capability))


CPU = Machine(None, 1, 32 * 2**30, measured=False)


def way(runtime: str, scheme: str = "BF16", **changes: Any) -> Run:
    """A run on a GPU that is there already, unless the changes say otherwise."""
    file = FILE if is_gguf(scheme) else None
    weights = Weights(scheme=scheme, repo=REPO, revision=REVISION, file=file)
    plain: dict[str, Any] = {"model": model(), "weights": weights, "machine": gpu(), "offer": None}
    return Run(**(plain | changes), runtime=WORDS.runtimes[runtime])


def files(scheme: str, **changes: Any) -> Weights:
    """Files of a format, pinned, of the model's own repository."""
    plain = {"scheme": scheme, "repo": REPO, "revision": REVISION}
    return Weights.model_validate(plain | changes)


def renting(**changes: Any) -> ConstraintCard:
    """A card for a rented GPU: two hours, and a machine with a name."""
    plain = {"available_route": "rented_gpu", "session_hours": "2", "machine_name": "ow-12-ada"}
    return card(**(plain | changes))


def commands(run: Run, route: Route = Route.private_gpu, **changes: Any) -> RuntimeCommand:
    """The one set of commands of a run."""
    asked = renting(**changes) if route is Route.rented_gpu else card(**changes)
    (command,) = runtime_commands(asked, route, run, WORDS)
    return command


def line_of(command: RuntimeCommand, kind: StepKind, word: str) -> str:
    """The line of this kind that has this word in it."""
    return next(s.shell for s in command.before if s.kind is kind and word in s.shell)


def stops(run: Run, route: Route = Route.rented_gpu, **changes: Any) -> tuple[ShutdownCommand, ...]:
    """How a run of a rented card is switched off."""
    return shutdown_commands(renting(**changes), route, run, run.runtime, WORDS)


def every_way() -> Iterator[Run]:
    """Every runtime with each of its formats: at home, without a GPU where it can, and rented."""
    for runtime in WORDS.runtimes.values():
        for scheme in runtime.schemes:
            yield way(runtime.id, scheme)
            for provider in WORDS.providers:
                yield way(runtime.id, scheme, offer=offer(provider))
            if is_gguf(scheme):
                yield way(runtime.id, scheme, machine=CPU)
                yield way(runtime.id, scheme, machine=CPU, weights=files(scheme))
