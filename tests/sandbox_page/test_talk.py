"""Reading and writing: channels, messages, threads, people."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox_page.fake import ADA, AWAY, BOT, DIRECT, LIN, ROOM, FakeWorkspace, message

pytestmark = pytest.mark.browser

TEXTS = {
    "*bold* and _italic_, ~gone~": "<strong>bold</strong> and <em>italic</em>, <s>gone</s>",
    "2*3*4 snake_case_name": "2*3*4 snake_case_name",
    "*_both_*": "<strong><em>both</em></strong>",
    "`a *b* &lt;c&gt;`": "<code>a *b* &lt;c&gt;</code>",
    "&lt;!channel&gt; &amp;lt; {{7*7}}": "&lt;!channel&gt; &amp;lt; {{7*7}}",
    "<!channel> now": '<span class="mention loud">@channel</span> now',
    "<img src=x onerror=alert(1)>": "<span>img src=x onerror=alert(1)</span>",
    "<javascript:alert(1)|press>": "<span>press</span>",
    "one\ntwo": "one<br>two",
    "> said\n> so\nanswer": '<blockquote class="quote">said<br>so</blockquote>answer',
    ":white_check_mark: 09:14:33 :nothing_known:": "✅ 09:14:33 :nothing_known:",
    f"<@{LIN}> in <#{ROOM}>": (
        f'<span class="mention" data-user="{LIN}">@林</span> in '
        '<button class="mention link" type="button">#lamps</button>'
    ),
    "<https://example.com/?a=1&amp;b=2|*here*>": (
        '<a class="link" href="https://example.com/?a=1&amp;b=2" target="_blank" '
        'rel="noopener noreferrer"><strong>here</strong></a>'
    ),
    "<!date^1795521600^{date_num} {time}|long ago>": (
        '<time title="long ago">2026-11-24 12:00</time>'
    ),
}


def test_markup_is_drawn_and_what_is_escaped_stays_text(page: Page, fake: FakeWorkspace) -> None:
    said = {text: message(n, LIN, text) for n, text in enumerate(TEXTS, start=20)}
    fake.change(messages={**fake.state["messages"], ROOM: list(said.values())})
    page.get_by_text("snake_case_name").wait_for()
    drawn = {
        text: page.locator(f'[data-ts="{one["ts"]}"] .plain-message').inner_html()
        for text, one in said.items()
    }
    assert drawn == TEXTS


def test_a_new_message_leaves_draft_focus_and_caret_alone(page: Page, fake: FakeWorkspace) -> None:
    box = page.get_by_role("textbox", name="Message #lamps")
    box.fill("half a sentence")
    box.press("ArrowLeft")
    fake.say(message(20, LIN, "meanwhile"))
    page.get_by_text("meanwhile").wait_for()
    expect(box).to_be_focused()
    page.keyboard.type("!")
    expect(box).to_have_value("half a sentenc!e")


def test_who_reads_older_messages_is_not_moved(page: Page, fake: FakeWorkspace) -> None:
    for n in range(20, 60):
        fake.say(message(n, LIN, f"line {n}"))
    page.get_by_text("line 59").wait_for()
    lines = page.get_by_role("log")
    assert lines.evaluate("el => el.scrollHeight - el.scrollTop - el.clientHeight") < 2
    lines.evaluate("el => { el.scrollTop = 40 }")
    expect(lines).to_have_js_property("scrollTop", 40)
    fake.say(message(61, LIN, "the newest"))
    page.get_by_text("the newest").wait_for()
    assert lines.evaluate("el => el.scrollTop") == 40


def test_enter_sends_and_shift_enter_makes_a_line(page: Page, fake: FakeWorkspace) -> None:
    box = page.get_by_role("textbox", name="Message #lamps")
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    box.press("Enter")
    expect(box).to_have_value("")
    assert fake.did("message") == [
        {"user": ADA, "do": "message", "channel": ROOM, "text": "one\ntwo"}
    ]


def test_typing_a_slash_lists_commands_and_completes_them(page: Page, fake: FakeWorkspace) -> None:
    box = page.get_by_role("textbox", name="Message #lamps")
    box.press_sequentially("/la")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(page.get_by_role("option", selected=True)).to_contain_text("/lamp on | off")
    box.press("ArrowDown")
    box.press("Tab")
    expect(box).to_have_value("/lantern ")
    expect(box).to_be_focused()
    box.fill("/lamp on")
    box.press("Enter")
    page.get_by_role("dialog", name="Plan a lamp").wait_for()
    assert fake.did("command")[0]["text"] == "/lamp on"


def test_a_command_that_fails_is_told_and_comes_back(page: Page) -> None:
    box = page.get_by_role("textbox", name="Message #lamps")
    box.fill("/nothing at all")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("/nothing at all is no command here.")
    expect(box).to_have_value("/nothing at all")


def test_a_notice_of_the_workspace_is_shown_once_and_can_be_dismissed(
    page: Page, fake: FakeWorkspace
) -> None:
    fake.change(notices=[{"id": "n1", "text": "Lamp gave no answer.", "at": ""}])
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Lamp gave no answer.")
    fake.change(version=50)
    alert.get_by_role("button", name="Dismiss").click()
    expect(alert).to_have_count(0)


def test_a_thread_opens_beside_and_is_answered_there(page: Page, fake: FakeWorkspace) -> None:
    page.get_by_role("button", name="2 replies").click()
    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.get_by_role("article")).to_have_count(3)
    box = thread.get_by_role("textbox", name="Reply…")
    box.fill("thanks")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        box.press("Enter")
    expect(box).to_have_value("")
    assert fake.did("message")[0]["thread_ts"] == message(3, BOT, "")["ts"]
    box.press("Escape")
    expect(thread).to_have_count(0)


def test_marks_of_messages(page: Page) -> None:
    whisper = page.get_by_role("article").filter(has_text="Only you can read this.")
    expect(whisper).to_contain_text("Only visible to you")
    card = page.get_by_role("article").filter(has_text="Lamp 12")
    expect(card).to_contain_text("(edited)")
    expect(card.locator(".app-badge")).to_have_text("App")
    expect(card.locator(".message-head time")).to_have_text("12:03")


def test_unread_channels_carry_a_badge_until_they_are_opened(
    page: Page, fake: FakeWorkspace
) -> None:
    away = page.get_by_role("navigation").get_by_role("button", name="away")
    expect(away).to_contain_text("3")
    away.click()
    expect(page.get_by_text("Lamp is not in this channel.")).to_be_visible()
    page.get_by_role("button", name="Add Lamp").click()
    page.wait_for_timeout(100)
    assert fake.did("open_channel")[0]["channel"] == AWAY
    assert fake.did("invite")[0]["invited"] == BOT


def test_acting_as_somebody_else_takes_their_language_and_zone(
    page: Page, fake: FakeWorkspace
) -> None:
    page.get_by_role("button", name="Act as: Ada").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name="Ada")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="切换身份：林")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".clock-time")).to_contain_text("21:00")
    expect(page).to_have_url(re.compile(rf"user={LIN}"))
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Act as: 林")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Act as: 林")).to_be_visible()
    assert fake.did("reload")[0]["user"] == LIN


def test_the_pages_language_leads_to_who_is_answered_in_it(page: Page, fake: FakeWorkspace) -> None:
    hint = page.get_by_role("status").filter(has_text="Lamp")
    expect(page.get_by_role("button", name="Act as: Ada")).to_be_visible()
    expect(hint).to_have_count(0)
    page.get_by_role("button", name="中文").click()
    expect(hint).to_contain_text("Lamp 按每个人自己的语言回答。")
    page.get_by_role("button", name="切换为 林，机器人就用中文回答").click()
    expect(page.get_by_role("button", name="切换身份：林")).to_be_visible()
    expect(hint).to_have_count(0)
    page.get_by_role("button", name="English").click()
    expect(hint).to_contain_text("Lamp answers each person in their own language.")
    page.get_by_role("button", name="Act as Ada to be answered in English").click()
    expect(page.get_by_role("button", name="Act as: Ada")).to_be_visible()
    expect(hint).to_have_count(0)


def test_a_direct_message_is_written_to_the_app_by_its_name(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("button", name="Lamp App").click()
    expect(page.get_by_role("textbox", name="Message Lamp")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("textbox", name="发消息到 Lamp")).to_be_visible()


def test_what_is_stood_in_for_is_named(page: Page) -> None:
    real = page.locator(".sidebar-real")
    expect(real).to_contain_text("Slack's and the GPU providers' servers, and the model hub")


def test_shortcuts_of_the_app_and_of_a_message(page: Page, fake: FakeWorkspace) -> None:
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("menuitem", name="Light up").click()
    card = page.get_by_role("article").filter(has_text="Lamp 12")
    card.hover()
    card.get_by_role("button", name="Message menu").click()
    page.get_by_role("menuitem", name="Point at").click()
    page.wait_for_timeout(100)
    assert fake.did("shortcut")[0]["callback_id"] == "light"
    assert fake.did("message_shortcut")[0] | {"user": ADA} == {
        "user": ADA,
        "do": "message_shortcut",
        "callback_id": "point",
        "channel": ROOM,
        "ts": message(3, BOT, "")["ts"],
    }


def test_the_app_has_a_home_and_messages(page: Page, fake: FakeWorkspace) -> None:
    page.get_by_role("navigation").get_by_role("button", name="Lamp App").click()
    expect(page.get_by_text("Hello!")).to_be_visible()
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_role("tabpanel", name="Home")).to_contain_text("Waiting for you")
    page.wait_for_timeout(100)
    assert fake.did("open_channel")[0]["channel"] == DIRECT
    assert len(fake.did("open_home")) == 1


def test_a_permalink_leads_to_its_message(page: Page, fake: FakeWorkspace) -> None:
    target = message(0, ADA, "")
    fake.say(message(20, LIN, f"see <{target['permalink']}|this one>"))
    page.get_by_role("button", name="this one").click()
    expect(page.locator(f'[data-ts="{target["ts"]}"]')).to_be_focused()
