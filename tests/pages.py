"""The address of every page that there is: the list of routes, filled with records that are there.

A new page finds its record by its path (`RECORDS`), or says here what else it needs (`VALUES`); without either the tests that
stand on this fail, so that none is forgotten.
"""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.routing import Rule

from erpcrm.access.models import Role, Team, User
from erpcrm.analytics.models import CustomerValue, RfmCell, Segment
from erpcrm.areas import AREAS
from erpcrm.catalog.models import PriceList, PriceListItem, Product
from erpcrm.company.models import Tax
from erpcrm.core.actor import acting_as
from erpcrm.core.db import db
from erpcrm.core.fields.definitions import CustomField, create_field
from erpcrm.core.files import Attachment, attach
from erpcrm.core.i18n import today
from erpcrm.core.imports.models import Import
from erpcrm.core.jobs import Job
from erpcrm.core.mail import Mail, MailFile, send_mail
from erpcrm.core.registry import record_type
from erpcrm.credit.models import Assessment, BadDebt, CreditAccount, CreditApplication, ExpectedLoss, Scorecard
from erpcrm.customers.models import Activity, Address, Contact, Customer, DuplicatePair
from erpcrm.finance.models import (
    Account,
    BankLine,
    BankStatement,
    Dunning,
    DunningLevel,
    Entry,
    Invoice,
    Journal,
    Payment,
    PaymentTerm,
    Period,
    ReceivableItem,
    Revaluation,
)
from erpcrm.inventory.models import (
    Delivery,
    Location,
    Lot,
    Receipt,
    ReceiptLine,
    Return,
    StockAdjustment,
    StockCount,
    StockItem,
    StockMove,
    Warehouse,
)
from erpcrm.marketing.models import Campaign, CampaignLink, CampaignMember, LandingForm, MailTemplate
from erpcrm.pipeline.models import (
    POOLED,
    AssignmentRule,
    Competitor,
    Lead,
    Opportunity,
    OpportunityContact,
    OpportunityLine,
    Pipeline,
    ScoreRule,
    Stage,
)
from erpcrm.pipeline.services.pool import note_place, standing
from erpcrm.sales.models import QUOTATION_FLOW, Contract, Obligation, PlannedBill, Quotation, SalesOrder
from erpcrm.service.models import (
    Article,
    CannedReply,
    Complaint,
    Feedback,
    IncomingMail,
    Measure,
    SlaPolicy,
    Survey,
    SurveyInvitation,
    Ticket,
    TicketLink,
    TicketMessage,
)
from tests.wizard import Wizard

