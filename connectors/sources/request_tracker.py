"""Request Tracker 5 of Best Practical: tickets and their messages, told of by a scrip and read by REST 2.0.

RT calls nobody by itself. A scrip, which its administrator pastes from the guide, names the ticket that has
changed; the ticket is then fetched. What is done here rests on how RT 5.0.3 was seen to behave:

- A search never finds tickets that were deleted or merged into others; their transactions tell of them.
- A search reads times in the time zone of the user who asks, and nothing tells which one that is.
- A list by time shifts under whoever reads it page by page while tickets change; a list by number does not.
- Of messages and transactions it tells no count; a page that is not full may leave out what is not shown.

Sources: docs.bestpractical.com, "RT::REST2", "Scrip conditions and actions"; RT's own code.
"""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta
from typing import Self

from connectors import hmacs
from connectors.asking import BY_ITSELF, Api, Params, base_of, needed, one_of_many, own_address, part
from connectors.errors import Refused, RetryLater
from connectors.loose import NOTHING, Loose, is_number
from connectors.outgoing import Receipt, Reply
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Channel,
    Customer,
    Event,
    Heard,
    Means,
    Pace,
    Page,
    Role,
    Said,
    Setting,
    Withdrawn,
)
from connectors.replying import SETTING, Replier, is_on
from connectors.writing import Writer, unnamed

SIGNATURE = "x-koe-signature"
PATH = "/REST/2.0"
FIELDS: Params = {
    "fields": "Subject,Status,Created,LastUpdated,Resolved,Queue,Requestor",
    "fields[Queue]": "Name",
    "fields[Requestor]": "EmailAddress,Organization",
}
SAYING = ("Create", "Correspond")
"""The transactions that say something to both sides; a Comment is for staff alone."""
TEXTS = ("text/plain", "text/html")
OPEN = frozenset({"new", "open", "stalled"})
"""Statuses of tickets that go on: RT keeps the day on which one was resolved before."""
GONE = (
    "((Type = 'Status' AND NewValue = 'deleted') OR (Type = 'AddLink' AND Field = 'MergedInto'))"
    " AND ObjectType = 'RT::Ticket' AND Created >= '{since}'"
)
ITSELF = "RT_System"
"""Whom RT names for what it does by itself."""
ZONES = timedelta(hours=14)
"""How far east of Greenwich a time zone may be: so much earlier a search begins."""
LISTED = 100
"""Of anything at once: the most that RT gives."""
TICKETS = 20
"""Of one page: each takes two requests of its own, and one for each person not known yet."""
MOST_PAGES = 20
"""Of any list but that of tickets."""
ADVICE: Mapping[int, str] = {
    401: "the token counts no more, or is not RT's: make a new one, and give it to Koe",
    403: "the user whose token it is needs the rights SeeQueue and ShowTicket",
    404: "there is no REST 2.0 of RT at this address; often it ends with /rt",
}
TO_REPLY: Mapping[int, str] = {403: "the user whose token it is needs the right ReplyToTicket"}
SCRIP = """\
require Digest::SHA;
require JSON;
require LWP::UserAgent;

my $change = $self->TransactionObj;
my $body = JSON->new->canonical->encode({
    event => $change->Type, ticket => $change->ObjectId, transaction => $change->id,
});
my $answer = LWP::UserAgent->new(timeout => 3)->post(
    '{url}',
    'Content-Type'    => 'application/json',
    'X-Koe-Signature' => 'sha256=' . Digest::SHA::hmac_sha256_hex($body, '{secret}'),
    Content           => $body,
);
RT->Logger->warning('Koe: ' . $answer->status_line) unless $answer->is_success;
return 1;
"""
"""What an administrator of RT pastes. It names the ticket alone; where Koe is down, RT goes on."""


