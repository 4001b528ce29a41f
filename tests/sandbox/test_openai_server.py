"""The model of the demo, as a visitor starts it in a second terminal."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sandbox.openai_server import ANSWERS, EXPECTED, MODEL, Served, answer, main, serving

ROOT = Path(__file__).parents[2]


def chat(address: str, prompt: str, model: str = MODEL) -> httpx.Response:
    body = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    return httpx.post(f"{address}/chat/completions", json=body)


def test_it_has_one_model_and_answers_alike() -> None:
    with serving(Served()) as address:
        [listed] = httpx.get(f"{address}/models").json()["data"]
        first, again = (chat(address, "What is 17 + 25?").json() for _ in range(2))
        assert chat(address, "x", model="another").status_code == 404
        assert httpx.get(f"{address}/nothing").status_code == 404
    assert listed["id"] == MODEL
    assert first == again
    assert first["choices"][0]["message"]["content"] == answer("What is 17 + 25?")


def test_one_of_its_five_cases_fails() -> None:
    passed = [
        word.lower() in answer(prompt).lower()
        for prompt, word in zip(ANSWERS, EXPECTED, strict=True)
    ]
    assert passed == [True, True, True, True, False]


@pytest.mark.parametrize("bearer", [None, "Bearer wrong"])
def test_a_key_is_wanted_if_one_is_set(bearer: str | None) -> None:
    headers = {"Authorization": bearer} if bearer else {}
    with serving(Served(key="right")) as address:
        assert httpx.get(f"{address}/models", headers=headers).status_code == 401
        right = {"Authorization": "Bearer right"}
        assert httpx.get(f"{address}/models", headers=right).status_code == 200


def test_it_starts_alone_and_writes_its_cases(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox.openai_server", "--port", "0", "--cases"]
    process = subprocess.Popen(
        [*command, str(tmp_path / "cases.csv")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        address = said.split(" at ")[1].split()[0]
        assert address.startswith("http://127.0.0.1:")
        assert json.loads(httpx.get(f"{address}/models").text)["object"] == "list"
    finally:
        process.terminate()
        process.communicate()
    assert len((tmp_path / "cases.csv").read_text("utf-8").splitlines()) == 6


def test_a_port_that_is_taken_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Served()) as address:
        port = address.split(":")[2].split("/")[0]
        with pytest.raises(SystemExit) as ended:
            main(["--port", port])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith(f"Port {port} cannot be used")
    assert said.endswith("choose another with --port.\n")
    assert said.count("\n") == 1
