"""What is on the paper: read back out of the PDF."""

import struct
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typst
from flask import Flask
from pypdf import PdfReader

from erpcrm.core import typesetting
from erpcrm.core.printing import (
    Column,
    Company,
    Line,
    PrintedDocument,
    Signature,
    Sum,
    Table,
    TaxRow,
    document_pdf,
    pdf_response,
)

ROOT = Path(__file__).parents[2]


def png(width: int = 8, height: int = 4, claimed: int | None = None) -> bytes:
    """A grey picture; `claimed` is what its head says of its sides."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", claimed or width, claimed or height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


OFFER = PrintedDocument(
    title="Quotation",
    number="Q-2026-00042",
    revision="Version 2",
    language="en",
    company=Company(
        "Huaxing Precision Co., Ltd.",
        lines=("328 Xinghu Street", "Suzhou"),
        facts=(("Tax no.", "91320594MA1"),),
        bank=(("Account", "1102 0202"),),
    ),
    billing=("Northwind Traders GmbH", "Ms Anna Berg"),
    facts=(("Valid until", "Dec 24, 2026"),),
    introduction=("Dear Ms Berg,",),
    lines=(
        Line("Machining centre", position="1", details=("SKU-1",), quantity="2 pcs", price="¥50.00", amount="¥100.00"),
        Line("Training", position="2", quantity="1 day", price="¥20.00", amount="¥20.00", optional=True),
    ),
    sums=(Sum("Net", "¥100.00"), Sum("Total", "¥113.00", strong=True)),
    taxes=(TaxRow("VAT", "13%", "¥100.00", "¥13.00"),),
    closing=("Kind regards",),
    terms=("Goods remain our property.",),
    signature=Signature("Accepted by", "Anna Berg", "Nov 25, 2026", png()),
    footer=("www.huaxing.example",),
)


def pages(document: PrintedDocument) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(document_pdf(document))).pages]


def text(document: PrintedDocument) -> str:
    return "\n".join(pages(document))


def pictures(document: PrintedDocument) -> int:
    return sum(len(page.images) for page in PdfReader(BytesIO(document_pdf(document))).pages)


def many(count: int) -> Sequence[Line]:
    return [Line(f"Bolt {n}", position=f"#{n}", details=(f"SKU-{n}",), amount=f"¥{n}.00") for n in range(1, count + 1)]


def test_a_document_says_all_that_it_was_given(app: Flask) -> None:
    document = replace(
        OFFER, delivery=("Warehouse 7",), headline="¥113.00 until Dec 24", in_words=("In words", "壹佰壹拾叁元整")
    )
    content = document_pdf(document)
    (page,) = pages(document)
    for words in (
        *("Quotation", "Q-2026-00042 · Version 2", "Huaxing Precision Co., Ltd.", "328 Xinghu Street", "91320594MA1"),
        *("Northwind Traders GmbH", "Ms Anna Berg", "Warehouse 7", "Dec 24, 2026", "¥113.00 until Dec 24"),
        *("Dear Ms Berg,", "Machining centre", "SKU-1", "2 pcs", "¥50.00", "¥20.00", "Training Optional", "¥113.00"),
        *("13%", "¥13.00", "壹佰壹拾叁元整", "Kind regards", "1102 0202", "Goods remain our property."),
        *("Accepted by", "Anna Berg", "Nov 25, 2026", "www.huaxing.example", "Page 1 of 1"),
        *("Bill to", "Deliver to", "Unit price", "Taxable amount", "Bank details", "Terms"),
    ):
        assert words.replace(" ", "") in page.replace(" ", ""), words
    reader = PdfReader(BytesIO(content))
    assert reader.metadata.title == "Quotation Q-2026-00042 · Version 2"
    assert reader.metadata.author == "Huaxing Precision Co., Ltd."
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]  # A4 in points
    assert document_pdf(document) == content


def test_its_own_words_are_in_the_language_of_the_document_whoever_prints_it(app: Flask) -> None:
    page = text(replace(OFFER, language="zh")).replace(" ", "")
    for words in ("付款方", "产品或服务", "单价", "计税金额", "收款账户", "可选", "第1页，共1页"):
        assert words in page
    assert "Bill to" in text(OFFER)


TYPED = (
    '#import "x"',
    "*bold* _it_ `code` $x^2$",
    "= Head",
    "#panic()",
    "- one // two /* three */",
    "@ref <label> [a] {b}",
    '\\u{41} \\ ~ -- ... "q" it\'s',
    "https://a.example",
)


def test_typed_words_are_printed_as_written_and_never_obeyed(app: Flask) -> None:
    document = replace(
        OFFER,
        title=TYPED[0],
        company=Company(TYPED[1], lines=TYPED, facts=((TYPED[3], TYPED[5]),)),
        billing=TYPED,
        introduction=TYPED,
        lines=[Line(words, details=TYPED[:2], amount="1") for words in TYPED] + [Line(TYPED[3], kind="heading")],
        terms=TYPED,
        footer=TYPED[:1],
    )
    printed = text(document).replace(" ", "").replace("\n", "")
    for words in TYPED:
        assert printed.count(words.replace(" ", "")) >= 4, words


def test_a_column_that_no_line_fills_is_left_out(app: Flask) -> None:
    bare = text(replace(OFFER, taxes=()))
    assert "Discount" not in bare
    assert "Tax" not in bare.replace("Tax no.", "")
    lines = (replace(OFFER.lines[0], discount="5%", tax="13%"), OFFER.lines[1])
    assert "Discount" in text(replace(OFFER, lines=lines))


@pytest.mark.parametrize("count", [15, 16, 17, 18, 19, 20, 21, 40])
def test_sums_are_never_torn_from_the_last_line_nor_a_heading_from_what_follows(app: Flask, count: int) -> None:
    lines = many(count)
    printed = pages(replace(OFFER, lines=[*lines[:-3], Line("Spare parts", kind="heading"), *lines[-3:]]))
    with_sums = [page for page in printed if "¥113.00" in page]
    assert len(with_sums) == 1
    assert f"Bolt {count}\n" in with_sums[0].replace(f"#{count} Bolt", "Bolt").replace(" \n", "\n")
    assert [f"#{count - 2}" in page for page in printed if "Spare parts" in page] == [True]
    for number, page in enumerate(printed, start=1):
        assert f"Page {number} of {len(printed)}" in page
        assert ("Product or service" in page) == ("Bolt" in page)
        assert number == 1 or "Quotation Q-2026-00042" in page


def test_nothing_of_a_text_longer_than_a_page_is_lost(app: Flask) -> None:
    clauses = "\n".join(f"Clause {n}." for n in range(150))
    document = replace(
        OFFER, lines=[*OFFER.lines, Line(clauses, kind="text")], sums=[Sum(f"Sum {n}.", "¥1") for n in range(90)]
    )
    printed = text(document)
    assert [n for n in range(150) if f"Clause {n}." not in printed] == []
    assert [n for n in range(90) if f"Sum {n}." not in printed] == []


def test_a_part_number_without_a_space_stays_within_its_column(app: Flask) -> None:
    printed = text(replace(OFFER, lines=[Line("PN-" + "7" * 200, amount="¥100.00")]))
    parts = [part for part in printed.splitlines() if "7777" in part]
    assert len(parts) > 2
    assert sum(part.count("7") for part in parts) == 200


@pytest.mark.parametrize("name", ["㐂𠮷 GmbH", "😀 GmbH", "a\x00\x07\u202eb\ud800c GmbH", "喆镕堃 GmbH", ""])
def test_no_character_stops_a_document(app: Flask, name: str) -> None:
    printed = text(replace(OFFER, billing=(name,), title=name, company=replace(OFFER.company, name=name)))
    assert "Machining centre" in printed
    assert printed.count("GmbH") == 3 * name.count("GmbH")


def test_pictures_are_drawn_and_those_that_cant_be_are_left_out(app: Flask) -> None:
    with_logo = replace(OFFER, company=replace(OFFER.company, logo=png(600, 20)))
    assert pictures(with_logo) == 2
    for broken in (png()[:40], b"\x89PNG\r\n\x1a\nnone", b"<svg/>", b"", png(claimed=50_000)):
        document = replace(OFFER, company=replace(OFFER.company, logo=broken))
        assert pictures(document) == 1
        assert pictures(replace(OFFER, signature=Signature("Accepted by", "Anna Berg", picture=broken))) == 0
        assert "Machining centre" in text(document)


def test_a_letter_has_paragraphs_and_a_table_of_its_own(app: Flask) -> None:
    letter = PrintedDocument(
        title="Reminder",
        language="en",
        company=OFFER.company,
        billing=OFFER.billing,
        introduction=("These invoices are overdue.\nPlease pay.",),
        table=Table(
            (Column("Invoice", wide=True), Column("Open", right=True)), [(f"I-{n}", f"¥{n}") for n in range(50)]
        ),
        sums=(Sum("All", "¥1,225", strong=True),),
    )
    first, second = pages(letter)
    for page in (first, second):
        assert "Invoice" in page
        assert "Open" in page
    assert "Please pay." in first
    assert "Bill to" not in first
    assert "I-49" in second
    assert "¥1,225" in second
    assert "Page 1 of 1" in text(PrintedDocument("Note", "en", Company("A")))


def test_several_are_printed_at_once_without_mixing_them_up(app: Flask) -> None:
    def print_one(number: int) -> str:
        with app.app_context():
            return text(replace(OFFER, number=f"Q-{number}", lines=many(number + 1), sums=(), taxes=()))

    with ThreadPoolExecutor(4) as threads:
        printed = list(threads.map(print_one, range(12)))
    for number, page in enumerate(printed):
        assert f"Q-{number} " in page
        assert f"¥{number + 1}.00" in page
        assert f"¥{number + 2}.00" not in page


# Fonts


def refuse_what_no_font_has(characters: str) -> None:
    """PDF/A must not hold a character without a drawing, so typst refuses one."""
    template = """
        #set document(date: datetime(year: 2026, month: 1, day: 1))
        #set text(font: ("Noto Sans SC", "Source Sans 3"))
        #sys.inputs.words
        *#sys.inputs.words*
    """
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[typesetting.FONTS])
    compiler = typst.Compiler(template.encode(), font_paths=fonts, sys_inputs={"words": characters})
    compiler.compile(format="pdf", pdf_standards="a-2u")


def test_the_fonts_have_all_that_the_program_and_its_demo_company_say() -> None:
    with pytest.raises(typst.TypstError):
        refuse_what_no_font_has("㐂")
    sources = [
        *ROOT.glob("erpcrm/*/demo*.py"),
        *ROOT.glob("erpcrm/*/demo/*.py"),
        *ROOT.glob("erpcrm/*/translations/zh/*/*.po"),
    ]
    said = {character for path in sources for character in path.read_text()}
    europe = "ŁódźŐőŞğİıČšžĀŲĐŧŸ ΑΒΓΔάέώς ЖЙЩъыёЇґ Đặng Nguyễn €£¥₽₹₩₺₫¢ “”‘’„«»–—…•·※№℃±×÷≤≥≠→½¼²³‰"
    names = "喆镕堃翀祎旻玥煊昇頔犇龘華國臺灣龍廣"
    everyday = "（）《》【】、。，！？：；￥①②③⑩ⅠⅡ"
    refuse_what_no_font_has("".join(sorted(said | set(europe + names + everyday) - {"\n"})))
    assert len(said) > 800


def test_the_fonts_are_those_of_their_list_and_have_their_licences() -> None:
    folder = typesetting.FONTS
    lines = (folder / "CHECKSUMS.sha256").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert listed == {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.ttf")}
    for licence in ("OFL-NotoSansSC.txt", "OFL-SourceSans3.md"):
        assert "SIL OPEN FONT LICENSE" in (folder / licence).read_text().upper()


# Over HTTP


@pytest.mark.parametrize(
    ("filename", "download", "disposition"),
    [
        (
            "报价单 Q-1",
            False,
            "inline; filename=\"___ Q-1.pdf\"; filename*=UTF-8''%E6%8A%A5%E4%BB%B7%E5%8D%95%20Q-1.pdf",
        ),
        ("Offer 1.pdf", True, "attachment; filename=\"Offer 1.pdf\"; filename*=UTF-8''Offer%201.pdf"),
        (
            'a"b\r\nX: y/..\\c',
            True,
            "attachment; filename=\"a-b--X- y-..-c.pdf\"; filename*=UTF-8''a-b--X-%20y-..-c.pdf",
        ),
    ],
)
def test_a_pdf_is_shown_or_saved_under_its_name(app: Flask, filename: str, download: bool, disposition: str) -> None:
    response: Any = pdf_response(b"%PDF-1.7", filename, download=download)
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == disposition
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.data == b"%PDF-1.7"
