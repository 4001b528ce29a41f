"""The ten minutes of docs/engine.md: every snippet runs as it is printed, against a live engine."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import environment

PAGE = (Path(__file__).parents[2] / "docs/engine.md").read_text("utf-8")
SECTION = PAGE.partition("## Integrate in ten minutes")[2].partition("\n## ")[0]
ADDRESS = "http://127.0.0.1:8081"


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "owroute", "engine", "--port", "0"],
        cwd=tmp_path_factory.mktemp("engine"), env=environment({}),
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        events = (json.loads(line) for line in process.stderr)
        started = next(e for e in events if e["event"] == "engine.started")
        yield f"http://127.0.0.1:{started['port']}"
    finally:
        process.terminate()
        process.communicate(timeout=20)


def ran(command: list[str], address: str, cwd: Path) -> str:
    """What a snippet prints; it has to end well."""
    command = [part.replace(ADDRESS, address) for part in command]
    env = environment({"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"})
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="the snippets are typed with curl")
def test_the_shell_snippets_say_what_the_page_says(address: str, tmp_path: Path) -> None:
    said = [
        ran(["bash", "-euo", "pipefail", "-c", code], address, tmp_path) for code in snippets("sh")
    ]
    asked, fixed, fit, compared, wrong, listed = said
    plan = json.loads(asked)
    assert plan["status"] == "needs_changes"
    assert {"access_rule", "tenancy", "session_hours"} <= {
        field for conflict in plan["conflicts"] for field in conflict["fix"]
    }
    assert json.loads(fixed)["status"] == "ok"
    assert json.loads(fit)["verdict"] == "fits"
    assert len(json.loads(compared)["plans"]) == 5
    assert [e["code"] for e in json.loads(wrong)["errors"]] == ["model_unknown", "gpu_unknown"]
    assert listed == "304\n"


def test_the_python_snippet_runs_as_it_is(address: str, tmp_path: Path) -> None:
    (code,) = snippets("python")
    lines = ran([sys.executable, "-c", code], address, tmp_path).splitlines()
    assert lines[0].startswith("ok rented_gpu ")
    assert "vllm serve" in "\n".join(lines)
    assert lines[-1].startswith("storage ")
