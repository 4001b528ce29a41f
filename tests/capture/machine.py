"""A machine where the script runs: a folder, a few programs on the PATH, and no package of ours."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.capture import Capture, read_paste

SCRIPT = Path(__file__).parents[2] / "capture/owroute_capture.py"
HEX = "0123456789abcdef0123456789abcdef01234567"
TABLE = "case_id,prompt,expected\n" + "".join(f"c{n},Say {n},{n}\n" for n in range(1, 6))

SMI = """#!/bin/sh
case "$*" in
*query-gpu*) echo "NVIDIA L4, 550.54.15, 14210"; echo "NVIDIA L4, 550.54.15, 90" ;;
*) echo "| NVIDIA-SMI 550.54.15   Driver Version: 550.54.15   CUDA Version: 12.4 |" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How the script ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def capture(self) -> Capture:
        """What the paste-back holds; whatever is wrong with it fails the test."""
        assert self.code == 0, self.err
        return self.pasted

    @property
    def pasted(self) -> Capture:
        """The same, of a run that lacks something."""
        assert len(self.out.rstrip("\n")) <= 2_900
        found = read_paste(self.out)
        assert isinstance(found, Capture), (found, self.out)
        return found


@dataclass
class Machine:
    """Runs the script with a plain Python: no site packages, no variables of ours."""

    home: Path
    python: str = sys.executable
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, given: str | None = None, **env: str) -> Ran:
        """Run it as a person would, in the home folder, without a terminal."""
        done = subprocess.run(
            [self.python, "-S", str(SCRIPT), *arguments],
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": self.path, **self.env, **env},
            input=(given or "").encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    @property
    def path(self) -> str:
        """Programs of this test first."""
        return f"{self.home / 'bin'}:{os.defpath}:/usr/sbin"

    def write(self, name: str, text: str | bytes) -> str:
        """A file in the home folder; its name."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return name

    def program(self, name: str, text: str) -> str:
        """A program on the PATH; its name."""
        self.write(f"bin/{name}", text)
        (self.home / "bin" / name).chmod(0o755)
        return name

    def cached(self, repo: str, *, refs: Mapping[str, str], size: int = 0) -> Path:
        """A repository in the Hub's cache; the folder."""
        folder = self.home / ".cache/huggingface/hub" / f"models--{repo.replace('/', '--')}"
        (folder / "blobs").mkdir(parents=True)
        (folder / "refs").mkdir()
        (folder / "blobs/weights").write_bytes(b"\0" * size)
        for name, revision in refs.items():
            (folder / "refs" / name).write_text(revision, "utf-8")
        return folder


def lines(*rows: Mapping[str, Any]) -> str:
    """JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)
