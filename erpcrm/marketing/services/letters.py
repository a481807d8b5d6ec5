"""What a campaign writes: templates made ready, the mail to one member, previews and tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from html import escape
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, in_language
from erpcrm.core.mail import Mail, absolute, letter, new_message_id, send_mail
from erpcrm.core.settings import setting
from erpcrm.customers.models import Contact, Customer
from erpcrm.pipeline.models import Lead

from ..links import answer_path, click_path, leave_path, pixel_path
from ..merging_fields import filled, first_name
from ..models import Campaign, CampaignLink, CampaignMember, MailTemplate
from ..writing import links_of, to_html, to_text
from .members import audience

MEMBER = "~member~"
"""Stands for the member's token in a prepared text"""


@dataclass(frozen=True)
class Prepared:
    """A template with the campaign's tracked links in it; the fields are still open."""

    template: MailTemplate
    text: str
    html: str
    foot: str


def keep_links(campaign: Campaign) -> dict[str, int]:
    """{address: id} of all links in the campaign's templates, stored so that tracked links lead to these alone."""
    known = {
        url: id
        for url, id in session.execute(
            select(CampaignLink.url, CampaignLink.id).where(CampaignLink.campaign_id == campaign.id)
        )
    }
    for template in (campaign.template, campaign.template_b):
        for url in links_of(template.body) if template else ():
            if url not in known:
                link = CampaignLink(campaign_id=campaign.id, url=url)
                session.add(link)
                session.flush()
                known[url] = link.id
    return known


def prepared(template: MailTemplate, links: Mapping[str, int] | None = None) -> Prepared:
    """The template as text and HTML. Without `links` they lead straight on: for tests and previews."""

    def follow(url: str) -> str:
        if links is None or url not in links:
            return url
        return absolute(click_path(MEMBER, links[url]))

    with in_language(template.language):
        foot = _("You get this mail because you agreed to it. Unsubscribe:")
    return Prepared(template, to_text(template.body, follow), to_html(template.body, follow), foot)


def values_for(member: CampaignMember, owner: User | None) -> dict[str, str]:
    """What the fields stand for, of a member."""
    person: Any = member.contact or member.lead
    company = member.customer.name if member.customer is not None else getattr(member.lead, "company", None)
    host = getattr(person, "owner", None) or owner
    return {
        "first name": first_name(member.name),
        "name": member.name,
        "company": company or "",
        "job title": (person.job_title if person is not None else None) or "",
        "owner": host.name if host is not None else "",
        "our company": setting("company_name") or "",
    }


def written(made: Prepared, values: Mapping[str, str], token: str | None) -> tuple[str, str, str]:
    """Subject, text and HTML of the mail to one member; `token` None: a mail that nobody is to be counted by."""
    subject = " ".join(filled(made.template.subject, values).split())
    answer = absolute(answer_path(token or "-"))
    plain = {**values, "response link": answer}
    marked = {name: escape(value) for name, value in values.items()}
    marked["response link"] = f'<a href="{answer}">{answer}</a>'
    text, html = filled(made.text, plain), filled(made.html, marked)
    if token:
        leave = absolute(leave_path(token))
        pixel = absolute(pixel_path(token))
        text = f"{text}\n\n--\n{made.foot} {leave}\n"
        html = (
            f'{html}\n<hr>\n<p><small>{escape(made.foot)} <a href="{leave}">{leave}</a></small></p>\n'
            f'<img src="{pixel}" width="1" height="1" alt="">'
        )
        text, html = text.replace(MEMBER, token), html.replace(MEMBER, token)
    return subject, text, f'<html lang="{made.template.language}"><body>\n{html}\n</body></html>'


def letter_to(campaign: Campaign, member: CampaignMember, made: Prepared) -> EmailMessage:
    """The mail as it goes out, with the headers by which one unsubscribes in one click (RFC 8058)."""
    owner = campaign.owner
    subject, text, html = written(made, values_for(member, owner), member.token)
    leave = absolute(leave_path(member.token))
    return letter(
        formataddr((member.name, member.address or ""), charset="utf-8"),
        subject,
        text,
        html,
        message_id=new_message_id(),
        reply_to=formataddr((owner.name, owner.email), charset="utf-8") if owner is not None and owner.email else None,
        headers={
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Precedence": "bulk",
        },
    )


def send_test(campaign: Campaign, template: MailTemplate, by: User, like: CampaignMember | None) -> Mail:
    """Send the mail to oneself, as `like` would get it, or with the fields of oneself. It counts nowhere."""
    if by.email is None:
        raise Refused(_("You have no e-mail address yourself. Add it to your profile first."))
    made = prepared(template)
    if like is not None:
        values = values_for(like, campaign.owner)
    else:
        values = dict.fromkeys(("company", "our company"), setting("company_name") or "")
        values |= {"name": by.name, "first name": first_name(by.name), "job title": "", "owner": by.name}
    subject, text, html = written(made, values, None)
    with in_language(template.language):
        subject = _("Test: %(subject)s", subject=subject)
    return send_mail(by.email, subject, text, html, by=by)


def somebody_like(campaign: Campaign, by: Actor) -> CampaignMember | None:
    """The first who would get it, as a member that is not kept: to see the mail before anything is sent."""
    person = next((one for one in audience(campaign, by) if one.why == "ready"), None)
    if person is None:
        return None
    # Not in the session: set without telling anybody, so that nothing of it is ever written.
    member = CampaignMember(name=person.name, address=person.address, variant="a", control=False)
    set_committed_value(member, "contact", session.get(Contact, person.id) if person.kind == "contact" else None)
    set_committed_value(member, "lead", session.get(Lead, person.id) if person.kind == "lead" else None)
    set_committed_value(member, "customer", session.get(Customer, person.customer_id) if person.customer_id else None)
    return member
