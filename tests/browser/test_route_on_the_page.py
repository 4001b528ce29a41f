"""The engine's decisions in a browser: a rented plan and its thread, a refusal and its way out."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.test_plan_on_the_page import RENTED, TASK, picture
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SERVICE = {**RENTED, "Privacy": "Public", "Stop after": "4 h"}


async def is_narrow(page: Page) -> bool:
    """Whether nothing on the page makes it wider than its window."""
    return bool(
        await page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


async def test_the_thread_of_a_rented_plan_shows_commands_that_can_be_copied(
    visitor: Visitor,
) -> None:
    page = visitor.page
    await visitor.plan(SERVICE, TASK)
    await visitor.sees("GPU started")
    card = visitor.message("OW-1").first
    await expect(card.get_by_text("this session")).to_be_visible()
    await picture(visitor, "rented-service", card)
    await card.get_by_role("button", name="1 reply").click()
    thread = page.locator(".thread")
    await expect(thread.get_by_text("--name ow-1-ada")).to_be_visible()
    for heading in ("Model", "Memory", "Cost", "Start", "Shutdown", "Rejected families"):
        await expect(thread.get_by_text(heading, exact=True).first).to_be_visible()
    assert await thread.locator("pre").count() == 6
    shutdown = thread.get_by_text("3. What is left and still costs")
    assert await is_narrow(page)
    await picture(visitor, "rented-service-thread")
    await shutdown.scroll_into_view_if_needed()
    await picture(visitor, "rented-service-shutdown")
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(thread.get_by_text("--name ow-1-ada")).to_be_visible()
    assert await is_narrow(page)
    await thread.locator("pre").first.scroll_into_view_if_needed()
    await picture(visitor, "rented-service-phone")


async def test_a_refusal_is_left_by_its_model(visitor: Visitor) -> None:
    await visitor.type("/owroute plan model=meta-llama/Llama-3.3-70B-Instruct")
    await expect(visitor.dialog).to_be_visible()
    await visitor.fill("Task", TASK)
    for label, option in SERVICE.items():
        await visitor.choose(label, option)
    await visitor.press("Plan")
    await visitor.sees("against a cap of 1.00")
    card = visitor.message("OW-1").first
    await picture(visitor, "budget-refused", card)
    await card.get_by_role("button", name="With Qwen2.5-14B-Instruct: OW-1").click()
    await expect(card.get_by_role("button", name="GPU started")).to_be_visible(timeout=15_000)
    await expect(card.get_by_text("Qwen/Qwen2.5-14B-Instruct")).to_be_visible()
