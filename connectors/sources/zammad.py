"""Zammad: tickets and their articles, by a trigger's webhook and by the REST API.

What Zammad calls an article is one message of a ticket. A webhook brings the ticket and the article that set
it off; tags, the customer's language and all other articles are then fetched, for it does not bring those.

- The list of tickets is by number and can be read page by page; nothing in it can be asked by time.
- A search with a condition, and no query, is answered by Zammad's database: it needs no Elasticsearch.
- An article's words never change, but agents hide and show it: one that is hidden now may have been seen.

Sources: admin-docs.zammad.org, "Webhook"; docs.zammad.org, "Ticket", "Articles"; the server's own source, for
what webhooks hold and how searches are answered.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from connectors import hmacs
from connectors.asking import Api, Params, needed, one_of_many
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
    Role,
    Said,
    Setting,
    Source,
    Withdrawn,
)
from connectors.zammad_account import ADDRESS, API, NEW_TOKEN, NO_ZAMMAD, address_of, headers_of

SIGNATURE = "x-hub-signature"
DELIVERY = "x-zammad-delivery"
SPEAKERS: Mapping[str, Role] = {"Customer": "customer", "Agent": "agent", "System": "bot"}
CHANNELS: Mapping[str, Channel] = {
    "phone": "call",
    "chat": "chat",
    "sms": "chat",
    "telegram personal-message": "chat",
    "twitter direct-message": "chat",
    "whatsapp message": "chat",
}
"""By the type of a ticket's first article; all others are tickets."""
GONE = frozenset({"merged", "removed"})
"""States of tickets that are none any more: the articles of one that was merged are in another."""
CLOSED = "closed"
TICKETS = 12
"""Of one page: each takes two requests of its own, and up to two for people and companies not known yet."""
ABSENT = frozenset({403, 404})
"""Statuses of what is gone, or is not for Koe."""
ROUNDING = timedelta(seconds=1)
"""Zammad keeps times more exactly than it tells them."""
ADVICE = {
    401: NEW_TOKEN,
    403: "the token needs the permission ticket.agent, and its user read access to the groups",
    404: NO_ZAMMAD,
}


