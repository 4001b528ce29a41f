"""What all processes of one test run share: a folder, and servers that end with the run."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

_RUN = "PYTEST_RUN_FOLDER"


def begin_run() -> bool:
    """Make the folder; False in a process of a run that has begun."""
    if _RUN in os.environ:
        return False
    os.environ[_RUN] = tempfile.mkdtemp(prefix="owroute-run-")
    return True


def run_folder() -> Path:
    """The run's folder. A server that is to end with the run leaves `PID.pid` in it."""
    return Path(os.environ[_RUN])


def end_run() -> None:
    """End the run's servers, and remove its folder."""
    folder = run_folder()
    for left in folder.glob("*.pid"):
        try:
            os.kill(int(left.stem), signal.SIGTERM)
        except ProcessLookupError:
            continue
    shutil.rmtree(folder, ignore_errors=True)
    del os.environ[_RUN]
