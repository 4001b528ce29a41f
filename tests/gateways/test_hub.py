"""The model hub: what it knows, and that whatever else it says becomes an answer."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.hub import Facts, Found, HubAnswer, Lack, Refusal, Renamed, Unreachable
from engine.contract import Architecture
from gateways.hub import Hub
from gateways.hub_wire import MAX_BYTES
from owroute.hub_client import model_hub
from sandbox.hub import HUB_PATH, HUB_TOKEN, hub
from sandbox.hub_repositories import REPOSITORIES
from tests.gateways.conftest import Answer, StandIn, listening

OWL = "acme-labs/quiet-owl-7b"
SHA = REPOSITORIES[OWL].sha
CONFIG: Mapping[str, Any] = REPOSITORIES[OWL].config


@asynccontextmanager
async def local_hub(token: str | None = None) -> AsyncIterator[Hub]:
    """The sandbox's hub, below its path."""
    async with (
        listening(Starlette(routes=[hub()])) as port,
        model_hub(f"http://127.0.0.1:{port}{HUB_PATH}", token) as found,
    ):
        yield found


@dataclass
class TwoAnswers:
    """One prepared answer for the repository and one for its files; remembers who asked."""

    info: Answer
    config: Answer
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._reply)])

    async def _reply(self, request: Request) -> Response:
        self.asked.append((request.url.path, request.headers.get("authorization")))
        said = self.info if request.url.path.startswith("/api/models/") else self.config
        return Response(said.body, said.status, dict(said.headers), media_type=said.kind)


def info(**changes: Any) -> Answer:
    """An answer about the owl, changed."""
    return Answer(json.dumps({**REPOSITORIES[OWL].info(), **changes}))


def config(**changes: Any) -> Answer:
    """Its configuration, changed."""
    return Answer(json.dumps({**CONFIG, **changes}))


async def told(info: Answer, config: Answer, revision: str | None = None) -> HubAnswer:
    async with (
        listening(TwoAnswers(info, config).app) as port,
        model_hub(f"http://127.0.0.1:{port}", None) as found,
    ):
        return await found.facts(OWL, revision)


def facts_of(answer: HubAnswer) -> Facts:
    assert isinstance(answer, Found), answer
    return answer.facts


@pytest.mark.parametrize("revision", [None, SHA])
async def test_a_plain_repository_gives_all_there_is_to_know(revision: str | None) -> None:
    async with local_hub() as found:
        answer = await found.facts(OWL, revision)
    shape = Architecture(
        attention="gqa", layers=28, kv_heads=4, head_dim=128, d_model=3584, intermediate=18944,
        vocab=152064, tied=False, native_context=32768, params_total=7_615_616_512,
    )  # fmt: skip
    assert answer == Found(Facts(SHA, "apache-2.0", shape))


async def test_a_gated_repository_shows_its_licence_and_opens_for_a_token() -> None:
    async with local_hub() as found:
        closed = await found.facts("acme-labs/shy-heron-7b", None)
    facts = facts_of(closed)
    assert (facts.license_id, facts.architecture) == ("gemma", None)
    assert closed == Found(facts, (Lack.GATED,))
    async with local_hub(HUB_TOKEN) as found:
        assert facts_of(await found.facts("acme-labs/shy-heron-7b", None)).architecture is not None


async def test_a_renamed_repository_says_its_new_name() -> None:
    async with local_hub() as found:
        assert await found.facts("acme-labs/old-swift-3b", None) == Renamed("acme-labs/swift-3b")
        at = await found.facts("acme-labs/old-swift-3b", SHA)
    assert at == Renamed("acme-labs/swift-3b")