class RequestTracker(Replier):
    """A Request Tracker."""

    slug = "request-tracker"
    title = "Request Tracker"
    category = "helpdesk"
    settings = (
        own_address("Request Tracker", example="https://rt.example.com"),
        Setting(
            name="token",
            label={"en": "Authentication token", "ja": "認証トークン"},
            secret=True,
            needed="to_fetch",
            example="1-23-0123456789abcdef",
        ),
        SETTING,
    )
    pace = Pace(requests=240, seconds=60, burst=20)
    replies_in = frozenset[Channel]({"ticket"})
    closed = frozenset({"rejected", "deleted"})
    guide = (
        {
            "en": "In RT, make a user for Koe (Admin › Users › Create, “Let this user be granted rights”). "
            "Grant it SeeQueue and ShowTicket in every queue that Koe is to hear: Admin › Queues › Select › "
            "the queue › User Rights. It needs no ShowTicketComments, for Koe takes no comments.",
            "ja": "RT で Koe 用のユーザーを作り(Admin › ユーザー › 作成。「Let this user be granted rights」"
            "を有効にします)、Koe に聞かせるキューごとに SeeQueue と ShowTicket を付与します(Admin › キュー "
            "› 選択 › そのキュー › ユーザー権限)。コメントは取り込まないので ShowTicketComments は不要です。",
        },
        {
            "en": "Make a token on the page of this user (Auth Tokens › Create), and give it to Koe.",
            "ja": "このユーザーのページでトークンを作り(Auth Tokens › 作成)、Koe に入力します。",
        },
        {
            "en": "Make a scrip: Admin › Global › Scrips › Create, or in one queue alone: Scrips › Create. "
            "Condition On Transaction, Action User Defined, Template Blank, Stage Batch: only Batch waits "
            "until a change can be read. Custom action preparation code: return 1; – Custom action commit "
            "code, which calls {url}:\n\n" + SCRIP,
            "ja": "スクリップを作ります(Admin › Global › Scrips › 作成。一つのキューだけならそのキューの "
            "Scrips › 作成)。条件は On Transaction、アクションは User Defined、テンプレートは空(Blank)、"
            "Stage は Batch です(変更が読めるようになってから呼び出すのは Batch だけです)。Custom action "
            "preparation code は return 1; とし、Custom action commit code に次を貼り付けます。{url} を"
            "呼び出します。\n\n" + SCRIP,
        },
        {
            "en": "Koe writes nothing into tickets. Only with replies=yes, and the right ReplyToTicket, it "
            "replies to customers: with what a person agreed to on the page of a notice. As by any answer, "
            "RT opens a resolved ticket by it.",
            "ja": "Koe はチケットに何も書き込みません。replies=yes とし、ReplyToTicket の権限を付与した場合に"
            "限り、お知らせのページで担当者が承認した文面をお客様に返信します。ほかの返信と同じく、解決済みの"
            "チケットは RT が再開します。",
        },
    )
    unverified = (
        {
            "en": "Other versions than 5.0.3. In a lifecycle of your own, a ticket whose status is not new, "
            "open or stalled counts as resolved on the day that RT tells, if it tells one.",
            "ja": "5.0.3 以外のバージョン。独自のライフサイクルでは、状態が new・open・stalled 以外の"
            "チケットは、RT に解決日があればその日に解決したものとみなします。",
        },
    )

    def __init__(self, api: Api | None, address: str, writer: Writer | None = None) -> None:
        self._api = api
        self._address = address
        self._writer = writer
        self._staff: dict[str, bool] = {}
        """Who is privileged, as far as it was asked."""

    @classmethod
    def place(cls, settings: Mapping[str, str]) -> str:
        return f"{super().place(settings).rstrip('/').removesuffix(PATH)}/"

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address = base_of(settings, "address").removesuffix(PATH)
        may_reply = is_on(settings)
        if not settings.get("token", "").strip():
            return cls(None, address)
        proof = {"authorization": f"token {needed(settings, 'token')}"}
        api = Api(http=means.http, base=f"{address}{PATH}", headers=proof, advice=ADVICE)
        writer = Writer(http=means.http, base=api.base, headers=proof, advice=TO_REPLY)
        return cls(api, address, writer if may_reply else None)

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003  no time is signed
        given = call.headers.get(SIGNATURE)
        hmacs.prove(secrets, call.body, given, header=SIGNATURE, encoding="hex", prefix="sha256=")
        return Loose.glimpse(call.body)["transaction"].id or ""

    def read(self, call: Call) -> Iterator[Event]:
        named = Loose.of(call.body)["ticket"].id
        if named is None or not is_number(named):
            yield BadRow(line=1, reason="it names no ticket: its field ticket holds no number")
        else:
            yield Changed(external_id=named)

    def check(self) -> str:
        version = self._get("/rt")["Version"].text
        if version is None:
            raise Refused(f"nothing at {self._address} says that it is a Request Tracker 5")
        names = [queue["Name"].text for queue in self._list("/queues/all", {"fields": "Name"})]
        queues = sorted(name for name in names if name)
        if not queues:
            raise Refused(f"Request Tracker shows Koe no queue: {ADVICE[403]}")
        count, _ = self._tickets("id > 0")
        replies = " Koe may reply in them." if self._writer else ""
        return f"Request Tracker {version} shows Koe {count:,} tickets. Queues: {', '.join(queues)}.{replies}"

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        last, total = json.loads(cursor) if cursor else (0, None)
        changed = f" AND LastUpdated >= '{_written(since)}'" if since else ""
        left, tickets = self._tickets(f"id > {last}{changed}")
        if left and not tickets:
            raise RetryLater("Request Tracker counts tickets that it does not list")
        events: list[Event] = list(self._gone(since)) if since and cursor is None else []
        due = [place for place, ticket in enumerate(tickets) if _is_due(ticket, since)][:TICKETS]
        for place in due:
            events += self._walked(tickets[place])
        seen = due[-1] + 1 if len(due) == TICKETS else len(tickets)
        if since is None:
            total = total or left
        following = json.dumps([_number(tickets[seen - 1]), total]) if seen < left else None
        return Page(events=events, cursor=following, total=total)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        if not is_number(external_id):
            raise Refused("the tickets of Request Tracker have numbers")
        found = self._asked().find(f"/ticket/{external_id}", alive=lambda: self._tickets("id > 0"))
        if found is None:  # RT keeps what it deletes, and may tell of a ticket before it can be read
            raise Refused(f"Request Tracker has no ticket {external_id} that Koe can read yet")
        if _number(found) == 0:
            raise Refused(f"Request Tracker answered with something that is not ticket {external_id}")
        merged, reminder = found["id"].id != external_id, found["Type"].text not in (None, "ticket")
        if merged or reminder or found["Status"].text == "deleted":
            return Withdrawn(external_id=external_id, at=found["LastUpdated"].written_time)
        _, tickets = self._tickets(f"id = {external_id}")
        if not tickets:
            raise RetryLater("Request Tracker does not list a ticket that it has")
        return self._heard(tickets[0])

    def reply(self, conversation: str, reply: Reply) -> Receipt:
        if not is_number(conversation):
            raise Refused("the tickets of Request Tracker have numbers")
        said = {"Content": reply.text, "ContentType": "text/plain"}
        told = self._switched_on().send("POST", f"/ticket/{conversation}/correspond", said)
        if not any(told):  # it answers with what it did, in a list of sentences
            unnamed(self.title, "the reply")
        url = f"{self._address}/Ticket/Display.html?id={conversation}"
        return Receipt(reference=conversation, url=url)

    def _walked(self, ticket: Loose) -> Iterator[Event]:
        """Yield a ticket of a page; one that RT does not let Koe read is left for later."""
        return one_of_many(str(_number(ticket)), lambda: [self._heard(ticket)])

    def _heard(self, ticket: Loose) -> Heard:
        """Return a ticket, and what was said in it."""
        named, status = str(_number(ticket)), (ticket["Status"].text or "").lower()
        requestors = [person for person in ticket["Requestor"] if person["type"].text == "user"]
        first = next(iter(requestors), NOTHING)
        said = list(self._said(named, {name for person in requestors if (name := person["id"].id)}))
        answered = [one.created_at for one in said if one.author_role == "agent" and one.created_at]
        return Heard(
            external_id=named,
            said=said,
            title=ticket["Subject"].text,
            created_at=ticket["Created"].written_time,
            updated_at=ticket["LastUpdated"].written_time,
            replied_at=min(answered, default=None),
            resolved_at=None if status in OPEN else ticket["Resolved"].written_time,
            status=status or None,
            customer=Customer(
                id=first["id"].id, email=first["EmailAddress"].text, account_id=first["Organization"].id
            ),
            url=f"{self._address}/Ticket/Display.html?id={named}",
            team=ticket["Queue"]["Name"].text,
        )

    def _said(self, ticket: str, requestors: Set[str]) -> Iterator[Said]:
        """Yield what was said to both sides, the oldest first; what a merged ticket held among it."""
        asked = {"fields": "Type,Created,Creator", "query": _limits(Type=SAYING), "orderby": "id"}
        found = self._list(f"/ticket/{ticket}/history", asked)
        saying = {named: one for one in found if one["Type"].text in SAYING and (named := one["id"].id)}
        texts = self._texts(list(saying))
        for named, one in saying.items():
            if text := texts.get(named):
                begins = one["Type"].text == "Create" and requestors
                yield Said(
                    external_id=named,
                    text=text,
                    # Staff write down for customers what these say on the phone.
                    author_role="customer" if begins else self._role(one["Creator"]["id"].id, requestors),
                    created_at=one["Created"].written_time,
                )

    def _texts(self, transactions: Sequence[str]) -> Mapping[str, str]:
        """Return the words of each transaction, plain where they are there as such; files are no words."""
        plain: dict[str, str] = {}
        marked_up: dict[str, str] = {}
        for begin in range(0, len(transactions), LISTED):
            limits = _limits(TransactionId=transactions[begin : begin + LISTED], ContentType=TEXTS)
            asked = {"fields": "Content,ContentType,Filename,TransactionId", "query": limits, "orderby": "id"}
            for part_of in self._list("/attachments", asked):
                named, text = part_of["TransactionId"].id, part_of["Content"].text
                if named and text and part_of["Filename"].text is None:
                    of_kind = plain if part_of["ContentType"].text == "text/plain" else marked_up
                    of_kind.setdefault(named, text)
        return {**marked_up, **plain}

    def _role(self, author: str | None, requestors: Set[str]) -> Role:
        if author in requestors:
            return "customer"
        if author is None or author == ITSELF:
            return "bot"
        if author not in self._staff:
            self._staff[author] = self._is_privileged(author)
        return "agent" if self._staff[author] else "customer"

    def _is_privileged(self, name: str) -> bool:
        """Say whether somebody may be granted rights; one of whom RT says nothing is taken for staff."""
        try:
            return self._get(f"/user/{part(name)}")["Privileged"].number == 1
        except Refused as error:
            if error.status not in BY_ITSELF:
                raise
            return True

    def _gone(self, since: datetime) -> Iterator[Changed]:
        """Yield the tickets that were deleted or merged since: what they are now is asked one by one."""
        asked = {
            "fields": "ObjectId,Created",
            "query": GONE.format(since=_written(since)),
            "orderby": "id",
        }
        found = self._list("/transactions", asked, until_empty=True)
        dated = {one["ObjectId"].id: one["Created"].written_time for one in found}
        for named, at in dated.items():
            if named and (at is None or at >= since):
                yield Changed(external_id=named)

    def _tickets(self, query: str) -> tuple[int, Sequence[Loose]]:
        """Return how many tickets a search finds, and the first of them by number."""
        found = self._get("/tickets", {**FIELDS, "query": query, "orderby": "id", "per_page": LISTED})
        total = found["total"].number
        if total is None:
            raise Refused(
                "Request Tracker does not say how many tickets it shows Koe: set $UseSQLForACLChecks in its "
                "configuration, as it is by default"
            )
        return int(total), [ticket for ticket in found["items"] if _number(ticket)]

    def _list(self, path: str, asked: Params, *, until_empty: bool = False) -> Iterator[Loose]:
        """Yield what a list holds, page by page.

        RT leaves out of a page what Koe may not see: then only an empty page is the last one.
        """
        for page in range(1, MOST_PAGES + 1):
            items = list(self._get(path, {**asked, "per_page": LISTED, "page": page})["items"])
            yield from items
            if not items or (len(items) < LISTED and not until_empty):
                return

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: Request Tracker tells nothing without it")
        return self._api

    def _get(self, path: str, asked: Params | None = None) -> Loose:
        """Ask RT. Raises Refused with what to do, and RetryLater."""
        found = self._asked().get(path, asked)
        if not found.is_object:
            raise Refused("Request Tracker answered with something else than was asked for")
        return found


def _limits(**values: Sequence[str]) -> str:
    """Return a search of RT for records of which each of these fields has one of some values."""
    limits = [{"field": field, "operator": "IN", "value": list(some)} for field, some in values.items()]
    return json.dumps(limits, separators=(",", ":"))


def _written(since: datetime) -> str:
    """Return a time as a search takes it: early enough in whatever zone RT reads it."""
    return f"{since.astimezone(UTC) - ZONES:%Y-%m-%d %H:%M:%S}"


def _is_due(ticket: Loose, since: datetime | None) -> bool:
    at = ticket["LastUpdated"].written_time
    return since is None or at is None or at >= since


def _number(record: Loose) -> int:
    """Return the number of a record; 0 where it has none."""
    named = record["id"].id or ""
    return int(named) if is_number(named) else 0
