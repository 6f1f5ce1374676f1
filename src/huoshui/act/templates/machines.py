"""Whether it was a machine that followed a link: scanners of mail open everything, prefetching opens what nobody reads.

Two looks: at the request itself, and a while later at what else came for the same message. When in doubt it was a
person, except where people cannot be: in the seconds after a message was written, or at several links in one second.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOO_FAST = timedelta(seconds=10)
"""Between writing a message and reading it lie its way through two mail servers and a person's attention."""
BURST = timedelta(seconds=4)
"""In so long nobody follows two links of a message; opening it and following one link is usual."""
WITHIN = timedelta(minutes=2)
"""How long around a machine all that comes for the same message is its doing."""

_PREFETCH = ("HTTP_PURPOSE", "HTTP_SEC_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
_AGENTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|scan|preview|prefetch|monitor|validator|urlcheck|safelinks|proofpoint|mimecast"
    r"|barracuda|cisco|ironport|symantec|trendmicro|fortinet|sophos|forcepoint|zscaler|checkpoint|fireeye|trellix"
    r"|netcraft|virustotal|phishtank|bitdefender|kaspersky|headless|phantom|selenium|puppeteer|playwright"
    r"|curl|wget|python|java/|okhttp|go-http|libwww|httpclient|axios|node-fetch|scrapy|ruby|perl|php/"
    r"|facebookexternalhit|whatsapp|telegram|skypeuripreview|slack|discord|msoffice|ms-office|outlook-ios-preview",
    re.IGNORECASE,
)
_BARE = re.compile(r"mozilla/\d\.\d", re.IGNORECASE)
"""All that the privacy proxy of Apple Mail says, which fetches pictures of letters that nobody has opened."""


@dataclass(frozen=True, slots=True)
class Came:
    """A request as the second look sees it."""

    id: int
    target_id: int
    opening: bool
    key: str
    at: datetime
    machine: str


def of_request(method: str, headers: Mapping[str, str], written_at: datetime, now: datetime) -> str:
    """By what a request is told for a machine's, empty for a person: head, prefetch, agent, fast.

    ``headers`` as in ``request.META``.
    """
    if method != "GET":
        return "head"
    if any(
        "prefetch" in (said := headers.get(name, "").casefold()) or "preview" in said for name in _PREFETCH
    ):
        return "prefetch"
    agent = headers.get("HTTP_USER_AGENT", "").strip()
    if not agent or _AGENTS.search(agent) or _BARE.fullmatch(agent):
        return "agent"
    return "fast" if now - written_at < TOO_FAST else ""


def of_company(these: Sequence[Came], around: Sequence[Came]) -> dict[int, str]:
    """Those of ``these`` that were taken for a person's and were not, by id with the reason, from ``around``: all that
    came for the same messages.

    ``burst`` followed another link of the message within `BURST`; ``company`` came within `WITHIN` of a request that
    was told for a machine by itself or by a burst.
    """
    by_key: dict[str, list[Came]] = {}
    for one in around:
        by_key.setdefault(one.key, []).append(one)
    found: dict[int, str] = {}
    for together in by_key.values():
        links = [one for one in together if not one.opening]
        bursts = {
            one.id
            for one in links
            for other in links
            if one.target_id != other.target_id and abs(one.at - other.at) <= BURST
        }
        told = [one for one in together if one.machine in ("head", "prefetch", "agent") or one.id in bursts]
        for one in together:
            if one.id in bursts:
                found[one.id] = "burst"
            elif any(abs(one.at - other.at) <= WITHIN for other in told):
                found[one.id] = "company"
    wanted = {one.id for one in these if not one.machine}
    return {id_: why for id_, why in found.items() if id_ in wanted}
