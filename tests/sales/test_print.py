"""Offers and order confirmations on paper."""

from typing import Any

from sqlalchemy import select

from erpcrm.company.services import take_standard_taxes
from erpcrm.core.i18n import in_language
from erpcrm.core.mail import Mail
from erpcrm.core.printing import document_pdf
from erpcrm.sales import printing
from tests.factories.sales import a_line, a_product, an_offer, an_order


def test_a_document_says_in_its_language_what_it_is_for(seller: Any, customer: Any) -> None:
    press = a_product("1000", name="封箱机", english_name="Case sealer")
    lines = [{"text": "Phase one"}, a_line(press, 2, price="1050"), a_line(press, 1, optional=True)]
    offer = an_offer(customer, seller, *lines, sent=True, reference="RFQ 7")
    order = an_order(customer, seller, a_line(press, 2), confirmed=False)
    for language, title, name, words in (
        ("en", "Quotation", "Case sealer", "Net"),
        ("zh", "报价单", "封箱机", "不含税金额"),
    ):
        with in_language(language):
            made = printing._quotation(offer, language)
            paper = printing._order(order, language)
        assert (made.title, made.number, made.lines[1].text, made.sums[0].label) == (title, offer.number, name, words)
        assert [line.position for line in made.lines] == ["", "1", "2"]
        assert [line.optional for line in made.lines] == [False, False, True]
        assert made.sums[-1].value.endswith("2,373.00")
        assert "RFQ 7" in dict(made.facts).values()
        assert any(draft in paper.title for draft in ("Draft", "草稿"))
    assert document_pdf(made).startswith(b"%PDF")


def test_a_reversed_charge_and_prices_with_tax_say_so(seller: Any, customer: Any) -> None:
    """To a business in the EU a service leaves without tax, and the paper names the article that says who pays it."""
    take_standard_taxes("germany")
    customer.tax_group = "eu_business"
    work = a_product("1000", kind="service", name="Installation", tax_group="service")
    reversed_one = printing._order(an_order(customer, seller, a_line(work), confirmed=False), "en")
    assert [one.value for one in reversed_one.sums][-1].endswith("1,000.00")
    assert "Article 196 of Directive 2006/112/EC" in reversed_one.closing[0]
    customer.tax_group = None
    with_tax = an_order(
        customer, seller, {"text": "Spare part", "quantity": 1, "price": 113}, confirmed=False, tax_included=True
    )
    assert (with_tax.net, with_tax.tax, with_tax.gross) == (100, 13, 113)
    assert printing._order(with_tax, "en").sums[-1].value.endswith("113.00")


def test_pdfs_go_to_those_who_may_see_the_document_and_along_with_the_mail(
    client: Any, as_seller: Any, as_outsider: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    offer, order = an_offer(customer, seller, a_line(valve)), an_order(customer, seller, a_line(valve))
    session.commit()
    form = {"by_mail": "y", "to": "buyer@harbour.example", "subject": "Offer", "text": "See [link]"}
    assert as_seller.post(f"/sales/quotations/{offer.id}/send", data=form).status_code == 303
    session.refresh(offer)
    mail = session.scalars(select(Mail)).one()
    assert [file.name for file in mail.files] == [f"{offer.number}.pdf"]
    assert f"/sales/offers/{offer.link_key}" in mail.text
    paths = [f"/sales/quotations/{offer.id}/pdf", f"/sales/orders/{order.id}/pdf?language=zh"]
    assert [as_seller.get(path).mimetype for path in paths] == ["application/pdf"] * 2
    assert [as_outsider.get(path).status_code for path in paths] == [404, 404]
    by_link = client.get(f"/sales/offers/{offer.link_key}/pdf")
    assert (by_link.status_code, by_link.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert client.get("/sales/offers/nobody/pdf").status_code == 404
