"""The main job in a browser: the lesson's three runs, and a plan brought to Go by Fix."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

TASK = "course Q&A assistant"
RENTED = {
    "Privacy": "Private documents",
    "Available route": "Rented GPU",
    "Needs a service API": "Yes",
    "Budget": "Small",
}


async def picture(visitor: Visitor, name: str, of: Locator | None = None) -> None:
    """Keep a picture of `of`, or of the page, where `make screenshots` asks for it."""
    if folder := os.environ.get("OWROUTE_SCREENSHOTS"):
        path = Path(folder) / f"{name}.png"
        await visitor.page.mouse.move(0, 0)
        await visitor.page.wait_for_timeout(600)
        await (of.screenshot(path=path) if of else visitor.page.screenshot(path=path))


async def test_a_rented_gpu_with_an_api_comes_to_go_by_fix(visitor: Visitor) -> None:
    await visitor.plan(RENTED, TASK)
    fix = visitor.page.get_by_role("button", name="Fix").first
    started = visitor.page.get_by_role("button", name="GPU started").first
    await expect(fix).to_be_visible(timeout=15_000)
    await picture(visitor, "plan")
    card = visitor.message("OW-1").first
    await picture(visitor, "rented-gpu-needs-changes", card)
    for _ in range(4):
        if await started.count():
            break
        before = await card.inner_text()
        await fix.click()
        await expect(visitor.dialog).to_be_visible()
        await picture(visitor, "fix", visitor.dialog)
        await visitor.dialog.locator("button[type=submit], button.primary").last.click()
        await expect(visitor.dialog).to_have_count(0)
        await expect(card).not_to_have_text(before, timeout=15_000)
        await visitor.page.wait_for_timeout(500)
    await expect(started).to_be_visible()
    await picture(visitor, "rented-gpu-go", card)


async def test_a_laptop_goes_at_once(visitor: Visitor) -> None:
    fields = {**RENTED, "Available route": "Local CPU", "Needs a service API": "No"}
    await visitor.plan(fields, TASK)
    await visitor.sees("I'm running it")
    await picture(visitor, "local-cpu", visitor.message("OW-1").first)


async def test_private_documents_on_free_colab_are_refused(visitor: Visitor) -> None:
    fields = {**RENTED, "Available route": "Free Colab"}
    await visitor.plan(fields, TASK)
    await visitor.sees("Refused")
    await expect(visitor.page.get_by_role("button", name="Local GPU").first).to_be_visible()
    await picture(visitor, "free-colab-refused", visitor.message("OW-1").first)


async def test_the_page_on_a_phone_in_chinese(visitor: Visitor) -> None:
    await visitor.page.set_viewport_size({"width": 390, "height": 844})
    await visitor.page.get_by_role("button", name="中文").click()
    await visitor.plan(
        {"Privacy": "Public", "Available route": "Local CPU", "Budget": "Zero"}, TASK
    )
    await visitor.sees("OW-1")
    wide = await visitor.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    await picture(visitor, "phone")
