"""The GPU watch in a browser: the forgotten GPU, a provider that lies, one that nobody claims."""

import re
from contextlib import suppress

import pytest
from playwright.async_api import Locator, expect

from tests.browser.test_plan_on_the_page import picture
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SOON = 30_000
"""Milliseconds within which the bot has looked, asked and read again."""
WARNED = re.compile(r"Stops at \d{1,2}:\d\d, in (19|2\d) min")
COST = re.compile(r"Stopped at \d?\d:\d\d, cost 4\.1\d USD")


async def burning(guest: Visitor) -> Locator:
    """The message to Ada about the GPU that burns."""
    await guest.open_app()
    alert = guest.message("ow-2-ada").last
    await expect(alert).to_contain_text("No shutdown plan")
    return alert


async def stop(guest: Visitor, alert: Locator) -> None:
    """Press *Stop now* below it, and confirm."""
    await alert.get_by_role("button", name="Stop now").click()
    question = guest.page.get_by_role("alertdialog", name="Stop ow-2-ada now?")
    await expect(question).to_contain_text("what is on it is lost")
    await picture(guest, "gpu-stop-confirm")
    await question.get_by_role("button", name="Stop now").click()
    await expect(alert).to_contain_text("Stopping", timeout=SOON)


async def test_a_forgotten_gpu_is_stopped_and_the_stop_is_proven(guest: Visitor) -> None:
    page = guest.page
    await expect(page.get_by_role("button", name="GPU providers")).to_contain_text("0.69 USD/h")
    alert = await burning(guest)
    for words in ("Running for 6 h", "4.14 USD so far", "1 x RTX 4090 at RunPod", "OW-2"):
        await expect(alert).to_contain_text(words)
    await picture(guest, "gpu-ping")
    await stop(guest, alert)
    await expect(alert).to_contain_text(COST, timeout=SOON)
    await expect(alert).to_contain_text("RunPod lists it as stopped")
    await expect(alert.get_by_role("button", name="Stop now")).to_have_count(0)
    await picture(guest, "gpu-stopped", alert)
    machine = await guest.machine("ow-2-ada")
    await expect(machine).to_contain_text("EXITED")
    await expect(machine).to_contain_text(re.compile(r"4\.1\d USD"))
    await picture(guest, "gpu-providers")
    await expect(guest.step("stop")).to_have_accessible_name("done")


async def test_a_provider_that_lies_is_found_out(guest: Visitor) -> None:
    alert = await burning(guest)
    await guest.switch("GPU providers: lie")
    await stop(guest, alert)
    machine = await guest.machine("ow-2-ada")
    await expect(machine).to_contain_text("RUNNING")
    told = guest.message("NOT stopped, still billing").last
    for _ in range(3):  # patience counts from when the provider was asked
        await guest.move("+10 min")
        with suppress(AssertionError):
            await expect(told).to_be_visible(timeout=10_000)
            break
    await expect(told).to_be_visible(timeout=SOON)
    await expect(machine).to_contain_text("RUNNING")
    await picture(guest, "gpu-not-stopped")
    await expect(guest.step("decide")).to_have_accessible_name("to do")
    await guest.switch("GPU providers: lie")
    await guest.move("+10 min")
    await expect(guest.message("ow-2-ada").last).to_contain_text("Stopped at", timeout=SOON)
    await expect(guest.step("stop")).to_have_accessible_name("done")


async def test_a_gpu_that_nobody_claims_finds_its_owner(guest: Visitor) -> None:
    page = guest.page
    await guest.act_as("Grace")
    panel = await guest.providers()
    await panel.get_by_label("Name").fill("train-7")
    await panel.get_by_label("Hours ago").fill("1")
    await panel.get_by_role("button", name="Rent", exact=True).click()
    await expect(await guest.machine("train-7")).to_contain_text("RUNNING")
    await page.keyboard.press("Escape")
    await guest.open_app()
    alert = guest.message("train-7").last
    await alert.get_by_role("button", name="It's mine").click(timeout=SOON)
    await expect(alert).to_contain_text("owner @Grace", timeout=SOON)
    await picture(guest, "gpu-claimed", alert)


async def test_a_stop_time_is_kept_and_can_be_put_off(guest: Visitor) -> None:
    alert = await burning(guest)
    await alert.get_by_role("button", name="Set shutdown").click()
    await picture(guest, "gpu-set-shutdown")
    await guest.press("Set")
    await guest.press("Close")
    await expect(alert).to_contain_text("Stops at", timeout=SOON)
    for step in ("+1 h", *["+10 min"] * 4):
        await guest.move(step)
    warned = guest.message("ow-2-ada").last
    await warned.get_by_role("button", name="Extend 1 h").click(timeout=SOON)
    await expect(warned.get_by_role("button", name="Extend 1 h")).to_be_visible()
    await picture(guest, "gpu-extended", warned)
    await guest.move("+1 h")
    await expect(guest.message("ow-2-ada").last).to_contain_text(WARNED, timeout=SOON)
    await expect(await guest.machine("ow-2-ada")).to_contain_text("RUNNING")
    await guest.move("+1 h")
    for _ in range(3):  # where the leap swallowed its warning, one is sent first
        with suppress(AssertionError):
            await expect(guest.message("Stopped at").last).to_contain_text(
                "ow-2-ada", timeout=8_000
            )
            break
        await guest.move("+10 min")
    await expect(guest.message("Stopped at").last).to_contain_text("ow-2-ada", timeout=SOON)
    await expect(await guest.machine("ow-2-ada")).to_contain_text("EXITED")


async def test_where_only_deleting_ends_the_bill_that_is_said_and_done(guest: Visitor) -> None:
    alert = await burning(guest)
    machine = await guest.machine("ow-2-ada")
    await machine.get_by_role("button", name="Delete only").click()
    await expect(alert).to_contain_text("Stop now deletes it with its disk", timeout=SOON)
    await alert.get_by_role("button", name="Stop now").click()
    question = guest.page.get_by_role("alertdialog", name="Stop ow-2-ada now?")
    await expect(question).to_contain_text("Deletes the pod and all that is on it for good")
    await question.get_by_role("button", name="Stop now").click()
    await expect(machine).to_contain_text("TERMINATED", timeout=SOON)
    await expect(alert).to_contain_text("cost 4.1", timeout=SOON)
    await picture(guest, "gpu-deleted", alert)
