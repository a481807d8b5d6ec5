"""What a script does on the pages of customers: the quick-add bar, tasks in place, duplicates while typing."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

SignIn = Callable[..., Page]


def test_a_note_is_added_by_keyboard_and_a_task_is_finished_in_place(sign_in_as: SignIn) -> None:
    page = sign_in_as("seller")
    page.goto("/customers/1")
    page.locator("h1").click()
    page.keyboard.press("t")
    page.keyboard.type("Ask for the floor plan")
    page.locator("input[name=due_on]").fill("2031-01-02")
    page.locator(".quick-add textarea").press("Control+Enter")
    task = page.locator(".timeline-planned .timeline-item", has_text="Ask for the floor plan")
    expect(task).to_be_visible()
    expect(page.locator(".quick-add textarea")).to_have_value("")
    task.get_by_role("button", name="Mark “Ask for the floor plan” as done").click()
    expect(page.locator("#timeline .timeline-item", has_text="Ask for the floor plan")).to_be_visible()
    expect(task).to_have_count(0)
    assert page.url.endswith("/customers/1")


def test_an_activity_is_changed_in_the_dialog_without_leaving_the_page(sign_in_as: SignIn) -> None:
    page = sign_in_as("seller")
    page.goto("/customers/1")
    item = page.locator(".timeline-planned .timeline-item").first
    item.locator("[popovertarget^=activity_menu]").click()
    page.locator(".menu-panel:popover-open a", has_text="Edit").click()
    page.locator("dialog#dialog input[name=subject]").fill("Changed in the dialog")
    page.locator("dialog#dialog").get_by_role("button", name="Save").click()
    expect(page.locator("dialog#dialog")).not_to_be_visible()
    expect(page.locator(".timeline-planned")).to_contain_text("Changed in the dialog")


def test_a_possible_duplicate_shows_while_the_name_is_typed(sign_in_as: SignIn) -> None:
    page = sign_in_as("seller")
    page.goto("/customers/new")
    page.locator("input[name=name]").press_sequentially("深圳市蓝海食品")
    expect(page.locator("#candidates")).to_contain_text("C-00001")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("It is another one: save it all the same").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_contain_text("深圳市蓝海食品")


def test_two_customers_become_one(sign_in_as: SignIn) -> None:
    page = sign_in_as("manager")
    page.goto("/customers/merge/customer?winner=6&loser=7")
    page.locator("input[name=pick_phone][value=loser]").check()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator("h1")).to_contain_text("京华物流集团")
    expect(page.locator(".record-strip")).to_contain_text("+86 22 2438 0600")
    page.goto("/customers/7")
    assert page.url.endswith("/customers/6")


def test_a_task_of_my_day_is_ticked_off_and_taken_back(sign_in_as: SignIn) -> None:
    page = sign_in_as("seller")
    page.goto("/my-day")
    task = page.locator("#today .task").first
    subject = task.locator(".task-text a").first.inner_text()
    task.locator(".task-check").click()
    expect(page.locator("#today .task-done")).to_contain_text(subject)
    page.locator("#today .task-done").get_by_role("button", name="Undo").click()
    expect(page.locator("#today .task-done")).to_have_count(0)
    expect(page.locator("#today")).to_contain_text(subject)


def test_a_colleague_is_picked_while_typing_an_at_sign(sign_in_as: SignIn) -> None:
    page = sign_in_as("seller")
    page.goto("/customers/1")
    page.get_by_role("link", name="Log activity").click()
    text = page.locator("#quick_text")
    expect(text).to_be_focused()
    text.press_sequentially("Mail a@ch.example, and ask ", delay=20)
    page.keyboard.insert_text("@chen")
    expect(page.locator("#quick_mentions [role=option]")).to_contain_text("Chen Hua 陈华")
    page.keyboard.press("Enter")
    expect(text).to_have_value("Mail a@ch.example, and ask @Chen Hua 陈华 ")
    expect(page.locator("#quick_mentions")).to_be_hidden()
    page.keyboard.type("today")
    page.keyboard.press("Enter")
    page.keyboard.type("or tomorrow")
    page.keyboard.press("Control+Enter")
    entry = page.locator("#timeline .timeline-item", has_text="or tomorrow")
    expect(entry).to_contain_text("@Chen Hua 陈华 today")

    page.context.clear_cookies()
    manager = sign_in_as("manager")
    manager.goto("/customers")
    manager.locator(".bell").click()
    line = manager.locator("#bell_panel .notice-line", has_text="mentioned you").first
    expect(line).to_contain_text("@Chen Hua 陈华 today")
    line.locator("button").click()
    expect(manager.locator("main")).to_contain_text("or tomorrow")


def test_a_question_names_the_step_and_a_group_of_the_menu_stays_folded(sign_in_as: SignIn) -> None:
    page = sign_in_as("manager")
    page.goto("/customers/1")
    page.get_by_role("button", name="More", exact=True).click()
    page.locator(".menu-panel:popover-open .menu-item-danger").click()
    expect(page.locator("#ask button[value=yes]")).to_have_text("Delete")
    expect(page.locator("#ask button[value=yes]")).to_have_class("btn btn-danger")
    page.locator("#ask button[value=no]").click()
    sales = page.locator(".nav-group", has_text="Sales").first
    sales.locator("summary").click()
    expect(sales.locator("a").first).to_be_hidden()
    page.wait_for_function("document.cookie.includes('folded=')")  # the browser tells of the fold a moment after it
    page.goto("/my-day")
    expect(page.locator(".nav-group", has_text="Sales").first.locator("a").first).to_be_hidden()
    page.goto("/pipeline/leads")
    expect(page.locator(".nav-group", has_text="Sales").first.locator("a").first).to_be_visible()