RECORDS = {
    "/analytics/customers/": CustomerValue,
    "/analytics/value/": CustomerValue,
    "/admin/fields/<int:id>": CustomField,
    "/admin/roles/": Role,
    "/admin/teams/": Team,
    "/admin/users/": User,
    "/analytics/rfm/cells/": RfmCell,
    "/analytics/rfm/customers/": Customer,
    "/analytics/segments/": Segment,
    "/catalog/price-lists/": PriceList,
    "/catalog/prices/": PriceListItem,
    "/catalog/products/": Product,
    "/company/taxes/": Tax,
    "/credit/accounts/": CreditAccount,
    "/credit/applications/": CreditApplication,
    "/credit/assessments/": Assessment,
    "/credit/bad-debts/": BadDebt,
    "/credit/customers/": Customer,
    "/credit/expected-losses/": ExpectedLoss,
    "/credit/scorecards/": Scorecard,
    "/credit/setup/authority/": Role,
    "/customers/<int:id>": Customer,
    "/customers/activities/": Activity,
    "/customers/contacts/": Contact,
    "/customers/duplicates/": DuplicatePair,
    "/customers/merge/": Customer,
    "/files/": Attachment,
    "/finance/accounts/": Account,
    "/finance/ageing/": Customer,
    "/finance/bank/lines/": BankLine,
    "/finance/bank/statements/": BankStatement,
    "/finance/dunning/levels/": DunningLevel,
    "/finance/dunning/preview/": Customer,
    "/finance/entries/": Entry,
    "/finance/invoices/": Invoice,
    "/finance/items/": ReceivableItem,
    "/finance/journals/": Journal,
    "/finance/limits/": Role,
    "/finance/orders/": SalesOrder,
    "/finance/payments/": Payment,
    "/finance/periods/": Period,
    "/finance/reminders/": Dunning,
    "/finance/revaluations/": Revaluation,
    "/finance/terms/": PaymentTerm,
    "/imports/": Import,
    "/inventory/adjustments/": StockAdjustment,
    "/inventory/counts/": StockCount,
    "/inventory/deliveries/": Delivery,
    "/inventory/lots/": Lot,
    "/inventory/moves/": StockMove,
    "/inventory/products/": Product,
    "/inventory/receipts/": Receipt,
    "/inventory/returns/": Return,
    "/inventory/stock/": StockItem,
    "/inventory/warehouses/": Warehouse,
    "/jobs/": Job,
    "/mails/": Mail,
    "/pipeline/forecast/owners/": User,
    "/marketing/campaigns/": Campaign,
    "/marketing/members/": CampaignMember,
    "/marketing/templates/": MailTemplate,
    "/pipeline/leads/": Lead,
    "/pipeline/opportunities/": Opportunity,
    "/pipeline/pool/": Customer,
    "/pipeline/setup/assignment-rules/": AssignmentRule,
    "/pipeline/setup/pipelines/": Pipeline,
    "/pipeline/setup/score-rules/": ScoreRule,
    "/pipeline/setup/stages/": Stage,
    "/sales/contracts/": Contract,
    "/sales/orders/": SalesOrder,
    "/sales/price-lists/": PriceList,
    "/sales/quotations/": Quotation,
    "/service/complaints/": Complaint,
    "/service/feedback/": Feedback,
    "/service/articles/": Article,
    "/service/mails/": IncomingMail,
    "/service/survey-answers/": SurveyInvitation,
    "/service/surveys/": Survey,
    "/service/setup/policies/": SlaPolicy,
    "/service/setup/replies/": CannedReply,
    "/service/tickets/": Ticket,
    "/timeline/": Customer,
    "/admin/audit/": Customer,
}
"""Which record the id in a path is of; the longest beginning counts."""
VALUES: dict[str, Any] = {
    "kind": "customer",
    "record_type": "customer",
    "format": "csv",
    "column": "status",
    "move": "archive",
    "panel": "customer_deals",
}
"""What else stands in paths, by its name, unless `_special` knows better."""
NOT_OURS = {"static", "healthz"}


def get_routes(app: Flask) -> Iterator[Rule]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()) and rule.endpoint not in NOT_OURS:
            yield rule


def addresses(app: Flask) -> dict[str, list[str]]:
    """{endpoint: where it can be seen}. Fails where nothing is known to put into a path."""
    found: dict[str, list[str]] = {}
    for rule in get_routes(app):
        found.setdefault(rule.endpoint, []).extend(_built(rule, values) for values in _examples(rule))
    return found


def _built(rule: Rule, values: dict[str, Any]) -> str:
    built = rule.build({name: values[name] for name in rule.arguments} | values.get("query", {}))
    assert built is not None, rule.rule
    return built[1]


def _examples(rule: Rule) -> list[dict[str, Any]]:
    special = _special(rule.endpoint)
    if special is not None:
        return special
    values = dict(VALUES)
    if "id" in rule.arguments:
        starts = [start for start in RECORDS if rule.rule.startswith(start)]
        assert starts, f"tests/pages.py does not know whose id stands in {rule.rule}"
        model = RECORDS[max(starts, key=len)]
        values["id"] = _first(model).id
    missing = rule.arguments - values.keys()
    assert not missing, f"tests/pages.py has nothing to put into {rule.rule} for {sorted(missing)}"
    return [values]


def _first(model: type[Any], **conditions: Any) -> Any:
    found = db.session.scalars(select(model).filter_by(**conditions).order_by(model.id)).first()
    assert found is not None, f"no {model.__name__} to look at"
    return found


