"""The demo's bot process: the product as it is, with a clock that follows the sandbox's."""

import asyncio
import os
from pathlib import Path

from owroute import logs
from owroute.serve import serve
from owroute.settings import load
from sandbox.clock import SharedClock

CLOCK_FILE = "OWROUTE_DEMO_CLOCK"


def main() -> None:
    """Serve until told to stop."""
    logs.configure()
    clock = SharedClock(Path(os.environ[CLOCK_FILE]))
    asyncio.run(serve(load(os.environ, env_file=None), clock))


if __name__ == "__main__":
    main()
