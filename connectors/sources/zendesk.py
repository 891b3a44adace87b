"""Zendesk Support: tickets and their comments, by webhook and by the incremental export.

Event subscriptions bring comments as they are written. A trigger's webhook names the ticket alone, which is
then fetched; so is every ticket of an event once a token is there, for events name no e-mail address.
Sources: developer.zendesk.com, "Verifying webhook authenticity", "Ticket events", "Incremental exports",
"Via types".
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Self

from connectors import hmacs
from connectors.asking import Api, one_of_many, part
from connectors.errors import Refused, Unproven
from connectors.loose import NOTHING, Loose
from connectors.outgoing import Receipt, Reply
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
    Withdrawn,
)
from connectors.replying import SETTING, Replier, inactive, is_on, lines_as_html
from connectors.writing import Writer, unnamed
from connectors.zendesk_account import ADDRESS, EMAIL, TOKEN, address_of, headers_of

SIGNATURE = "x-zendesk-webhook-signature"
STAMP = "x-zendesk-webhook-signature-timestamp"
EVENTS = "zen:event-type:"
GONE = frozenset({"ticket.soft_deleted", "ticket.permanently_deleted", "ticket.marked_as_spam"})
MAIL = (
    *("email", "mail", "recovered_from_suspended_tickets"),
    *("web", "web_form", "web_widget", "dropbox", "help_center", "helpcenter", "closed_ticket"),
    *("mobile", "mobile_sdk", "iphone", "api", "web_service"),
)
"""Channels whose customers get a public comment by mail, as records and as events call them."""
CALLS = ("voice", "voicemail", "phone_call_inbound", "phone_call_outbound")
CHANNELS: Mapping[str, Channel] = {**dict.fromkeys(MAIL, "ticket"), **dict.fromkeys(CALLS, "call")}
"""Anything else counts as a chat, in which Koe does not reply: apps may bring messages of whatever system."""
SCORES = {"good": 5.0, "bad": 1.0}
DONE = frozenset({"solved", "closed"})
FIRST = "first"
"""The name of a ticket's first comment, which is its description, too."""
TICKETS = 50
"""Of one page: each takes a request of its own for its comments."""
BESIDE = "users,organizations,metric_sets"
"""What comes along with tickets."""
COMMENT_PAGES = 20
NOBODY = "0"
"""What events write for no organisation."""
ADVICE = {
    403: "the agent whose token it is may not comment on this ticket",
    404: "the ticket is not there any more",
    422: "Zendesk takes no comment on a closed ticket",
}


