"""How the tests type a command line: in this process, as a real one, or at a terminal."""

import os
import pty
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from typer.testing import CliRunner, Result

from owroute.cli import create_app, main
from owroute.commands.speech import Speech
from tests.harness.forks import FORKS, reborn

CARD: dict[str, object] = {
    "task": "course Q&A assistant",
    "privacy": "private_docs",
    "available_route": "rented_gpu",
    "needs_service_api": True,
    "needs_fine_tuning": False,
    "budget_level": "small",
}
"""The lesson's worked example."""

PLAIN = (
    "--task", "course Q&A assistant", "--privacy", "public", "--available-route", "local_cpu",
    "--no-needs-service-api", "--no-needs-fine-tuning", "--budget-level", "small",
    "--as-of", "2026-11-24",
)  # fmt: skip
"""A card that is Go."""


def typed(*arguments: str, lang: str = "en", given: str | bytes | None = None) -> Result:
    """Run in this process."""
    return CliRunner().invoke(create_app(Speech(lang)), arguments, input=given)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours, in English, without any setting of owroute's but `more`."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("OWROUTE_", "SLACK_", "HF_"))}
    return {
        **kept,
        "HF_ENDPOINT": "off",
        "LANGUAGE": "en",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        **more,
    }


def ran(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    given: bytes = b"",
) -> subprocess.CompletedProcess[bytes]:
    """Run as a process of its own, forked from one that has everything imported already."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("in", "out", "err")]
        files[0].write_bytes(given)
        what = (_owroute, arguments, cwd, environment(env or {}), files)
        process = FORKS.Process(target=reborn, args=what)
        process.start()
        process.join(60)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(arguments, 60)
        said = [file.read_bytes() if file.exists() else b"" for file in files[1:]]
        return subprocess.CompletedProcess(arguments, process.exitcode, *said)


def started(
    *arguments: str, cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run in a new Python, for what it does before any line of ours: 50 times as slow."""
    return subprocess.run(
        [sys.executable, "-m", "owroute", *arguments],
        cwd=cwd, env=environment(env), stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip


def _owroute(*arguments: str) -> None:
    sys.argv = ["owroute", *arguments]
    main()


def at_terminal(
    *arguments: str, keys: str, cwd: Path, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run where input and output are a terminal, type `keys`; the exit code and what was seen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "owroute", *arguments],
        cwd=cwd, env=environment(env or {}), stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, keys.encode())
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # the terminal ends with its last program
        pass
    finally:
        os.close(ours)
    return process.wait(timeout=60), seen.decode().replace("\r\n", "\n")
