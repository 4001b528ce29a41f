"""How fast the engine decides: in process beside plain pydantic, and as the bot calls it.

The reference card is a rented service over private documents; the varied ones are five thousand
cards that differ in what decisions look at, more than the engine keeps, so that none is answered by
another.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from statistics import median
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Response

from engine.app import create_app
from engine.contract import ConstraintCard, DecisionCard, Lang, View
from engine.decide import decide
from engine.load import EngineData, load_data
from engine.service.answers import answer
from gateways.engine import HttpRouteEngine
from tests.engine.cards import GUARDED, STOPS, card

ROUNDS = 7
DECISIONS = 400
CALLS = 150
CARDS = 5_000


@dataclass(frozen=True, slots=True)
class Pace:
    """Microseconds of CPU time for one, the median of the rounds; and how many a second."""

    us: float

    @property
    def rate(self) -> float:
        """How many a second one core makes."""
        return 1e6 / self.us


def reference() -> ConstraintCard:
    """A rented service over private documents with a stop, a cap and a named machine."""
    return card(
        **(STOPS | GUARDED), needs_service_api=True, max_hourly="1.00", machine_name="ow-12-ada"
    )


def varied() -> Iterator[ConstraintCard]:
    """Cards that differ in route, service, budget, context, requests and hours."""
    routes = ("local_cpu", "local_gpu", "free_colab", "rented_gpu")
    sizes = range(1_024, 21_504, 128)
    choices = product(routes, (False, True), ("small", "medium"), sizes, (1, 2), ("2", "4"))
    for route, service, budget, context, requests, hours in choices:
        yield card(
            available_route=route,
            needs_service_api=service,
            budget_level=budget,
            context_tokens=context,
            concurrency=requests,
            session_hours=hours if route == "rented_gpu" else None,
            hardware={"gpu_id": "l4"} if route == "local_gpu" else None,
        )


def pace(work: Callable[[], object], times: int = DECISIONS, rounds: int = ROUNDS) -> Pace:
    """The median over the rounds; collection of garbage is part of the work."""
    work()
    taken = []
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        for _ in range(times):
            work()
        taken.append((time.process_time() - start) / times * 1e6)
    return Pace(median(taken))


async def call_pace(call: Callable[[], Awaitable[object]]) -> Pace:
    """The same for a call over a transport."""
    await call()
    rounds = []
    for _ in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        for _ in range(CALLS):
            await call()
        rounds.append((time.process_time() - start) / CALLS * 1e6)
    return Pace(median(rounds))


def in_process(data: EngineData) -> dict[str, Pace]:
    """Plain pydantic in and out, and decisions of the reference card and of varied ones."""
    asked = reference()
    raw, made = asked.model_dump_json(), decide(asked, data)
    others = cycle(list(islice(varied(), CARDS)))
    return {
        "pydantic": pace(lambda: (ConstraintCard.model_validate_json(raw), made.model_dump_json())),
        "decide": pace(lambda: decide(asked, data)),
        "wire": pace(lambda: answer(decide(ConstraintCard.model_validate_json(raw), data))),
        "varied": pace(lambda: decide(next(others), data), CARDS, rounds=1),
    }


async def over_transport(data: EngineData) -> dict[str, Pace]:
    """The bot's own call, beside the same transport that answers with a decision made before."""
    asked = reference()
    ready = bytes(answer(decide(asked, data)).body)
    async with _client(_bare(ready)) as floor, _client(create_app(data)) as engine:
        ours, through = HttpRouteEngine(engine), HttpRouteEngine(floor)
        return {
            "transport": await call_pace(lambda: through.decide(asked, "en")),
            "call": await call_pace(lambda: ours.decide(asked, "en")),
        }


def _bare(ready: bytes) -> FastAPI:
    """An application that takes the same request and answers with these bytes."""
    app, v1 = FastAPI(), APIRouter(prefix="/v1")

    @v1.post("/plans")
    async def plans(card: ConstraintCard, view: View = View.full, lang: Lang = Lang.en) -> Response:
        return Response(ready, media_type="application/json")

    app.include_router(v1)
    return app


def _client(app: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://engine", trust_env=False)


def figures() -> dict[str, Pace]:
    """Everything, measured in one run."""
    data = load_data()
    assert isinstance(decide(reference(), data), DecisionCard)
    return in_process(data) | asyncio.run(over_transport(data))


def report(found: dict[str, Pace]) -> str:
    """The figures to read on a terminal, each beside its floor."""
    p = found
    calls = p["call"].us / p["transport"].us
    return (
        f"decide, reference card: {p['decide'].rate:6,.0f}/s  ({p['decide'].us:5.0f} us of CPU; "
        f"plain pydantic in and out {p['pydantic'].us:.0f} us); goal 6,400/s\n"
        f"decide, {CARDS:,} different cards: {p['varied'].rate:6,.0f}/s "
        f"({p['varied'].us:5.0f} us)\n"
        f"JSON in, decide, canonical JSON out: {p['wire'].rate:6,.0f}/s ({p['wire'].us:5.0f} us)\n"
        f"as the bot calls it: {p['call'].us:5.0f} us, the transport itself "
        f"{p['transport'].us:.0f} us ({calls:.2f}x; goal 1.5x)\n"
    )
