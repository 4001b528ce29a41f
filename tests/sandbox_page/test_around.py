"""The bar on top, the panels, the phone, and what the page may load."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from sandbox import page as page_module
from tests.sandbox_page.fake import FakeWorkspace, section
from tests.sandbox_page.gallery import Json

STATIC = page_module.HERE / "static"
ENTRIES = [
    {
        "n": n,
        "at": "2026-11-24T12:00:00+00:00",
        "direction": "in" if n % 2 else "out",
        "kind": "web_api",
        "method_or_type": name,
        "request": {"text": f"request {n}"},
        "response": {"ok": n != 3},
        "status": 200,
        "ms": 12.5,
    }
    for n, name in enumerate(["block_actions", "chat.update", "views.open"], start=1)
]


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def test_the_shell_speaks_the_language_asked_for(client: httpx.Client) -> None:
    assert "Opening the workspace" in client.get("/").text
    assert "正在打开工作区" in client.get("/?lang=zh-CN").text
    assert '<html lang="en">' in client.get("/?lang=<script>").text
    assert client.get("/words/zh-CN.json").json()["words"]["Send"] == "发送"
    assert client.get("/words/xx.json").status_code == 404


def test_nothing_may_be_loaded_from_elsewhere(client: httpx.Client) -> None:
    for path in ("/", "/words/en.json", "/static/js/main.js", "/static/css/tokens.css"):
        policy = client.get(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'self'")
        assert "unsafe" not in policy


def test_scripts_and_styles_are_short_and_build_no_html_from_text() -> None:
    for source in (*STATIC.rglob("*.js"), *STATIC.rglob("*.css")):
        text = source.read_text("utf-8")
        assert len(text.splitlines()) <= 300, source.name
        for way in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "@import"):
            assert way not in text, source.name


@pytest.mark.browser
class TestBar:
    def test_the_clock_moves_forward(self, page: Page, fake: FakeWorkspace) -> None:
        expect(page.locator(".clock-time")).to_contain_text("13:00")
        fake.state["clock"] = {"now": "2026-12-01T14:00:00+00:00", "offset_seconds": 608_400.0}
        page.get_by_role("button", name="+1 week").click()
        expect(page.locator(".clock-time")).to_contain_text("14:00")
        expect(page.locator(".clock-shift")).to_have_text("+7 d 1 h")
        assert fake.posts == [("clock", {"advance_seconds": 604_800})]

    def test_things_are_broken_from_the_panel(self, page: Page, fake: FakeWorkspace) -> None:
        page.get_by_role("button", name="Break something").click()
        page.get_by_role("button", name="Kill the bot").click()
        expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
        page.get_by_role("switch", name="Slack: silent").click()
        page.get_by_label("Failure").select_option("slow")
        page.get_by_role("button", name="Arm").click()
        page.wait_for_timeout(100)
        assert fake.posts == [
            ("controls/kill", {"on": True}),
            ("controls/silent", {"on": True}),
            ("faults", {"method": "*", "kind": "slow", "times": 1}),
        ]

    def test_the_bar_is_in_reach_of_an_open_modal(self, page: Page, fake: FakeWorkspace) -> None:
        fake.open_form()
        page.get_by_role("dialog", name="Plan a lamp").wait_for()
        page.get_by_role("button", name="Break something").click()
        page.get_by_role("button", name="Kill the bot").click()
        page.wait_for_timeout(50)
        assert fake.posts == [("controls/kill", {"on": True})]

    def test_the_inspector_shows_and_finds_payloads(self, page: Page, fake: FakeWorkspace) -> None:
        fake.entries = ENTRIES
        page.get_by_role("button", name="Inspector").click()
        drawer = page.get_by_role("region", name="Inspector")
        expect(drawer.locator(".entry-name")).to_have_text(
            ["views.open", "chat.update", "block_actions"]
        )
        expect(drawer.locator(".entry.bad")).to_have_count(1)
        drawer.get_by_role("searchbox").fill("request 2")
        drawer.get_by_role("button", name="chat.update").click()
        expect(drawer.get_by_role("group", name="Payload")).to_contain_text('"text": "request 2"')

    def test_the_checklist_ticks_itself(self, page: Page, fake: FakeWorkspace) -> None:
        step = page.locator("[data-step=read]")
        expect(step.get_by_role("img")).to_have_accessible_name("to do")
        fake.change(checklist=[{**one, "done": True} for one in fake.state["checklist"]])
        expect(step.get_by_role("img")).to_have_accessible_name("done")
        expect(page.locator(".checklist-count")).to_have_text("2/2")


@pytest.fixture
def phone(chromium: Browser, url: str) -> Iterator[Page]:
    size: ViewportSize = {"width": 390, "height": 844}
    with chromium.new_context(viewport=size, has_touch=True) as context:
        page = context.new_page()
        page.goto(url)
        page.get_by_role("log").wait_for()
        yield page


OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.browser
def test_a_phone_shows_one_column_at_a_time(phone: Page, fake: FakeWorkspace) -> None:
    assert phone.evaluate(OVERFLOW) == 0
    away = phone.get_by_role("button", name="away")
    expect(away).to_be_hidden()
    phone.get_by_role("button", name="Channels and people").tap()
    away.tap()
    expect(phone.get_by_role("heading", name="away")).to_be_visible()
    expect(away).to_be_hidden()
    fake.open_form()
    dialog = phone.get_by_role("dialog", name="Plan a lamp")
    dialog.wait_for()
    box = dialog.bounding_box()
    assert box is not None
    assert box["width"] == 390
    assert phone.evaluate(OVERFLOW) == 0


def test_what_takes_the_place_of_a_form_has_the_focus(page: Page, fake: FakeWorkspace) -> None:
    def saved(act: Json) -> Json:
        fake.change_view(blocks=[section("Saved.")], submit=None)
        return {"ok": True}

    box = page.get_by_role("textbox", name="Message #lamps")
    box.focus()
    fake.open_form()
    fake.answers["submit"] = saved
    page.get_by_role("button", name="Plan", exact=True).click()
    said = page.get_by_role("dialog")
    expect(said).to_contain_text("Saved.")
    expect(said).to_be_focused()
    page.keyboard.press("Escape")
    expect(said).to_have_count(0)
    expect(box).to_be_focused()
