"""A model hub with a handful of repositories, answering as the Hugging Face Hub does.

Its habits are the real one's: 401 for what does not exist or is closed, 307 for what was renamed,
a config.json by way of a redirect to a cache of its own, errors named in `X-Error-Code`.
"""

import asyncio
import hashlib
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from sandbox.hub_repositories import ALL, ASTRAY, BROKEN, LOCKED, RENAMED, REPOSITORIES, SLEEPY

HUB_PATH = "/hub"
"""Where it is mounted: what `HF_ENDPOINT` names, behind the sandbox's address."""

_ASLEEP = 30
"""Seconds of real time: longer than anybody waits."""

HUB_TOKEN = "hf_demo_local_only"  # noqa: S105  # opens nothing but this hub on loopback


def hub() -> Mount:
    """The hub's routes below `HUB_PATH`."""
    one = "{owner}/{name}"
    return Mount(
        HUB_PATH,
        routes=[
            Route("/api/models", _listing),
            Route(f"/api/models/{one}", _model),
            Route(f"/api/models/{one}/revision/{{revision}}", _model),
            Route(f"/{one}/resolve/{{revision}}/{{path:path}}", _resolve),
            Route(f"/{one}/blob/{{revision}}/{{path:path}}", _page),
            Route(f"/api/resolve-cache/models/{one}/{{revision}}/{{path:path}}", _cached),
        ],
    )


async def _listing(request: Request) -> Response:
    if refused := _bad_token(request):
        return refused
    return JSONResponse([found.info() for found in ALL[:1]])


async def _model(request: Request) -> Response:
    name = _name(request)
    if refused := _bad_token(request):
        return refused
    if name in RENAMED:
        return _redirect(f"{request.scope['root_path']}/api/models/{RENAMED[name]}")
    if trouble := await _trouble(request, name):
        return trouble
    found = REPOSITORIES.get(name)
    if found is None:
        return _nothing_there(request)
    if (revision := _revision(request)) not in (found.sha, "main"):
        return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    return JSONResponse(found.info(), headers={"X-Repo-Commit": found.sha})


async def _trouble(request: Request, name: str) -> Response | None:
    """What goes wrong with the repositories that are there for it."""
    if name == SLEEPY:
        await asyncio.sleep(_ASLEEP)
    if name in (BROKEN, SLEEPY):
        return JSONResponse({"error": "Internal Error"}, 500)
    if name in ASTRAY:
        return _redirect(ASTRAY[name])
    if name == LOCKED and not _is_known(request):
        return _error(403, "GatedRepo", f"Access to model {name} is restricted")
    return None


async def _page(request: Request) -> Response:
    """A file as the hub's pages show it; here its text."""
    found = REPOSITORIES.get(_name(request))
    text = found.files().get(request.path_params["path"]) if found else None
    if found is None or text is None or _revision(request) != found.sha:
        return _error(404, "EntryNotFound", "Entry not found")
    return PlainTextResponse(text)


async def _resolve(request: Request) -> Response:
    """A file at a commit: closed where the repository is gated, else in the cache."""
    found = REPOSITORIES.get(_name(request))
    if refused := _bad_token(request):
        return refused
    if found is None or _revision(request) not in (found.sha, "main"):
        return _nothing_there(request)
    if found.gated and not _is_known(request):
        return _error(401, "GatedRepo", f"{found.name} is for those who accepted its licence")
    path = request.path_params["path"]
    if path not in found.files():
        return _error(404, "EntryNotFound", "Entry not found")
    tag = _etag(found.files()[path])
    cache = f"{request.scope['root_path']}/api/resolve-cache/models"
    place = f"{cache}/{found.name}/{found.sha}/{path}?etag=%22{tag}%22"
    return _redirect(place, {"X-Repo-Commit": found.sha, "ETag": f'"{tag}"'})


async def _cached(request: Request) -> Response:
    found = REPOSITORIES.get(_name(request))
    text = found.files().get(request.path_params["path"]) if found else None
    if found is None or text is None or _revision(request) != found.sha:
        return _error(404, "EntryNotFound", "Entry not found")
    headers = {"X-Repo-Commit": found.sha, "ETag": f'"{_etag(text)}"'}
    return PlainTextResponse(text, headers=headers)


def _name(request: Request) -> str:
    return f"{request.path_params['owner']}/{request.path_params['name']}"


def _revision(request: Request) -> str:
    return str(request.path_params.get("revision", "main"))


def _is_known(request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {HUB_TOKEN}"


def _bad_token(request: Request) -> Response | None:
    if "authorization" not in request.headers or _is_known(request):
        return None
    return _error(401, "", "Invalid credentials in Authorization header")


def _nothing_there(request: Request) -> Response:
    if _is_known(request):
        return _error(404, "RepoNotFound", "Repository not found")
    return _error(401, "", "Invalid username or password.")


def _error(status: int, code: str, message: str) -> Response:
    named = {"X-Error-Code": code} if code else {}
    return JSONResponse({"error": message}, status, {**named, "X-Error-Message": message})


def _redirect(place: str, headers: Mapping[str, str] | None = None) -> Response:
    """A relative one, as the Hub's are."""
    text = f"Temporary Redirect. Redirecting to {place}"
    return PlainTextResponse(text, 307, {"Location": place, **(headers or {})})


def _etag(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]
