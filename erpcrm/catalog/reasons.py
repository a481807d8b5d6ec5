"""Why a price is what it is: kept with a line as what it was found from, and put into words for whoever reads it."""

import json
from datetime import date
from decimal import Decimal

from erpcrm.core.i18n import _, pgettext, show_date

from .pricing import Offer
from .quantities import in_unit


def kept_reason(offer: Offer) -> str:
    """What a line keeps of the offer that gave its price: names, days and quantities, in no language."""
    found = {
        "tier": offer.tier,
        "list": offer.list_name,
        "from": offer.starts_on.isoformat() if offer.starts_on is not None else None,
        "quantity": f"{offer.min_quantity.normalize():f}" if offer.min_quantity else None,
        "unit": offer.unit if offer.min_quantity else None,
        "general": offer.general or None,
    }
    return json.dumps({name: value for name, value in found.items() if value is not None}, ensure_ascii=False)


def reason_in_words(kept: str | None) -> str:
    """The kept reason in the reader's language: "Customer’s price, Dealers, from 3 March 2026, from 100 pcs".

    Lines that were written before reasons were kept this way hold a sentence, in the language of who wrote it: it stays.
    """
    if not kept or not kept.startswith("{"):
        return kept or ""
    found = json.loads(kept)
    where = {
        "customer": _("Customer’s price, %(list)s", list=found.get("list")),
        "group": _("Price of the customer’s group, %(list)s", list=found.get("list")),
        "everybody": _("Price list %(list)s", list=found.get("list")),
        "product": _("List price"),
    }[found["tier"]]
    parts = [where]
    if "from" in found:
        parts.append(_("from %(day)s", day=show_date(date.fromisoformat(found["from"]))))
    if "quantity" in found:
        parts.append(_("from %(quantity)s", quantity=in_unit(Decimal(found["quantity"]), found["unit"])))
    if found.get("general"):
        parts.append(_("reduction on the list price"))
    return pgettext("price", ", ").join(parts)
