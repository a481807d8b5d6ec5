"""Sending a campaign: in small steps, throttled, and so that nobody gets it twice whatever dies in between.

A step marks at most BATCH members as "sending" and commits; the server is asked; its answers are noted and committed. Where
the program ends before the answers are noted, these members are "uncertain" from the next step on: they may have got it or
not, so it is not sent to them again by itself. All others go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formataddr
from functools import partial
from html import escape
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.audit import POINTER, record_events
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, _l, in_language
from erpcrm.core.jobs import DONE, MORE, Failed, Job, Outcome, Outside, Progress, enqueue, handler
from erpcrm.core.mail import RETRIES, Mail, MailServer, Told, absolute, letter, mail_url, new_message_id, send_mail
from erpcrm.core.settings import setting
from erpcrm.customers.models import Contact, Customer
from erpcrm.pipeline.models import Lead

from ..merging_fields import filled, first_name
from ..models import Campaign, CampaignLink, CampaignMember, MailTemplate, MemberEvent
from ..writing import links_of, to_html, to_text
from .members import audience

SEND_JOB = "marketing.send"
BATCH = 50
"""Mails of a step: so many are uncertain at most when the program is killed"""
SECONDS = 40
TRIES = 3
LATER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
ALL_WRONG = 5
"""So many mails of a step that the server will not take, and none that it takes: something is wrong with us, not with them"""
MEMBER = "~member~"
"""Stands for the member's token in a prepared text"""


# --------------------------------------------------------------------------- what is written


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
        return absolute(f"/marketing/c/{MEMBER}/{links[url]}")

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
    answer = absolute(f"/marketing/r/{token}") if token else absolute("/marketing/r/-")
    plain = {**values, "response link": answer}
    marked = {name: escape(value) for name, value in values.items()}
    marked["response link"] = f'<a href="{answer}">{answer}</a>'
    text, html = filled(made.text, plain), filled(made.html, marked)
    if token:
        leave = absolute(f"/marketing/u/{token}")
        pixel = absolute(f"/marketing/o/{token}.gif")
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
    leave = absolute(f"/marketing/u/{member.token}")
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


# --------------------------------------------------------------------------- when it goes


def begin_sending(campaign: Campaign) -> None:
    """Put the sending into the queue, for now or for when the campaign says."""
    keep_links(campaign)
    _queue(campaign, max(campaign.send_at or now(), now()))


def _queue(campaign: Campaign, at: datetime) -> None:
    job = enqueue(
        SEND_JOB,
        state={"campaign": campaign.id},
        label=f"{campaign.number} {campaign.name}",
        total=waiting_of(campaign),
        run_at=at,
    )
    campaign.job_id = job.id
    session.flush()


def waiting_of(campaign: Campaign) -> int:
    query = select(func.count()).where(CampaignMember.campaign_id == campaign.id, CampaignMember.delivery == "waiting")
    return session.scalar(query) or 0


def job_of(campaign: Campaign) -> Job | None:
    return session.get(Job, campaign.job_id, populate_existing=True) if campaign.job_id is not None else None


def go_on_sending(campaign: Campaign) -> bool:
    """Let sending go on; False where it goes on anyway. The caller holds the campaign, so no step is in the middle of ending."""
    job = job_of(campaign)
    if job is not None and not job.is_finished:
        return False
    _queue(campaign, max(campaign.send_at or now(), now()))
    return True


# --------------------------------------------------------------------------- the steps


@handler(SEND_JOB, label=_l("Send a campaign"), retries=RETRIES)
def send_step(job: Job) -> Progress | Outside | Failed:
    """Note what came of the last mails, and hand over the next ones unless the campaign was paused."""
    campaign = session.get(Campaign, job.state["campaign"])
    if campaign is None:
        return DONE
    lock(campaign)
    mine = campaign.job_id == job.id
    trouble = None
    if job.outcome is not None:
        trouble = _note(campaign, job, job.outcome)
    elif mine:
        _give_up_on_lost(campaign)
    if not mine or campaign.status != "running":
        return DONE
    if trouble is not None:
        return Failed(trouble)
    return _next(campaign, job)


def _give_up_on_lost(campaign: Campaign) -> None:
    """Members whose mail was under way when the program ended: nobody knows whether they got it."""
    lost = session.scalars(
        select(CampaignMember.id).where(CampaignMember.campaign_id == campaign.id, CampaignMember.delivery == "sending")
    ).all()
    if not lost:
        return
    session.execute(
        update(CampaignMember)
        .where(CampaignMember.id.in_(lost))
        .values(delivery="uncertain", error=None, updated_at=now())
    )
    _tell([{"member_id": id, "kind": "uncertain", "text": None} for id in lost], campaign)


def _tell(rows: Sequence[dict[str, Any]], campaign: Campaign) -> None:
    """Write events of members."""
    if rows:
        same = {"campaign_id": campaign.id, "at": now(), "counted": True}
        session.execute(insert(MemberEvent), [same | row for row in rows])


