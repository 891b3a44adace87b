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
from functools import partial
from typing import Self

from connectors import hmacs
from connectors.asking import BY_ITSELF, Api, api_address, base_of, needed, one_of_many, part
from connectors.errors import Refused, Unproven, Unreadable
from connectors.loose import NOTHING, Loose
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
from connectors.sources import sales
from connectors.sources.hubspot_accounts import LOST, OF_DEALS, WON, Accounts
from connectors.sources.hubspot_tickets import PROPERTIES, TYPE, Tickets, time_of

SIGNATURE = "x-hubspot-signature-v3"
STAMP = "x-hubspot-request-timestamp"
OLDER_SIGNATURE = "x-hubspot-signature"
API = "https://api.hubapi.com"
OBJECTS = "/crm/v3/objects"
TICKETS = "tickets"
IMPORT = "IMPORT"
NAMED = {"properties": ",".join(PROPERTIES)}
ADVICE = {
    401: "copy the app's access token anew",
    403: "give the app the scope “tickets” in HubSpot, and install it again",
}
SIZES: Mapping[str, int] = {TICKETS: 20, "companies": 100, "deals": 100}
"""Of one page, in the order in which they are walked: each ticket takes requests of its own."""
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
        api_address(API),
        WON,
        LOST,
        *sales.account_settings(own_id="customer_number", plan="plan", segment="industry", revenue="arr"),
    )
    proofs = ("own", "older")
    secret_from = "sender"
    pace = Pace(requests=4, seconds=1, burst=4)
    guide = (
        {
            "en": "In HubSpot, open Settings › Integrations and create a private app (or an app of your "
            "own on the developer platform) with the scopes tickets, crm.objects.contacts.read, "
            "crm.objects.companies.read, conversations.read and sales-email-read. Without the last two, "
            "Koe hears the description of a ticket alone. With crm.objects.deals.read it hears as well "
            "which deals were won and lost, and why.",
            "ja": "HubSpot の「設定 › 連携」で非公開アプリ(または開発者プラットフォームのアプリ)を作り、"
            "スコープ tickets、crm.objects.contacts.read、crm.objects.companies.read、conversations.read、"
            "sales-email-read を付けます。最後の 2 つがないと、チケットの説明だけを取り込みます。"
            "crm.objects.deals.read を付けると、取引の受注・失注とその理由も取り込みます。",
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
            "に転送されたメールがお客様のものか。",
        },
        {
            "en": "What your pipelines of deals are called, and in which properties you keep plan and "
            "revenue: the settings say so. A deal that is reopened later leaves in Koe what it told when it "
            "was closed.",
            "ja": "取引のパイプラインの名前と、プラン・金額を入れているプロパティ(設定で指定します)。あとで"
            "再開された取引について、完了時に取り込んだ内容は Koe に残ります。",
        },
    )

    def __init__(self, tickets: Tickets | None, accounts: Accounts) -> None:
        self._tickets = tickets
        self._accounts = accounts

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address = base_of(settings, "address", usual=API)
        outcomes = sales.Outcomes(won=sales.meanings(settings, WON), lost=sales.meanings(settings, LOST))
        accounts = Accounts(told=sales.Accounts.of(settings), outcomes=outcomes)
        if not settings.get("token", "").strip():
            return cls(None, accounts)
        proof = {"authorization": f"Bearer {needed(settings, 'token')}"}
        api = Api(http=means.http, base=address, headers=proof, advice=ADVICE)
        return cls(Tickets(api=api), accounts)

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
        self._must_answer()
        missing = self._asked().missing()
        if not missing:
            return "HubSpot answers, and lets Koe read its tickets with all that belongs to them."
        return (
            "HubSpot answers, and lets Koe read its tickets; left out is what the app has no scope for: "
            f"{', '.join(missing)}."
        )

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place = Loose.glimpse((cursor or "null").encode())
        kind = place["of"].text if place["of"].text in SIZES else TICKETS
        began = int(since.timestamp() * 1000) if since and not cursor else place["from"].value
        found = self._listed(kind or TICKETS, began, place["after"].id)
        rows = [row for row in found["results"] if row["id"].id]
        following = _next(kind or TICKETS, found, began, rows) or _next_kind(kind or TICKETS, since)
        return Page(events=self._told(kind or TICKETS, rows), cursor=following)

    def _listed(self, kind: str, began: object, after: str | None) -> Loose:
        """Return a part of all objects of a kind that changed since a time (in ms), or of all.

        Nothing where the app has no scope for what belongs to tickets alone. Raises Refused and RetryLater.
        """
        api, going_on = self._asked().api, {"after": after} if after else {}
        properties = {"deals": OF_DEALS, "companies": self._accounts.of_companies}.get(kind, PROPERTIES)
        path, size = f"{OBJECTS}/{kind}", SIZES[kind]
        try:
            if isinstance(began, int):
                search = _changed_since(began, properties)
                return api.post(f"{path}/search", {**search, "limit": size, **going_on})
            # by their numbers, however many there are
            return api.get(path, {"limit": size, "properties": ",".join(properties), **going_on})
        except Refused as error:
            if error.status == 403 and kind != TICKETS:
                return NOTHING
            raise

    def _told(self, kind: str, rows: Sequence[Loose]) -> Sequence[Event]:
        if kind == "deals":
            return self._accounts.deals(self._asked(), rows)
        if kind == "companies":
            return [self._accounts.company(row["id"].id or "", row["properties"]) for row in rows]
        events = list(self._walked(rows))
        heard = [one for one in events if isinstance(one, Heard)]
        behind = [named for one in heard if (named := one.customer.account_id)]
        known = self._asked().companies(behind, self._accounts.of_companies)
        return [*events, *(self._accounts.company(named, told) for named, told in known.items())]

    def _walked(self, tickets: Sequence[Loose]) -> Iterator[Event]:
        """Yield tickets of a page, each by itself where one is refused; that one is left for later."""
        tell = self._asked().told
        try:
            yield from tell(tickets)
        except Refused as error:
            if error.status not in BY_ITSELF:
                raise
            for ticket in tickets:
                yield from one_of_many(ticket["id"].id or "", partial(tell, [ticket]))

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        path = f"{OBJECTS}/{TICKETS}/{part(external_id)}"
        found = self._asked().api.find(path, NAMED, alive=self._must_answer)
        if found is not None and not found["properties"].is_object:
            raise Refused(f"HubSpot answered with something that is not ticket {external_id}")
        if found is None or found["id"].id != external_id:  # it was merged into another one
            return Withdrawn(external_id=external_id)
        (ticket,) = self._asked().told([found])
        return ticket

    def _must_answer(self) -> None:
        """Make sure that tickets can be read. Raises Refused or RetryLater."""
        if not isinstance(self._asked().api.get(f"{OBJECTS}/{TICKETS}", {"limit": 1})["results"].value, list):
            raise Refused("HubSpot answered with something that is no list of tickets")

    def _asked(self) -> Tickets:
        if self._tickets is None:
            raise Refused("the setting 'token' is missing: HubSpot tells nothing without it")
        return self._tickets