async def test_what_is_lacking_is_named() -> None:
    async with local_hub() as found:
        named = facts_of(await found.facts("acme-labs/odd-magpie-7b", None))
        linear = await found.facts("acme-labs/river-otter-3b", None)
        uncounted = await found.facts("acme-labs/small-wren-3b", None)
    assert named.license_id == "magpie-community"
    assert isinstance(linear, Found)
    assert linear.lacks == (Lack.ATTENTION,)
    assert isinstance(uncounted, Found)
    assert uncounted.lacks == (Lack.COUNT,)
    assert uncounted.facts.license_id == "apache-2.0"


@pytest.mark.parametrize("token", [None, HUB_TOKEN])
async def test_what_does_not_exist_is_missing_with_and_without_a_token(token: str | None) -> None:
    async with local_hub(token) as found:
        assert await found.facts("acme-labs/no-such-bird", None) is Refusal.MISSING
        assert await found.facts(OWL, "0" * 40) is Refusal.NO_REVISION


async def test_a_token_that_is_refused_is_not_a_missing_repository() -> None:
    async with local_hub("hf_wrong") as found:
        assert await found.facts(OWL, None) is Refusal.TOKEN
        assert await found.ready() == "token"


async def test_without_an_address_nobody_is_asked() -> None:
    async with model_hub(None, "hf_secret") as found:
        assert await found.facts(OWL, None) is Refusal.OFF
        assert await found.ready() == "off"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer("<h1>It works!</h1>", 200, "text/html"), Unreachable("not_the_hub")),
        (Answer('{"sha": "01234'), Unreachable("not_the_hub")),
        (Answer('["a", "list"]'), Unreachable("not_the_hub")),
        (Answer("[" * 100_000), Unreachable("not_the_hub")),
        (Answer(b"\xff\xfe\x00"), Unreachable("not_the_hub")),
        (Answer('{"error": "slow down"}', 429), Unreachable("http_429")),
        (Answer("bad gateway", 502, "text/plain"), Unreachable("http_502")),
        (Answer("<h1>404</h1>", 404, "text/html"), Unreachable("http_404")),
        (Answer("<h1>log in</h1>", 401, "text/html"), Unreachable("http_401")),
        (Answer('{"error": "gone"}', 404), Refusal.MISSING),
        (Answer('{"error": "private"}', 403), Refusal.MISSING),
        (Answer(" " * (MAX_BYTES + 1)), Unreachable("too_large")),
        (Answer("", 307, headers={"location": "https://evil.example/api/models/a/b"}),
         Unreachable("redirect")),
        (Answer("", 302, headers={"location": "//evil.example/api/models/a/b"}),
         Unreachable("redirect")),
        (Answer("", 301, headers={"location": "http://[oops/"}), Unreachable("redirect")),
        (Answer("", 307, headers={"location": "/login?next=/a/b"}), Renamed(None)),
        (Answer("", 307, headers={"location": "/api/models/a/b/../../c"}), Renamed(None)),
        (Answer("", 301, headers={"location": "https://[::1"}),
         Unreachable("RemoteProtocolError")),
        (Answer("", 307), Unreachable("redirect")),
    ],
)  # fmt: skip
async def test_whatever_it_says_is_an_answer(answer: Answer, expected: HubAnswer) -> None:
    stand_in = StandIn(answer)
    async with (
        listening(stand_in.app) as port,
        model_hub(f"http://127.0.0.1:{port}", None) as found,
    ):
        assert await found.facts(OWL, None) == expected
    assert stand_in.asked == [f"/api/models/{OWL}"]


