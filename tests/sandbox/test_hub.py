"""The stand-in for the model hub keeps the real one's habits."""

import httpx
from starlette.applications import Starlette

from sandbox.hub import HUB_TOKEN, hub
from sandbox.hub_repositories import REPOSITORIES

OWL = REPOSITORIES["acme-labs/quiet-owl-7b"]
GATED = "/acme-labs/shy-heron-7b/resolve/main/config.json"


def client(token: str | None = None) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(Starlette(routes=[hub()]))
    return httpx.AsyncClient(transport=transport, base_url="http://hub/hub", headers=headers)


async def test_a_file_comes_by_way_of_the_cache_with_its_commit() -> None:
    async with client() as http:
        first = await http.get(f"/{OWL.name}/resolve/main/config.json")
        assert first.status_code == 307
        assert first.headers["x-repo-commit"] == OWL.sha
        place = first.headers["location"]
        assert place.startswith(f"/hub/api/resolve-cache/models/{OWL.name}/{OWL.sha}/config.json?")
        second = await http.get(f"http://hub{place}")
    assert second.json() == dict(OWL.config)
    assert second.headers["etag"] == first.headers["etag"]


async def test_what_is_not_there_is_told_as_the_hub_tells_it() -> None:
    async with client() as http:
        missing = await http.get("/api/models/acme-labs/none")
        revision = await http.get(f"/api/models/{OWL.name}/revision/{'0' * 40}")
        file = await http.get(f"/{OWL.name}/resolve/main/adapter.json")
        gated = await http.get(GATED)
        info = await http.get("/api/models/acme-labs/shy-heron-7b")
    assert (missing.status_code, "x-error-code" in missing.headers) == (401, False)
    assert [(a.status_code, a.headers["x-error-code"]) for a in (revision, file, gated)] == [
        (404, "RevisionNotFound"), (404, "EntryNotFound"), (401, "GatedRepo"),
    ]  # fmt: skip
    assert (info.status_code, info.json()["gated"]) == (200, "manual")


async def test_a_token_opens_what_is_gated_and_another_opens_nothing() -> None:
    async with client(HUB_TOKEN) as http:
        missing = await http.get("/api/models/acme-labs/none")
        assert (missing.status_code, missing.headers["x-error-code"]) == (404, "RepoNotFound")
        assert (await http.get(GATED)).status_code == 307
    async with client("hf_other") as http:
        assert (await http.get(f"/api/models/{OWL.name}")).status_code == 401


async def test_an_old_name_leads_to_the_new_one() -> None:
    async with client() as http:
        moved = await http.get("/api/models/acme-labs/old-swift-3b")
    assert (moved.status_code, moved.headers["location"]) == (
        307, "/hub/api/models/acme-labs/swift-3b",
    )  # fmt: skip
