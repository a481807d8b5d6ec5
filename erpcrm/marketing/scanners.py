"""Telling people from machines that open mails before them.

Mail gateways fetch every link to look for malware, often within seconds of delivery and all of them; browsers and messengers
fetch ahead. None of that is a click. What decides, in this order:

1. Only GET can be a click: HEAD and the like are checks.
2. `Sec-Purpose` or `Purpose: prefetch` and `X-Moz: prefetch` say so themselves.
3. No user agent, or one that is known for a scanner, library or preview.
4. A link that is followed within `AT_ONCE` of the mail's leaving: nobody reads so fast, gateways do.
5. Two different links of the same mail within `TOGETHER` are one machine going through them all: neither counts, and the
   first, which had counted, is taken back.

People who click a second link after `TOGETHER` count. A scanner that waits for minutes, pretends to be a browser and follows
one link alone can't be told apart; therefore nothing is done for a click but counting it: whoever unsubscribes or answers
presses a button.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

AT_ONCE = timedelta(seconds=5)
TOGETHER = timedelta(seconds=3)
KNOWN = re.compile(
    r"bot\b|crawl|spider|preview|scan|proofpoint|barracuda|mimecast|safelinks|trendmicro|symantec|forcepoint|fireeye"
    r"|cloudmark|sophos|curl/|wget|python-|httpx|okhttp|java/|go-http|libwww|headless|phantomjs|axios|node-fetch",
    re.IGNORECASE,
)
PROXIES = re.compile(r"GoogleImageProxy|YahooMailProxy", re.IGNORECASE)
"""Fetch pictures for the reader when the mail is opened: these do count, though nobody knows how often"""


def is_machine(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request says of itself that nobody sits before it (rules 1 to 3)."""
    if method.upper() != "GET":
        return True
    purpose = " ".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")).lower()
    if "prefetch" in purpose or "preview" in purpose:
        return True
    agent = headers.get("User-Agent", "").strip()
    return not agent or (KNOWN.search(agent) is not None and PROXIES.search(agent) is None)


def is_too_quick(at: datetime, sent_at: datetime | None) -> bool:
    """Rule 4. What was never sent is nobody's to click."""
    return sent_at is None or at - sent_at < AT_ONCE


def swept_along(at: datetime, link: int, before: Sequence[tuple[datetime, int]]) -> list[int]:
    """Rule 5: the places in `before` (moment and link of earlier clicks) that show this click, and themselves, to be a sweep."""
    return [place for place, (then, other) in enumerate(before) if other != link and at - then <= TOGETHER]
