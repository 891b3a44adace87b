"""HubSpot: tickets with what was said in their conversations or e-mails, by webhook and by search.

A call only names what changed, many things at once. Imports come in floods, of thousands of events: they are
left to the next walk, which asks for many tickets at a time.
Sources: developers.hubspot.com, "Webhooks", "Validating requests", "Tickets", "Search".
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Self

from connectors import hmacs
from connectors.asking import Api, base_of, needed, part
from connectors.errors import Refused, Unproven, Unreadable
from connectors.loose import Loose
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Event,
    Heard,
    Means,
    Pace,
    Page,
    Setting,
    Source,
    Withdrawn,
)
from connectors.sources.hubspot_tickets import PROPERTIES, TYPE, Tickets, time_of

SIGNATURE = "x-hubspot-signature-v3"
STAMP = "x-hubspot-request-timestamp"
OLDER_SIGNATURE = "x-hubspot-signature"
API = "https://api.hubapi.com"
OBJECTS = "/crm/v3/objects/tickets"
IMPORT = "IMPORT"
NAMED = {"properties": ",".join(PROPERTIES)}
ADVICE = {
    401: "copy the app's access token anew",
    403: "give the app the scope “tickets” in HubSpot, and install it again",
}
TICKETS = 20
"""Of one page: each takes two or more requests of its own for its conversations."""
MOST_FOUND = 10_000
"""What one search shows; a longer one goes on as another, from where it ended."""


class HubSpot(Source):
    """The tickets of a HubSpot account."""

    slug = "hubspot"
    title = "HubSpot"
    category = "helpdesk"
    settings = (
        Setting(
            name="token",
            label={"en": "Access token of the app", "ja": "アプリのアクセストークン"},
            secret=True,
            needed="to_fetch",
            example="pat-na1-…",
        ),
        Setting(
            name="address",
            label={"en": "Address of the API", "ja": "API のアドレス"},
            default=API,
            example=API,
        ),
    )
    proofs = ("own", "older")
    secret_from = "sender"
    pace = Pace(requests=4, seconds=1, burst=4)
    guide = (
        {
            "en": "In HubSpot, open Settings › Integrations and create a private app (or an app of your "
            "own on the developer platform) with the scopes tickets, crm.objects.contacts.read, "
            "crm.objects.companies.read, conversations.read and sales-email-read. Without the last two, "
            "Koe hears the description of a ticket alone.",
            "ja": "HubSpot の「設定 › 連携」で非公開アプリ(または開発者プラットフォームのアプリ)を作り、"
            "スコープ tickets、crm.objects.contacts.read、crm.objects.companies.read、conversations.read、"
            "sales-email-read を付けます。最後の 2 つがないと、チケットの説明だけを取り込みます。",
        },
        {
            "en": "Copy the access token and the client secret of the app from its page Auth: Koe asks "
            "with the token, and the client secret proves the calls.",
            "ja": "アプリの「認証」からアクセストークンとクライアントシークレットをコピーします。Koe "
            "はトークンで取得し、クライアントシークレットで呼び出しを検証します。",
        },
        {
            "en": "On the page Webhooks of the app, enter {url} as the target URL exactly as it stands "
            "here, for it is part of what is signed. Subscribe to tickets: created, deleted, merged, "
            "restored, and changes of subject, content, hs_pipeline_stage and hs_last_message_received_at.",
            "ja": "アプリの「Webhook」でターゲット URL に {url} を一字一句そのまま入力します(署名に含まれる"
            "ため)。チケットの作成・削除・マージ・復元と、subject、content、hs_pipeline_stage、"
            "hs_last_message_received_at の変更を購読します。",
        },
        {
            "en": "If Koe's log says that x-hubspot-signature-v3 is missing, your subscriptions are signed "
            "in HubSpot's older way (v1). It holds no time, so that a captured call can be sent again; "
            "only if there is no other way, choose the proof “older” for this source.",
            "ja": "Koe のログに x-hubspot-signature-v3 がないと出るときは、HubSpot の古い方式(v1)で署名され"
            "ています。時刻を含まず、盗まれた呼び出しを再送できるので、ほかに手がない場合に限り、この取り込"
            "み元の証明方法に「older」を選びます。",
        },
    )
    unverified = (
        {
            "en": "Which subscriptions are signed in the newer way (v3) on your account, whether a ticket "
            "that is restored counts as changed, and whether e-mails that were forwarded to HubSpot are "
            "the customer's.",
            "ja": "どの購読が新しい署名(v3)で届くか、復元されたチケットが変更として扱われるか、HubSpot "
            "に転送されたメールが顧客のものか。",
        },
    )

    def __init__(self, tickets: Tickets | None) -> None:
        self._tickets = tickets

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address = base_of({"address": API, **settings}, "address")
        if not settings.get("token"):
            return cls(None)
        proof = {"authorization": f"Bearer {needed(settings, 'token')}"}
        return cls(Tickets(api=Api(http=means.http, base=address, headers=proof, advice=ADVICE)))

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:
        stamp = call.headers.get(STAMP)
        hmacs.must_be_fresh(hmacs.seconds_of(stamp, header=STAMP, unit=0.001), now, header=STAMP)
        signed = f"{call.method}{call.url}".encode() + call.body + (stamp or "").encode()
        hmacs.prove(secrets, signed, call.headers.get(SIGNATURE), header=SIGNATURE, encoding="base64")
        return ""

    @classmethod
    def prove_older(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:
        if SIGNATURE in call.headers:
            return cls.prove(call, secrets, now)
        given = call.headers.get(OLDER_SIGNATURE, "").encode()
        made = [hashlib.sha256(secret.encode() + call.body).hexdigest().encode() for secret in secrets]
        if not any(hmac.compare_digest(given, one) for one in made):
            raise Unproven(f"{OLDER_SIGNATURE} is not right: another secret, or other bytes than were signed")
        return ""

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        if not isinstance(told.value, list):
            raise Unreadable("it is no list of events, which is what HubSpot sends")
        events = (one for place, event in enumerate(told, start=1) for one in _events(place, event))
        yield from dict.fromkeys(events)  # many changes of one ticket are fetched once

    def check(self) -> str:
        self._asked().api.get(OBJECTS, {"limit": 1})
        missing = self._asked().missing()
        if not missing:
            return "HubSpot answers, and lets Koe read its tickets with all that belongs to them."
        return (
            "HubSpot answers, and lets Koe read its tickets; left out is what the app has no scope for: "
            f"{', '.join(missing)}."
        )

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place = Loose.glimpse((cursor or "null").encode())
        began = int(since.timestamp() * 1000) if since and not cursor else place["from"].value
        going_on = {"after": after} if (after := place["after"].id) else {}
        if isinstance(began, int):
            found = self._asked().api.post(f"{OBJECTS}/search", _changed_since(began) | going_on)
        else:  # by their numbers, however many there are
            found = self._asked().api.get(OBJECTS, {"limit": TICKETS, **NAMED, **going_on})
        tickets = [ticket for ticket in found["results"] if ticket["id"].id]
        heard = self._asked().told(tickets)
        companies = self._asked().companies(id_ for one in heard if (id_ := one.customer.account_id))
        return Page(events=[*heard, *companies], cursor=_next(found, began, tickets))

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        try:
            found = self._asked().api.get(f"{OBJECTS}/{part(external_id)}", NAMED)
        except Refused as error:
            if error.status == 404:
                return Withdrawn(external_id=external_id)
            raise
        if found["id"].id != external_id:  # it was merged into another one
            return Withdrawn(external_id=external_id)
        (ticket,) = self._asked().told([found])
        return ticket

    def _asked(self) -> Tickets:
        if self._tickets is None:
            raise Refused("the setting 'token' is missing: HubSpot tells nothing without it")
        return self._tickets


def _changed_since(began: int) -> dict[str, object]:
    """Return the search for tickets that changed since a time (in ms), the oldest change first."""
    changed = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": str(began)}
    return {
        "filterGroups": [{"filters": [changed]}],
        "sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
        "properties": PROPERTIES,
        "limit": TICKETS,
    }


def _events(place: int, event: Loose) -> Iterator[Event]:
    """Yield what one event of a call tells of tickets; nothing of what it tells of others."""
    subject, _, happened = (event["subscriptionType"].text or "").partition(".")
    if not happened:
        yield BadRow(line=place, reason="it names no subscriptionType")
        return
    if subject != "ticket" and (subject, event["objectTypeId"].id) != ("object", TYPE):
        return
    named = event["objectId"].id or event["fromObjectId"].id
    if named is None:
        yield BadRow(line=place, reason="it names no ticket: objectId is not there")
    elif happened == "deletion":
        yield Withdrawn(external_id=named, at=event["occurredAt"].counted_time(0.001))
    elif happened == "merge":
        yield from _merged(event, named)
    elif event["changeSource"].text != IMPORT:
        yield Changed(external_id=named)


def _merged(event: Loose, named: str) -> Iterator[Event]:
    """Yield what became of tickets of which one was made."""
    now = event["newObjectId"].id or event["primaryObjectId"].id or named
    for gone in (event["primaryObjectId"].id, *(one.id for one in event["mergedObjectIds"])):
        if gone is not None and gone != now:
            yield Withdrawn(external_id=gone, at=event["occurredAt"].counted_time(0.001))
    yield Changed(external_id=now)


def _next(found: Loose, began: object, tickets: Sequence[Loose]) -> str | None:
    """Return where a walk goes on after a page.

    A search that has shown all it can begins anew at the last change that it showed. Where that is no later,
    for more tickets were changed at one instant than a search shows, all are listed.
    """
    after = found["paging"]["next"]["after"].id
    if after is None or not tickets:
        return None
    if isinstance(began, int) and after.isascii() and after.isdigit() and int(after) + TICKETS > MOST_FOUND:
        last = time_of(tickets[-1]["properties"]["hs_lastmodifieddate"])
        reached = int(last.timestamp() * 1000) if last else began
        return json.dumps({"from": reached if reached > began else None})
    return json.dumps({"from": began, "after": after})
