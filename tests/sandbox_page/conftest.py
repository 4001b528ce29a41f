"""The page in headless Chromium, on the double of the control API, over the loopback."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.sandbox_page.fake import FakeWorkspace


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve in a thread on a free port; the answer is the base URL."""
    config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="module")  # the synchronous driver keeps a loop running while it lives
def chromium() -> Iterator[Browser]:
    path = os.environ.get("OWROUTE_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


class Stage:
    """The application that is served: whichever fake the running test has."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    stage.app = FakeWorkspace().app()
    with served(stage) as base:
        yield stage, base


@pytest.fixture
def fake(stage: tuple[Stage, str]) -> FakeWorkspace:
    fake = FakeWorkspace()
    stage[0].app = fake.app()
    return fake


@pytest.fixture
def url(stage: tuple[Stage, str], fake: FakeWorkspace) -> str:
    return stage[1]


@pytest.fixture
def page(chromium: Browser, url: str) -> Iterator[Page]:
    """The page, open and drawn. What the browser's console calls an error fails the test."""
    with chromium.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.extend([said.text] * (said.type == "error")))
        page.set_default_timeout(5000)
        page.goto(url)
        page.get_by_role("log").wait_for()
        yield page
    assert complaints == []
