"""Model cards, read by the real `huggingface_hub` client from a hub that speaks its API."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.domain.hub import Renamed, Unreachable
from bot.domain.model_card import CardAnswer, ModelCard, NoCard
from gateways.hub_info import CardSource, card_of
from gateways.hub_wire import MAX_BYTES, Unusable
from gateways.model_card import HubCards
from owroute.hub_client import hub_client
from sandbox.hub import HUB_PATH, HUB_TOKEN, hub
from sandbox.hub_repositories import ASTRAY, BROKEN, LOCKED, REPOSITORIES, SLEEPY
from tests.gateways.conftest import Answer, StandIn, listening
from tests.gateways.test_hub import TwoAnswers, config, info

OWL = "acme-labs/quiet-owl-7b"
SHA = REPOSITORIES[OWL].sha
PIGEON, CUCKOO = ASTRAY


@asynccontextmanager
async def local_hub(
    token: str | None = None, patience: timedelta = timedelta(seconds=5)
) -> AsyncIterator[HubCards]:
    """The sandbox's hub, below its path."""
    async with (
        listening(Starlette(routes=[hub()])) as port,
        hub_client(f"http://127.0.0.1:{port}{HUB_PATH}", token) as client,
    ):
        yield HubCards(client, patience)


async def told(answer: Answer) -> CardAnswer:
    """What becomes of one prepared answer."""
    async with (
        listening(StandIn(answer).app) as port,
        hub_client(f"http://127.0.0.1:{port}", None) as client,
    ):
        return await HubCards(client).card(OWL, None)


async def test_a_card_says_what_a_person_confirms() -> None:
    async with local_hub() as cards:
        found = await cards.card(OWL, None)
        assert isinstance(found, ModelCard)
        assert await cards.card(OWL, SHA) == found
    assert found.page.endswith(f"{HUB_PATH}/{OWL}/blob/{SHA}/README.md")
    assert replace(found, page="") == ModelCard(
        repo=OWL,
        revision=SHA,
        page="",
        license_id="apache-2.0",
        languages=("en", "zh"),
        parameters=7_615_616_512,
        last_modified=date(2026, 10, 20),
    )


async def test_a_license_of_its_own_tags_that_warn_and_a_gguf() -> None:
    async with local_hub() as cards:
        magpie = await cards.card("acme-labs/odd-magpie-7b", None)
        gguf = await cards.card("Qwen/Qwen3-4B-GGUF", None)
        heron = await cards.card("acme-labs/shy-heron-7b", None)
    assert isinstance(magpie, ModelCard)
    assert magpie.license_id == "magpie-community"
    assert str(magpie.license_link).endswith(f"/blob/{magpie.revision}/LICENSE")
    assert magpie.cautions == ("custom_code", "not-for-all-audiences")
    assert isinstance(gguf, ModelCard)
    assert (gguf.context_length, gguf.parameters) == (40_960, 4_022_468_096)
    assert isinstance(heron, ModelCard)
    assert heron.gated


@pytest.mark.parametrize(
    ("repo", "revision", "token", "expected"),
    [
        ("acme-labs/no-such-bird", None, None, NoCard.MISSING),
        ("acme-labs/no-such-bird", None, HUB_TOKEN, NoCard.MISSING),
        ("acme-labs/--..", None, None, NoCard.MISSING),
        (OWL, "0" * 40, None, NoCard.NO_REVISION),
        (OWL, None, "hf_wrong", NoCard.TOKEN),
        (LOCKED, None, None, NoCard.GATED),
        ("acme-labs/old-swift-3b", None, None, Renamed("acme-labs/swift-3b")),
        (BROKEN, None, None, Unreachable("http_500")),
        (PIGEON, None, None, Unreachable("redirect")),
        (CUCKOO, None, None, Unreachable("redirect")),
    ],
)
async def test_what_is_no_card_is_an_answer(
    repo: str, revision: str | None, token: str | None, expected: CardAnswer
) -> None:
    async with local_hub(token) as cards:
        assert await cards.card(repo, revision) == expected


async def test_without_an_address_nobody_is_asked() -> None:
    assert await HubCards(None).card(OWL, None) is NoCard.OFF


async def test_a_hub_that_hangs_is_given_up_and_holds_up_nobody() -> None:
    """Many at once, more than there are threads: the loop goes on and each gets an answer."""
    async with local_hub(patience=timedelta(milliseconds=300)) as cards:
        await cards.card(OWL, None)  # the import is not what is timed
        started = asyncio.get_running_loop().time()
        answers = asyncio.gather(*(cards.card(SLEEPY, None) for _ in range(6)))
        longest = await _longest_pause(answers)
        took = asyncio.get_running_loop().time() - started
        assert set(await answers) == {Unreachable("timeout")}
        assert isinstance(await cards.card(OWL, None), ModelCard)
    assert took < 3
    assert longest < 0.25


async def _longest_pause(until: "asyncio.Future[Any]") -> float:
    loop, longest = asyncio.get_running_loop(), 0.0
    while not until.done():
        before = loop.time()
        await asyncio.sleep(0.01)
        longest = max(longest, loop.time() - before)
    return longest