def _next(campaign: Campaign, job: Job) -> Progress | Outside | Failed:
    url = mail_url()
    if url is None:
        return Failed(_("No mail server is set up."), final=True)
    moment, most = now(), BATCH
    if campaign.per_hour is not None:
        sent = CampaignMember.sent_at > moment - HOUR
        count, oldest = session.execute(
            select(func.count(), func.min(CampaignMember.sent_at)).where(
                CampaignMember.campaign_id == campaign.id, sent
            )
        ).one()
        most = min(BATCH, campaign.per_hour - count)
        if most <= 0 and oldest is not None:
            _queue(campaign, oldest + HOUR)
            return DONE
    due = CampaignMember.next_try_at.is_(None) | (CampaignMember.next_try_at <= moment)
    waiting = select(CampaignMember).where(
        CampaignMember.campaign_id == campaign.id, CampaignMember.delivery == "waiting"
    )
    members = session.scalars(waiting.where(due).options(*SHOWN_IN_MAILS).order_by(CampaignMember.id).limit(most)).all()
    if not members:
        again = session.scalar(waiting.with_only_columns(func.min(CampaignMember.next_try_at)))
        if again is not None:
            _queue(campaign, again)
        return DONE
    letters = _letters(campaign, members)
    session.flush()
    job.done += len(members) - len(letters)
    if not letters:
        return MORE
    return Outside(partial(MailServer.of(url).send_many, letters, SECONDS))


SHOWN_IN_MAILS = (
    joinedload(CampaignMember.contact).joinedload(Contact.owner).lazyload(User.roles),
    joinedload(CampaignMember.lead).joinedload(Lead.owner).lazyload(User.roles),
    joinedload(CampaignMember.customer),
)
"""What the fields of a mail need, in one query for all members of a step"""


def _letters(campaign: Campaign, members: Sequence[CampaignMember]) -> list[tuple[int, EmailMessage]]:
    """Mark members as being sent to, and give their mails. Who has withdrawn since is left out: consent is asked to the last."""
    links = keep_links(campaign)
    made = {
        variant: prepared(template, links)
        for variant, template in (("a", campaign.template), ("b", campaign.template_b or campaign.template))
        if template is not None
    }
    letters, gone = [], []
    for member in members:
        if not may_write_to(member):
            member.delivery = "withdrawn"
            gone.append({"member_id": member.id, "kind": "withdrawn", "text": None})
            continue
        member.delivery = "sending"
        letters.append((member.id, letter_to(campaign, member, made[member.variant])))
    _tell(gone, campaign)
    return letters


def may_write_to(member: CampaignMember) -> bool:
    """Whether the person agrees to marketing now. Whoever is not there any more can't."""
    if member.contact is not None:
        return member.contact.consent == "granted"
    return member.lead is not None and member.lead.marketing_consent


def _note(campaign: Campaign, job: Job, outcome: Outcome) -> str | None:
    """Keep what the server said. Returns what is wrong with us, if that is why nothing went."""
    told: dict[int, Told] = outcome.value if outcome.error is None else {}
    members = session.scalars(
        select(CampaignMember)
        .where(CampaignMember.campaign_id == campaign.id, CampaignMember.delivery == "sending")
        .options(joinedload(CampaignMember.contact), joinedload(CampaignMember.lead))
    ).all()
    trouble = _trouble(told, outcome)
    events, reached = [], []
    for member in members:
        answer = told.get(member.id)
        if answer is None or (trouble and answer.state in ("rejected", "later")):
            member.delivery = "waiting"  # it was not even tried, or it is no fault of theirs
            continue
        kind = _put_down(member, answer)
        if kind is not None:
            events.append({"member_id": member.id, "kind": kind, "text": answer.text or None})
        if answer.state == "taken":
            reached.append(member.contact or member.lead)
        job.done += member.delivery != "waiting"
    session.flush()
    _tell(events, campaign)
    for kind_of_record in (Contact, Lead):
        about = [record for record in reached if isinstance(record, kind_of_record)]
        record_events(about, "campaign_mailed", {f"{POINTER}campaign": [None, campaign.id]})
    return trouble


def _trouble(told: Mapping[int, Told], outcome: Outcome) -> str | None:
    if outcome.error is not None:
        reason = str(outcome.error) or type(outcome.error).__name__
        return _("The mail server can't be reached: %(reason)s", reason=reason)
    wrong = [answer for answer in told.values() if answer.state in ("rejected", "later")]
    if len(wrong) >= ALL_WRONG and len(wrong) == len(told):
        return _("The mail server takes none of the mails: %(reason)s", reason=wrong[0].text)
    return None


def _put_down(member: CampaignMember, answer: Told) -> str | None:
    """The new state of a member; the kind of event that tells it."""
    moment = now()
    member.error = answer.text or None
    if answer.state == "taken":
        member.delivery, member.error = "sent", None
        member.sent_at = member.delivered_at = moment
        return "sent"
    if answer.state == "uncertain":
        member.delivery = "uncertain"
        return "uncertain"
    if answer.state == "refused":
        member.delivery, member.bounced_at = "bounced", member.bounced_at or moment
        return "bounced"
    member.tries += 1
    if answer.state == "later" and member.tries < TRIES:
        member.delivery, member.next_try_at = "waiting", moment + LATER
        return None
    member.delivery = "failed"
    return "failed"


def send_uncertain(member: CampaignMember, by: Actor) -> None:
    """Send once more to somebody of whom it is not known whether they got it: a person decides that, one by one."""
    lock(member)
    campaign = member.campaign
    lock(campaign)
    if member.delivery not in ("uncertain", "failed"):
        raise Refused(_("The mail to this member is no longer uncertain."))
    if campaign.status != "running":
        raise Refused(_("The campaign does not run now. Let it go on first."))
    member.delivery, member.tries, member.next_try_at, member.error = "waiting", 0, None, None
    session.flush()
    session.add(MemberEvent(member_id=member.id, campaign_id=campaign.id, kind="sent_again", user_id=by.id))
    session.flush()
    go_on_sending(campaign)


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