def _special(endpoint: str) -> list[dict[str, Any]] | None:
    match endpoint:
        case "access.accept_invitation" | "access.reset_password":
            return [{"token": "expired"}]
        case "analytics.figure":
            figures = ("contribution", "share", "risk", "expected")
            return [{"id": _first(CustomerValue).id, "figure": figure} for figure in figures]
        case "analytics.cohorts":
            return [{}, {"query": {"unit": "quarter", "by": "revenue"}}]
        case "catalog.edit_price":
            item = _first(PriceListItem)
            return [{"id": item.price_list_id, "item_id": item.id}]
        case "company.logo":
            return [{"digest": "0" * 64}]
        case "credit.more_applications":
            return [{"query": {"after": _first(CreditApplication).id}}]
        case "credit.application":
            return [{"id": id} for id in db.session.scalars(select(CreditApplication.id))]
        case "credit.new_application":
            waiting = _first(SalesOrder, status="waiting")
            return [{}, {"query": {"order": waiting.id}}, {"query": {"customer": waiting.customer_id}}]
        case "credit.customer" | "credit.assess":
            return [{"id": _first(CreditAccount).customer_id}, {"id": _first(Customer).id}]
        case "credit.term":
            terms = ("invoices", "uninvoiced", "undelivered", "credits", "advances")
            return [{"id": _first(CreditAccount).customer_id, "term": term} for term in terms]
        case "credit.risk_figure":
            return [{"figure": figure} for figure in ("exposure", "dso", "overdue", "concentration")]
        case "credit.what_if":
            return [
                {},
                {
                    "query": {
                        "percent": "-90",
                        "over_limit": "stop",
                        "overdue": "stop",
                        "hold": "stop",
                        "no_assessment": "warn",
                    }
                },
            ]
        case "credit.authority":
            return [{"id": _first(Role, key="controller").id}]
        case "credit.new_debt":
            return [{}, {"query": {"item": _first(ReceivableItem, kind="opening").id}}]
        case "customers.customer":
            found = _first(Customer).id
            return [{"id": found}, *({"id": found, "query": {"lens": lens}} for lens in ("operations", "relationship"))]
        case "customers.customer_panel":
            shown = ("customer_deals", "customer_segments", "customer_worth")
            return [{"id": _first(CustomerValue).id, "name": name} for name in shown]
        case "customers.edit_address":
            address = _first(Address)
            return [{"id": address.customer_id, "address": address.id}]
        case "customers.compare":
            pairs = [("customer", Customer), ("contact", Contact)]
            return [
                {"kind": kind, "query": dict(zip(("winner", "loser"), _first_two(model), strict=True))}
                for kind, model in pairs
            ]
        case "finance.reopen_period":
            return [{"year": 2026, "month": 1}]
        case "finance.edit_terms":
            return [{"query": {"value": "net_30"}}]
        case "finance.edit_invoice" | "finance.change_invoice":
            return [{"id": _first(Invoice, status="draft").id}]
        case "finance.credit_invoice" | "finance.send_invoice" | "finance.invoice_document":
            return [{"id": _first(Invoice, status="posted", kind="invoice").id}]
        case "finance.edit_entry":
            return [{"id": _first(Entry, status="draft").id}]
        case "finance.new_payment":
            owing = _first(ReceivableItem, kind="opening").customer_id
            return [
                {},
                {"query": {"customer_id": owing}},
                {"query": {"customer_id": owing, "amount": "10", "currency": "CNY"}},
            ]
        case "finance.bank_line":
            return [{"id": line.id} for line in db.session.scalars(select(BankLine))]
        case "finance.new_invoice":
            return [{}, {"query": {"customer": _first(Customer).id}}]
        case "core.pick":
            return [{"kind": "customer", "query": {"q": "hua"}}]
        case "core.search":
            return [{}, {"query": {"q": "hua"}}]
        case "files.of_record":
            return [{"query": {"record_type": "customer", "record_id": _first(Customer).id}}]
        case "files.download":
            file = _first(Attachment)
            return [{"id": file.id, "name": file.name}]
        case "imports.words_of" | "imports.records" | "imports.bad_rows":
            return [
                {"id": found.id, "format": format}
                for found in db.session.scalars(select(Import))
                for format in ("csv", "xlsx")
            ]
        case "imports.show_import":
            return [{"id": id} for id in db.session.scalars(select(Import.id))]
        case "inventory.count":
            return [{"id": _first(StockCount, status=status).id} for status in ("counting", "posted")]
        case "inventory.count_differences":
            return [{"id": _first(StockCount, status="counting").id}]
        case "inventory.edit_location":
            location = _first(Location, kind="stock")
            return [{"id": location.warehouse_id, "location_id": location.id}]
        case "inventory.edit_receipt_line":
            line = _first(ReceiptLine)
            return [{"id": line.receipt_id, "line_id": line.id}]
        case "inventory.pick_form_page" | "inventory.ship_form":
            return [{"id": _first(Delivery, status="ready").id}]
        case "inventory.sign_form":
            return [{"id": _first(Delivery, status="shipped").id}]
        case "inventory.new_return":
            return [{"id": _first(Delivery, status="delivered").id}]
        case "inventory.receive_form_page":
            return [{"id": _first(Receipt, status="planned").id}]
        case "lists.filter_form":
            names = ("status", "owner", "created", "name", "tags")
            return [{"kind": "customer", "column": name, "query": {"at": "/customers"}} for name in names]
        case "lists.columns_form" | "lists.view_form":
            return [{"kind": "customer", "query": {"at": "/customers"}}]
        case "lists.exported":
            return [{"kind": "customer", "job": _first(Job).id}]
        case _ if endpoint.startswith("marketing."):
            return _of_marketing(endpoint.removeprefix("marketing."))
        case "mails.attached":
            sent = _first(MailFile)
            return [{"id": sent.mail_id, "file_id": sent.id}]
        case "modules.ask_off":
            return [{"name": AREAS[-1].name}, {"name": "core"}]
        case "options.option_list":
            return [{"name": "customer.industry"}]
        case "options.edit_option" | "options.merge_form":
            return [{"name": "customer.industry", "query": {"value": "manufacturing"}}]
        case "service.complaint":
            return [{"id": id} for id in db.session.scalars(select(Complaint.id))]
        case "service.complaint_analysis":
            return [{"query": {"by": by}} for by in ("product", "cause", "lot", "severity", "customer")]
        case "service.give_remedy":
            complaint = _first(Complaint, status="justified").id
            kinds = ("credit_note", "return", "replacement", "refund", "other")
            return [{"id": complaint, "kind": kind} for kind in kinds]
        case "service.ask_complaint_reason":
            return [{"id": _first(Complaint, status="open").id, "move": "reject"}]
        case "service.ask_decision":
            return [{"id": _first(Feedback, status="new").id, "move": "decline"}]
        case "service.check_measure":
            measure = _first(Measure)
            return [{"id": measure.complaint_id, "part_id": measure.id}]
        case "service.complaint_of_ticket":
            return [{"id": _first(Complaint).ticket_id}]
        case "service.help_article":
            return [{"id": _first(Article, status="published", public=True).id}]
        case "service.portal_ticket":
            return [{"token": _first(TicketLink).token}]
        case "service.portal_file":
            link = _first(TicketLink)
            said = db.session.scalars(select(TicketMessage).where(TicketMessage.ticket_id == link.ticket_id))
            return [{"token": link.token, "id": next(id for one in said for id in one.file_ids)}]
        case "service.survey":
            waiting = (
                select(SurveyInvitation).where(SurveyInvitation.answered_at.is_(None)).order_by(SurveyInvitation.id)
            )
            ended, *_others, open_now = db.session.scalars(waiting.where(SurveyInvitation.sent_at.is_not(None)))
            answered = _first(SurveyInvitation, skipped=None)
            return [{"token": one.token, "query": {"score": 4}} for one in (ended, open_now, answered)]
        case "service.queue":
            ticket = _first(Ticket, status="open").id
            looks = ({"look": look} for look in ("state", "agent"))
            return [
                {},
                {"query": {"tab": "all", "ticket": ticket}},
                *({"query": {"tab": "all", **look}} for look in looks),
            ]
        case "service.more_tickets":
            return [{"query": {"after": _first(Ticket).id, "tab": "all"}}]
        case "service.ticket":
            return [{"id": id} for id in db.session.scalars(select(Ticket.id))]
        case "service.new_ticket":
            order = _first(SalesOrder).id
            return [{}, {"query": {"order": order}}, {"query": {"delivery": _first(Delivery).id}}]
        case "service.split_ticket":
            return [{"id": _first(Ticket, status="open").id}]
        case "pipeline.board_more":
            return [{"key": str(_first(Stage).id)}]
        case "pipeline.forecast":
            month = f"{today():%Y-%m}-1"
            return [{}, {"query": {"period": month, "owner": 0}}, {"query": {"owner": _first(Opportunity).owner_id}}]
        case "pipeline.forecast_deals":
            return [{}, *({"query": {"figure": figure}} for figure in ("commit", "weighted", "history"))]
        case "pipeline.forecast_changes":
            return [{}, {"query": {"since": (today() - timedelta(days=90)).isoformat()}}]
        case "pipeline.forecast_accuracy":
            return [{}, {"query": {"per": "month", "before": "30", "measure": "call", "by": "team"}}]
        case "pipeline.edit_line":
            line = _first(OpportunityLine)
            return [{"id": line.opportunity_id, "line_id": line.id}]
        case "pipeline.edit_rule":
            return [
                {"kind": "score", "id": _first(ScoreRule).id},
                {"kind": "assignment", "id": _first(AssignmentRule).id},
            ]
        case "pipeline.new_rule":
            return [{"kind": "score"}, {"kind": "assignment"}]
        case "timeline" | "customers.timeline":
            return [
                {"record_type": kind, "id": _first(model).id}
                for kind, model in (
                    ("customer", Customer),
                    ("contact", Contact),
                    ("lead", Lead),
                    ("opportunity", Opportunity),
                    ("quotation", Quotation),
                    ("order", SalesOrder),
                    ("contract", Contract),
                )
            ]
        case _ if endpoint.startswith("sales."):
            return _of_sales(endpoint.removeprefix("sales."))
        case "pipeline.opportunity":
            parts = (OpportunityContact, OpportunityLine, Competitor)
            return [{"id": id} for id in sorted({_first(part).opportunity_id for part in parts})]
        case (
            "catalog.products" | "customers.customers" | "pipeline.leads" | "pipeline.opportunities" | "pipeline.board"
        ):
            return [{}, {"query": {"q": "a"}}]
    return None


