"""Words for what happens to members."""

from typing import Any

from erpcrm.core.i18n import _l, lazy_pgettext

EVENTS: dict[str, tuple[Any, str, str]] = {
    "sent": (lazy_pgettext("campaign event", "The mail was taken by the mail server"), "send", "green"),
    "sent_again": (_l("To be sent once more"), "refresh", "blue"),
    "uncertain": (_l("The program ended before the mail server's answer came"), "alert-triangle", "orange"),
    "failed": (_l("The mail server did not take the mail"), "alert-circle", "red"),
    "bounced": (_l("The address does not exist any more"), "alert-circle", "red"),
    "withdrawn": (_l("Left out: the consent was withdrawn before it was sent"), "ban", "yellow"),
    "opened": (_l("The mail was opened"), "eye", "blue"),
    "clicked": (_l("A link was followed"), "link", "blue"),
    "responded": (_l("Answered"), "message", "green"),
    "outcome": (_l("Outcome noted"), "phone", "gray"),
    "unsubscribed": (_l("Unsubscribed"), "user-x", "orange"),
    "converted": (_l("The lead became a customer"), "circle-check", "green"),
}
"""Kind of event: what it says, its icon and tone"""

FIELDS: tuple[tuple[str, str, Any], ...] = (
    ("{{first name}}", "{{名字}}", _l("How one addresses the person; Chinese names stay whole")),
    ("{{name}}", "{{姓名}}", _l("The whole name")),
    ("{{company}}", "{{公司}}", _l("The customer, or the company of the lead")),
    ("{{job title}}", "{{职位}}", _l("Job title")),
    ("{{owner}}", "{{负责人}}", _l("Whoever looks after the person, else the owner of the campaign")),
    ("{{our company}}", "{{我司}}", _l("Our own name")),
    ("{{response link}}", "{{回复链接}}", _l("A page on which the person answers with one button")),
)
"""What may stand in a template, in both languages, and what it stands for"""
