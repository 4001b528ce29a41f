"""An engine at a URL whose catalogue and reports a test chooses: the verdicts no real model has."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.contract import (
    Architecture,
    Attention,
    Breakdown,
    FitReport,
    FitRequest,
    FitVerdict,
    HardwareItem,
    ModelItem,
    Page,
    RuntimeItem,
    SchemeItem,
    Weights,
    Wire,
)
from owroute.server import served

GIB = 2**30
_Item = TypeVar("_Item", bound=Wire)


def model(repo: str, *schemes: str, never: tuple[str, ...] = ()) -> ModelItem:
    """A model that is published in these formats."""
    shape = Architecture(
        attention=Attention.gqa, layers=36, kv_heads=8, head_dim=128, d_model=4096,
        intermediate=12288, vocab=151936, tied=False, native_context=40960, params_total=8 * 10**9,
    )  # fmt: skip
    return ModelItem(
        repo=repo, family_id="qwen_llama", license_id="apache-2.0", architecture=shape,
        weights=tuple(Weights(scheme=s, repo=repo) for s in schemes), never=never, source="a test",
    )  # fmt: skip


MODELS = (model("Acme/Small-8B", "BF16", "AWQ", "Q4_K_M"), model("Acme/Old-7B", "GGML"))
GPUS = (
    HardwareItem(gpu_id="l4", name="L4", aliases=("NVIDIA L4",), nominal_gb=24,
                 usable_gib=Decimal("22.49"), capability=Decimal("8.9"), source="a test"),
    HardwareItem(gpu_id="t4", name="Tesla T4", nominal_gb=16, usable_gib=Decimal("14.7"),
                 capability=Decimal("7.5"), source="a test"),
)  # fmt: skip


def runtime(name: str, *schemes: tuple[str, str | None]) -> RuntimeItem:
    """A runtime with the formats it runs, and the capability each needs."""
    items = tuple(
        SchemeItem(scheme=s, capability=Decimal(least) if least else None) for s, least in schemes
    )
    return RuntimeItem(
        runtime=name, name=name, version="1", start=(), stop=(), verify="", version_command="",
        health_check="", choose_for="", schemes=items, source="a test",
    )  # fmt: skip


RUNTIMES = (
    runtime("vllm", ("BF16", "8.0"), ("FP16", "7.0"), ("AWQ", "7.5")),
    runtime("llama_cpp", ("Q4_K_M", None)),
)


def report(verdict: FitVerdict = FitVerdict.fits) -> FitReport:
    """A report with round numbers."""
    return FitReport(
        verdict=verdict,
        need_low=16 * GIB,
        need_expected=18 * GIB,
        need_high=19 * GIB,
        breakdown=Breakdown(weights=15 * GIB, kv=GIB, activation=GIB, runtime=GIB),
        kv_bytes_per_token=147_456,
        capacity=20 * GIB,
        capacity_note="90 % of 22.49 GiB usable",
        max_context_tokens=12_000,
        max_concurrent=3,
        disk_bytes=17 * GIB,
        method="formula",
        calibrated=True,
        error_band_pct=Decimal(5),
        sources=("config.json",),
    )


@dataclass
class Engine:
    """Answers each format with the verdict it is given here, and keeps what it was asked."""

    verdicts: dict[str, FitVerdict] = field(default_factory=dict)
    problem: str = ""
    asked: list[FitRequest] = field(default_factory=list)

    async def fit(self, request: Request) -> Response:
        """`POST /v1/fit`."""
        asked = FitRequest.model_validate_json(await request.body())
        self.asked.append(asked)
        if self.problem:
            return Response(self.problem, 422, media_type="application/problem+json")
        found = report(self.verdicts.get(asked.scheme, FitVerdict.fits))
        return Response(found.model_dump_json(), media_type="application/json")


@asynccontextmanager
async def at_a_url(engine: Engine) -> AsyncIterator[dict[str, str]]:
    """The engine behind a socket; gives the environment that leads to it."""
    routes = [
        Route("/v1/fit", engine.fit, methods=["POST"]),
        _list("/v1/models", Page[ModelItem], MODELS),
        _list("/v1/hardware", Page[HardwareItem], GPUS),
        _list("/v1/runtimes", Page[RuntimeItem], RUNTIMES),
    ]
    async with served(Starlette(routes=routes), grace=1) as port:
        yield {"OWROUTE_ENGINE_URL": f"http://127.0.0.1:{port}"}


def _list(path: str, kind: type[Page[_Item]], items: Sequence[_Item]) -> Route:
    """Two pages, as soon as there is more than one item."""

    async def page(request: Request) -> Response:
        first = "cursor" not in request.query_params
        part = items[:1] if first else items[1:]
        cursor = "1" if first and len(items) > 1 else None
        found = kind(
            items=tuple(part), next=cursor, version="1", sha256="0", as_of=date(2026, 11, 25)
        )
        return Response(found.model_dump_json(), media_type="application/json")

    return Route(path, page)
