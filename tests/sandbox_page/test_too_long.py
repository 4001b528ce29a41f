"""What is longer than a field takes is kept as it was typed: Slack says so after Submit."""

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox_page.fake import FakeWorkspace
from tests.sandbox_page.gallery import field

pytestmark = pytest.mark.browser


def test_what_is_too_long_is_never_cut(page: Page, fake: FakeWorkspace) -> None:
    fake.open_form()
    short = field("short", "Short", {"type": "plain_text_input", "max_length": 5})
    fake.change_view(blocks=[short], state={"short": {"v": {"type": "plain_text_input"}}})
    typed = page.get_by_role("textbox", name="Short")
    typed.press_sequentially("12345678")
    expect(typed).to_have_value("12345678")
