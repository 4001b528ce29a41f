import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.house.validate_cards import main

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    golden = tmp_path / "cards/golden"
    golden.mkdir(parents=True)
    (golden / "card.en.json").write_text('{"text": "t", "blocks": [{"type": "divider"}]}')
    (golden / "modal.en.json").write_text('{"type": "modal", "blocks": []}')
    return tmp_path


def ask(folder: Path, answer: Answer) -> int:
    transport = httpx.MockTransport(answer)
    with httpx.Client(base_url="https://slack.example/api/", transport=transport) as client:
        return main(client, folder)


def test_each_card_is_sent_in_the_form_slack_wants(folder: Path) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, json.loads(request.content)))
        return httpx.Response(200, json={"ok": True})

    assert ask(folder, answer) == 0
    assert asked == [
        ("/api/blocks.validate", {"blocks": [{"type": "divider"}]}),
        ("/api/blocks.validate", {"view": {"type": "modal", "blocks": []}}),
    ]


def test_what_slack_dislikes_is_printed_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = [{"pointer": "/blocks/0", "message": "too long"}]
    code = ask(folder, lambda _: httpx.Response(200, json={"ok": False, "errors": errors}))
    assert code == 2
    assert "card.en.json: /blocks/0 too long" in capsys.readouterr().out


def test_without_network_nothing_is_claimed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    assert ask(folder, answer) == 100
    assert "could not be asked" in capsys.readouterr().out


def test_no_golden_card_is_no_success(tmp_path: Path) -> None:
    assert ask(tmp_path, lambda _: httpx.Response(200, json={"ok": True})) == 100
