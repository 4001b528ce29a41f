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

    async def open_app(self) -> None:
        """Look at the app's direct messages."""
        await self.page.locator("[data-app]").click()
        await self.page.get_by_role("tab", name="Messages").click()

    async def act_as(self, name: str) -> None:
        """Become somebody else."""
        await self.page.locator(".actor").click()
        await self.page.get_by_role("menuitemradio", name=name).click()
        await expect(self.page.locator(".actor")).to_contain_text(name)

    async def move(self, step: str) -> None:
        """Move the workspace's clock."""
        await self.page.get_by_role("button", name=step, exact=True).click()

    async def switch(self, name: str) -> None:
        """Turn something over under *Break something*."""
        await self.page.get_by_role("button", name="Break something").click()
        await self.page.get_by_role("switch", name=name).click()
        await self.page.keyboard.press("Escape")

    async def providers(self) -> Locator:
        """The panel of the GPU providers, opened."""
        panel = self.page.get_by_role("region", name="GPU providers")
        if not await panel.count():
            await self.page.get_by_role("button", name="GPU providers").click()
        return panel

    async def machine(self, name: str) -> Locator:
        """A machine there."""
        return (await self.providers()).locator(".machine", has_text=name)

    def step(self, name: str) -> Locator:
        """The tick of a step on the list."""
        return self.page.locator(f"[data-step={name}] .tick")

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
