"""The record in a browser: its summary, and files in the thread that can be opened and read."""

import pytest
from playwright.async_api import expect

from tests.browser.test_plan_on_the_page import RENTED, TASK, picture
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def test_the_files_in_the_thread_can_be_read(visitor: Visitor) -> None:
    await visitor.plan(RENTED, TASK)
    await visitor.sees("Needs changes · OW-1")
    await visitor.type("/owroute record OW-1")
    await visitor.sees("Markdown and JSON are being put")
    await picture(visitor, "record", visitor.message("Markdown and JSON are being put").last)
    await visitor.page.get_by_text("replies").first.click()
    for title in ("Experiment record of OW-1 (Markdown)", "Experiment record of OW-1 (JSON)"):
        link = visitor.page.get_by_role("link", name=title)
        await expect(link).to_be_visible()
        async with visitor.page.context.expect_page() as opened:
            await link.click()
        shown = await opened.value
        await expect(shown.locator("body")).to_contain_text("OW-1")
        await shown.close()
