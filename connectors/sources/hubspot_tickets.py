"""A HubSpot ticket with all that belongs to it: who spoke, and what was said in conversations or e-mails."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from connectors.asking import BY_ITSELF, GONE, Api, Params, part
from connectors.errors import Refused
from connectors.loose import NOTHING, Loose
from connectors.ports import Channel, Customer, Heard, Role, Said

PROPERTIES = (
    "subject",
    "content",
    "hs_pipeline_stage",
    "hs_ticket_category",
    "source_type",
    "createdate",
    "hs_lastmodifieddate",
    "closed_date",
    "first_agent_reply_date",
)
OF_CONTACTS = ("email", "hs_language")
OF_EMAILS = ("hs_email_text", "hs_email_html", "hs_email_direction", "hs_email_status", "hs_timestamp")
CONVERSATIONS = "/conversations/v3/conversations/threads"
TYPE = "0-5"
"""The number of tickets among the types of objects."""
BATCH = 100
THREADS = 5
"""Conversations of a ticket that are read."""
MESSAGE_PAGES = 5
CHANNELS: Mapping[str, Channel] = {"CHAT": "chat", "PHONE": "call", "FEEDBACK": "survey"}
SPEAKERS: Mapping[str, Role] = {"V": "customer", "E": "customer", "A": "agent"}
"""Who acts, by the first letter of their id; all others are programs."""
UNSENT = frozenset({"BOUNCED", "FAILED", "SCHEDULED", "SENDING"})
NOT_ALLOWED = frozenset({403})
"""The status of what the app has no scope for."""
SCOPES = {
    "/crm/v3/objects/contacts": "crm.objects.contacts.read",
    "/crm/v3/objects/companies": "crm.objects.companies.read",
    "/crm/v3/objects/emails": "sales-email-read",
    "/crm/v3/objects/deals": "crm.objects.deals.read",
    CONVERSATIONS: "conversations.read",
}
"""What may be missing, by what is asked for with it."""


@dataclass(frozen=True, kw_only=True)
class Tickets:
    """The tickets of an account; what the app has no scope for is left out."""

    api: Api

    def missing(self) -> list[str]:
        """Return the scopes without which something is left out. Raises Refused or RetryLater."""
        return [scope for path, scope in SCOPES.items() if self._get(path, {"limit": 1}) is NOTHING]

    def told(self, tickets: Sequence[Loose]) -> list[Heard]:
        """Return tickets with all that belongs to them, which is asked for together where that can be.

        Raises Refused or RetryLater.
        """
        ids = [ticket["id"].id or "" for ticket in tickets]
        talks = {named: list(self._conversations(named)) for named in ids}
        # HubSpot keeps an e-mail of a conversation as an e-mail, too: there it would come twice.
        talks |= self._emails([named for named in ids if not talks[named]])
        contacts = {named: of[0] for named, of in self.linked(ids, "contacts").items()}
        companies = {named: of[0] for named, of in self.linked(ids, "companies").items()}
        people = self._objects("contacts", contacts.values(), OF_CONTACTS)
        return [
            self._heard(
                ticket,
                talks.get(named, []),
                people.get(contacts.get(named, ""), NOTHING),
                Customer(id=contacts.get(named), account_id=companies.get(named)),
            )
            for named, ticket in zip(ids, tickets, strict=True)
        ]

    def companies(self, ids: Iterable[str], properties: Sequence[str]) -> dict[str, Loose]:
        """Return the properties of companies, by their ids. Raises Refused or RetryLater."""
        return self._objects("companies", ids, properties)

    def _heard(self, ticket: Loose, talk: list[Said], person: Loose, customer: Customer) -> Heard:
        told, named = ticket["properties"], ticket["id"].id or ""
        at = time_of(told["hs_lastmodifieddate"]) or time_of(ticket["updatedAt"])
        created = time_of(told["createdate"]) or time_of(ticket["createdAt"])
        stage = self._stage(told["hs_pipeline_stage"].id)
        answered = [one.created_at for one in talk if one.author_role == "agent" and one.created_at]
        return Heard(
            external_id=named,
            said=[_description(told["content"].text or "", talk, created, at), *talk],
            channel=CHANNELS.get((told["source_type"].text or "").upper(), "ticket"),
            title=told["subject"].text,
            lang=(person["hs_language"].text or "")[:2].lower() or None,
            created_at=created,
            updated_at=at,
            replied_at=time_of(told["first_agent_reply_date"]) or min(answered, default=None),
            resolved_at=None if stage.closed is False else time_of(told["closed_date"]),
            status=stage.label,
            customer=replace(customer, email=person["email"].text),
            url=ticket["url"].text or (f"{self._pages}{part(named)}" if self._pages else None),
            tags=[tag.strip() for tag in (told["hs_ticket_category"].text or "").split(";") if tag.strip()],
        )

    def _stage(self, named: str | None) -> "_Stage":
        known = self._stages.get(named or "")
        return known or _Stage(label=named, closed=None)

    @cached_property
    def _stages(self) -> Mapping[str, "_Stage"]:
        """The stages of all pipelines."""
        return {
            named: _Stage(label=stage["label"].text or named, closed=_is_closed(stage["metadata"]))
            for pipeline in self._get("/crm/v3/pipelines/tickets")["results"]
            for stage in pipeline["stages"]
            if (named := stage["id"].id)
        }

    @cached_property
    def deal_pipelines(self) -> Mapping[str, str]:
        """The labels of the pipelines of deals, by their ids."""
        found = self._get("/crm/v3/pipelines/deals")["results"]
        return {named: label for one in found if (named := one["id"].id) and (label := one["label"].text)}

    @cached_property
    def _pages(self) -> str | None:
        """The address below which people open tickets, where it is told."""
        account = self._get("/account-info/v3/details")
        domain, portal = account["uiDomain"].text or "app.hubspot.com", account["portalId"].id
        return f"https://{domain}/contacts/{part(portal)}/record/{TYPE}/" if portal else None

    def _conversations(self, ticket_id: str) -> Iterator[Said]:
        """Yield what was said in the conversations of a ticket."""
        threads = list(self._get(CONVERSATIONS, {"associatedTicketId": ticket_id})["results"])
        for thread in threads[:THREADS]:
            if (named := thread["id"].id) and not thread["spam"].flag:
                yield from self._messages(f"{CONVERSATIONS}/{part(named)}/messages")

    def _messages(self, path: str) -> Iterator[Said]:
        """Yield what was said in one conversation: no comments among agents, and no greetings of HubSpot.

        Nothing where it was deleted meanwhile.
        """
        after: str | None = None
        for _ in range(MESSAGE_PAGES):
            asked = {"limit": BATCH} | ({"after": after} if after else {})
            found = self._get(path, asked, without=NOT_ALLOWED | GONE)
            for message in found["results"]:
                if (named := message["id"].id) and message["type"].text == "MESSAGE":
                    actor = message["senders"][0]["actorId"].text or message["createdBy"].text or ""
                    yield Said(
                        external_id=named,
                        text=self._text(message, f"{path}/{part(named)}/original-content"),
                        author_role=SPEAKERS.get(actor[:1], "bot"),
                        created_at=time_of(message["createdAt"]),
                        updated_at=time_of(message["updatedAt"]),
                    )
            if (after := found["paging"]["next"]["after"].id) is None:
                return

    def _text(self, message: Loose, original: str) -> str:
        cut = message["truncationStatus"].text == "TRUNCATED"
        whole = self._get(original, without=BY_ITSELF) if cut else NOTHING
        said = (whole["text"], whole["richText"], message["text"], message["richText"])
        return next((text for one in said if (text := one.text)), "")

    def _emails(self, ticket_ids: Sequence[str]) -> dict[str, list[Said]]:
        """Return the e-mails of tickets, by the ticket."""
        linked = self.linked(ticket_ids, "emails")
        emails = self._objects("emails", (one for of in linked.values() for one in of), OF_EMAILS)
        return {
            ticket: [said for one in of if (said := _email(one, emails.get(one, NOTHING)))]
            for ticket, of in linked.items()
        }

    def linked(self, ids: Sequence[str], kind: str, *, of: str = "tickets") -> dict[str, list[str]]:
        """Return the ids of objects of a kind that belong to tickets or others, at least one, by these."""
        if not ids:
            return {}
        asked = {"inputs": [{"id": named} for named in ids]}
        found = self._post(f"/crm/v4/associations/{of}/{kind}/batch/read", asked)
        linked = {one["from"]["id"].id or "": _ids(one["to"]) for one in found["results"]}
        return {named: others for named, others in linked.items() if others}

    def _objects(self, kind: str, ids: Iterable[str], properties: Sequence[str]) -> dict[str, Loose]:
        """Return the properties of objects, by their ids."""
        distinct = list(dict.fromkeys(ids))
        found: dict[str, Loose] = {}
        for first in range(0, len(distinct), BATCH):
            inputs = [{"id": named} for named in distinct[first : first + BATCH]]
            path = f"/crm/v3/objects/{kind}/batch/read"
            answer = self._post(path, {"inputs": inputs, "properties": properties})
            found |= {named: one["properties"] for one in answer["results"] if (named := one["id"].id)}
        return found

    def _get(self, path: str, asked: Params | None = None, *, without: Set[int] = NOT_ALLOWED) -> Loose:
        return _unless(without, lambda: self.api.get(path, asked))

    def _post(self, path: str, asked: object) -> Loose:
        return _unless(NOT_ALLOWED, lambda: self.api.post(path, asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """A stage of a pipeline."""

    label: str | None
    closed: bool | None
    """Whether tickets are done in it, where that is told."""


def time_of(told: Loose) -> datetime | None:
    """Return a time, which is written out or counted in ms."""
    return told.written_time or told.counted_time(0.001)


def _description(
    text: str, talk: Sequence[Said], created_at: datetime | None, updated_at: datetime | None
) -> Said:
    """Return the description of a ticket; it says nothing where it only repeats a message, as most do."""
    plain = " ".join(text.split())
    repeated = any(" ".join(one.text.split()) == plain for one in talk)
    return Said(
        external_id="description",
        text="" if repeated else text,
        created_at=created_at,
        updated_at=updated_at,
    )


def _email(named: str, told: Loose) -> Said | None:
    """Return an e-mail that was sent."""
    text = told["hs_email_text"].text or told["hs_email_html"].text
    if text is None or (told["hs_email_status"].text or "") in UNSENT:
        return None
    return Said(
        external_id=f"email {named}",
        text=text,
        author_role="agent" if told["hs_email_direction"].text == "EMAIL" else "customer",
        created_at=time_of(told["hs_timestamp"]),
    )


def _is_closed(metadata: Loose) -> bool | None:
    state, closed = metadata["ticketState"].text, metadata["isClosed"].text
    return state == "CLOSED" if state else closed == "true" if closed else None


def _ids(linked: Loose) -> list[str]:
    return [named for one in linked if (named := one["toObjectId"].id or one["id"].id)]


def _unless(statuses: Set[int], ask: Callable[[], Loose]) -> Loose:
    """Return an answer; nothing where it is refused with one of these statuses."""
    try:
        return ask()
    except Refused as error:
        if error.status in statuses:
            return NOTHING
        raise