class Zammad(Source):
    """A Zammad server."""

    slug = "zammad"
    title = "Zammad"
    category = "helpdesk"
    settings = (
        ADDRESS,
        Setting(
            name="token",
            label={"en": "Access token of an agent", "ja": "担当者のアクセストークン"},
            secret=True,
            needed="to_fetch",
        ),
    )
    pace = Pace(requests=240, seconds=60, burst=20)
    guide = (
        {
            "en": "As an administrator, open Manage › Webhook › New Webhook. Endpoint: {url} – HMAC SHA1 "
            "Signature Token: {secret} – leave Custom Payload off, and the request method POST.",
            "ja": "管理者として「管理 › Webhook › 新しい Webhook」を開き、エンドポイントに {url}、HMAC SHA1 "
            "署名トークンに {secret} を入力します。カスタムペイロードはオフ、リクエストメソッドは POST の"
            "ままにします。",
        },
        {
            "en": "A webhook is called by a trigger: open Manage › Trigger › New Trigger. Activated by "
            "Action, execution Selective; condition Ticket › State › is, with every state chosen; action "
            "Notification › Webhook, with the webhook that you made.",
            "ja": "Webhook はトリガーから呼び出されます。「管理 › トリガー › 新しいトリガー」を開き、起動は"
            "アクション、実行は「選択的(Selective)」、条件は「チケット › 状態 › である」ですべての状態を"
            "選び、アクションに「通知 › Webhook」として上の Webhook を指定します。",
        },
        {
            "en": "For what is there already, for tags and for what calls lose, make a token: your avatar › "
            "Profile › Token Access › Create, with the permission ticket.agent. It shows Koe the groups that "
            "its user may read. Internal articles are never taken.",
            "ja": "すでにあるチケット、タグ、届かなかった分を取得するには、「アバター › プロフィール › "
            "トークンアクセス › 作成」で権限 ticket.agent のトークンを作ります。そのユーザーが読める"
            "グループのチケットだけが見えます。内部の記事は取り込みません。",
        },
    )
    unverified = (
        {
            "en": "Whether every version answers a search by the time of the last change, by which Koe finds "
            "what calls lost; it is tried when the source is added.",
            "ja": "最終更新日時による検索(届かなかった分はこれで見つけます)にすべての版が答えるかどうか。"
            "取り込み元を追加するときに試します。",
        },
        {
            "en": "A ticket counts as resolved in the state “closed” alone, not in states of your own. What "
            "is deleted in Zammad is not told: it goes only when its ticket is fetched again.",
            "ja": "解決とみなすのは状態が closed のチケットだけで、独自の状態は含みません。Zammad での削除は"
            "通知されないため、チケットを取得し直すまで残ります。",
        },
    )

    def __init__(self, api: Api | None, address: str) -> None:
        self._api = api
        self._address = address
        self._found: dict[str, Loose] = {}
        """People and companies, as far as they were asked for."""

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address = address_of(settings)
        if not settings.get("token", "").strip():
            return cls(None, address)
        proof = headers_of(needed(settings, "token"))
        return cls(Api(http=means.http, base=f"{address}{API}", headers=proof, advice=ADVICE), address)

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003  no time is signed
        given = call.headers.get(SIGNATURE)
        hmacs.prove(
            secrets, call.body, given, header=SIGNATURE, encoding="hex", prefix="sha1=", algorithm="sha1"
        )
        return Loose(call.headers.get(DELIVERY)).id or ""

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        ticket, organization = told["ticket"], told["ticket"]["organization"]
        named = ticket["id"].id
        if named is None or not is_number(named):
            yield BadRow(line=1, reason="it holds no ticket: turn Custom Payload of the webhook off")
            return
        if company := _company(ticket["organization_id"].id, organization):
            yield company
        heard = self._heard(ticket, [told["article"]], person=ticket["customer"])
        yield heard
        if isinstance(heard, Heard):
            yield Changed(external_id=named)

    def check(self) -> str:
        who = self._asked().get("/users/me")["email"].text or "the owner of the token"
        tickets = self._first()
        self._tickets("/tickets/search", {**_since(datetime.now(UTC)), "page": 1, "per_page": 1})
        if tickets:
            return f"Zammad answers for {who}, and lets Koe read tickets."
        return f"Zammad answers for {who}, and shows no ticket. If there are any: {ADVICE[403]}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        told = Loose.glimpse((cursor or "").encode())
        if since is None:
            tickets, after = self._all(int(told[0].number or 1), int(told[1].number or 0))
        else:
            tickets, after = self._changed(told[0].written_time or since, int(told[1].number or 1))
        events = [event for ticket in tickets for event in self._walked(ticket)]
        # A company stands in a page once, whoever of it wrote.
        once = [event for place, event in enumerate(events) if event not in events[:place]]
        return Page(events=once, cursor=json.dumps(after) if after else None)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        if not is_number(external_id):
            raise Refused("the tickets of Zammad have numbers")
        ticket = self._asked().find(f"/tickets/{external_id}", {"expand": "true"}, alive=self._first)
        if ticket is None:
            return Withdrawn(external_id=external_id)
        if ticket["id"].id != external_id:
            raise Refused(f"Zammad answered with something that is not ticket {external_id}")
        return self._whole(ticket)

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: Zammad tells nothing without it")
        return self._api

    def _tickets(self, path: str, asked: Params) -> list[Loose]:
        """Return the tickets of a list. Raises Refused where the answer is none."""
        found = self._asked().listed(path, {**asked, "expand": "true"}).rows
        return [ticket for ticket in found if is_number(ticket["id"].id or "")]

    def _first(self) -> list[Loose]:
        """Return the first ticket, if there is one. Raises Refused where none can be asked for."""
        return self._tickets("/tickets", {"page": 1, "per_page": 1})

    def _all(self, number: int, last: int) -> tuple[list[Loose], list[object] | None]:
        """Return a page of all tickets by number, and what the next page goes on from."""
        back = 1
        while number > 1 and self._has_moved_up((number - 1) * TICKETS, last):
            number, back = max(1, number - back), back * 2
        tickets = self._tickets("/tickets", {"page": number, "per_page": TICKETS})
        ended = len(tickets) < TICKETS
        return tickets, None if ended else [number + 1, int(tickets[-1]["id"].id or 0)]

    def _has_moved_up(self, place: int, last: int) -> bool:
        """Say whether what stands at a place now came after the last ticket that was seen.

        It does where some before it were deleted meanwhile; then a page before is to be read again.
        """
        found = self._tickets("/tickets", {"page": place, "per_page": 1})
        return not found or int(found[0]["id"].id or 0) > last

    def _changed(self, began: datetime, number: int) -> tuple[list[Loose], list[object] | None]:
        """Return tickets that changed since, the oldest change first, and what the next page goes on from."""
        asked = {**_since(began), "page": number, "per_page": TICKETS}
        tickets = self._tickets("/tickets/search", asked)
        times = [at for ticket in tickets if (at := ticket["updated_at"].written_time)]
        if times and times[0] < began - ROUNDING:
            raise Refused("this Zammad does not search by the time of the last change")
        # A page that is counted from the start loses what changes meanwhile: so the next one begins at the
        # last change seen, and pages are counted only where many changed at once.
        following: list[object] = [began.isoformat(), number + 1]
        if times and times[-1] > began:
            following = [times[-1].isoformat(), 1]
        return tickets, following if len(tickets) == TICKETS else None

    def _walked(self, ticket: Loose) -> Iterator[Event]:
        """Yield a ticket of a list; one that Zammad refuses is left for later."""
        return one_of_many(ticket["id"].id or "", lambda: self._told(ticket))

    def _told(self, ticket: Loose) -> Iterator[Event]:
        """Yield a ticket, its company first."""
        company = ticket["organization_id"].id
        if company and (known := _company(company, self._known("organizations", company))):
            yield known
        yield self._whole(ticket)

    def _whole(self, ticket: Loose) -> Heard | Withdrawn:
        """Return a ticket with all that was said in it."""
        named = ticket["id"].id or ""
        if _name(ticket["state"]) in GONE:
            return self._heard(ticket, [])
        articles = self._asked().listed(f"/ticket_articles/by_ticket/{named}").rows
        tags = self._asked().get("/tags", {"object": "Ticket", "o_id": named})["tags"]
        person = ticket["customer_id"].id
        known = self._known("users", person) if person else NOTHING
        return self._heard(ticket, articles, person=known, tags=tags)

    def _known(self, kind: str, named: str) -> Loose:
        """Return a person or a company; nothing of one that is not for Koe."""
        path = f"/{kind}/{named}"
        if not is_number(named):
            return NOTHING
        if path not in self._found:
            try:
                self._found[path] = self._asked().get(path)
            except Refused as error:
                if error.status not in ABSENT:
                    raise
                self._found[path] = NOTHING
        return self._found[path]

    def _heard(
        self, ticket: Loose, articles: Sequence[Loose], *, person: Loose = NOTHING, tags: Loose = NOTHING
    ) -> Heard | Withdrawn:
        named, state = ticket["id"].id or "", _name(ticket["state"])
        at = ticket["updated_at"].written_time
        if state in GONE:
            return Withdrawn(external_id=named, at=at)
        ended = ticket["last_close_at"].written_time or ticket["close_at"].written_time
        locale = person["preferences"]["locale"].text or ""
        return Heard(
            external_id=named,
            said=[one for article in articles if (one := _said(article, named))],
            channel=CHANNELS.get(_name(ticket["create_article_type"]) or "", "ticket"),
            title=ticket["title"].text,
            lang=locale[:2].lower() or None,
            created_at=ticket["created_at"].written_time,
            updated_at=at,
            replied_at=ticket["first_response_at"].written_time,
            resolved_at=ended if state == CLOSED else None,
            status=state,
            customer=Customer(
                id=ticket["customer_id"].id,
                email=person["email"].text,
                account_id=ticket["organization_id"].id,
            ),
            url=f"{self._address}/#ticket/zoom/{named}",
            tags=[tag for one in tags if (tag := one.text)],
            team=_name(ticket["group"]),
        )


