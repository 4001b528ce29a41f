"""Only Slack gets in: every way a request can fail to be Slack's, and none of them a 500."""

import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from owroute.demo import world
from tests.harness.stories import Story

COMMAND = urlencode(
    {
        "command": "/owroute", "text": "help", "team_id": "T024BE7LD", "user_id": world.ADA.id,
        "channel_id": "C0MLLAB0001", "trigger_id": "1.2.3", "response_url": "http://127.0.0.1/x",
    }
).encode()  # fmt: skip
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Knock:
    """A request at the door, signed properly unless told otherwise."""

    body: bytes = COMMAND
    content_type: str = FORM
    skew: timedelta = timedelta(0)
    stamp: str | None = None
    signature: str | None = None
    secret: str = world.SIGNING_SECRET

    async def at(self, story: Story) -> httpx.Response:
        now = story.clock.now() + self.skew
        stamp = self.stamp if self.stamp is not None else str(int(now.timestamp()))
        base = b"v0:" + stamp.encode() + b":" + self.body
        mac = hmac.new(self.secret.encode(), base, hashlib.sha256).hexdigest()
        headers = {
            b"content-type": self.content_type.encode(),
            b"x-slack-request-timestamp": stamp.encode(),
            b"x-slack-signature": (self.signature or f"v0={mac}").encode(),
        }
        url = f"http://127.0.0.1:{story.settings.port}/slack/events"
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(url, content=self.body, headers=headers)


async def test_a_signed_command_is_answered(story: Story) -> None:
    answer = await Knock().at(story)
    assert answer.status_code == 200
    assert "/owroute plan" in json.dumps(answer.json())


@pytest.mark.parametrize(
    "knock",
    [
        Knock(signature="v0=" + "0" * 64),
        Knock(signature="v0="),
        Knock(signature="v0=\u00e9"),
        Knock(secret="another secret"),
        Knock(stamp=""),
        Knock(stamp="abc"),
        Knock(stamp="-1"),
        Knock(stamp="１２３"),
        Knock(stamp="9" * 400),
        Knock(skew=timedelta(seconds=301)),
        Knock(skew=timedelta(seconds=-301)),
        Knock(body=b"ssl_check=1&token=x", signature="v0=bad"),
        Knock(body=b"payload={xx", signature="v0=bad"),
    ],
    ids=lambda k: f"{k.stamp!r:.12} {k.signature!r:.12} {k.skew} {k.body[:12]!r}",
)
async def test_what_is_not_slacks_is_turned_away(story: Story, knock: Knock) -> None:
    answer = await knock.at(story)
    assert answer.status_code == 401
    assert answer.content == b""


async def test_a_body_that_was_changed_on_the_way_is_turned_away(story: Story) -> None:
    stamp = str(int(story.clock.now().timestamp()))
    mac = hmac.new(
        world.SIGNING_SECRET.encode(), b"v0:" + stamp.encode() + b":" + COMMAND, hashlib.sha256
    ).hexdigest()
    knock = Knock(body=COMMAND.replace(b"help", b"plan"), stamp=stamp, signature=f"v0={mac}")
    assert (await knock.at(story)).status_code == 401


async def test_a_huge_body_is_cut_off(story: Story) -> None:
    assert (await Knock(body=b"x" * 5_000_000).at(story)).status_code == 413


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"payload={xx", FORM), (b"{broken", "application/json"), (b"payload=[]", FORM)],
)
async def test_signed_rubbish_is_a_bad_request(
    story: Story, body: bytes, content_type: str
) -> None:
    answer = await Knock(body=body, content_type=content_type).at(story)
    assert answer.status_code == 400


async def test_the_set_up_check_is_echoed(story: Story) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c3", "token": "t"}).encode()
    answer = await Knock(body=body, content_type="application/json").at(story)
    assert (answer.status_code, answer.json()) == (200, {"challenge": "c3"})


async def test_clocks_five_minutes_apart_still_agree(story: Story) -> None:
    assert (await replace(Knock(), skew=timedelta(seconds=-290)).at(story)).status_code == 200