class Zendesk(Replier):
    """A Zendesk account."""

    slug = "zendesk"
    title = "Zendesk Support"
    category = "helpdesk"
    settings = (ADDRESS, EMAIL, TOKEN, SETTING)
    secret_from = "sender"
    pace = Pace(requests=150, seconds=60, burst=10)
    keeps = frozenset[str]()
    replies_in = frozenset[Channel]({"ticket"})
    closed = frozenset({"closed"})
    guide = (
        {
            "en": "In the Admin Center, open Apps and integrations › Webhooks, and create one for events of "
            "tickets (or one that a trigger calls) with the endpoint {url}.",
            "ja": "管理センターの「アプリおよびインテグレーション › Webhook」で、エンドポイントを {url} "
            "として、チケットのイベント用(またはトリガ用)の Webhook を作ります。",
        },
        {
            "en": "Open the webhook, reveal its signing secret, and give it to Koe.",
            "ja": "作った Webhook の署名シークレットを表示し、Koe に入力します。",
        },
        {
            "en": "For a trigger, use this JSON body: "
            '{"koe":1,"ticket_id":"{{ticket.id}}"} – and give Koe an API token, for it fetches the ticket.',
            "ja": 'トリガを使うときは JSON 本文を {"koe":1,"ticket_id":"{{ticket.id}}"} とします。'
            "チケットは Koe が取りに行くので、API トークンも入力してください。",
        },
        {
            "en": "Koe writes nothing into tickets. Only with replies=yes it adds public comments, in the "
            "name of the agent whose token it is: those that a person agreed to on the page of a notice.",
            "ja": "Koe はチケットに何も書き込みません。replies=yes とした場合に限り、お知らせのページで担当者"
            "が承認した文面を、API トークンの担当者の名前で公開コメントとして追加します。",
        },
    )
    unverified = (
        {
            "en": "Whether your account may subscribe a webhook to ticket events directly, and whether the "
            "export tells when a ticket was solved; where not, the time of its last change is taken.",
            "ja": "チケットのイベントを Webhook で直接購読できるかどうかと、エクスポートに解決日時が含まれる"
            "かどうか(含まれないときは最終更新日時を使います)。",
        },
        {
            "en": "Whether a public comment that Koe adds reaches customers in tickets of messaging "
            "channels: Koe replies in those of mail, forms and the API alone.",
            "ja": "メッセージングのチケットで、Koe が追加した公開コメントがお客様に届くかどうか(Koe が返信す"
            "るのはメール・フォーム・API のチケットだけです)。",
        },
    )

    def __init__(self, api: Api | None, address: str, writer: Writer | None = None) -> None:
        self._api = api
        self._address = address
        self._writer = writer

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address, token = address_of(settings), settings.get("token", "").strip()
        may_reply = is_on(settings)
        if not token:
            return cls(None, address)
        api = Api(http=means.http, base=address, headers=headers_of(settings, token))
        writer = Writer(http=means.http, base=address, headers=api.headers, advice=ADVICE)
        return cls(api, address, writer if may_reply else None)

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:
        stamp = call.headers.get(STAMP, "")
        written = Loose(stamp).written_time
        if written is None:
            raise Unproven(f"{STAMP} is missing, or no time")
        hmacs.must_be_fresh(written.timestamp(), now, header=STAMP)
        signed = stamp.encode("latin-1", "replace") + call.body
        hmacs.prove(secrets, signed, call.headers.get(SIGNATURE), header=SIGNATURE, encoding="base64")
        return Loose.glimpse(call.body)["id"].id or ""

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        kind = (told["type"].text or "").removeprefix(EVENTS)
        named = told["ticket_id"].id or told["detail"]["id"].id
        if named is None:
            yield BadRow(line=1, reason="it names no ticket: neither detail.id nor ticket_id is there")
        elif kind in GONE:
            yield Withdrawn(external_id=named, at=told["time"].written_time)
        else:
            if told["detail"].is_object:
                yield self._event(named, told)
            yield Changed(external_id=named)

    def check(self) -> str:
        user = self._asked().get("/api/v2/users/me.json")["user"]
        if user["role"].text != "admin":
            raise Refused("Zendesk exports tickets to administrators alone; use the token of one")
        replies = " Koe may reply in tickets." if self._writer else ""
        return f"Zendesk answers, and {self._address} lets Koe export its tickets.{replies}"

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        began = int((since or datetime(2000, 1, 1, tzinfo=UTC)).timestamp())
        asked: dict[str, str | int] = {"cursor": cursor} if cursor else {"start_time": began}
        found = self._asked().get(
            "/api/v2/incremental/tickets/cursor.json",
            {**asked, "per_page": TICKETS, "include": BESIDE},
        )
        users, companies = _by_id(found["users"]), _by_id(found["organizations"])
        metrics = {metric["ticket_id"].id: metric for metric in found["metric_sets"]}
        events: list[Event] = [_company(named, each) for named, each in companies.items()]
        for ticket in found["tickets"]:
            if (named := ticket["id"].id) is not None:
                events += self._walked(ticket, users, companies, metrics.get(named, NOTHING))
        ended = found["end_of_stream"].flag or not any(found["tickets"])
        return Page(events=events, cursor=None if ended else found["after_cursor"].text)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        path, asked = f"/api/v2/tickets/{part(external_id)}.json", {"include": BESIDE}
        found = self._asked().find(path, asked, alive=self.check)
        if found is None:
            return Withdrawn(external_id=external_id)
        if found["ticket"]["id"].id != external_id:
            raise Refused(f"Zendesk answered with something that is not ticket {external_id}")
        companies = _by_id(found["organizations"])
        return self._ticket(found["ticket"], _by_id(found["users"]), companies, found["ticket"]["metric_set"])

    def reply(self, conversation: str, reply: Reply) -> Receipt:
        writer = self._switched_on()
        # Zendesk fills in placeholders of whoever writes a comment.
        html = lines_as_html(inactive(reply.text))
        comment = {"html_body": html, "public": True}
        told = writer.send(
            "PUT", f"/api/v2/tickets/{part(conversation)}.json", {"ticket": {"comment": comment}}
        )
        made = next((one["id"].id for one in told["audit"]["events"] if one["type"].text == "Comment"), None)
        if made is None:
            unnamed(self.title, "the comment")
        return Receipt(reference=made, url=f"{self._address}/agent/tickets/{part(conversation)}")

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the settings 'email' and 'token' are missing: Zendesk tells nothing without them")
        return self._api

    def _event(self, named: str, told: Loose) -> Heard:
        """Return what an event tells: the state of the ticket, and the comment if one was made."""
        detail, comment = told["detail"], told["event"]["comment"]
        at = detail["updated_at"].written_time or told["time"].written_time
        description = detail["description"].text
        said = []
        if description:
            said.append(
                Said(external_id=FIRST, text=description, created_at=detail["created_at"].written_time)
            )
        body = comment["body"].text
        if body and body != description and comment["is_public"].value is not False:
            said.append(
                Said(
                    external_id=comment["id"].id or "comment",
                    text=body,
                    author_role="agent" if comment["author"]["is_staff"].flag else "customer",
                    created_at=told["time"].written_time,
                )
            )
        return self._heard(
            named,
            detail,
            said,
            Customer(id=detail["requester_id"].id, account_id=_somebody(detail["organization_id"].id)),
            at,
        )

    def _walked(
        self, ticket: Loose, users: Mapping[str, Loose], companies: Mapping[str, Loose], metric: Loose
    ) -> Iterator[Event]:
        """Yield a ticket of a page; one that Zendesk refuses is left for later."""
        named = ticket["id"].id or ""
        return one_of_many(named, lambda: [self._ticket(ticket, users, companies, metric)])

    def _ticket(
        self, ticket: Loose, users: Mapping[str, Loose], companies: Mapping[str, Loose], metric: Loose
    ) -> Heard | Withdrawn:
        """Return a ticket of the REST API, with its comments."""
        named = ticket["id"].id or ""
        at = ticket["updated_at"].written_time
        if ticket["status"].text == "deleted":
            return Withdrawn(external_id=named, at=at)
        requester = users.get(ticket["requester_id"].id or "", NOTHING)
        customer = Customer(
            id=ticket["requester_id"].id,
            email=requester["email"].text,
            own_id=requester["external_id"].id,
            account_id=_somebody(ticket["organization_id"].id),
            account_own_id=companies.get(ticket["organization_id"].id or "", NOTHING)["external_id"].id,
        )
        said = list(self._comments(named, ticket["requester_id"].id))
        rating = ticket["satisfaction_rating"]
        if words := rating["comment"].text:
            said.append(Said(external_id="satisfaction", text=words, created_at=at, updated_at=at))
        return self._heard(named, ticket, said, customer, at, metric=metric, requester=requester)

    def _heard(
        self,
        named: str,
        ticket: Loose,
        said: Sequence[Said],
        customer: Customer,
        at: datetime | None,
        *,
        metric: Loose = NOTHING,
        requester: Loose = NOTHING,
    ) -> Heard:
        status = (ticket["status"].text or "").lower() or None
        answered = [one.created_at for one in said if one.author_role == "agent" and one.created_at]
        return Heard(
            external_id=named,
            said=said,
            channel=CHANNELS.get((ticket["via"]["channel"].text or "").lower(), "chat"),
            title=ticket["subject"].text,
            lang=(requester["locale"].text or "")[:2].lower() or None,
            created_at=ticket["created_at"].written_time,
            updated_at=at,
            replied_at=min(answered, default=None),
            resolved_at=(metric["solved_at"].written_time or at) if status in DONE else None,
            status=status,
            rating=SCORES.get((ticket["satisfaction_rating"]["score"].text or "").lower()),
            customer=customer,
            url=f"{self._address}/agent/tickets/{part(named)}",
            tags=[tag for one in ticket["tags"] if (tag := one.text)],
        )

    def _comments(self, ticket_id: str, requester_id: str | None) -> Iterator[Said]:
        """Yield the public comments of a ticket, the oldest first."""
        path: str | None = f"/api/v2/tickets/{part(ticket_id)}/comments.json"
        asked: Mapping[str, str | int] = {"page[size]": 100, "include": "users", "sort": "created_at"}
        first = True
        for _ in range(COMMENT_PAGES):
            found = self._asked().get(path or "", asked)
            staff = {
                user["id"].id for user in found["users"] if (user["role"].text or "end-user") != "end-user"
            }
            for comment in found["comments"]:
                text = comment["plain_body"].text or comment["body"].text
                if text and comment["public"].value is not False:
                    author = comment["author_id"].id
                    role: Role = "agent" if author in staff and author != requester_id else "customer"
                    yield Said(
                        external_id=FIRST if first else comment["id"].id or "comment",
                        text=text,
                        author_role=role,
                        created_at=comment["created_at"].written_time,
                    )
                first = False
            path, asked = found["links"]["next"].text, {}
            if path is None or not found["meta"]["has_more"].flag:
                return


def _by_id(users: Loose) -> dict[str, Loose]:
    return {named: user for user in users if (named := user["id"].id)}


def _company(named: str, organization: Loose) -> Company:
    return Company(
        account_id=named,
        own_id=organization["external_id"].id,
        name=organization["name"].text,
        domains=[domain for one in organization["domain_names"] if (domain := one.text)],
    )


def _somebody(named: str | None) -> str | None:
    return None if named == NOBODY else named
