"""How each kind of source tells of a version of a ticket, in the shape and with the proof of its system."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from connectors.signatures import key_of, sign
from tests.contract.sources import (
    example_of,
    front,
    github,
    intercom,
    line,
    request_tracker,
    slack,
    zendesk,
)
from tests.speaker import Call, answers
from tests.storm import SINCE, Event

GENERIC = "generic"
THIN = "request-tracker"
"""The kind that names a ticket alone, which is then asked for."""
ASKED_ABOUT = re.compile(r'(?:/ticket/|query=id = |"IN","value":\[")(\d+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one kind of system tells, and what Koe is to call what it tells of."""

    kind: str
    tells: Callable[[Event], object]
    named: Callable[[Event], str]
    takes_back: bool = False
    """Whether a newer version takes the older one back: the bytes of calls that name it go then."""

    def body(self, event: Event) -> bytes:
        """Return the bytes that are sent, each time the same."""
        return json.dumps(self.tells(event), ensure_ascii=False).encode()

    def headers(self, event: Event, body: bytes, secret: str) -> Mapping[str, str]:
        """Return what proves a body now, and what else is sent with it."""
        now = datetime.now(UTC)
        if self.kind == GENERIC:
            stamp = int(now.timestamp())
            made = sign(key_of(secret), event.delivery, stamp, body)
            return {
                "webhook-id": event.delivery,
                "webhook-timestamp": str(stamp),
                "webhook-signature": made,
            }
        proof = example_of(self.kind).sign
        assert proof is not None
        marks = {"x-github-event": "issues", "x-github-delivery": event.delivery}
        return {**proof(body, secret, now), **(marks if self.kind == "github" else {})}


def of_generic(event: Event) -> object:
    return {
        "external_id": f"t-{event.place}",
        "text": event.words,
        "customer_id": f"customer-{event.place % 997}",
        "created_at": SINCE.isoformat(),
        "updated_at": event.at.isoformat(),
    }


def of_zendesk(event: Event) -> object:
    dates = {"created_at": SINCE.isoformat(), "updated_at": event.at.isoformat()}
    told = zendesk.event("ticket.created", {}, id=str(event.place), subject=event.words, **dates)
    return {**told, "id": event.delivery}


def of_intercom(event: Event) -> object:
    at = int(event.at.timestamp())
    told = intercom.conversation(id=str(event.place), title=event.words, updated_at=at)
    return {**intercom.notification("conversation.user.created", told), "id": event.delivery}


def of_slack(event: Event) -> object:
    said, at = slack.message(event.place, event.words), f"{event.at.timestamp():.6f}"
    if event.version == 1:
        return {**slack.event(**said), "event_id": event.delivery}
    edited = {**said, "edited": {"user": "U1", "ts": at}}
    told = slack.event(subtype="message_changed", message=edited, ts=at)
    return {**told, "event_id": event.delivery}


def of_github(event: Event) -> object:
    dates = {"created_at": SINCE.isoformat(), "updated_at": event.at.isoformat()}
    told = github.issue(number=event.place + 1, title=event.words, **dates)
    return github.event("opened" if event.version == 1 else "edited", issue=told)


def of_front(event: Event) -> object:
    told = front.event(
        "inbound",
        front.message(front.BROKEN),
        id=f"cnv_{event.place}",
        subject=event.words,
        created_at=SINCE.timestamp(),
        updated_at=event.at.timestamp(),
    )
    return front.sent_by_app("inbound_received", {**told, "id": event.delivery})


def of_line(event: Event) -> object:
    """Say something; the newer version is said anew, and the older one taken back."""
    person, at = line.user(person_of(event)), 1000 * int(event.at.timestamp())
    first = 10**17 + 10 * event.place
    said = line.text(at, person, str(first + event.version), event.words)
    taken_back = line.event("unsend", at, person, unsend={"messageId": str(first + 1)})
    told = [said] if event.version == 1 else [taken_back, said]
    return {
        "destination": "U0",
        "events": [{**one, "webhookEventId": f"{event.delivery}/{place}"} for place, one in enumerate(told)],
    }


def person_of(event: Event) -> str:
    return f"U{event.place:032x}"


class HeldTracker:
    """A Request Tracker that holds the newest version of each ticket: it tells of changes, and is asked."""

    def __init__(self) -> None:
        self._held: dict[int, Event] = {}

    def tell(self, event: Event) -> object:
        """Take a version, and return what is told of it: only that there is one."""
        number = event.place + 1
        self._held[number] = max(self._held.get(number, event), event, key=lambda one: one.version)
        return {
            "event": "Create" if event.version == 1 else "Correspond",
            "ticket": number,
            "transaction": 2 * event.place + event.delivery.endswith("-2"),
        }

    def say(self, call: Call) -> None:
        """Answer what is asked of a ticket."""
        target = unquote_plus(call.head.split(" ")[1])
        asked = ASKED_ABOUT.search(target)
        held = self._held.get(int(asked[1])) if asked else None
        told = None if held is None else self._told(held, target)
        status = "404 Not Found" if told is None else "200 OK"
        answers(status, body=json.dumps(told).encode())(call)

    def _told(self, held: Event, target: str) -> object:
        number = held.place + 1
        if "/history?" in target:
            made = request_tracker.change(number, "Create", "aya", SINCE.isoformat())
            return request_tracker.listed([made])
        if "/attachments?" in target:
            return request_tracker.listed([request_tracker.part(number, "text/plain", "毎日です。")])
        dates = {"Created": SINCE.isoformat(), "LastUpdated": held.at.isoformat()}
        ticket = {
            **request_tracker.TICKET,
            "id": str(number),
            "Type": "ticket",
            "Subject": held.words,
            **dates,
        }
        return request_tracker.listed([ticket], total=1) if "/tickets?" in target else ticket


def ways(tracker: HeldTracker) -> Mapping[str, Way]:
    """Return how each kind of source tells, by its slug."""
    known = [
        Way(kind=GENERIC, tells=of_generic, named=lambda event: f"t-{event.place}"),
        Way(kind="zendesk", tells=of_zendesk, named=lambda event: str(event.place)),
        Way(kind="intercom", tells=of_intercom, named=lambda event: str(event.place)),
        Way(kind="slack", tells=of_slack, named=lambda event: f"C1:{slack.ts(event.place)}"),
        Way(kind="github", tells=of_github, named=lambda event: str(event.place + 1)),
        Way(kind="front", tells=of_front, named=lambda event: f"cnv_{event.place}"),
        Way(
            kind="line",
            tells=of_line,
            named=lambda event: f"{person_of(event)}/{SINCE:%Y-%m-%d}",
            takes_back=True,
        ),
        Way(kind=THIN, tells=tracker.tell, named=lambda event: str(event.place + 1)),
    ]
    return {way.kind: way for way in known}
