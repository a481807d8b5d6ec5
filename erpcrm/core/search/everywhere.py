"""One search over everything: the pages of the menu, what can be created, and records of every type that is on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import url_for
from flask_babel import force_locale

from ..actor import Actor
from ..i18n import LANGUAGES, _
from ..registry import areas_on
from .query import newest_hits
from .words import asked, search_words

MOST = 6
PAGES_AT_FIRST = 8
CREATING = ("new create add", "新建", "添加")
"""What people type before the thing that they want to create."""


@dataclass(frozen=True)
class Found:
    """One line of the results."""

    url: str
    label: Any
    hint: str
    icon: str


@dataclass(frozen=True)
class Group:
    """Results of one kind. `more` is the list that shows all of them."""

    name: str
    label: Any
    results: Sequence[Found]
    more: str | None = None


def everywhere(text: str, actor: Actor) -> list[Group]:
    """What `text` finds, grouped, within the user's permissions and scope: one query a record type, and no more.

    Nothing typed yet gives the menu's first pages and what can be created: the palette is also a way to go about.
    """
    typed = text.strip()
    pages = [found for found, words in _pages(actor) if fits(words, typed)]
    creates = [found for found, words in _creates(actor) if fits(words, typed)]
    groups = [
        Group("pages", _("Go to"), pages[: MOST if typed else PAGES_AT_FIRST]),
        Group("create", _("Create"), creates[:MOST]),
    ]
    records = list(_records(typed, actor)) if typed else []
    return [group for group in (*records, *groups) if group.results]


def _records(text: str, actor: Actor) -> Iterator[Group]:
    for area in areas_on():
        for kind in area.record_types:
            if kind.search is None or not actor.may(kind.view):
                continue
            hits = newest_hits(kind, text, actor=actor, limit=MOST + 1)
            more = url_for(kind.list_endpoint, q=text) if len(hits) > MOST else None
            results = [Found(url_for(kind.endpoint, id=hit.id), hit.title, hit.subtitle, kind.icon) for hit in hits]
            yield Group(kind.name, kind.plural, results[:MOST], more)


def _pages(actor: Actor) -> Iterator[tuple[Found, str]]:
    entries = [item for area in areas_on() for item in area.nav if item.open_to(actor)]
    for item in sorted(entries, key=lambda item: item.order):
        hint = str(item.group) if str(item.group) != str(item.label) else ""
        yield Found(url_for(item.endpoint), item.label, hint, item.icon), _label_words(item.label)


def _creates(actor: Actor) -> Iterator[tuple[Found, str]]:
    for area in areas_on():
        for entry in area.create:
            if actor.may(entry.permission):
                words = " ".join((_label_words(entry.label), _words(CREATING)))
                yield Found(url_for(entry.endpoint), entry.label, "", entry.icon), words


def _label_words(label: Any) -> str:
    """The words of a label in every language: people type the one that they remember."""
    return _words(tuple(_in_language(label, language) for language in LANGUAGES))


def _in_language(label: Any, language: str) -> str:
    with force_locale(language):
        return str(label)


@lru_cache(maxsize=1024)
def _words(labels: tuple[str, ...]) -> str:
    return search_words(names=[(label, None) for label in labels])


def fits(words: str, text: str) -> bool:
    """The rule of the index, for a handful of labels that are in no index."""
    if not text:
        return True
    asked_for, padded = asked(text), f" {words} "
    phrases = [f" {' '.join(phrase)} " for phrase in asked_for.phrases]
    beginnings = [f" {beginning}" for beginning in asked_for.beginnings]
    return bool(asked_for) and all(part in padded for part in (*phrases, *beginnings))