def _said(article: Loose, ticket: str) -> Said | None:
    """Return an article that customers see; one that was hidden since it was written says nothing more."""
    named, role = article["id"].id, SPEAKERS.get(_name(article["sender"]) or "")
    created, updated = article["created_at"].written_time, article["updated_at"].written_time
    if named is None or role is None or article["ticket_id"].id not in (None, ticket):
        return None
    hidden = article["internal"].value is not False
    text = "" if hidden else article["body"].text
    if text is None or (hidden and (updated is None or updated == created)):
        return None
    return Said(external_id=named, text=text, author_role=role, created_at=created, updated_at=updated)


def _company(named: str | None, organization: Loose) -> Company | None:
    """Return the company behind a customer; its domain counts where Zammad finds its people by it as well."""
    name, domain = organization["name"].text, organization["domain"].text
    if named is None or name is None:
        return None
    domains = [domain] if domain and organization["domain_assignment"].flag else []
    return Company(account_id=named, name=name, domains=domains)


def _name(related: Loose) -> str | None:
    """Return what something is called: webhooks tell all of it, the API its name."""
    return related.text or related["name"].text


def _since(at: datetime) -> Params:
    """Return a search for the tickets that changed since, the oldest change first."""
    return {
        "condition[ticket.updated_at][operator]": "after (absolute)",
        "condition[ticket.updated_at][value]": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        "sort_by": "updated_at",
        "order_by": "asc",
    }