def _of_marketing(view: str) -> list[dict[str, Any]] | None:
    match view:
        case "campaign":
            return [{"id": found.id} for found in db.session.scalars(select(Campaign))]
        case "audience" | "ask_start" | "preview":
            planned = _first(Campaign, status="planned")
            return [
                {"id": planned.id},
                *([{"id": planned.id, "query": {"why": "no_consent"}}] if view == "audience" else []),
            ]
        case "calls":
            return [{"id": _first(Campaign, channel="call").id}]
        case "ask_campaign_reason":
            return [{"id": _first(Campaign).id, "move": "cancel"}]
        case "edit_landing":
            form = _first(LandingForm)
            return [{"id": form.campaign_id, "form_id": form.id}]
        case "form" | "form_thanks":
            return [{"slug": _first(LandingForm).slug}]
        case "answer":
            return [{"code": _first(CampaignMember).token}, {"code": _first(LandingForm).campaign.code}]
        case "follow_link":
            link = _first(CampaignLink)
            return [{"token": _first(CampaignMember, campaign_id=link.campaign_id).token, "link": link.id}]
        case "pixel" | "unsubscribe":
            return [{"token": _first(CampaignMember).token}]
    return None


def _of_sales(view: str) -> list[dict[str, Any]] | None:
    match view:
        case "offer" | "offer_pdf":
            return [{"key": found.link_key} for found in _in_states(Quotation, "sent", "accepted", "superseded")]
        case "quotation":
            return [{"id": found.id} for found in _in_states(Quotation, *QUOTATION_FLOW.state)]
        case "order":
            return [{"id": found.id} for found in _in_states(SalesOrder, "draft", "confirmed", "closed", "cancelled")]
        case "compare_quotations":
            new = _first(Quotation, revision=2)
            return [{"id": new.id, "other": _first(Quotation, series=new.series).id}]
        case "ask_quotation_reason":
            return [{"id": _first(Quotation).id, "move": "decline"}]
        case "ask_order_reason":
            return [{"id": _first(SalesOrder).id, "move": "cancel"}]
        case "ask_contract_reason":
            return [{"id": _first(Contract).id, "move": "terminate"}]
        case "ask_line_reason":
            line = _first(SalesOrder, status="confirmed").lines[0]
            return [{"id": line.order_id, "line_id": line.id, "move": "close"}]
        case "ask_to_deliver":
            line = _first(SalesOrder, status="confirmed").lines[0]
            return [{"id": line.order_id, "line_id": line.id}]
        case "ask_obligation":
            part = _first(Obligation)
            return [{"id": part.contract_id, "part_id": part.id}]
        case "ask_bill":
            bill = _first(PlannedBill, billed_on=None)
            return [{"id": bill.contract_id, "part_id": bill.id}]
        case "edit_quotation" | "edit_order":
            return [{"id": _first(Quotation if view == "edit_quotation" else SalesOrder, status="draft").id}]
        case "new_quotation" | "new_order" | "new_contract":
            return [{}, {"query": {"customer": _first(Customer).id}}]
        case "quotations" | "orders" | "contracts":
            return [{}, {"query": {"q": "a"}}]
    return None


