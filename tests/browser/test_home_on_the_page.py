"""App Home in a browser: the forgotten GPU stands first, and is stopped there."""

import pytest
from playwright.async_api import expect

from tests.browser.test_plan_on_the_page import picture
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SOON = 30_000
"""Milliseconds within which the bot has looked, asked and drawn again."""


async def test_a_forgotten_gpu_is_stopped_from_home(guest: Visitor) -> None:
    page = guest.page
    await page.locator("[data-app]").click()
    await page.get_by_role("tab", name="Home").click()
    home = page.get_by_role("tabpanel")
    await expect(home).to_contain_text("Nobody is going to stop it.", timeout=SOON)
    await expect(home).to_contain_text("running for 6 h")
    await expect(home).to_contain_text("My experiments")
    await picture(guest, "home", home)
    await home.get_by_role("button", name="Stop now").first.click()
    question = page.get_by_role("alertdialog", name="Stop ow-2-ada now?")
    await question.get_by_role("button", name="Stop now").click()
    await expect(home).to_contain_text("Shutdown stopping", timeout=SOON)
    await expect(home).not_to_contain_text("Nobody is going to stop it.")
