"""Paths of the area's pages for notices: services write them, and know no request."""

MY_CUSTOMERS = "/customers?owner=me"
DUPLICATES = "/customers/duplicates"


def customer_path(customer_id: int) -> str:
    return f"/customers/{customer_id}"


def activity_path(activity_id: int) -> str:
    return f"/customers/activities/{activity_id}"