def _in_states(model: Any, *states: str) -> list[Any]:
    return [_first(model, status=state) for state in states]


def _first_two(model: type[Any]) -> list[int]:
    return list(db.session.scalars(select(model.id).order_by(model.id).limit(2)))


def furnish(client: FlaskClient, app: Flask, by: User) -> None:
    """What pages show and the demo company has not: an own field, a file, a mail, two that look the same, a deal
    without a next step, one whose next step is due, imports on their way.

    `client` is signed in as `by`, who may do everything.
    """
    customer = _first(Customer)
    with acting_as(by):
        create_field(record_type("customer"), {"kind": "choice", "label": "Colour", "choices": [{"label": "Red"}]})
        agenda = ("agenda.txt", "text/plain", b"One: prices")
        send_mail("someone@example.com", "Minutes", "As agreed.", record=customer, by=by, files=[agenda])
        attach(customer, FileStorage(BytesIO(b"agreed"), "minutes.txt"), by)
    one, other = _first_two(Customer)
    deal, due = db.session.scalars(
        select(Opportunity).where(Opportunity.status == "open").order_by(Opportunity.id).limit(2)
    )
    deal.owner_id, deal.next_step = by.id, None
    lead = _first(Lead, status="new")
    lead.owner_id = by.id
    db.session.flush()
    note_place(POOLED["lead"], lead, {"told_for": standing(POOLED["lead"], lead).due.on})
    due.owner_id, due.next_step_on = by.id, today()
    db.session.add(DuplicatePair(record_type="customer", first_id=one, second_id=other, score=90, reasons=["name"]))
    db.session.commit()
    for finish in (False, True):  # one that waits for an answer, one that is done, with a row that was not taken
        wizard = Wizard(client, app).upload(
            "name,industry\nAlpha,Alchemy\n,Manufacturing\nBeta,\n", "customer", "customers.csv"
        )
        wizard.columns()
        if finish:
            wizard.words(Alchemy="reject")
            wizard.start()
            assert wizard.record.bad, wizard.counts()
