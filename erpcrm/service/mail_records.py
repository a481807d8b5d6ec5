"""What lists know about incoming mails."""

from erpcrm.core.access import everyone
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Column, Join, RecordType

from .models import IncomingMail, Ticket
from .models.mailbox import MAIL_STATES, MAIL_TAKE, MAIL_VIEW, REASONS

incoming_mail = RecordType(
    name="incoming_mail",
    model=IncomingMail,
    label=_l("Incoming mail"),
    plural=_l("Incoming mails"),
    icon="inbox",
    endpoint="service.incoming_mail",
    list_endpoint="service.incoming_mails",
    view=MAIL_VIEW,
    edit=MAIL_TAKE,
    title=IncomingMail.subject,
    scope=everyone,
    sort="-received",
    columns=(
        Column("subject", _l("Subject"), IncomingMail.subject),
        Column("sender", lazy_pgettext("mail", "From"), IncomingMail.sender),
        Column("status", _l("Status"), IncomingMail.status, "choice", choices=MAIL_STATES),
        Column("why", _l("Why"), IncomingMail.why, "choice", choices=REASONS),
        Column(
            "ticket",
            _l("Ticket"),
            Ticket.code,
            "ref",
            key=IncomingMail.ticket_id,
            ref="ticket",
            joins=(Join("mail_ticket", Ticket, Ticket.id == IncomingMail.ticket_id),),
        ),
        Column("received", lazy_pgettext("mail", "Received"), IncomingMail.received_at, "datetime", sortable=True),
        Column("created", _l("Created"), IncomingMail.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "left": (_l("Not made a ticket"), "status=ignored&status=failed"),
        "failed": (_l("Failed"), "status=failed"),
    },
)
