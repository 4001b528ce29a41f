"""The browser page of the local workspace: one HTML shell, our own scripts and styles, the words.

The page knows no app in particular: it shows what the control API (`/_sandbox/...`) tells it.
Everything it loads comes from here; there is no build step. Words are gettext sentences: the shell
takes them from Jinja's `_()`, the scripts ask for the same catalogue as JSON.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

HERE = Path(__file__).parent / "page"
DEFAULT = "en"
LANGUAGES = {DEFAULT: "English", "zh-CN": "简体中文"}
"""BCP 47 tags, each with the name by which its readers know it."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def page_routes() -> list[BaseRoute]:
    """`/` (the shell), `/words/{tag}.json` and `/static/...`, to be mounted beside the API."""
    return [
        Route("/", _shell),
        Route("/words/{tag}.json", _words),
        Mount("/static", _Assets(directory=HERE / "static")),
    ]


@cache
def catalogue(tag: str) -> dict[str, str]:
    """Sentences by their English form; empty for English. A plural is found by its singular.

    Fuzzy and empty translations are left out, so that English shows instead.
    """
    path = HERE / "locale" / tag.replace("-", "_") / "LC_MESSAGES" / "page.po"
    if tag == DEFAULT:
        return {}
    with path.open("rb") as source:
        messages = read_po(source)
    found: dict[str, str] = {}
    for message in messages:
        if message.id and message.string and not message.fuzzy:
            found[_first(message.id)] = _first(message.string)
    return found


def _first(text: str | Sequence[str]) -> str:
    """The singular; our languages besides English have one form only."""
    return text if isinstance(text, str) else text[0]


async def _shell(request: Request) -> Response:
    """The shell, in the language asked for by `?lang=`; the script then follows the person."""
    tag = request.query_params.get("lang", DEFAULT)
    tag = tag if tag in LANGUAGES else DEFAULT
    words = catalogue(tag)
    shell = _environment().get_template("shell.html")
    scripts = sorted(script.name for script in (HERE / "static" / "js").glob("*.js"))
    html = shell.render(lang=tag, scripts=scripts, _=lambda said: words.get(said, said))
    return HTMLResponse(html, headers=HEADERS)


async def _words(request: Request) -> Response:
    tag = request.path_params["tag"]
    if tag not in LANGUAGES:
        return PlainTextResponse("no such language", status_code=404)
    body = {"lang": tag, "languages": LANGUAGES, "words": catalogue(tag)}
    return JSONResponse(body, headers=HEADERS)


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(HERE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


class _Assets(StaticFiles):
    """Static files under the same headers as the shell; `no-cache` still allows a 304."""

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        return response
