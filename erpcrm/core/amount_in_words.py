"""Amounts in capital numerals (大写金额), as contracts, invoices and cheques in China state them beside the figures.

The rules are those of the People's Bank of China for filling in bills and vouchers (《正确填写票据和结算凭证的基本规定》).
"""

from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万")
HUNDRED_MILLIONS = 2
"""The group whose unit the one above it counts too: 壹万亿"""
CURRENCY = "CNY"
LIMIT = Decimal(10) ** 16


def amount_in_words(amount: Decimal, currency: str) -> str | None:
    """ "壹万贰仟叁佰肆拾伍元陆角柒分" for 12345.67. None for another currency than the yuan, for parts of a fen and from 10^16
    on: then a document has its figures alone. 负 stands before what is below zero.
    The rules want 人民币 in front, which is left to whoever lays out the document."""
    if currency != CURRENCY or not amount.is_finite() or amount != round(amount, 2) or abs(amount) >= LIMIT:
        return None
    yuan, fen = divmod(int(abs(amount) * 100), 100)
    tenths, hundredths = divmod(fen, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if tenths:
        words += f"{DIGITS[tenths]}角"
    elif yuan and hundredths:
        words += "零"
    if hundredths:
        words += f"{DIGITS[hundredths]}分"
    else:
        words = f"{words or '零元'}整"
    return f"负{words}" if amount < 0 else words


def _whole(number: int) -> str:
    """In groups of four digits. Zeros between others are said once; at the end of a group they are not said at all."""
    words, gap = "", False
    for index in reversed(range(len(GROUPS))):
        group = number // 10000**index % 10000
        for place in reversed(range(4)):
            if digit := group // 10**place % 10:
                words += f"{'零' if gap else ''}{DIGITS[digit]}{PLACES[place]}"
            gap = bool(words) and not digit
        if group or (index == HUNDRED_MILLIONS and words):
            words += GROUPS[index]
        gap = gap and not group
    return words