def _changed_since(began: int, properties: Sequence[str]) -> dict[str, object]:
    """Return the search for objects that changed since a time (in ms), the oldest change first."""
    changed = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": str(began)}
    return {
        "filterGroups": [{"filters": [changed]}],
        "sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
        "properties": [*dict.fromkeys([*properties, "hs_lastmodifieddate"])],
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


def _next(kind: str, found: Loose, began: object, rows: Sequence[Loose]) -> str | None:
    """Return where the walk of a kind goes on after a page.

    A search that has shown all it can begins anew at the last change that it showed. Where that is no later,
    for more were changed at one instant than a search shows, all are listed.
    """
    after = found["paging"]["next"]["after"].id
    if after is None or not rows:
        return None
    is_counted = isinstance(began, int) and after.isascii() and after.isdigit()
    if isinstance(began, int) and is_counted and int(after) + SIZES[kind] > MOST_FOUND:
        last = time_of(rows[-1]["properties"]["hs_lastmodifieddate"])
        reached = int(last.timestamp() * 1000) if last else began
        return json.dumps({"of": kind, "from": reached if reached > began else None})
    return json.dumps({"of": kind, "from": began, "after": after})


def _next_kind(kind: str, since: datetime | None) -> str | None:
    """Return where a walk goes on when all of a kind were walked."""
    kinds = [*SIZES]
    rest = kinds[kinds.index(kind) + 1 :]
    began = int(since.timestamp() * 1000) if since else None
    return json.dumps({"of": rest[0], "from": began}) if rest else None
