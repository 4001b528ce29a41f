"""Installing and installing again, by code and token."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.conftest import ADA, ROOM, Lamp

pytestmark = pytest.mark.filterwarnings(
    "ignore:BasicAuth is deprecated:DeprecationWarning"  # the SDK's own call of aiohttp
)
BACK = "https://lamp.example/slack/oauth_redirect"


async def asked(lamp: Lamp, **more: str) -> httpx.Response:
    query = {
        "client_id": lamp.workspace.app.client_id,
        "scope": "commands,chat:write,channels:read",
        "state": "s1",
        "redirect_uri": BACK,
        **more,
    }
    async with httpx.AsyncClient(base_url=lamp.workspace.base_url, trust_env=False) as browser:
        return await browser.get("/oauth/v2/authorize", params=query)


async def exchanged(lamp: Lamp, code: str, secret: str | None = None) -> dict[str, Any]:
    client = AsyncWebClient(base_url=f"{lamp.workspace.base_url}/api/", session=lamp.client.session)
    answer = await client.oauth_v2_access(
        client_id=lamp.workspace.app.client_id,
        client_secret=secret or lamp.workspace.app.client_secret,
        code=code,
        redirect_uri=BACK,
    )
    return dict(answer.data)  # type: ignore[arg-type]  # JSON here, never bytes


async def test_a_person_is_asked_and_the_code_comes_back_with_the_state(lamp: Lamp) -> None:
    page = await asked(lamp)
    answer = await asked(lamp, answer="allow", user=ADA)
    denied = await asked(lamp, answer="deny")

    assert "Lamp" in page.text
    assert "channels:read" in page.text
    assert answer.headers["location"].startswith(f"{BACK}?state=s1&code=")
    assert denied.headers["location"] == f"{BACK}?state=s1&error=access_denied"


async def test_a_code_works_once_and_installs_a_removed_app_again(lamp: Lamp) -> None:
    await lamp.client.auth_test()
    await lamp.workspace.uninstall()
    old = lamp.client.token
    location = (await asked(lamp, answer="allow", user=ADA)).headers["location"]
    [code] = parse_qs(urlsplit(location).query)["code"]

    installed = await exchanged(lamp, code)
    with pytest.raises(SlackApiError) as refused:
        await exchanged(lamp, code)

    assert refused.value.response["error"] == "invalid_code"
    assert installed["access_token"] != old
    assert installed["authed_user"] == {"id": ADA}
    assert "channels:read" in installed["scope"]
    lamp.client.token = installed["access_token"]
    assert (await lamp.client.chat_postMessage(channel=ROOM, text="Back"))["ok"]


async def test_a_wrong_secret_gets_nothing(lamp: Lamp) -> None:
    with pytest.raises(SlackApiError) as refused:
        await exchanged(lamp, "any", secret="wrong")

    assert refused.value.response["error"] == "bad_client_secret"


@pytest.mark.parametrize("wrong", [{"client_id": "x"}, {"scope": "admin"}, {"redirect_uri": ""}])
async def test_a_malformed_wish_is_refused(lamp: Lamp, wrong: dict[str, str]) -> None:
    assert (await asked(lamp, **wrong)).status_code == 400