async def test_a_slow_hub_is_given_up() -> None:
    async with (
        listening(StandIn(Answer("{}", delay=0.6)).app) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        found = Hub(client, timedelta(milliseconds=100))
        assert await found.facts(OWL, None) == Unreachable("timeout")
        assert await found.ready() == "timeout"


async def test_nobody_listens(closed_port: int) -> None:
    async with model_hub(f"http://127.0.0.1:{closed_port}", None) as found:
        assert await found.facts(OWL, None) == Unreachable("ConnectError")
        assert await found.ready() == "ConnectError"


@pytest.mark.parametrize(
    ("answer", "lack"),
    [
        (Answer("{", 200), Lack.CONFIG),
        (Answer('{"model_type": "clip"}'), Lack.CONFIG),
        (config(hidden_size=1), Lack.CONFIG),
        (Answer('{"error": "no"}', 404), Lack.CONFIG),
        (Answer("", 302, headers={"location": "https://cdn.example/config.json"}), Lack.CONFIG),
        (Answer("", 302, headers={"location": "/elsewhere"}), Lack.CONFIG),
        (Answer('{"error": "no"}', 403), Lack.GATED),
        (config(quantization_config={"quant_method": "gptq", "bits": 4}), Lack.COUNT),
    ],
)
async def test_a_configuration_that_cannot_be_used_leaves_the_rest(
    answer: Answer, lack: Lack
) -> None:
    found = await told(info(), answer)
    assert found == Found(Facts(SHA, "apache-2.0"), (lack,))


async def test_a_configuration_that_breaks_off_is_no_answer() -> None:
    assert await told(info(), Answer("busy", 503)) == Unreachable("http_503")
    assert await told(info(), Answer(" " * (MAX_BYTES + 1))) == Unreachable("too_large")


@pytest.mark.parametrize(
    "safetensors",
    [
        None,
        [],
        {"total": "7"},
        {"total": True},
        {"total": -1},
        {"total": 10**20},
        {"total": 1_500_000_000, "parameters": {"I32": 900_000_000, "F16": 600_000_000}},
    ],
)
async def test_a_count_that_is_none_is_not_taken(safetensors: Any) -> None:
    answer = await told(info(safetensors=safetensors), config())
    assert answer == Found(Facts(SHA, "apache-2.0"), (Lack.COUNT,))


@pytest.mark.parametrize(
    ("card", "tags", "licence"),
    [
        ({"license": "mit"}, ["license:apache-2.0"], "mit"),
        (None, ["en", "license:apache-2.0", 5], "apache-2.0"),
        ({}, "license:mit", None),
        ({}, ["license:mit", "license:apache-2.0"], None),
        ({"license": ["mit", "gpl-3.0"]}, [], None),
        ({"license": "other", "license_name": "  qwen\n research "}, [], "qwen research"),
        ({"license": "other"}, ["license:other"], None),
        ({"license": "unknown", "license_name": "other"}, [], None),
        ({"license": "other", "license_name": {"a": 1}}, [], None),
        ({"license": "<!channel> " + "x" * 300}, [], None),
    ],
)
async def test_the_licence_is_the_one_its_authors_named(
    card: Any, tags: Any, licence: str | None
) -> None:
    answer = await told(info(cardData=card, tags=tags), config())
    assert facts_of(answer).license_id == licence
    assert isinstance(answer, Found)
    assert (Lack.LICENCE in answer.lacks) is (licence is None)


@pytest.mark.parametrize("sha", [None, 5, "main", "A" * 40, "0" * 39])
async def test_a_commit_that_is_none_pins_nothing(sha: Any) -> None:
    assert facts_of(await told(info(sha=sha), config())).revision is None
    assert facts_of(await told(info(sha=sha), config(), SHA)).revision == SHA


async def test_the_token_goes_to_its_own_host_only() -> None:
    elsewhere = TwoAnswers(info(), config())
    async with listening(elsewhere.app) as other:
        away = Answer("", 307, headers={"location": f"http://127.0.0.1:{other}/config.json"})
        ours = TwoAnswers(info(), away)
        async with (
            listening(ours.app) as port,
            model_hub(f"http://127.0.0.1:{port}", "hf_secret") as found,
        ):
            answer = await found.facts(OWL, None)
    assert isinstance(answer, Found)
    assert answer.lacks == (Lack.CONFIG,)
    assert {token for _, token in ours.asked} == {"Bearer hf_secret"}
    assert elsewhere.asked == []
