from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.openai_server import Served, serving
from tests.capture.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def served() -> Served:
    return Served(answers=lambda prompt: f"You said: {prompt}")


@pytest.fixture
def endpoint(served: Served) -> Iterator[str]:
    with serving(served) as address:
        yield address
