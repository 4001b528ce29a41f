"""Sending it, to an address of owroute's."""

from collections.abc import Iterator

import pytest

from bot.domain.capture import Capture, parse_capture
from sandbox.openai_server import Served, serving
from tests.capture.machine import Machine

TOKEN = {"OWROUTE_CAPTURE_TOKEN": "t0ken-of-ow-12"}
KEPT = "Kept: 4 items of OW-12 wait for Accept."


@pytest.fixture
def bot() -> Served:
    return Served(reply=lambda _path: (200, {"Content-Type": "text/plain"}, KEPT + "\n"))


@pytest.fixture
def address(bot: Served) -> Iterator[str]:
    with serving(bot) as found:
        yield found.removesuffix("/v1") + "/capture"


def test_it_is_sent_with_the_token_and_the_answer_is_said(
    machine: Machine, endpoint: str, served: Served, bot: Served, address: str
) -> None:
    ran = machine.run("OW-12", "--endpoint", endpoint, "--send", address, **TOKEN)
    assert (ran.code, ran.out, ran.err) == (0, KEPT + "\n", "")
    [(path, bearer, body)] = bot.asked
    assert (path, bearer) == ("/capture", "Bearer t0ken-of-ow-12")
    assert isinstance(parse_capture(body), Capture)
    assert not [bearer for _, bearer, _ in served.asked if "t0ken" in str(bearer)]


@pytest.mark.parametrize(("status", "words"), [(401, "revoked"), (413, ""), (422, "look at v")])
def test_refused_it_is_printed_to_be_pasted(
    machine: Machine, bot: Served, address: str, status: int, words: str
) -> None:
    bot.reply = lambda _path: (status, {}, words)
    ran = machine.run("OW-12", "--command", "cat", "--send", address, **TOKEN)
    assert ran.code == 1
    assert str(status) in ran.err
    assert words in ran.err
    assert ran.pasted.experiment == "OW-12"
    assert "t0ken" not in ran.out + ran.err


def test_nobody_there_it_is_printed_to_be_pasted(machine: Machine) -> None:
    address = "http://127.0.0.1:9/capture"
    ran = machine.run("OW-12", "--command", "cat", "--send", address, **TOKEN)
    assert (ran.code, ran.pasted.experiment) == (1, "OW-12")
    assert "refused" in ran.err


def test_a_redirect_does_not_get_the_token(machine: Machine, bot: Served, address: str) -> None:
    with serving(Served()) as elsewhere:
        bot.reply = lambda _path: (307, {"Location": elsewhere}, "")
        ran = machine.run("OW-12", "--command", "cat", "--send", address, **TOKEN)
    assert ran.code == 1
    assert "307" in ran.err
    assert len(bot.asked) == 1


def test_a_broken_token_is_not_shown(machine: Machine, address: str, bot: Served) -> None:
    token = {"OWROUTE_CAPTURE_TOKEN": "t0ken\nX-Evil: 1\n"}
    ran = machine.run("OW-12", "--command", "cat", "--send", address, **token)
    assert ran.code == 0
    assert bot.asked[0][1] == "Bearer t0kenX-Evil:1"


def test_more_is_sent_than_can_be_pasted_and_never_too_much(
    machine: Machine, bot: Served, address: str
) -> None:
    long = "字" * 1_500
    rows = "".join(f"case-{n},,{long},{'fail' if n % 3 else 'pass'}\n" for n in range(900))
    machine.write("c.csv", "case_id,prompt,note,result\n" + rows)
    arguments = ("--command", "cat", "--cases", "c.csv", "--send", address)
    assert machine.run("OW-12", *arguments, **TOKEN).code == 0
    found = parse_capture(bot.asked[0][2])
    assert isinstance(found, Capture)
    assert found.cases is not None
    assert (found.cases.total, found.cases.failed, len(found.cases.rows)) == (900, 600, 500)
    assert not any(row["pass"] for row in found.cases.rows)
    assert "note" in found.cases.rows[0]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://localhost:80@evil.example/x",
        "http://localhost@evil.example/x",
        "http://127.0.0.1:80@evil.example",
        "http://localhost.evil.example/x",
        "http://localhost\\\\@evil.example/x",
        "http://localhost?@evil.example/x",
        "https://owroute.example.org@evil.example/x",
        "http://evil.example/x",
    ],
)
def test_the_token_goes_to_no_address_that_only_looks_local(
    machine: Machine, elsewhere: str
) -> None:
    ran = machine.run("OW-12", "--command", "cat", "--send", elsewhere, **TOKEN)
    assert ran.code == 2
    assert "--send needs an https address" in ran.err
