"""The fields in a mail to many: {{first name}}, {{公司}}; with words for when there is nothing: {{first name | there}}."""

import re
from collections.abc import Mapping

FIELD = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|\s*([^{}|]*?)\s*)?\}\}")
NAMES: Mapping[str, str] = {
    "first name": "first name",
    "名字": "first name",
    "name": "name",
    "姓名": "name",
    "company": "company",
    "公司": "company",
    "job title": "job title",
    "职位": "job title",
    "owner": "owner",
    "负责人": "owner",
    "our company": "our company",
    "我司": "our company",
    "response link": "response link",
    "回复链接": "response link",
}
"""What may be written, and the value that it stands for"""
LINKS = frozenset({"response link"})
"""Values that are addresses of pages"""
CHINESE = re.compile(r"[㐀-鿿]")


def unknown_fields(*texts: str) -> list[str]:
    """The fields in these texts that nobody knows, each once, and braces that lead nowhere."""
    found: dict[str, None] = {}
    for text in texts:
        for name, _otherwise in FIELD.findall(text):
            if _known(name) is None:
                found[name or "{{}}"] = None
        if "{{" in FIELD.sub("", text) or "}}" in FIELD.sub("", text):
            found["{{"] = None
    return list(found)


def _known(name: str) -> str | None:
    return NAMES.get(" ".join(name.lower().split()))


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """The text with its fields filled in; a field without a value gives the words after its |, or nothing."""

    def put(match: re.Match[str]) -> str:
        value = values.get(_known(match[1]) or "")
        return value if value else (match[2] or "")

    return FIELD.sub(put, text)


def first_name(name: str) -> str:
    """How one addresses a person: a Chinese name stays whole, for one does not call strangers by the given name alone."""
    return name if CHINESE.search(name) else name.split(maxsplit=1)[0] if name.split() else ""
