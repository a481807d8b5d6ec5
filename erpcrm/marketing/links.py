"""Where the mails of campaigns lead: paths that services write without knowing the web. A test holds them to the routes."""

FORMS = "/marketing/f/"
"""Before the address of a public page"""


def click_path(token: str, link_id: int) -> str:
    return f"/marketing/c/{token}/{link_id}"


def pixel_path(token: str) -> str:
    return f"/marketing/o/{token}.gif"


def leave_path(token: str) -> str:
    return f"/marketing/u/{token}"


def answer_path(code: str) -> str:
    return f"/marketing/r/{code}"
