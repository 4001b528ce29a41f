"""`owroute fit` for a model outside the catalogue: its shape from the hub, or a line why not."""

import asyncio
import subprocess
from pathlib import Path

import pytest
from starlette.applications import Starlette

from engine.contract import FitReport
from owroute.server import served
from sandbox.hub import HUB_PATH, hub
from sandbox.hub_repositories import REPOSITORIES
from tests.cli.command import ran, typed
from tests.cli.fitting import Engine, at_a_url

OWL = "acme-labs/quiet-owl-7b"


async def fitted(home: Path, repo: str, *more: str) -> subprocess.CompletedProcess[bytes]:
    """By a process of its own, beside a hub."""
    async with served(Starlette(routes=[hub()]), grace=1) as port:
        env = {"HF_ENDPOINT": f"http://127.0.0.1:{port}{HUB_PATH}"}
        return await asyncio.to_thread(ran, "fit", repo, "--gpu", "l4", *more, cwd=home, env=env)


async def test_a_stranger_fits_by_its_shape_on_the_hub(tmp_path: Path) -> None:
    done = await fitted(tmp_path, OWL, "--scheme", "BF16")
    page = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b""), page
    assert f"{OWL} in BF16 with vLLM on 1 x L4" in page
    assert REPOSITORIES[OWL].sha in page
    several = await fitted(tmp_path, OWL)
    assert REPOSITORIES[OWL].sha in several.stdout.decode()
    assert "taken for BF16" in page
    assert "Of the need: weights 14." in page


async def test_programs_get_the_report_alone(tmp_path: Path) -> None:
    done = await fitted(tmp_path, OWL, "--scheme", "AWQ", "--json")
    small = FitReport.model_validate_json(done.stdout)
    assert (done.returncode, done.stderr, small.verdict) == (0, b"", "fits")


async def test_the_engine_is_sent_the_shape_in_place_of_a_name(tmp_path: Path) -> None:
    engine = Engine()
    async with served(Starlette(routes=[hub()]), grace=1) as port, at_a_url(engine) as there:
        env = {**there, "HF_ENDPOINT": f"http://127.0.0.1:{port}{HUB_PATH}"}
        await asyncio.to_thread(ran, "fit", OWL, "--gpu", "l4", cwd=tmp_path, env=env)
    asked, *_ = engine.asked
    assert asked.model_repo is None
    assert asked.architecture is not None
    assert (asked.architecture.params_total, asked.scheme) == (REPOSITORIES[OWL].total, "BF16")


@pytest.mark.parametrize(
    ("repo", "code", "says"),
    [
        ("acme-labs/no-such-bird", 2, "has no acme-labs/no-such-bird, or it is not open to"),
        ("acme-labs/shy-heron-7b", 2, "acme-labs/shy-heron-7b is gated"),
        ("acme-labs/old-swift-3b", 2, "is called acme-labs/swift-3b on the Hugging Face Hub now"),
        ("Qwen/Qwen3-8BB", 2, "Did you mean Qwen/Qwen3-8B"),
    ],
)
async def test_what_the_hub_cannot_tell_is_said(
    repo: str, code: int, says: str, tmp_path: Path
) -> None:
    done = await fitted(tmp_path, repo)
    assert (done.returncode, done.stdout) == (code, b"")
    assert says in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


async def test_attention_that_cannot_be_counted_is_an_unknown_with_its_reason(
    tmp_path: Path,
) -> None:
    done = await fitted(tmp_path, "acme-labs/river-otter-3b")
    assert done.returncode == 4
    assert "? Unknown" in done.stdout.decode()
    assert "its attention is of another kind" in done.stderr.decode()


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("off", "owroute is set not to ask the Hugging Face Hub (HF_ENDPOINT=off)."),
        ("http://127.0.0.1:9", "The Hugging Face Hub gave no usable answer just now about acme-"),
    ],
)
def test_a_hub_that_is_not_reached_is_said(
    endpoint: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    done = typed("fit", OWL, "--gpu", "l4")
    assert (done.exit_code, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f'The catalogue has no model "{OWL}"')
    assert second.startswith(says)


def test_a_model_of_the_catalogue_and_a_name_that_is_none_ask_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert typed("fit", "Qwen/Qwen3-8B", "--gpu", "l4", "--scheme", "AWQ").stderr == ""
    assert "Hub" not in typed("fit", "no such thing", "--gpu", "l4").stderr
