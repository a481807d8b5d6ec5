"""A contact as a vCard 3.0 (RFC 2426), which every phone reads."""

from .models import Contact


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;").replace("\r", "")


def write(contact: Contact, company: str | None) -> str:
    """The card's text. The name stays whole: nobody can tell family from given name for every culture."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{escaped(contact.name)}", f"N:{escaped(contact.name)};;;;"]
    pairs = (
        ("ORG", company),
        ("TITLE", contact.job_title),
        ("TEL;TYPE=CELL", contact.mobile),
        ("TEL;TYPE=WORK", contact.phone),
        ("TEL", contact.other_phone),
        ("EMAIL", contact.email),
        ("X-WECHAT", contact.wechat),
    )
    lines += [f"{name}:{escaped(value)}" for name, value in pairs if value]
    return "\r\n".join([*lines, "END:VCARD", ""])
