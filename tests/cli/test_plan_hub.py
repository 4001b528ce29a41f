"""`owroute plan` for a model outside the catalogue: facts from the hub, or a line why not."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette

from owroute.server import served
from sandbox.hub import HUB_PATH, hub
from sandbox.hub_repositories import REPOSITORIES
from tests.cli.command import PLAIN, environment, typed

OWL = "acme-labs/quiet-owl-7b"


async def planned(endpoint: str, home: Path, repo: str) -> tuple[dict[str, object], str]:
    """The decision's card and standard error, by a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "owroute", "plan", "--json", *PLAIN, "--model-repo", repo,
        cwd=home, env=environment({"HF_ENDPOINT": endpoint}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complained = await process.communicate()
    return json.loads(said)["inputs"]["card"], complained.decode()


async def test_the_hub_fills_in_what_the_catalogue_lacks(tmp_path: Path) -> None:
    async with served(Starlette(routes=[hub()]), grace=1) as port:
        card, said = await planned(f"http://127.0.0.1:{port}{HUB_PATH}", tmp_path, OWL)
        _, missing = await planned(
            f"http://127.0.0.1:{port}{HUB_PATH}", tmp_path, "acme-labs/no-such-bird"
        )
    assert isinstance(card["architecture"], dict)
    assert card["architecture"]["params_total"] == REPOSITORIES[OWL].total
    assert (card["license_id"], card["revision"]) == ("apache-2.0", REPOSITORIES[OWL].sha)
    assert said == ""
    assert missing.startswith(
        "The Hugging Face Hub has no acme-labs/no-such-bird, or it is not open to owroute"
    )
    assert '"architecture"' in missing


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("off", "owroute is set not to ask the Hugging Face Hub (HF_ENDPOINT=off). What is"),
        ("https://10.0.0.8", "owroute does not ask the model hub that HF_ENDPOINT names"),
        ("http://127.0.0.1:9", "The Hugging Face Hub gave no usable answer just now about acme-"),
    ],
)
def test_a_hub_that_is_not_reached_is_one_line_on_standard_error(
    endpoint: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    done = typed("plan", "--json", *PLAIN, "--model-repo", OWL)
    assert json.loads(done.stdout)["inputs"]["card"]["architecture"] is None
    assert done.stderr.startswith(says)
    assert done.stderr.count("\n") == 1


def test_a_model_of_the_catalogue_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert typed("plan", "--json", *PLAIN, "--model-repo", "Qwen/Qwen3-8B").stderr == ""


def test_a_wrong_address_is_answered_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    done = typed("plan", "--json", *PLAIN, "--model-repo", OWL)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "HF_ENDPOINT must start with https://" in done.stderr
