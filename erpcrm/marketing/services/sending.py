"""Sending a campaign: in small steps, throttled, and so that nobody gets it twice whatever dies in between.

A step marks at most BATCH members as "sending" and commits; the server is asked; its answers are noted and committed. Where
the program ends before the answers are noted, these members are "uncertain" from the next step on: they may have got it or
not, so it is not sent to them again by itself. All others go on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import joinedload

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.audit import POINTER, record_events
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, _l
from erpcrm.core.jobs import DONE, MORE, Failed, Job, Outcome, Outside, Progress, enqueue, handler
from erpcrm.core.mail import RETRIES
from erpcrm.core.mail_server import Told, mail_server
from erpcrm.customers.models import Contact
from erpcrm.pipeline.models import Lead

from ..models import Campaign, CampaignMember, MemberEvent
from .letters import keep_links, letter_to, prepared

SEND_JOB = "marketing.send"
BATCH = 50
"""Mails of a step: so many are uncertain at most when the program is killed"""
SECONDS = 40
TRIES = 3
LATER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
ALL_WRONG = 5
"""So many mails of a step that the server will not take, and none that it takes: something is wrong with us, not with them"""


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
    server = mail_server()
    if server is None:
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
    return Outside(partial(server.send_many, letters, SECONDS))


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
