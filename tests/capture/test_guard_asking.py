"""What a guard hears from owroute, and what it does while it hears nothing."""

import contextlib
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.openai_server import Served, serving
from tests.capture.guarding import HOUR, NOON, TOKEN, Bot, Clocks, run


def test_the_time_set_in_slack_reaches_it_every_five_minutes(clocks: Clocks) -> None:
    bot = Bot(clocks, until=NOON + HOUR)

    def extended(now: Clocks) -> None:
        if now.gone >= timedelta(minutes=42):
            bot.until = NOON + 2 * HOUR

    clocks.on_tick = extended
    with bot.listening() as address:
        assert run(clocks, "18:00", "--ask", address) == 0
    assert abs(clocks.gone - 2 * HOUR) < timedelta(seconds=1)
    beats = [b - a for a, b in zip(bot.at, bot.at[1:], strict=False)]
    assert max(beats) <= timedelta(minutes=5, seconds=2)
    assert min(beats) >= timedelta(seconds=61)
    first = bot.heard[0]
    assert first == {
        "v": 1, "experiment": "OW-12", "until": "2026-11-24T18:00:00+00:00", "age": 0,
        "failed": False,
    }  # fmt: skip
    assert bot.heard[-1]["until"] == first["until"], "what was typed, not what was answered"
    assert {bearer for _, bearer, _ in bot.served.asked} == {f"Bearer {TOKEN}"}


def test_an_extension_in_the_last_minutes_reaches_it(clocks: Clocks) -> None:
    bot = Bot(clocks, until=NOON + HOUR)

    def extended(now: Clocks) -> None:
        if now.gone >= timedelta(minutes=59):
            bot.until = NOON + 2 * HOUR

    clocks.on_tick = extended
    with bot.listening() as address:
        assert run(clocks, "18:00", "--ask", address) == 0
    assert abs(clocks.gone - 2 * HOUR) < timedelta(seconds=1)


def test_a_silent_bot_leaves_the_last_time_known(
    clocks: Clocks, capsys: pytest.CaptureFixture[str]
) -> None:
    bot = Bot(clocks, until=NOON + 3 * HOUR)

    def falls_silent(now: Clocks) -> None:
        if now.gone >= HOUR:
            bot.until = None

    clocks.on_tick = falls_silent
    with bot.listening() as address:
        assert run(clocks, "18:00", "--ask", address) == 0
    assert abs(clocks.gone - 3 * HOUR) < timedelta(seconds=1)
    assert "503" in capsys.readouterr().out


def test_a_bot_that_never_answers_leaves_what_was_typed(clocks: Clocks) -> None:
    assert run(clocks, "13:00", "--ask", "http://127.0.0.1:9/guard") == 0
    assert abs(clocks.gone - HOUR) < timedelta(seconds=1)


def test_a_token_that_ended_is_said_once_and_not_sent_again(
    clocks: Clocks, capsys: pytest.CaptureFixture[str]
) -> None:
    bot = Bot(clocks, until=NOON + 2 * HOUR)

    def revoked(now: Clocks) -> None:
        if now.gone >= timedelta(minutes=30):
            bot.status = 401

    clocks.on_tick = revoked
    with bot.listening() as address:
        assert run(clocks, "18:00", "--ask", address) == 0
    assert abs(clocks.gone - 2 * HOUR) < timedelta(seconds=1)
    said = capsys.readouterr()
    assert said.out.count("ended this token") == 1
    assert len(bot.at) <= 8
    assert TOKEN not in said.out + said.err


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "null", '{"until": "soon", "now": "now"}', '{"until": null, "now": null}',
        '{"until": "2026-11-24T18:00", "now": "2026-11-24T12:00"}', "[" * 100_000,
        '{"stop": "rm -rf /"}', '{"until": 5, "now": 6}',
    ],
)  # fmt: skip
def test_an_answer_that_is_no_time_changes_nothing(clocks: Clocks, body: str) -> None:
    served = Served(reply=lambda _path: (200, {}, body))
    with serving(served) as found:
        assert run(clocks, "13:00", "--ask", found) == 0
    assert abs(clocks.gone - HOUR) < timedelta(seconds=1)
    assert len(served.asked) > 5


def test_it_is_told_a_time_and_never_a_command(clocks: Clocks) -> None:
    told = '{"until": "2026-11-24T12:30:00Z", "now": "2026-11-24T12:20:00Z", "stop": "touch evil"}'
    answers = iter([told])
    served = Served(reply=lambda _path: (200, {}, next(answers, "{}")))
    with serving(served) as found:
        assert run(clocks, "18:00", "--ask", found) == 0
    assert abs(clocks.gone - timedelta(minutes=10)) < timedelta(seconds=1)
    assert Path("stopped").exists()
    assert not Path("evil").exists()


def test_an_answer_that_drips_does_not_keep_it_from_its_end(clocks: Clocks) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
                while not done.wait(0.1):
                    connection.sendall(b" ")

        done = threading.Event()
        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.perf_counter()
        port = server.getsockname()[1]
        assert run(clocks, "+2s", "--ask", f"http://127.0.0.1:{port}/guard") == 0
        assert time.perf_counter() - begun < 10
        done.set()
        thread.join()
    assert Path("stopped").exists()


def test_a_redirect_does_not_get_the_token(clocks: Clocks) -> None:
    with (
        serving(Served()) as elsewhere,
        serving(Served(reply=lambda _path: (307, {"Location": elsewhere}, ""))) as found,
    ):
        assert run(clocks, "+10m", "--ask", found) == 0
    assert clocks.gone == timedelta(minutes=10)


def test_a_wrong_clock_here_does_not_move_what_slack_says(clocks: Clocks) -> None:
    bot = Bot(clocks, ahead=5 * HOUR, until=NOON + 6 * HOUR)
    with bot.listening() as address:
        assert run(clocks, "23:00", "--ask", address) == 0
    assert abs(clocks.gone - HOUR) < timedelta(seconds=1)


def test_after_a_failure_a_new_time_in_slack_is_waited_for(clocks: Clocks) -> None:
    bot = Bot(clocks, until=NOON + HOUR)

    def extended(now: Clocks) -> None:
        if now.gone >= timedelta(hours=1, minutes=2):
            bot.until = NOON + 2 * HOUR

    clocks.on_tick = extended
    stop = "echo x >> tries; [ -e ready ]"
    with bot.listening() as address:

        def mended(now: Clocks) -> None:
            extended(now)
            if now.gone >= 2 * HOUR:
                Path("ready").touch()

        clocks.on_tick = mended
        assert run(clocks, "13:00", "--ask", address, stop=stop) == 0
    assert abs(clocks.gone - 2 * HOUR) < timedelta(seconds=15)
    assert bot.heard[-1]["failed"] is False
