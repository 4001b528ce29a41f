"""Onboarding, forms of settings and the audit in a browser, wide and as wide as a phone."""

import pytest
from playwright.async_api import expect

from tests.browser.test_plan_on_the_page import picture
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WIDE, PHONE, TALL = 1280, 390, 1700


async def resized(guest: Visitor, width: int, height: int = TALL) -> None:
    await guest.page.set_viewport_size({"width": width, "height": height})


async def test_a_channel_is_greeted_and_set(guest: Visitor) -> None:
    await resized(guest, WIDE)
    greeting = guest.message("added owroute to this channel").first
    await expect(greeting).to_contain_text("@Ada leads this channel", timeout=15_000)
    await picture(guest, "greeting", greeting)
    await guest.type("/owroute settings")
    await expect(guest.dialog).to_contain_text("Channel settings")
    await picture(guest, "settings", guest.dialog)
    await resized(guest, PHONE)
    box = await guest.dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE
    await picture(guest, "settings-phone")
    await resized(guest, WIDE)
    await guest.choose("Working day begins", "09:00")
    await guest.choose("Working day ends", "18:00")
    await guest.press("Save")
    await expect(guest.dialog).to_have_count(0)
    await expect(guest.message("Working hours: Not set → 09:00–18:00")).to_be_visible()
    await own_and_audit(guest)


async def own_and_audit(guest: Visitor) -> None:
    """One's own settings, which nobody else is told of; then an admin looks at what was done."""
    await guest.type("/owroute settings me")
    await guest.choose("Quiet from", "19:00")
    await guest.press("Save")
    await expect(guest.dialog).to_contain_text("Quiet hours: As everybody here → 19:00–08:00")
    await guest.page.keyboard.press("Escape")
    await expect(guest.dialog).to_have_count(0)
    await guest.act_as("Grace")
    await guest.type("/owroute audit")
    audit = guest.message("Who did what").last
    await expect(audit).to_contain_text("@Ada changed the settings of #ml-lab")
    await expect(audit).to_contain_text("Working hours: Not set → 09:00–18:00")
    await picture(guest, "audit", audit)
