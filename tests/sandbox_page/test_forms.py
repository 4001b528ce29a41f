"""Modals and everything that is typed, chosen or pressed in blocks."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox_page.fake import ADA, BOT, ROOM, FakeWorkspace, message
from tests.sandbox_page.gallery import CONFIRM, FORM, Json, field, option

pytestmark = pytest.mark.browser


@pytest.fixture
def form(page: Page, fake: FakeWorkspace) -> Locator:
    page.get_by_role("textbox", name="Message #lamps").focus()
    fake.open_form()
    dialog = page.get_by_role("dialog", name="Plan a lamp")
    dialog.wait_for()
    return dialog


def sent(page: Page, fake: FakeWorkspace, name: str, count: int = 1) -> Json:
    """The last act of this kind, once there are that many."""
    for _ in range(100):
        if len(fake.did(name)) >= count:
            return fake.did(name)[-1]
        page.wait_for_timeout(20)
    raise AssertionError(f"no {name}: {fake.acts}")


def test_the_first_field_has_the_focus_and_escape_gives_it_back(page: Page, form: Locator) -> None:
    expect(form.get_by_role("textbox", name="Task")).to_be_focused()
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(page.get_by_role("textbox", name="Message #lamps")).to_be_focused()


def test_tab_stays_inside(page: Page, form: Locator) -> None:
    form.get_by_role("button", name="Plan", exact=True).focus()
    page.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Close all")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(form.get_by_role("button", name="Plan", exact=True)).to_be_focused()
    page.keyboard.press("F6")
    assert page.evaluate("document.activeElement.closest('.topbar') !== null")


def test_typed_input_and_caret_survive_an_update_of_the_view(
    page: Page, form: Locator, fake: FakeWorkspace
) -> None:
    task = form.get_by_role("textbox", name="Task")
    task.press_sequentially("course lmp")
    for _ in range(2):
        task.press("ArrowLeft")
    more = field("extra", "Extra", {"type": "plain_text_input"}, optional=True)
    changed = [more, *FORM[1:]]
    state = {**fake.state["views"][0]["state"], "extra": {"v": {"type": "plain_text_input"}}}
    fake.change_view(blocks=changed, hash="2.b", state=state)
    form.get_by_role("textbox", name="Extra").wait_for()
    expect(task).to_be_focused()
    page.keyboard.type("a")
    expect(task).to_have_value("course lamp")


def test_an_input_under_another_id_starts_afresh(form: Locator, fake: FakeWorkspace) -> None:
    form.get_by_role("textbox", name="Task").fill("old words")
    other = field("task_2", "Task", {"type": "plain_text_input", "initial_value": "given"})
    fake.change_view(blocks=[other], state={"task_2": {"v": {"type": "plain_text_input"}}})
    expect(form.get_by_role("textbox", name="Task")).to_have_value("given")


def test_what_waits_to_be_sent_goes_before_the_submission(
    page: Page, form: Locator, fake: FakeWorkspace
) -> None:
    form.get_by_role("textbox", name="Task").fill("lamp")
    form.get_by_role("button", name="Plan", exact=True).click()
    sent(page, fake, "submit")
    assert [act["do"] for act in fake.acts[-2:]] == ["input", "submit"]
    assert fake.did("input")[0]["value"] == {"value": "lamp"}


def test_errors_stand_beside_their_fields_until_one_types(
    page: Page, form: Locator, fake: FakeWorkspace
) -> None:
    def refuse(act: Json) -> Json:
        fake.change_view(errors={"task": "Say what it is for."})
        return {"ok": False, "error": "rejected", "text": "Some fields.", "errors": {"task": "x"}}

    fake.answers["submit"] = refuse
    task = form.get_by_role("textbox", name="Task")
    task.press("Enter")
    expect(task).to_have_attribute("aria-invalid", "true")
    expect(task).to_be_focused()
    expect(form.get_by_role("alert")).to_have_text("Say what it is for.")
    task.press_sequentially("x")
    expect(form.get_by_role("alert")).to_have_count(0)
    form.get_by_role("button", name="Plan", exact=True).click()
    expect(form.get_by_role("alert")).to_have_text("Say what it is for.")


def test_a_failure_is_told_inside_the_modal(form: Locator, fake: FakeWorkspace) -> None:
    text = "Plan a lamp did not work."
    fake.answers["submit"] = lambda act: {"ok": False, "error": "operation_timeout", "text": text}
    form.get_by_role("textbox", name="Task").fill("kept")
    form.get_by_role("button", name="Plan", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text(text)
    expect(form.get_by_role("textbox", name="Task")).to_have_value("kept")


def test_a_select_is_filtered_by_typing_and_chosen_by_keyboard(
    page: Page, form: Locator, fake: FakeWorkspace
) -> None:
    budget = form.get_by_role("combobox", name="Budget")
    budget.press_sequentially("medi")
    expect(form.get_by_role("option")).to_have_count(1)
    budget.press("Enter")
    expect(budget).to_have_value("Medium")
    value = sent(page, fake, "input")["value"]
    assert value["selected_option"]["value"] == "m"


def test_escape_closes_the_list_first(page: Page, form: Locator) -> None:
    form.get_by_role("combobox", name="Budget").click()
    expect(form.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(form.get_by_role("listbox")).to_have_count(0)
    expect(form).to_be_visible()


def test_several_choices_become_chips(page: Page, form: Locator, fake: FakeWorkspace) -> None:
    routes = form.get_by_role("combobox", name="Routes")
    routes.click()
    form.get_by_role("option", name="Small").click()
    form.get_by_role("option", name="Large").click()
    sent(page, fake, "input", 2)
    form.get_by_role("button", name="Remove Small").click()
    chosen = sent(page, fake, "input", 3)["value"]["selected_options"]
    assert [one["value"] for one in chosen] == ["l"]


def test_typeahead_asks_the_app_from_its_least_length_on(
    page: Page, form: Locator, fake: FakeWorkspace
) -> None:
    offered = [option("q8", "Lamp 8B"), option("q32", "Lamp 32B")]
    fake.answers["suggest"] = lambda act: {"ok": True, "options": offered}
    model = form.get_by_role("combobox", name="Model")
    model.press_sequentially("l")
    expect(form.get_by_role("status")).to_have_text("Type at least 2 characters.")
    model.press_sequentially("a")
    form.get_by_role("option", name="Lamp 32B").click()
    expect(model).to_have_value("Lamp 32B")
    assert sent(page, fake, "suggest") | {"user": ADA} == {
        "user": ADA,
        "do": "suggest",
        "where": {"view_id": "V1"},
        "block_id": "model",
        "action_id": "v",
        "value": "la",
    }
    assert sent(page, fake, "input")["value"] == {"selected_option": offered[1]}


def value_of(page: Page, fake: FakeWorkspace, block_id: str) -> Any:
    """What was last sent of this block, once it was."""
    page.wait_for_timeout(100)
    for _ in range(100):
        found = [act for act in fake.acts if act.get("block_id") == block_id]
        if found:
            return found[-1]["value"]
        page.wait_for_timeout(20)
    raise AssertionError(f"nothing was sent of {block_id}")


def test_people_and_places_are_chosen_by_name(
    page: Page, form: Locator, fake: FakeWorkspace
) -> None:
    form.get_by_role("combobox", name="Owner").click()
    form.get_by_role("option", name="林").click()
    assert value_of(page, fake, "owner") == {"selected_user": "U0LIN"}
    form.get_by_role("combobox", name="Post to").click()
    form.get_by_role("option", name="#lamps").click()
    assert value_of(page, fake, "post_to") == {"selected_conversation": ROOM}
    form.locator("[data-block-id=sort]").get_by_role("combobox").click()
    form.get_by_role("option", name="Large").click()
    assert value_of(page, fake, "sort")["selected_option"]["value"] == "l"
    assert len(fake.did("action")) == 1


def test_radio_buttons_and_checkboxes(page: Page, form: Locator, fake: FakeWorkspace) -> None:
    form.get_by_role("radio", name="Yes").check()
    assert value_of(page, fake, "api")["selected_option"]["value"] == "y"
    form.get_by_role("checkbox", name="Two").check()
    form.get_by_role("checkbox", name="One").check()
    chosen = value_of(page, fake, "checks")["selected_options"]
    assert [one["value"] for one in chosen] == ["a", "b"]


TYPED = {
    "count": ("1e309", {"value": "1e309"}),
    "day": ("2026-12-01", {"selected_date": "2026-12-01"}),
    "hour": ("18:30", {"selected_time": "18:30"}),
    "by": ("2026-07-01T12:00", {"selected_date_time": 1782903600}),  # an hour ahead of UTC
}


@pytest.mark.parametrize("block_id", TYPED)
def test_numbers_dates_and_times(
    page: Page, form: Locator, fake: FakeWorkspace, block_id: str
) -> None:
    typed, value = TYPED[block_id]
    box = form.locator(f"[data-block-id={block_id}] input")
    box.fill(typed)
    page.wait_for_timeout(300)
    assert value_of(page, fake, block_id) == value
    expect(box).to_have_value(typed)


def test_enter_in_a_field_that_dispatches_tells_the_app_instead(
    page: Page, form: Locator, fake: FakeWorkspace
) -> None:
    live = field("live", "Live", {"type": "plain_text_input"}, dispatch_action=True)
    fake.change_view(blocks=[live], state={"live": {"v": {"type": "plain_text_input"}}})
    box = form.get_by_role("textbox", name="Live")
    box.fill("abc")
    box.press("Enter")
    act = sent(page, fake, "input")
    assert (act["value"], act["enter"]) == ({"value": "abc"}, True)
    assert fake.did("submit") == []


def test_modals_stack_and_only_the_topmost_can_be_used(
    page: Page, form: Locator, fake: FakeWorkspace
) -> None:
    form.get_by_role("textbox", name="Task").fill("below")
    short = [field("why", "Why", {"type": "plain_text_input"})]
    fake.open_form("V2", short)
    why = page.get_by_role("textbox", name="Why")
    expect(why).to_be_focused()
    assert page.locator('[data-view-id="V1"]').get_attribute("inert") is not None
    page.get_by_role("button", name="Back").click()
    expect(why).to_have_count(0)
    expect(form.get_by_role("textbox", name="Task")).to_have_value("below")
    assert fake.did("close")[0] | {"user": ADA} == {
        "user": ADA, "do": "close", "view_id": "V2", "all": False,
    }  # fmt: skip
    form.get_by_role("button", name="Close all").click()
    expect(form).to_have_count(0)


def test_a_button_with_a_confirmation_asks_first(page: Page, fake: FakeWorkspace) -> None:
    def ask(act: Json) -> Json:
        if act.get("confirmed"):
            return {"ok": True}
        return {"ok": False, "error": "confirm_required", "text": "Ask.", "confirm": CONFIRM}

    fake.answers["action"] = ask
    stop = page.get_by_role("button", name="Stop now")
    stop.click()
    question = page.get_by_role("alertdialog", name="Stop gpu-17?")
    expect(question.get_by_role("button", name="Keep running")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    stop.click()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        question.get_by_role("button", name="Stop it").click()
    expect(question).to_have_count(0)
    acts = fake.did("action")
    assert [act.get("confirmed", False) for act in acts] == [False, False, True]
    assert acts[-1]["where"] == {"channel": ROOM, "ts": message(3, BOT, "")["ts"]}
    assert (acts[-1]["block_id"], acts[-1]["action_id"]) == ("card", "stop")
    assert page.get_by_role("alert").count() == 0


def test_an_overflow_menu_sends_its_option(page: Page, fake: FakeWorkspace) -> None:
    page.locator("[data-action-id=more]").get_by_role("button").click()
    page.get_by_role("menuitem", name="Change owner").click()
    act = sent(page, fake, "action")
    assert act["value"]["selected_option"]["value"] == "o"


def test_escaped_characters_are_shown_in_every_kind_of_text(page: Page) -> None:
    page.get_by_role("button", name="2 replies").click()
    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.locator(".block-rich_text")).to_contain_text("Rich <b> @Ada🎉a link")
    expect(thread.locator(".block-markdown")).to_contain_text("It fits in <19> GB.")


def test_tables_are_sorted_and_paged(page: Page) -> None:
    page.get_by_role("button", name="2 replies").click()
    table = page.get_by_role("figure").filter(has_text="Routes compared")
    expect(table.locator("tbody tr")).to_have_count(2)
    table.get_by_role("button", name="USD").click()
    expect(table.locator("tbody tr").first).to_contain_text("Local CPU")
    table.get_by_role("button", name="Next").click()
    expect(table.locator("tbody tr")).to_have_text(["Rented GPU$15.80"])
