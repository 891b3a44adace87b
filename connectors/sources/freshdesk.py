"""Freshdesk: tickets and their conversations, told of by an automation rule and read by API v2.

What Freshdesk calls a conversation is one message of a ticket; the first is the ticket's description. A rule
sends what its administrator wrote, with placeholders put in as they are, so that it need not even be JSON:
only the number of the ticket is taken from it, and the ticket is fetched.

- Nothing that a rule sends is signed: a password comes with it, or a secret address.
- Of a list Freshdesk shows 300 pages; a walk begins anew at the last change that it has seen.
- A list leaves out what was deleted or is spam; both are listed by themselves.

Sources: developers.freshdesk.com, "Tickets", "Conversations", "Companies"; support.freshdesk.com, "Using
webhooks in automation rules".
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Self

from connectors.asking import Api, Listed, Params, base_of, basic, needed, one_of_many, own_address
from connectors.errors import Refused
from connectors.loose import NOTHING, Loose, is_number
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Channel,
    Company,
    Customer,
    Event,
    Heard,
    Means,
    Pace,
    Page,
    Said,
    Setting,
    Source,
    Withdrawn,
)

API = "/api/v2"
NAMED = (
    re.compile(rb'\bticket_id(?: type="integer")?["\s:=>]{1,8}(\d{1,18})(?!\d)'),
    re.compile(rb"/tickets/(\d{1,18})(?!\d)"),
)
"""Where a call that is no JSON names its ticket: in its field, or else in the ticket's address."""
STATUSES: Mapping[float | None, str] = {2: "open", 3: "pending", 4: "resolved", 5: "closed"}
"""All others are an account's own, and have a number here."""
DONE = frozenset({"resolved", "closed"})
CHANNELS: Mapping[float | None, Channel] = {3: "call", 7: "chat"}
EVERYTHING = 1
"""The scope of an agent who may see all tickets."""
OUTBOUND = 10
"""The source of a ticket that an agent began by writing to a customer."""
FORWARDED = 8
"""The source of a conversation with a third party."""
FIRST = "description"
"""The name of a ticket's first message."""
LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)
TICKETS = 24
"""Of one page: each takes a request of its own, and one for a company not known yet."""
LISTED = 100
"""Of all else: the most that Freshdesk gives."""
MOST_PAGES = 10
LAST_PAGE = 300
SECOND = timedelta(seconds=1)
ABSENT = frozenset({403, 404})
"""Statuses of what is gone, or is not for Koe."""
ADVICE = {
    401: "copy the API key anew (your profile picture › Profile settings › View API Key)",
    403: "the agent whose key it is must be allowed to see tickets, and the plan must have the API",
    404: "see whether this is the address of your Freshdesk, such as https://example.freshdesk.com",
}


