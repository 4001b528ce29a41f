"""Command lines change the process's logging and may read its settings: both are put back."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from tests.cli import prices_shop


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in tuple(os.environ):
        if name.startswith(("OWROUTE_", "SLACK_", "HF_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_ENDPOINT", "off")
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[prices_shop.Shop]:
    async with prices_shop.opened(tmp_path / "data") as found:
        for name, value in found.env.items():
            monkeypatch.setenv(name, value)
        yield found
