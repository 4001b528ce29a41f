"""A real browser before the real demo: sandbox, bot and engine as processes, a page in Chromium."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from owroute.demo.prelude import BURNS, GRANTED, prelude
from owroute.demo.stage import stage
from tests.browser.visitor import Visitor, chromium

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody in a workspace where nothing has happened yet."""
    async with visiting(data_dir=tmp_path) as found:
        yield found


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody who opens the demo as `make demo` shows it: a GPU burns."""
    async with visiting(data_dir=tmp_path, optional=GRANTED, before=prelude, behind=BURNS) as found:
        yield found


@asynccontextmanager
async def visiting(**how: Any) -> AsyncIterator[Visitor]:
    """The page of a demo that is put up in this way; an error of its scripts fails the test."""
    browser = chromium()
    if browser is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    async with AsyncExitStack() as stack:
        up = await stack.enter_async_context(stage(**how))
        playwright = await stack.enter_async_context(async_playwright())
        opened = await playwright.chromium.launch(executable_path=browser, args=list(ARGUMENTS))
        page = await opened.new_page(viewport={"width": 1280, "height": 860})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(up.url)
        yield Visitor(page)
        await opened.close()
        assert not problems, problems
