"""The board in a browser: moved by mouse, finger, keyboard and form; what is refused goes back and says why."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

SignIn = Callable[..., Page]
SCRIPTLESS = {"java_script_enabled": False}
TOUCH = {"has_touch": True, "is_mobile": True, "viewport": {"width": 820, "height": 1100}}


def board(sign_in_as: SignIn, name: str = "manager", address: str = "/pipeline/board") -> Page:
    page = sign_in_as(name)
    page.context.add_cookies([{"name": "language", "value": "en", "url": page.url}])
    page.goto(address)
    return page


def column(page: Page, name: str) -> Locator:
    return page.locator(f".board-cards[data-stage-label='{name}']")


def card(page: Page, title: str) -> Locator:
    return page.locator(".board-card").filter(has=page.locator(f".board-title:text-is('{title}')"))


def stands_in(page: Page, title: str, name: str) -> None:
    expect(column(page, name).locator(".board-title", has_text=title)).to_have_count(1)
    expect(page.locator(".board-title", has_text=title)).to_have_count(1)


def centre(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 60)


def drag(page: Page, title: str, name: str) -> None:
    """As a hand does it: press on the card, move in small steps, let go over the other column."""
    page.wait_for_function("[...document.querySelectorAll('.board-cards')].every((list) => window.Sortable?.get(list))")
    target, source = column(page, name), card(page, title).locator(".board-foot")
    for place, side in ((target, "nearest"), (source, "nearest")):
        place.evaluate(
            "(place, inline) => place.scrollIntoView({ inline, block: 'nearest', behavior: 'instant' })", side
        )
    x, y = centre(source)
    to_x, to_y = centre(target)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 4, steps=2)
    page.mouse.move(to_x, to_y, steps=12)
    page.mouse.up()


def count_of(page: Page, name: str) -> Locator:
    return page.locator(".board-column", has=column(page, name)).locator(".board-head .count")


def test_a_card_is_dragged_by_mouse_and_the_sums_follow(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    expect(count_of(page, "Prospecting")).to_have_text("5")
    drag(page, "Spare parts package", "Qualification")
    expect(count_of(page, "Prospecting")).to_have_text("4")
    expect(count_of(page, "Qualification")).to_have_text("5")
    stands_in(page, "Spare parts package", "Qualification")
    page.reload()
    stands_in(page, "Spare parts package", "Qualification")
    expect(column(page, "Qualification").locator(".board-title").first).to_have_text("Spare parts package")


@pytest.mark.browser_context_args(**TOUCH)
def test_a_card_is_dragged_by_finger_and_a_swipe_still_scrolls(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    page.wait_for_function("[...document.querySelectorAll('.board-cards')].every((list) => window.Sortable?.get(list))")
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *point: float) -> None:
        points = [{"x": point[0], "y": point[1]}] if point else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = centre(card(page, "Spare parts package").locator(".board-foot"))
    # A quick swipe is no drag: it moves the board.
    touch("touchStart", x, y)
    for step in range(1, 8):
        touch("touchMove", x - 20 * step, y)
    touch("touchEnd")
    page.wait_for_function("document.querySelector('.board').scrollLeft > 20")
    stands_in(page, "Spare parts package", "Prospecting")
    page.reload()
    page.wait_for_function("[...document.querySelectorAll('.board-cards')].every((list) => window.Sortable?.get(list))")
    x, y = centre(card(page, "Spare parts package").locator(".board-foot"))
    to_x, to_y = centre(column(page, "Qualification"))
    touch("touchStart", x, y)
    expect(page.locator(".board-card.sortable-chosen")).to_have_count(1)  # held long enough: the finger has it now
    for step in range(1, 13):
        touch("touchMove", x + (to_x - x) * step / 12, y + (to_y - y) * step / 12)
    touch("touchEnd")
    expect(count_of(page, "Qualification")).to_have_text("5")
    stands_in(page, "Spare parts package", "Qualification")


def test_a_card_is_moved_by_keyboard_keeps_the_focus_and_the_move_is_announced(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    card(page, "Spare parts package").locator(".board-title").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#announcer")).to_contain_text("Qualification")
    stands_in(page, "Spare parts package", "Qualification")
    expect(card(page, "Spare parts package").locator(".board-title")).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator("#announcer")).to_contain_text("Prospecting")
    stands_in(page, "Spare parts package", "Prospecting")
    expect(card(page, "Spare parts package").locator(".board-title")).to_be_focused()
    expect(page).to_have_url("/pipeline/board")


def test_a_card_is_moved_by_its_menu(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    card(page, "Spare parts package").locator("[popovertarget]").click()
    page.locator(".menu-panel:popover-open button", has_text="Qualification").click()
    stands_in(page, "Spare parts package", "Qualification")
    expect(page.locator(".menu-panel:popover-open")).to_have_count(0)


@pytest.mark.browser_context_args(**SCRIPTLESS)
def test_without_javascript_the_form_of_a_card_moves_it_and_a_gate_asks_on_a_page(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    card(page, "Spare parts package").locator("[popovertarget]").click()
    page.locator(".menu-panel:popover-open button", has_text="Qualification").click()
    expect(page.locator("h1")).to_contain_text("Spare parts package")
    expect(page.locator(".stage-step.current")).to_have_text("Qualification")
    page.goto("/pipeline/board")
    card(page, "检测设备升级").locator("[popovertarget]").click()
    page.locator(".menu-panel:popover-open button", has_text="Negotiation").click()
    page.locator("[name=amount]").fill("1200")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".stage-step.current")).to_have_text("Negotiation")


def test_a_gate_asks_in_a_dialog_and_then_the_card_moves(sign_in_as: SignIn, accessible: Callable[[], None]) -> None:
    page = board(sign_in_as)
    drag(page, "检测设备升级", "Negotiation")
    amount = page.locator("#dialog [name=amount]")
    expect(amount).to_be_focused()
    stands_in(page, "检测设备升级", "Prospecting")
    accessible()
    amount.fill("much")
    page.locator("#dialog").get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("#dialog")).to_contain_text("This is not a number.")
    expect(amount).to_have_value("much")
    amount.fill("125000")
    amount.press("Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    stands_in(page, "检测设备升级", "Negotiation")
    expect(card(page, "检测设备升级")).to_contain_text("125,000")


def test_a_gate_that_is_cancelled_leaves_the_card_where_it_was(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    drag(page, "检测设备升级", "Negotiation")
    expect(page.locator("#dialog [name=amount]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    stands_in(page, "检测设备升级", "Prospecting")
    page.reload()
    stands_in(page, "检测设备升级", "Prospecting")


def test_losing_asks_why(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    card(page, "Spare parts package").locator("[popovertarget]").click()
    page.locator(".menu-panel:popover-open button", has_text="Lost").click()
    page.locator("#dialog [name=loss_reason]").select_option("price")
    page.locator("#dialog").get_by_role("button", name="Mark as lost").click()
    stands_in(page, "Spare parts package", "Lost")
    expect(page.locator("#dialog")).to_be_hidden()


def test_a_refused_move_puts_the_card_back_and_says_why(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    title = column(page, "Won").locator(".board-title").first.inner_text()
    drag(page, title, "Negotiation")
    expect(page.locator("#notices")).to_contain_text("This deal is Won. Reopen it before you move it.")
    expect(page.locator("#announcer")).not_to_be_empty()
    stands_in(page, title, "Won")


def test_a_conflict_puts_the_card_back_and_says_why(sign_in_as: SignIn, live_server: Any) -> None:
    page = board(sign_in_as)
    live_server.target.execute(
        "UPDATE opportunities SET version = version + 1, next_step = 'Changed by a colleague' WHERE name = 'Spare parts package'"
    )
    drag(page, "Spare parts package", "Qualification")
    expect(page.locator("#notices")).to_contain_text("“Spare parts package” was changed by somebody else meanwhile.")
    expect(card(page, "Spare parts package")).to_contain_text("Changed by a colleague")
    stands_in(page, "Spare parts package", "Prospecting")
    expect(page.locator("h1")).to_have_text("Board")
    card(page, "Spare parts package").locator(".board-title").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(count_of(page, "Qualification")).to_have_text("5")


def test_a_column_of_two_hundred_cards_loads_as_it_scrolls(sign_in_as: SignIn, live_server: Any) -> None:
    names = [row[1] for row in live_server.target.execute("PRAGMA table_info(opportunities)")]
    same = ", ".join(name for name in names if name not in ("id", "code", "name"))
    live_server.target.execute(
        f"INSERT INTO opportunities (code, name, {same}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        f" WHERE i < 200) SELECT 'X-' || i, 'Copy ' || i, {same} FROM opportunities, n WHERE name = 'Spare parts package'"
    )
    page = board(sign_in_as)
    expect(count_of(page, "Prospecting")).to_have_text("205")
    cards = column(page, "Prospecting").locator(".board-card")
    shown = cards.count()
    assert shown < 30, "the first look must not load them all"
    column(page, "Prospecting").hover()
    for _turn in range(60):
        page.mouse.wheel(0, 4000)
        if cards.count() >= 205:
            break
        expect(column(page, "Prospecting").locator(".board-more.htmx-request")).to_have_count(0)
    expect(cards).to_have_count(205)
    assert len({cards.nth(place).get_attribute("id") for place in range(205)}) == 205
    drag(page, cards.last.locator(".board-title").inner_text(), "Qualification")
    expect(count_of(page, "Qualification")).to_have_text("5")


def test_the_board_answers_while_one_types_and_the_address_says_what_is_shown(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    box = page.locator("#list_search input[type=search]")
    box.press_sequentially("spare", delay=30)
    expect(page.locator(".board-title")).to_have_text(["Spare parts package"])
    expect(box).to_have_value("spare")
    expect(page).to_have_url("/pipeline/board?q=spare")
    expect(count_of(page, "Prospecting")).to_have_text("1")
    drag(page, "Spare parts package", "Qualification")
    stands_in(page, "Spare parts package", "Qualification")
    page.get_by_role("link", name="List", exact=True).click()
    expect(page.locator(".list-table .cell-title")).to_have_text(["Spare parts package"])


def test_a_filter_is_added_on_the_board_and_taken_away(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    page.locator("[popovertarget=filter_menu]").click()
    page.locator("#filter_menu a", has_text="Amount").click()
    page.locator("#dialog input[name='amount.min']").fill("600000")
    page.locator("#dialog input[name='amount.min']").press("Enter")
    expect(page.locator(".chip")).to_contain_text("Amount")
    expect(page.locator(".board-title", has_text="Turnkey milling cell")).to_be_visible()
    expect(page.locator(".board-title", has_text="Spare parts package")).to_have_count(0)
    page.locator(".chip-remove").click()
    expect(page.locator(".board-title", has_text="Spare parts package")).to_be_visible()
    expect(page).to_have_url("/pipeline/board")


def test_a_deal_moves_on_its_own_page(sign_in_as: SignIn) -> None:
    page = board(sign_in_as)
    page.locator(".board-title", has_text="检测设备升级").click()
    page.locator(".stage-step button", has_text="Qualification").click()
    expect(page.locator(".stage-step.current")).to_have_text("Qualification")
    page.locator(".stage-step button", has_text="Negotiation").click()
    page.locator("#dialog [name=amount]").fill("900")
    page.locator("#dialog").get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".stage-step.current")).to_have_text("Negotiation")
    expect(page.locator("#history")).to_contain_text("Moved to Negotiation")


PAGES = (
    "/pipeline/board",
    "/pipeline/opportunities/months",
    "/pipeline/opportunities/3",
    "/pipeline/opportunities/new",
    "/pipeline/setup",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_deals_are_accessible(sign_in_as: SignIn, accessible: Callable[[], None], scheme: Any) -> None:
    page = board(sign_in_as)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for address in PAGES:
        page.goto(address)
        if address.endswith("board"):
            expect(count_of(page, "Prospecting")).to_have_text("5")
        accessible()
    page.goto("/pipeline/opportunities/3/lose")
    accessible()


@pytest.mark.parametrize("width", [820, 390])
def test_a_narrow_screen_never_scrolls_sideways(sign_in_as: SignIn, width: int) -> None:
    page = board(sign_in_as)
    page.set_viewport_size({"width": width, "height": 900})
    for address in (*PAGES, "/pipeline/opportunities"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") == width, address
