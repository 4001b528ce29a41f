"""The panel "GPU providers": what is seen there of the machines, and what can be done to them."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox_page.fake import FakeWorkspace
from tests.sandbox_page.gallery import Json

pytestmark = pytest.mark.browser


def machine(name: str, phase: str, state: str, **more: object) -> Json:
    base: Json = {"id": f"pod_{name}", "name": name, "phase": phase, "state": state}
    what: Json = {"gpu": "NVIDIA GeForce RTX 4090", "gpus": 1, "stop_takes": 20.0, "lies": False}
    cost: Json = {"usd_per_hour": "0.69", "spent_usd": "4.14"}
    times: Json = {"since": "2026-11-24T07:00:00+00:00", "until": None}
    return {**base, **what, **cost, **times, **more}


def service(*machines: Json, calls: int = 0, last: Json | None = None) -> Json:
    return {
        "machines": list(machines),
        "faults": {},
        "may_write": True,
        "calls": calls,
        "last_call": last,
    }


LISTED = {"kind": "list", "status": 500, "at": "2026-11-24T13:00:00+00:00"}
STOPPED = {"until": "2026-11-24T12:30:00+00:00", "spent_usd": "2.28"}
SWITCH = {
    "id": "provider_lies",
    "label": {"en": "GPU providers: lie", "zh": "GPU 供应商：谎报"},
    "hint": {"en": "They say yes.", "zh": "说好。"},
    "kind": "toggle",
    "group": "provider",
    "on": False,
}


@pytest.fixture
def panel(page: Page, fake: FakeWorkspace) -> Locator:
    """The panel, open, with one machine that burns, one that is off, and one that is gone."""
    fleet = {
        "runpod": service(
            machine("gone", "gone", "TERMINATED", **STOPPED),
            machine("off", "stopped", "EXITED", **STOPPED),
            machine("ow-2-ada", "running", "RUNNING"),
            calls=7,
            last=LISTED,
        ),
        "vast": service(),
    }
    fake.change(fleet=fleet, controls=[*fake.state["controls"], SWITCH])
    page.get_by_role("button", name="GPU providers").click()
    return page.get_by_role("region", name="GPU providers")


def row(panel: Locator, name: str) -> Locator:
    return panel.locator(f"[data-machine=pod_{name}]")


def test_without_providers_there_is_no_panel(page: Page, fake: FakeWorkspace) -> None:
    expect(page.get_by_role("button", name="Break something")).to_be_visible()
    expect(page.get_by_role("button", name="GPU providers")).to_have_count(0)


def test_what_runs_comes_first_with_its_bill(page: Page, panel: Locator) -> None:
    expect(panel.locator(".machine-head strong")).to_have_text(["ow-2-ada", "off", "gone"])
    burning = row(panel, "ow-2-ada")
    for words in ("RUNNING", "4.14 USD", "NVIDIA GeForce RTX 4090", "since 07:00 (6 h)"):
        expect(burning).to_contain_text(words)
    expect(row(panel, "off")).to_contain_text("07:00 to 12:30 (5 h 30 min)")
    expect(row(panel, "gone").get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("button", name="GPU providers")).to_contain_text("0.69 USD/h")
    heard = panel.get_by_role("list", name="Calls received")
    expect(heard).to_have_text("RunPod: 7 calls received13:00 list 500")
    expect(heard.locator(".bad")).to_have_count(1)


def test_buttons_act_at_the_providers_console(
    page: Page, panel: Locator, fake: FakeWorkspace
) -> None:
    page.get_by_role("button", name="Stop: ow-2-ada", exact=True).click()
    page.get_by_role("button", name="Start: off", exact=True).click()
    page.get_by_role("button", name="Delete: off", exact=True).click()
    page.get_by_role("button", name="Slow stop: ow-2-ada", exact=True).click()
    page.get_by_role("button", name="Lies: ow-2-ada", exact=True).click()
    price = page.get_by_role("spinbutton", name="USD per hour of ow-2-ada")
    price.fill("0.8")
    price.press("Enter")
    page.wait_for_timeout(100)
    assert fake.posts == [
        ("fleet/runpod", {"do": "stop", "id": "pod_ow-2-ada"}),
        ("fleet/runpod", {"do": "resume", "id": "pod_off"}),
        ("fleet/runpod", {"do": "remove", "id": "pod_off"}),
        ("fleet/runpod", {"do": "change", "id": "pod_ow-2-ada", "stop_takes": 300}),
        ("fleet/runpod", {"do": "change", "id": "pod_ow-2-ada", "lies": True}),
        ("fleet/runpod", {"do": "price", "id": "pod_ow-2-ada", "usd": "0.8"}),
    ]


def test_how_a_machine_ends_is_shown_and_taken_back(
    page: Page, panel: Locator, fake: FakeWorkspace
) -> None:
    slow = machine("ow-2-ada", "running", "RUNNING", stop_takes=300.0, lies=True, stoppable=False)
    fake.change(fleet={"runpod": service(slow)})
    for name in ("Slow stop: ow-2-ada", "Lies: ow-2-ada", "Delete only: ow-2-ada"):
        chip = panel.get_by_role("button", name=name)
        expect(chip).to_have_attribute("aria-pressed", "true")
        chip.click()
    page.wait_for_timeout(100)
    assert [body for _, body in fake.posts] == [
        {"do": "change", "id": "pod_ow-2-ada", "stop_takes": 20},
        {"do": "change", "id": "pod_ow-2-ada", "lies": False},
        {"do": "change", "id": "pod_ow-2-ada", "stoppable": True},
    ]


def test_a_gpu_is_rented_at_either_provider(
    page: Page, panel: Locator, fake: FakeWorkspace
) -> None:
    form = panel.get_by_role("form", name="Rent a GPU")
    form.get_by_role("button", name="Rent").click()  # without a name nothing is sent
    form.get_by_label("Provider").select_option("Vast.ai")
    form.get_by_label("Name").fill("ow-3-lin")
    form.get_by_label("USD/h").fill("2.5")
    form.get_by_label("Hours ago").fill("1.5")
    form.get_by_role("button", name="Rent").click()
    expect(form.get_by_label("Name")).to_have_value("")
    assert fake.posts == [
        ("fleet/vast", {"do": "start", "name": "ow-3-lin", "usd": "2.5", "hours_ago": 1.5})
    ]


def test_the_providers_switches_stand_in_both_panels(
    page: Page, panel: Locator, fake: FakeWorkspace
) -> None:
    panel.get_by_text("When a provider has a bad day").click()
    expect(panel.get_by_role("switch")).to_have_count(1)
    panel.get_by_role("switch", name="GPU providers: lie").click()
    page.get_by_role("button", name="Break something").click()
    expect(panel).to_have_count(0)
    page.get_by_role("switch", name="GPU providers: lie").click()
    page.wait_for_timeout(100)
    assert fake.posts == [("controls/provider_lies", {"on": True})] * 2


def test_the_panel_stays_while_one_looks_at_the_rest_of_the_page(
    page: Page, panel: Locator, fake: FakeWorkspace
) -> None:
    page.get_by_role("button", name="+1 h").click()
    page.get_by_role("button", name="away").click()
    expect(panel).to_be_visible()
    fake.open_form()
    dialog = page.get_by_role("dialog", name="Plan a lamp")
    dialog.wait_for()
    expect(panel).to_have_count(0)
    dialog.get_by_role("button", name="Cancel").click()
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_have_count(0)


def test_the_keyboard_reaches_all_of_it(page: Page, panel: Locator, fake: FakeWorkspace) -> None:
    opener = page.get_by_role("button", name="GPU providers")
    expect(opener).to_have_attribute("aria-expanded", "true")
    opener.focus()
    for name in ("Close", "Stop: ow-2-ada", "Delete: ow-2-ada"):
        page.keyboard.press("Tab")
        expect(panel.get_by_role("button", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_refused_wish_is_told(page: Page, panel: Locator, fake: FakeWorkspace) -> None:
    fake.refusal = "no machine has this `id`"
    page.get_by_role("button", name="Stop: ow-2-ada", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("no machine has this `id`")
