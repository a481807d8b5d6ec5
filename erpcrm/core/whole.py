"""Whole numbers as addresses and forms hold them: ids, versions, numbers of rows."""

from werkzeug.routing import IntegerConverter, ValidationError

MOST = 2**31 - 1
"""What a column for ids holds on both databases."""


def whole(text: str) -> int:
    """The number that `text` is, for `args.get(name, type=whole)`. ValueError for what no id can be: "²", 99999999999."""
    typed = text.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= len(str(MOST)) and int(typed) <= MOST):
        raise ValueError(typed[:20])
    return int(typed)


def whole_or_none(text: str | None) -> int | None:
    try:
        return whole(text or "")
    except ValueError:
        return None


class WholeConverter(IntegerConverter):
    """`<int:id>` in a route: a number that no id can be leads nowhere, and asks the database nothing."""

    def to_python(self, value: str) -> int:
        try:
            return whole(value)
        except ValueError as error:
            raise ValidationError from error
