"""A week later in a browser: the digest stands in the channel, and its picture in the thread."""

import pytest
from playwright.async_api import expect

from tests.browser.test_plan_on_the_page import picture
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SOON = 60_000
"""Milliseconds within which the bot has ticked, posted and drawn."""


async def test_a_week_later_the_digest_can_be_read(guest: Visitor) -> None:
    page = guest.page
    await expect(guest.message("OW-2").first).to_be_visible(timeout=SOON)
    await guest.move("+1 week")
    card = guest.message("Weekly digest").first
    await expect(card).to_contain_text("GPU cost", timeout=SOON)
    await expect(card).to_contain_text("with no shutdown plan")
    await expect(card).not_to_contain_text("Late:")
    await picture(guest, "digest", card)
    await expect(guest.step("digest")).to_be_visible(timeout=SOON)
    await card.get_by_role("button", name="1 reply").click(timeout=SOON)
    drawn = page.locator("img.picture").last
    await expect(drawn).to_be_visible(timeout=SOON)
    assert "USD" in (await drawn.get_attribute("alt") or "")
    await card.get_by_role("button", name="Details").click()
    await expect(guest.dialog).to_contain_text("OW-2", timeout=SOON)
    await picture(guest, "digest-details", guest.dialog)
