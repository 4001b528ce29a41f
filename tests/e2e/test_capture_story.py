"""Captures sent by a machine: claims of one experiment, and nothing else is opened by a token."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.domain.evidence import EvidenceState
from bot.domain.plans import State
from capture import script
from sandbox.openai_server import Served, serving, write_cases
from sandbox.seen import Shown
from tests.e2e.captures import SAID, capture, encoded, send, token, withheld_capture
from tests.e2e.cards import COURSE, LAPTOP
from tests.harness.evidence import checklist, experiment
from tests.harness.stories import Story

OPEN_DATA = {**LAPTOP, "Privacy": "Public"}
HERE = Path(__file__).parents[2]
CLAIMED = {"first_prompt_output", "five_case_eval", "latency_memory_note", "runtime_command"}


async def claimed(story: Story) -> set[str]:
    items = (await checklist(story)).values()
    return {e.item for e in items if e.state is EvidenceState.CLAIMED}


async def test_a_capture_starts_the_run_and_waits_for_accept(public: Story) -> None:
    ada = public.person("ada")
    card = await ada.plan(OPEN_DATA)
    secret = await token(ada)
    answer = await send(public, secret, capture())
    assert (answer.status_code, answer.text) == (200, "Kept: 4 items of OW-1 wait for Accept.\n")
    assert answer.headers["content-type"].startswith("text/plain")
    await public.advance(seconds=5)
    assert await claimed(public) == CLAIMED
    assert "Running" in card.now().text
    assert "4 of them wait for Accept" in card.now().text
    assert f"They count once <@{ada.user}> presses Accept" in ada.thread(card)[-1].text
    found = (await checklist(public))["five_case_eval"]
    assert found.by == ada.user
    assert found.content["cases"]


async def test_the_same_body_twice_is_one_effect(public: Story) -> None:
    ada = public.person("ada")
    card = await ada.plan(OPEN_DATA)
    secret = await token(ada)
    answers = await asyncio.gather(*(send(public, secret, capture()) for _ in range(5)))
    assert {(a.status_code, a.text) for a in answers} == {
        (200, "Kept: 4 items of OW-1 wait for Accept.\n")
    }
    await public.advance(seconds=5)
    assert len([r for r in ada.thread(card) if "Captured" in r.text]) == 1


async def test_whatever_a_token_lets_in_counts(public: Story) -> None:
    ada = public.person("ada")
    await ada.plan(OPEN_DATA)
    secret = await token(ada)
    large = b" " * 300_000
    for body, status in ((b"{}", 422), (large, 413), (b"no", 422), (capture("OW-2"), 401)):
        for _ in range(4):
            assert (await send(public, secret, body)).status_code == status
    for _ in range(4):
        assert (await send(public, secret, capture())).status_code == 200
    for body in (capture(), b"{}", large):
        last = await send(public, secret, body)
        assert (last.status_code, "20 captures of OW-1" in last.text) == (429, True)
    another = await token(ada)
    assert (await send(public, another, capture())).status_code == 200


async def test_whatever_is_wrong_with_a_token_the_answer_is_the_same(public: Story) -> None:
    ada = public.person("ada")
    await ada.plan(OPEN_DATA)
    await ada.plan(OPEN_DATA)
    first = await token(ada)
    second = await token(ada)
    other = await token(ada, "OW-2")
    refused = [
        await send(public, None, capture()),
        await send(public, None, capture(), Authorization="Bearer"),
        await send(public, "x" * 43, capture()),
        await send(public, first, capture()),  # a newer one ended it
        await send(public, other, capture()),  # another experiment's
        await send(public, second, capture("OW-2")),
        await send(public, None, capture(), Authorization=f"Basic {second}"),
    ]
    await ada.whispers()[-1].click("Revoke the token")
    assert "No token sends captures for OW-2" in ada.whispers()[-1].text
    refused.append(await send(public, other, capture("OW-2")))
    await public.advance(hours=24)
    refused.append(await send(public, second, capture()))  # expired
    assert {a.status_code for a in refused} == {401}
    assert len({a.text for a in refused}) == 1
    assert len({tuple(sorted(set(a.headers) - {"date"})) for a in refused}) == 1
    assert await claimed(public) == set()


async def test_a_token_lives_for_a_day(public: Story) -> None:
    ada = public.person("ada")
    await ada.plan(OPEN_DATA)
    secret = await token(ada)
    await public.advance(hours=23, minutes=59)
    assert (await send(public, secret, capture())).status_code == 200


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "no JSON object"),
        (b"\xff\xfe", "no JSON object"),
        (b"[1]", "no JSON object"),
        (b'{"v": NaN}', "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
        (encoded({**capture(), "shell": "rm"}), "look at shell"),
        (encoded({**capture(), "revision": "main"}), "look at revision"),
        (encoded(capture(cases=capture()["cases"] | {"total": 9})), "look at cases"),
        (encoded({**capture(), "v": 2}), "Another version of the capture script"),
    ],
    ids=["empty", "bytes", "list", "nan", "deep", "unknown", "branch", "sums", "version"],
)
async def test_what_is_no_capture_is_refused_in_one_line(
    public: Story, body: bytes, sentence: str
) -> None:
    ada = public.person("ada")
    await ada.plan(OPEN_DATA)
    answer = await send(public, await token(ada), body)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert answer.text.count("\n") == 1
    assert await claimed(public) == set()


async def test_300_kilobytes_are_refused_while_they_are_read(public: Story) -> None:
    ada = public.person("ada")
    await ada.plan(OPEN_DATA)
    secret = await token(ada)
    large = encoded(capture()) + b" " * 300_000

    async def dripping() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 10_000):
            yield large[start : start + 10_000]

    for body in (large, dripping()):
        answer = await send(public, secret, body)
        assert (answer.status_code, "256 KiB" in answer.text) == (413, True)
    assert (await send(public, "no", large)).status_code == 401, "the token comes first"
    assert await claimed(public) == set()
    fits = encoded(capture()) + b" " * 200_000
    assert (await send(public, secret, fits)).status_code == 200


async def test_a_token_claims_and_never_reopens(public: Story) -> None:
    ada = public.person("ada")
    card = await ada.plan(OPEN_DATA)
    secret = await token(ada)
    await card.now().choose("Archive")
    answer = await send(public, secret, capture())
    assert answer.status_code == 409
    assert "Archived" in answer.text
    assert (await experiment(public)).state is State.ARCHIVED
    assert await claimed(public) == set()


async def test_who_does_not_steer_gets_the_command_without_a_token(public: Story) -> None:
    ada, lin = public.person("ada"), public.person("lin")
    public.workspace.change_person(lin.user, locale="en-US")
    await ada.plan(OPEN_DATA)
    await lin.command("/owroute evidence OW-1")
    await lin.whispers()[-1].click("Capture command")
    said = lin.whispers()[-1].text
    assert "python3 owroute_capture.py OW-1 --endpoint http://127.0.0.1:8080/v1" in said
    assert "curl -fsSL -o owroute_capture.py https://owroute.example.org/capture.py" in said
    assert "OWROUTE_CAPTURE_TOKEN" not in said
    assert "--send" not in said
    assert "Revoke the token" not in lin.whispers()[-1].buttons
    mine = await token(ada)
    offered = ada.whispers()[-1]
    await Shown(lin, offered.message).click("Revoke the token")
    assert (await send(public, mine, capture())).status_code == 200


async def test_who_has_left_sends_nothing(public: Story) -> None:
    ada = public.person("ada")
    await ada.plan(OPEN_DATA)
    secret = await token(ada)
    public.workspace.change_person(ada.user, deleted=True)
    await public.advance(minutes=11)
    assert (await send(public, secret, capture())).status_code == 401


@pytest.mark.parametrize("forgot", [True, False], ids=["without --private", "with --private"])
async def test_the_words_of_a_private_capture_are_nowhere(
    tmp_path: Path, public: Story, *, forgot: bool
) -> None:
    ada = public.person("ada")
    await ada.plan({**COURSE, "Available route": "Local CPU", "Needs a service API": "No"})
    secret = await token(ada)
    assert "--private" in ada.whispers()[-1].text
    answer = await send(public, secret, capture() if forgot else withheld_capture())
    assert answer.status_code == 200
    await public.advance(seconds=5)
    content = (await checklist(public))["first_prompt_output"].content
    assert SAID not in str(content)
    assert str(len(SAID)) in str(content)
    await public.stop()
    kept = b"".join(p.read_bytes() for p in (tmp_path / "bot").rglob("*") if p.is_file())
    lasting = [m for m in public.said() if not m.ephemeral_to]
    said = "".join(f"{m.text}{m.blocks}" for m in lasting)
    for place in (kept.decode("utf-8", "replace"), said, str(public.log.entries)):
        assert SAID not in place
        assert secret not in place, "it is shown once, to who asked, and kept nowhere"
    await public.start()


async def test_ten_thousand_cases_come_as_their_totals(public: Story) -> None:
    ada = public.person("ada")
    await ada.plan(OPEN_DATA)
    rows = capture()["cases"]["rows"]
    cases = {
        "total": 10_000, "passed": 9_000, "failed": 990, "unjudged": 10, "sha256": "c" * 64,
        "rows": [{**rows[n % 5], "case_id": f"case-{n}"} for n in range(500)],
    }  # fmt: skip
    answer = await send(public, await token(ada), capture(cases=cases))
    assert answer.status_code == 200, answer.text
    content = (await checklist(public))["five_case_eval"].content
    assert (content["total"], content["passed"], content["failed"]) == (10_000, 9_000, 990)
    listed = content["cases"]
    assert isinstance(listed, list)
    assert len(listed) == 500


async def test_the_script_is_there_to_be_read_first(public: Story) -> None:
    address = f"http://127.0.0.1:{public.settings.port}/capture.py"
    async with httpx.AsyncClient(trust_env=False) as client:
        found = await client.get(address)
        again = await client.get(address, headers={"If-None-Match": found.headers["etag"]})
    assert (found.status_code, found.text) == (200, script())
    assert found.headers["content-type"].startswith("text/x-python")
    assert (again.status_code, again.content) == (304, b"")


async def test_without_a_public_address_nothing_is_served_or_sent(story: Story) -> None:
    ada = story.person("ada")
    await ada.plan(OPEN_DATA)
    await ada.command("/owroute evidence OW-1")
    await ada.whispers()[-1].click("Capture command")
    said = ada.whispers()[-1].text
    assert "owroute capture --print > owroute_capture.py" in said
    assert "--send" not in said
    assert "TOKEN" not in said
    assert (await send(story, "x", capture())).status_code == 404


async def test_the_script_itself_sends_what_the_card_then_shows(
    public: Story, tmp_path: Path
) -> None:
    ada = public.person("ada")
    card = await ada.plan(OPEN_DATA)
    secret = await token(ada)
    write_cases(tmp_path / "cases.csv")
    with serving(Served()) as endpoint:
        ran = await asyncio.create_subprocess_exec(
            sys.executable, str(HERE / "capture/owroute_capture.py"), "OW-1",
            "--endpoint", endpoint, "--cases", "cases.csv", "--repo", "Qwen/Qwen3-4B-GGUF",
            "--send", f"http://127.0.0.1:{public.settings.port}/capture",
            cwd=tmp_path, stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "OWROUTE_CAPTURE_TOKEN": secret},
        )  # fmt: skip
        said, _ = await ran.communicate()
    assert re.search(rb"Kept: \d items of OW-1 wait for Accept", said), said
    await public.settle()
    await public.advance(seconds=5)
    assert "wait for Accept" in card.now().text
    content = (await checklist(public))["five_case_eval"].content
    assert sum(not row["pass"] for row in content["cases"]) == 1  # type: ignore[union-attr,call-overload,index]  # a list of rows
