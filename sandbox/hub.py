"""A model hub with a handful of made-up repositories, answering as the Hugging Face Hub does.

Its habits are the real one's: 401 for what does not exist or is closed, 307 for what was renamed,
a config.json by way of a redirect to a cache of its own, errors named in `X-Error-Code`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

HUB_PATH = "/hub"
"""Where it is mounted: what `HF_ENDPOINT` names, behind the sandbox's address."""

HUB_TOKEN = "hf_demo_local_only"  # noqa: S105  # opens nothing but this hub on loopback

_APACHE = {"license": "apache-2.0"}
_DENSE: Mapping[str, Any] = {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 3584,
    "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
    "num_key_value_heads": 4, "max_position_embeddings": 32768, "max_window_layers": 28,
    "sliding_window": 131072, "use_sliding_window": False, "tie_word_embeddings": False,
    "torch_dtype": "bfloat16", "vocab_size": 152064,
}  # fmt: skip
_SMALL = {**_DENSE, "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36,
          "num_attention_heads": 16, "num_key_value_heads": 2}  # fmt: skip
_LINEAR = {**_SMALL, "layer_types": ["linear_attention", "full_attention"] * 18,
           "linear_num_key_heads": 16}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """One model repository; `total` is None where the Hub has counted no safetensors."""

    name: str
    total: int | None = None
    config: Mapping[str, Any] = field(default_factory=lambda: _DENSE)
    card: Mapping[str, Any] = field(default_factory=lambda: _APACHE)
    gated: str | bool = False

    @property
    def sha(self) -> str:
        """The one commit it has."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:40]

    def files(self) -> Mapping[str, str]:
        """Its small files by path."""
        return {"config.json": json.dumps(self.config, indent=2) + "\n", "README.md": "---\n---\n"}

    def info(self) -> dict[str, Any]:
        """What `/api/models` says of it."""
        counted = {"parameters": {"BF16": self.total}, "total": self.total} if self.total else None
        return {
            "id": self.name,
            "modelId": self.name,
            "author": self.name.partition("/")[0],
            "sha": self.sha,
            "private": False,
            "disabled": False,
            "gated": self.gated,
            "pipeline_tag": "text-generation",
            "library_name": "transformers",
            "tags": ["transformers", "safetensors", "en", f"license:{self.card['license']}"],
            "cardData": dict(self.card),
            "config": {k: self.config[k] for k in ("architectures", "model_type")},
            "siblings": [{"rfilename": path} for path in self.files()],
            **({"safetensors": counted} if counted else {}),
        }


_ALL = (
    Repository("acme-labs/quiet-owl-7b", 7_615_616_512),
    Repository("acme-labs/swift-3b", 3_085_938_688, _SMALL),
    Repository("acme-labs/shy-heron-7b", 7_615_616_512, card={"license": "gemma"}, gated="manual"),
    Repository(
        "acme-labs/odd-magpie-7b", 7_615_616_512,
        card={"license": "other", "license_name": "magpie-community", "license_link": "LICENSE"},
    ),
    Repository("acme-labs/river-otter-3b", 3_085_938_688, _LINEAR),
    Repository("acme-labs/small-wren-3b", config=_SMALL),
)  # fmt: skip
REPOSITORIES: Mapping[str, Repository] = {found.name: found for found in _ALL}
RENAMED: Mapping[str, str] = {"acme-labs/old-swift-3b": "acme-labs/swift-3b"}


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
            Route(f"/api/resolve-cache/models/{one}/{{revision}}/{{path:path}}", _cached),
        ],
    )


async def _listing(request: Request) -> Response:
    if refused := _bad_token(request):
        return refused
    return JSONResponse([found.info() for found in _ALL[:1]])


async def _model(request: Request) -> Response:
    name = _name(request)
    if refused := _bad_token(request):
        return refused
    if name in RENAMED:
        return _redirect(f"{request.scope['root_path']}/api/models/{RENAMED[name]}")
    found = REPOSITORIES.get(name)
    if found is None:
        return _nothing_there(request)
    if (revision := _revision(request)) not in (found.sha, "main"):
        return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    return JSONResponse(found.info(), headers={"X-Repo-Commit": found.sha})


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