class Freshdesk(Source):
    """A Freshdesk account."""

    slug = "freshdesk"
    title = "Freshdesk"
    category = "helpdesk"
    settings = (
        own_address("Freshdesk", example="https://example.freshdesk.com"),
        Setting(
            name="key",
            label={"en": "API key of an agent", "ja": "担当者の API キー"},
            secret=True,
            needed="to_fetch",
        ),
    )
    proofs = ("bearer", "url")
    pace = Pace(requests=100, seconds=60, burst=10)
    guide = (
        {
            "en": "As an administrator, open Admin › Workflows › Automations. Under Ticket creation make a "
            "rule for all tickets, and under Ticket updates one for replies and changes of status, each "
            "with the action Trigger webhook: request type POST, URL {url}, encoding JSON, content Advanced: "
            '{"ticket_id":"{{ticket.id}}","url":"{{ticket.url}}"} – no words are needed: '
            "Koe fetches the ticket.",
            "ja": "管理者として「管理者 › ワークフロー › 自動化」を開き、「チケットの作成」にすべての"
            "チケット用、「チケットの更新」に返信と状態の変更用のルールを作ります。アクションは「Webhook を"
            "トリガー」で、リクエストタイプは POST、URL は {url}、エンコードは JSON、コンテンツは「詳細」と"
            'し、{"ticket_id":"{{ticket.id}}","url":"{{ticket.url}}"} を入力します。本文は Koe が取りに行く'
            "ので不要です。",
        },
        {
            "en": "Tick Requires authentication, and enter koe as the user name and {secret} as the "
            "password. Where the source proves itself by its address (url), that is not needed.",
            "ja": "「認証が必要」に印を付け、ユーザー名に koe、パスワードに {secret} を入力します。取り込み"
            "元の証明を URL によるもの(url)にした場合は不要です。",
        },
        {
            "en": "Give Koe the API key of an agent with global access (profile picture › Profile settings › "
            "View API Key): without it nothing can be fetched, and calls alone tell no words.",
            "ja": "全チケットを閲覧できる担当者の API キー(プロフィール画像 › プロフィール設定 › API キーを"
            "表示)を Koe に入力します。Webhook には本文が含まれないため、キーがないと何も取り込めません。",
        },
    )
    unverified = (
        {
            "en": "How often Freshdesk tries a call again (about 1,000 calls an hour go out), and whether "
            "deleted and spam tickets are listed by the time of their change; where not, what was deleted "
            "goes only when a call tells of it.",
            "ja": "Webhook の再送の回数(送信は 1 時間に約 1,000 回まで)と、削除済み・迷惑チケットを更新日時で"
            "一覧できるかどうか(できないときは、Webhook で知らされるまで残ります)。",
        },
        {
            "en": "Ratings are not taken, a status of your own is told by its number, and a single reply "
            "that is deleted in Freshdesk stays in Koe.",
            "ja": "評価は取り込みません。独自のステータスは番号で示します。Freshdesk で返信だけを削除しても、"
            "Koe には残ります。",
        },
    )

    def __init__(self, api: Api | None, address: str) -> None:
        self._api = api
        self._address = address
        self._companies: dict[str, Company | None] = {}
        """What is known of companies, as far as it was asked."""

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address = base_of(settings, "address").removesuffix(API)
        if not settings.get("key", "").strip():
            return cls(None, address)
        proof = {"authorization": basic(needed(settings, "key"), "X")}
        return cls(Api(http=means.http, base=f"{address}{API}", headers=proof, advice=ADVICE), address)

    def read(self, call: Call) -> Iterator[Event]:
        named = _named(call.body)
        if named is None:
            yield BadRow(line=1, reason='it names no ticket: let the rule send {"ticket_id":"{{ticket.id}}"}')
        else:
            yield Changed(external_id=named)

    def check(self) -> str:
        agent = self._asked().get("/agents/me")
        who = agent["contact"]["email"].text or "the agent whose key it is"
        self._list(_since(datetime.now(UTC), size=1))
        if agent["ticket_scope"].number not in (None, EVERYTHING):
            return (
                f"Freshdesk answers for {who}, but shows only the tickets of this agent or of their groups."
            )
        return f"Freshdesk answers for {who}, and lets Koe read all tickets."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        told = Loose.glimpse((cursor or "").encode())
        began = told[0].written_time or since or LONG_AGO
        number = int(told[1].number or 1)
        events: list[Event] = list(self._gone(since)) if since and cursor is None else []
        asked = {**_since(began, size=TICKETS), "include": "description,requester,stats", "page": number}
        found = self._list(asked)
        for ticket in found.rows:
            events += self._walked(ticket)
        if len(found.rows) < TICKETS and found.next is None:
            return Page(events=_once(events))
        times = [at for ticket in found.rows if (at := ticket["updated_at"].written_time)]
        # One second earlier, for whether a search counts the very second in is not known.
        last = times[-1] - SECOND if times else began
        following = [last.isoformat(), 1] if last > began else [began.isoformat(), number + 1]
        if number >= LAST_PAGE and last <= began:
            most = LAST_PAGE * TICKETS
            reason = f"more than {most:,} tickets changed at {began}, and Freshdesk lists no more"
            events.append(BadRow(line=1, reason=reason))
            following = [(began + SECOND).isoformat(), 1]
        return Page(events=_once(events), cursor=json.dumps(following))

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        if not is_number(external_id):
            raise Refused("the tickets of Freshdesk have numbers")
        path, asked = f"/tickets/{external_id}", {"include": "requester,stats"}
        ticket = self._asked().find(path, asked, alive=self.check)
        if ticket is None:
            return Withdrawn(external_id=external_id)
        if ticket["id"].id != external_id:
            raise Refused(f"Freshdesk answered with something that is not ticket {external_id}")
        return self._heard(ticket)

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'key' is missing: Freshdesk tells nothing without it")
        return self._api

    def _list(self, asked: Params) -> Listed:
        return self._asked().listed("/tickets", asked)

    def _gone(self, since: datetime) -> Iterator[Event]:
        """Yield the tickets that were deleted, or taken for spam, since; none where they are not listed."""
        for kind in ("deleted", "spam"):
            try:
                for number in range(1, MOST_PAGES + 1):
                    found = self._list({**_since(since, size=LISTED), "filter": kind, "page": number})
                    for ticket in found.rows:
                        if named := ticket["id"].id:
                            yield Withdrawn(external_id=named, at=ticket["updated_at"].written_time)
                    if len(found.rows) < LISTED and found.next is None:
                        break
            except Refused as error:
                if error.status != 400:
                    raise

    def _walked(self, ticket: Loose) -> Iterator[Event]:
        """Yield a ticket of a list; one that Freshdesk refuses is left for later."""
        named = ticket["id"].id or ""
        return one_of_many(named, lambda: self._told(ticket)) if is_number(named) else iter(())

    def _told(self, ticket: Loose) -> Iterator[Event]:
        """Yield a ticket, after its company."""
        company = ticket["company_id"].id
        if company and is_number(company) and (known := self._company(company)):
            yield known
        yield self._heard(ticket)

    def _company(self, named: str) -> Company | None:
        if named not in self._companies:
            try:
                told = self._asked().get(f"/companies/{named}")
            except Refused as error:
                if error.status not in ABSENT:
                    raise
                told = NOTHING
            self._companies[named] = _known(named, told) if told["name"].text else None
        return self._companies[named]

    def _heard(self, ticket: Loose) -> Heard | Withdrawn:
        """Return a ticket with all that was said in it."""
        named, at = ticket["id"].id or "", ticket["updated_at"].written_time
        if ticket["deleted"].flag or ticket["spam"].flag:
            return Withdrawn(external_id=named, at=at)
        number, stats = ticket["status"].number, ticket["stats"]
        status = STATUSES.get(number) or ticket["status"].id
        ended = stats["resolved_at"].written_time or stats["closed_at"].written_time
        return Heard(
            external_id=named,
            said=[*_first(ticket), *self._conversations(named)],
            channel=CHANNELS.get(ticket["source"].number, "ticket"),
            title=ticket["subject"].text,
            created_at=ticket["created_at"].written_time,
            updated_at=at,
            replied_at=stats["first_responded_at"].written_time,
            resolved_at=ended if status in DONE else None,
            status=status,
            customer=Customer(
                id=ticket["requester_id"].id,
                email=ticket["requester"]["email"].text,
                account_id=ticket["company_id"].id,
            ),
            url=f"{self._address}/a/tickets/{named}",
            tags=[tag for one in ticket["tags"] if (tag := one.text)],
        )

    def _conversations(self, ticket: str) -> Iterator[Said]:
        """Yield what was said to both sides; private notes and mail to third parties were not."""
        for number in range(1, MOST_PAGES + 1):
            asked: Params = {"per_page": LISTED, "page": number}
            found = self._asked().listed(f"/tickets/{ticket}/conversations", asked)
            for one in found.rows:
                named, text = one["id"].id, one["body"].text or one["body_text"].text
                is_public = one["private"].value is False and one["source"].number != FORWARDED
                if named and text and is_public:
                    yield Said(
                        external_id=named,
                        text=text,
                        author_role="customer" if one["incoming"].flag else "agent",
                        created_at=one["created_at"].written_time,
                        updated_at=one["updated_at"].written_time,
                    )
            if len(found.rows) < LISTED and found.next is None:
                return


