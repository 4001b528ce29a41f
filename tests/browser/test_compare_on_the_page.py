"""The comparison in a browser: the table as its reader sees it, wide and on a phone."""

import pytest
from playwright.async_api import expect

from tests.browser.test_plan_on_the_page import RENTED, TASK, picture
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ROUTES = ("Local CPU", "Local GPU", "Private GPU", "Free Colab", "Rented GPU")


async def test_five_routes_stand_side_by_side(visitor: Visitor) -> None:
    await visitor.plan(RENTED, TASK)
    await visitor.sees("Needs changes · OW-1")
    await visitor.type("/owroute compare OW-1")
    await visitor.sees("Best next step")
    answer = visitor.message("Best next step").last
    for route in ROUTES:
        await expect(answer.get_by_role("rowheader", name=route)).to_be_visible()
    await expect(answer.get_by_role("row")).to_have_count(1 + len(ROUTES))
    await expect(answer.get_by_text("✗ Refused")).to_be_visible()
    await picture(visitor, "compare", answer)
    await visitor.page.set_viewport_size({"width": 390, "height": 844})
    frame = answer.get_by_role("group", name="OW-1: the same card on every route")
    await expect(frame).to_be_visible()
    assert await visitor.page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    await picture(visitor, "compare-phone")
