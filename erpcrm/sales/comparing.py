"""What differs between two versions of an offer."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .models import Quotation, QuotationLine


@dataclass(frozen=True)
class LineChange:
    """A line in both versions, or in one of them only."""

    old: QuotationLine | None
    new: QuotationLine | None

    @property
    def kind(self) -> str:
        """ "added", "removed", "changed" or "same"."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if _told(self.old) != _told(self.new) else "same"

    @property
    def name(self) -> str:
        line = self.new or self.old
        return line.name if line is not None else ""


@dataclass(frozen=True)
class Changes:
    """The lines side by side, and how much the total has moved, in the document's currency."""

    lines: Sequence[LineChange]
    difference: Decimal


def _told(line: QuotationLine) -> tuple[Any, ...]:
    return (
        line.product_id, line.text, line.quantity, line.unit, line.price, line.discount, line.tax_id, line.optional,
    )  # fmt: skip


def compare(old: Quotation, new: Quotation) -> Changes:
    """Pair the lines of two versions: those of the same product or text with each other, in order."""
    left = list(old.lines)
    pairs = []
    for line in new.lines:
        match = next((one for one in left if _same_thing(one, line)), None)
        if match is not None:
            left.remove(match)
        pairs.append(LineChange(match, line))
    pairs += [LineChange(line, None) for line in left]
    return Changes(pairs, new.gross - old.gross)


def _same_thing(one: QuotationLine, other: QuotationLine) -> bool:
    if one.product_id is not None or other.product_id is not None:
        return one.product_id == other.product_id
    return one.text == other.text
