"""The import wizard in a browser: the preview follows the choices, a job moves its bar, the page is for everybody."""

from pathlib import Path

from playwright.sync_api import expect

FILE = "公司名称,行业,母公司\n新华机电,机电设备,\n新华机电二厂,机电设备,新华机电\n"


def wizard(sign_in_as, tmp_path: Path, content: bytes):
    page = sign_in_as("admin")
    page.context.add_cookies([{"name": "language", "value": "en", "url": page.url}])
    path = tmp_path / "customers.csv"
    path.write_bytes(content)
    page.goto("/imports/new")
    page.locator("[name=file]").set_input_files(path)
    page.locator("[name=record_type][value=customer]").check()
    page.locator("main .form-actions .btn-primary").click()
    return page


def test_the_preview_follows_the_encoding(sign_in_as, tmp_path, accessible):
    page = wizard(sign_in_as, tmp_path, FILE.encode("gb18030"))
    preview = page.locator("#preview")
    expect(preview).to_contain_text("新华机电")
    page.locator("[name=encoding][value=latin-1]").check()
    expect(preview).not_to_contain_text("新华机电")
    page.locator("[name=encoding][value=gb18030]").check()
    expect(preview).to_contain_text("新华机电")
    accessible()


def test_a_file_is_imported_and_taken_back_by_clicks_alone(sign_in_as, tmp_path, accessible):
    page = wizard(sign_in_as, tmp_path, FILE.encode())
    following = page.locator("main .form-actions .btn-primary")
    following.click()
    expect(page.locator("#column-0")).to_have_value("name")
    expect(page.locator("#column-2")).to_have_value("parent_id")
    accessible()
    following.click()
    expect(page.locator("#group_industry")).to_contain_text("机电设备")
    accessible()
    following.click()
    expect(page.locator("main")).to_contain_text("Every row can be taken")
    accessible()
    following.click()
    expect(page.locator(".page-head")).to_contain_text("Done", timeout=30_000)
    expect(page.locator(".stat").first).to_contain_text("2")
    accessible()
    page.get_by_role("button", name="Undo this import").click()
    page.locator("#ask [value=yes]").click()
    expect(page.locator("main")).to_contain_text("This import was undone")


def test_another_record_is_picked_by_typing(sign_in_as, tmp_path):
    page = wizard(sign_in_as, tmp_path, b"name,parent company\nNorthern Branch,Unheard-of Holdings\n")
    following = page.locator("main .form-actions .btn-primary")
    following.click()
    following.click()
    answer = page.locator("#parent_id-0")
    other = page.locator("#parent_id-0-other_text")
    expect(other).to_be_hidden()
    answer.select_option("other")
    expect(other).to_be_visible()
    page.goto("/customers")
    name = page.locator(".list-table .cell-title").first.inner_text()
    page.go_back()
    answer.select_option("other")
    other.press_sequentially(name[:4], delay=30)
    page.locator("#parent_id-0-other_list .option").filter(has_text=name).first.click()
    following.click()
    expect(page.locator("main")).to_contain_text("Every row can be taken")
