"""What the header of a mail says: who wrote to whom, when, in answer to what, and whether a person did."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz

from connectors.files.charsets import header as words
from connectors.files.encodings import clean
from connectors.files.mime import Header

EARLIEST, LATEST = 1980, 2199
"""Years outside are a clock's mistake."""
LONGEST_DELAY = timedelta(days=7)
"""Between the writing of a mail and the first server that took it; beyond it, a clock is wrong."""
MOST_RECIPIENTS = 20
"""Recipients of one mail that are looked at."""
LONGEST_ID = 250
LONGEST_FIELD = 16_384
"""Bytes of a field that are read."""

_ID = re.compile(r"<([^<>\s]+)>")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)", re.DOTALL)
_ANGLED = re.compile(r"<\s*([^<>\s@]+@[^<>\s@]+)\s*>")
_ADDRESS = re.compile(r"[^\s<>(),;:\"@]{1,100}@[^\s<>(),;:\"@]{1,255}")
_NEEDED = frozenset(("from", "date", "subject", "message-id", "to", "received"))
_MACHINES = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|double-bounce)@")
_ZONE = re.compile(r"\d\d?:\d\d(?::\d\d)?\s*([+-]\d{4}|UTC?|GMT|JST|Z|[ECMP][SD]T)(?![\w:])", re.IGNORECASE)
_EXPUNGED = 0x0008
"""In X-Mozilla-Status: what was deleted and waits to be taken out of the file."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's header, read."""

    message_id: str | None
    began_with: str | None
    """The id of the mail that the conversation began with, as far as this one knows; None for that one."""
    subject: str
    sender: str | None
    """An address in lower case, as all others here."""
    reply_to: str | None
    """Where answers are asked to go, or who wrote it before a list put itself in their place."""
    recipients: tuple[str, ...]
    written_at: datetime | None
    """Without a zone where the mail says none."""
    of_list: str | None
    """The list's id (`support.shop.example`), or empty where it has none; None for what came by no list."""
    automatic: str | None
    """Why no person wrote this to anybody in particular; None where nothing says so."""
    broken: bool
    """Whether its subject holds bytes that fit no charset."""


def is_mail(header: Header) -> bool:
    """Say whether this is a mail's header at all."""
    return any(name in _NEEDED for name, _ in header.fields)


def letter(header: Header, usual: str | None = None) -> Letter:
    """Return what a header says. `usual` is the encoding of what names none."""
    own = _ids(header.get("message-id"))
    before = [*_ids(header.get("references"))[:1], *_ids(header.get("in-reply-to"))[:1]]
    subject = words((header.get("subject") or b"")[:LONGEST_FIELD], usual)
    return Letter(
        message_id=own[0] if own else None,
        began_with=before[0] if before else None,
        subject=subject.text,
        sender=next(iter(_addresses_of(header, "from")), None),
        reply_to=next(iter(_addresses_of(header, "x-original-from", "x-original-sender", "reply-to")), None),
        recipients=tuple(_addresses_of(header, "to"))[:MOST_RECIPIENTS],
        written_at=_written_at(header),
        of_list=_list_of(header),
        automatic=_automatic(header),
        broken=subject.broken,
    )


def _addresses_of(header: Header, *names: str) -> list[str]:
    """Return the addresses in the fields of these names, without names, in lower case."""
    values = [value[:LONGEST_FIELD] for name in names for value in header.all(name)]
    return [
        address
        for value in values
        # Some programs encode the address with the name.
        for address in _addresses(value.decode("utf-8", "replace")) or _addresses(words(value).text)
    ]


def _addresses(value: str) -> list[str]:
    found = []
    for part in _QUOTED.sub("", value).split(","):
        match = _ANGLED.search(part)
        if match is None and (match := _ADDRESS.search(part)) is None:
            continue
        address = clean(match[1] if match.re is _ANGLED else match[0]).lower()
        if len(address) <= LONGEST_ID:
            found.append(address)
    return found


def _ids(value: bytes | None) -> list[str]:
    """Return the ids in a header's value; one without angle brackets is taken as it is."""
    written = clean((value or b"")[:LONGEST_FIELD].decode("utf-8", "replace")).strip()
    found = _ID.findall(written) or ([written] if written and " " not in written else [])
    return [one if len(one) <= LONGEST_ID else hashlib.sha256(one.encode()).hexdigest() for one in found]


def _list_of(header: Header) -> str | None:
    named = header.plain("list-id")
    if named:
        return next(iter(_ID.findall(named)), named)
    return "" if header.plain("precedence") == "list" else None


def _automatic(header: Header) -> str | None:
    """Return why a mail is a machine's or goes to many, by what it says of itself for that purpose."""
    submitted = header.plain("auto-submitted").partition(";")[0].strip()
    if submitted and submitted != "no":
        return "an automatic mail (Auto-Submitted)"
    if header.plain("content-type").startswith("multipart/report"):
        return "a notice of delivery"
    if header.plain("return-path") == "<>":
        return "an automatic mail (empty Return-Path)"
    if any(_MACHINES.match(address) for address in _addresses_of(header, "from")):
        return "a notice of delivery"
    if header.get("x-autoreply") is not None or header.get("x-autorespond") is not None:
        return "an automatic mail (X-Autoreply)"
    precedence = header.plain("precedence")
    if precedence in ("bulk", "junk", "auto_reply"):
        return f"mail to many (Precedence: {precedence})"
    return None


def is_expunged(header: Header) -> bool:
    """Say whether a mail was deleted and is only still in the file (Thunderbird)."""
    status = header.plain("x-mozilla-status")
    return re.fullmatch(r"[0-9a-f]{4}", status) is not None and bool(int(status, 16) & _EXPUNGED)


def _written_at(header: Header) -> datetime | None:
    """Return when a mail was written; where its own clock is wrong, when the first server took it."""
    own = _instant(header.get("date") or b"")
    taken = [at for at in map(_instant, _hops(header)) if at is not None and at.tzinfo is not None]
    if not taken:
        return own
    if own is None or own.tzinfo is None or abs(own - taken[-1]) > LONGEST_DELAY:
        return taken[-1]
    return own


def _hops(header: Header) -> Iterable[bytes]:
    return (value.rpartition(b";")[2] for value in header.all("received"))


def _instant(value: bytes) -> datetime | None:
    text = value[:200].decode("ascii", "replace").strip()
    try:
        parts = parsedate_tz(text)
        if parts is None:
            return None
        found = datetime(*parts[:6])  # noqa: DTZ001  the zone follows
        zone = _zone(text, parts[9] or 0)
        # The instant itself must be one, too: the first hour of the year 1 is none further east.
        return _sane(found if zone is None else found.replace(tzinfo=zone).astimezone(zone))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _zone(text: str, seconds: int) -> timezone | None:
    """Return the zone of a date, of which Python's parser takes none and an unknown one for UTC."""
    named = _ZONE.search(text)
    if named is None:
        return None
    return timezone(timedelta(hours=9) if named[1].upper() == "JST" else timedelta(seconds=seconds))


def _sane(found: datetime) -> datetime | None:
    return found if EARLIEST <= found.year <= LATEST else None