async def test_nobody_listens(closed_port: int) -> None:
    async with hub_client(f"http://127.0.0.1:{closed_port}", None) as client:
        assert await HubCards(client).card(OWL, None) == Unreachable("ConnectError")


@pytest.mark.parametrize("host", ["10.0.0.8", "169.254.169.254", "[fd00:ec2::254]", "127.1"])
async def test_an_address_that_is_not_public_is_not_connected_to(host: str) -> None:
    async with hub_client(f"https://{host}:9", "token") as client:
        assert await HubCards(client).card(OWL, None) == Unreachable("NotPublic")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer("<h1>It works!</h1>", 200, "text/html"), Unreachable("not_the_hub")),
        (Answer('{"sha": "01234'), Unreachable("not_the_hub")),
        (Answer('["a", "list"]'), Unreachable("not_the_hub")),
        (Answer("{}"), Unreachable("not_the_hub")),
        (Answer("[" * 100_000), Unreachable("not_the_hub")),
        (Answer(b"\xff\xfe\x00"), Unreachable("not_the_hub")),
        (Answer('{"error": "slow down"}', 429), Unreachable("http_429")),
        (Answer("bad gateway", 502, "text/plain"), Unreachable("http_502")),
        (Answer("<h1>404</h1>", 404, "text/html"), Unreachable("http_404")),
        (Answer("<h1>log in</h1>", 401, "text/html"), Unreachable("http_401")),
        (Answer(" " * (MAX_BYTES + 1)), Unreachable("too_large")),
        (Answer("", 307, headers={"location": "/login?next=/a/b"}), Renamed(None)),
        (Answer("", 307), Unreachable("redirect")),
        (info(sha="main"), Unreachable("not_the_hub")),
        (info(id="<!channel>"), Unreachable("not_the_hub")),
        (info(siblings=[5]), Unreachable("not_the_hub")),
        (info(inferenceProviderMapping=5), Unreachable("not_the_hub")),
        (info(lastModified="yesterday"), Unreachable("not_the_hub")),
        (Answer(info().body, headers={"content-encoding": "gzip"}), None),
    ],
)
async def test_whatever_it_says_is_an_answer(answer: Answer, expected: CardAnswer | None) -> None:
    """None: the answer is usable, and nothing was unpacked to read it."""
    found = await told(answer)
    assert found == expected or (expected is None and isinstance(found, ModelCard))


@pytest.mark.parametrize(
    ("data", "license_link", "languages"),
    [
        ({"license_link": "https://x.example/a"}, "https://x.example/a", ()),
        ({"license_link": "http://x.example/a"}, None, ()),
        ({"license_link": "https://x.example/a|b>"}, None, ()),
        ({"license_link": "https://u:p@x.example/"}, None, ()),
        ({"license_link": "javascript:alert(1)"}, None, ()),
        ({"license_link": "https://[oops"}, None, ()),
        ({"license_link": ["LICENSE"]}, None, ()),
        ({"license_link": "../../x"}, None, ()),
        ({"language": "fr"}, None, ("fr",)),
        ({"language": ["en", 5, "<@U1>", "en", "zh-Hant"]}, None, ("en", "zh-Hant")),
    ],
)
def test_links_and_words_are_checked_before_anybody_sees_them(
    data: Mapping[str, Any], license_link: str | None, languages: tuple[str, ...]
) -> None:
    found = card_of(CardSource(OWL, SHA, data), "https://hub.example", None)
    assert (found.license_link, found.languages) == (license_link, languages)


def test_without_a_commit_there_is_nothing_to_confirm() -> None:
    with pytest.raises(Unusable):
        card_of(CardSource(OWL, None, {}), "https://hub.example", "main")


async def test_the_token_goes_to_its_own_host_only() -> None:
    elsewhere = TwoAnswers(info(), config())
    async with listening(elsewhere.app) as other:
        away = Answer("", 307, headers={"location": f"http://127.0.0.1:{other}/api/models/a/b"})
        ours = TwoAnswers(away, config())
        async with (
            listening(ours.app) as port,
            hub_client(f"http://127.0.0.1:{port}", "hf_secret") as client,
        ):
            assert await HubCards(client).card(OWL, None) == Unreachable("redirect")
    assert ours.asked == [(f"/api/models/{OWL}", "Bearer hf_secret")]
    assert elsewhere.asked == []


async def test_a_request_of_the_library_that_nobody_announced_goes_nowhere() -> None:
    from huggingface_hub import HfApi  # noqa: PLC0415  # it must not be imported by the others

    from gateways.hub_library import Way, read_card  # noqa: PLC0415  # it must not be imported by the others

    stand_in = StandIn(info())
    async with listening(stand_in.app) as port:
        address = f"http://127.0.0.1:{port}"
        with pytest.raises(Unusable):
            await asyncio.to_thread(HfApi(endpoint=address, token=False).model_info, OWL)
        async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as other:
            way = Way(other, asyncio.get_running_loop(), 1.0)
            with pytest.raises(httpx.ConnectError):
                await asyncio.to_thread(read_card, way, OWL, None)
    assert stand_in.asked == []


def test_the_library_is_imported_only_when_somebody_asks() -> None:
    code = (
        "import sys, owroute.wiring, owroute.cli, gateways.model_card; "
        "sys.exit('huggingface_hub' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
