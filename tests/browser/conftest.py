"""A real browser before the real demo: sandbox, bot and engine as processes, a page in Chromium."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from owroute.demo.stage import stage
from tests.browser.visitor import Visitor, chromium

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    browser = chromium()
    if browser is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    async with stage(data_dir=tmp_path) as up, async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=browser, args=list(ARGUMENTS))
        page = await opened.new_page(viewport={"width": 1280, "height": 860})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(up.url)
        yield Visitor(page)
        await opened.close()
        assert not problems, problems
