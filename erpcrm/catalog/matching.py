"""When two product names are the same to a person."""


def loose(text: str) -> str:
    """Without blanks, in lower case: two systems rarely agree on either."""
    return "".join(text.lower().split())
