"""The lists of the catalogue: pages, filters, how old they are, and answers known already."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from engine.app import create_app
from engine.contract import Lang
from tests.engine.cards import DATA, TODAY

LISTS = ("families", "models", "hardware", "offers", "licenses", "runtimes", "rules")


def client(day: date = TODAY) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(DATA, today=lambda: day))
    return httpx.AsyncClient(transport=transport, base_url="http://engine")


@pytest.mark.parametrize("name", LISTS)
async def test_lists_page_through_everything_once(name: str) -> None:
    seen: list[Any] = []
    query: dict[str, str] | None = {"limit": "7"}
    async with client() as http:
        whole = (await http.get(f"/v1/{name}", params={"limit": "200"})).json()
        while query:
            page = (await http.get(f"/v1/{name}", params=query)).json()
            assert len(page["items"]) <= 7
            assert page["sha256"] == whole["sha256"]
            seen += page["items"]
            query = {"limit": "7", "cursor": page["next"]} if page["next"] else None
    assert whole["next"] is None
    assert seen == whole["items"]
    assert seen


@pytest.mark.parametrize(
    ("path", "field", "values"),
    [
        ("families?routes=local_cpu", "family_id", ["small_instruct"]),
        ("families?serves=false", "family_id", ["small_instruct"]),
        ("models?license_id=mrl", "repo", ["mistralai/Mistral-Large-Instruct-2407"]),
        ("models?license_id=mrl&gated=false", "repo", []),
        ("hardware?nominal_gb=141", "gpu_id", ["h200-141gb"]),
        ("hardware?capability=7.5&nominal_gb=16", "gpu_id", ["t4"]),
        ("licenses?license_id=mit", "license_id", ["mit"]),
        ("licenses?needs_review=true", "license_id", ["modified-mit", "other"]),
        ("runtimes?runtime=vllm", "runtime", ["vllm"]),
        ("rules?code=NO_STOP_PLAN", "rule_id", ["rent.stop_plan"]),
        ("rules?effect=refuse&code=NO_STOP_PLAN", "rule_id", []),
    ],
)
async def test_lists_are_filtered_by_field(path: str, field: str, values: list[str]) -> None:
    async with client() as http:
        page = (await http.get(f"/v1/{path}")).json()
    assert [item[field] for item in page["items"]] == values
    assert page["version"] == "2026.11"


async def test_offers_are_filtered_and_say_how_old_they_are() -> None:
    async with client() as http:
        query = {"provider": "runpod", "gpu_id": "l4", "tier": "community", "gpu_count": "1"}
        page = (await http.get("/v1/offers", params=query)).json()
        nobody = (await http.get("/v1/offers", params={"provider": "nobody"})).json()
    (offer,) = page["items"]
    assert Decimal(offer["usd_per_hour"]) > 0
    assert date.fromisoformat(offer["as_of"]) <= date.fromisoformat(page["as_of"])
    assert offer["source_url"].startswith("https://")
    assert (nobody["items"], nobody["next"]) == ([], None)


async def test_readiness_counts_what_is_loaded() -> None:
    async with client() as http:
        ready = (await http.get("/readyz")).json()
    assert ready["ready"]
    counts = ready["counts"]
    assert counts["models"] == len(DATA.catalog.models.models)
    assert counts["offers"] == len(DATA.catalog.offers)
    assert counts["licenses"] == len(DATA.rules[Lang.en].licenses.licenses)
    assert all(counts[name] > 0 for name in LISTS)


async def test_old_prices_are_counted_and_never_unready() -> None:
    newest = DATA.catalog.priced_on
    counts = []
    for day in (newest - timedelta(days=3650), newest + timedelta(days=3650)):
        async with client(day) as http:
            answer = await http.get("/readyz")
        assert answer.status_code == 200
        counts.append(answer.json()["counts"])
    young, old = counts
    assert (young["offers_stale"], young["offers_expired"]) == (0, 0)
    assert (old["offers_stale"], old["offers_expired"]) == (0, old["offers"])


@pytest.mark.parametrize("path", ["/readyz", "/openapi.json", *(f"/v1/{n}" for n in LISTS)])
async def test_who_has_the_answer_is_told_so(path: str) -> None:
    async with client() as http:
        first = await http.get(path)
        etag = first.headers["etag"]
        assert etag == f'"{hashlib.sha256(first.content).hexdigest()}"'
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            again = await http.get(path, headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b""), known
            assert again.headers["etag"] == etag
        for known in ('"other"', etag.strip('"'), ""):
            changed = await http.get(path, headers={"if-none-match": known})
            assert (changed.status_code, changed.content) == (200, first.content), known
