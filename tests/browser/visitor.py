"""A visitor in headless Chromium, acting on the demo's page by what is written on it."""

import os
import shutil

from playwright.async_api import Locator, Page, expect


def chromium() -> str | None:
    """The browser's path, or None where there is none."""
    return os.environ.get("OWROUTE_CHROMIUM") or shutil.which("chromium")


class Visitor:
    """One page, and the few moves a visitor makes on it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    async def type(self, text: str) -> None:
        """Type into the composer and send."""
        box = self.page.locator("textarea[data-composer=channel]")
        await box.click()
        await box.fill(text)
        await box.press("Enter")

    async def choose(self, label: str, option: str) -> None:
        """Open a select of the modal and take the option that starts with these words."""
        await self.dialog.get_by_role("combobox", name=label).click()
        await self.dialog.get_by_role("option", name=option).first.click()

    async def fill(self, label: str, text: str) -> None:
        await self.dialog.get_by_role("textbox", name=label).fill(text)

    async def press(self, name: str) -> None:
        """Press a button of the modal in front."""
        await self.dialog.get_by_role("button", name=name, exact=True).click()

    def message(self, words: str) -> Locator:
        return self.page.locator("[data-ts]", has_text=words)

    async def sees(self, words: str) -> None:
        shown = self.page.get_by_text(words).filter(visible=True)
        await expect(shown.first).to_be_visible(timeout=15_000)

    async def plan(self, fields: dict[str, str], task: str) -> None:
        """From the command to the submitted card."""
        await self.type("/owroute plan")
        await expect(self.dialog).to_be_visible()
        await self.fill("Task", task)
        for label, option in fields.items():
            await self.choose(label, option)
        await self.press("Plan")
        await expect(self.dialog).to_have_count(0)