def _first(ticket: Loose) -> Iterator[Said]:
    """Yield a ticket's description, which agents may change later."""
    if text := ticket["description"].text or ticket["description_text"].text:
        yield Said(
            external_id=FIRST,
            text=text,
            author_role="agent" if ticket["source"].number == OUTBOUND else "customer",
            created_at=ticket["created_at"].written_time,
            updated_at=ticket["updated_at"].written_time,
        )


def _known(named: str, company: Loose) -> Company:
    return Company(
        account_id=named,
        name=company["name"].text,
        domains=[domain for one in company["domains"] if (domain := one.text)],
        plan=company["account_tier"].text,
        segment=company["industry"].text,
        renews_at=company["renewal_date"].written_time,
    )


def _named(body: bytes) -> str | None:
    """Return the number of the ticket that a call names, be it JSON, a form, XML or none of them."""
    told = Loose.glimpse(body)
    for place in (told["ticket_id"], told["freshdesk_webhook"]["ticket_id"]):
        if (named := place.id) and is_number(named):
            return named
    return next((match[1].decode() for form in NAMED if (match := form.search(body))), None)


def _since(at: datetime, *, size: int) -> Params:
    """Return a search for the tickets that changed since, the oldest change first."""
    return {
        "updated_since": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "order_by": "updated_at",
        "order_type": "asc",
        "per_page": size,
    }


def _once(events: list[Event]) -> list[Event]:
    """Return events without what was told before: a company is told of with each of its tickets."""
    return [event for place, event in enumerate(events) if event not in events[:place]]
