"""A Salesforce case with what was said in its e-mails and comments."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.asking import part
from connectors.loose import Loose
from connectors.ports import Channel, Customer, Heard, Role, Said, Withdrawn
from connectors.sources.salesforce_queries import Queries, among

OF_CASES = (
    "Id, Subject, Description, Status, Origin, Type, Reason, AccountId, ContactId, Contact.Email, "
    "SuppliedEmail, IsClosed, IsDeleted, CreatedDate, ClosedDate, SystemModstamp"
)
OF_EMAILS = (
    "Id, ParentId, Incoming, Status, TextBody, HtmlBody, MessageDate, IsDeleted, CreatedDate, SystemModstamp"
)
OF_COMMENTS = (
    "Id, ParentId, CommentBody, IsPublished, CreatedBy.UserType, IsDeleted, CreatedDate, SystemModstamp"
)
CHANNELS: Mapping[str, Channel] = {"phone": "call", "chat": "chat", "messaging": "chat", "line": "chat"}
"""By the first word of where a case came from."""
ROLES: Mapping[str, Role] = {"standard": "agent", "csnonly": "agent", "automatedprocess": "bot"}
"""Who wrote a comment, by the type of the user; all others are customers and partners."""
DRAFT = "5"


def told_of(queries: Queries, cases: Sequence[Loose], address: str) -> Iterator[Heard | Withdrawn]:
    """Yield cases with all that was said in them, asked for together. Raises Refused and RetryLater."""
    ids = [named for case in cases if (named := case["Id"].id) and not case["IsDeleted"].flag]
    asked = f"WHERE ParentId IN {among(ids)} ORDER BY CreatedDate, Id"
    emails = queries.rows(f"SELECT {OF_EMAILS} FROM EmailMessage {asked}", optional=True) if ids else ()
    comments = queries.rows(f"SELECT {OF_COMMENTS} FROM CaseComment {asked}", optional=True) if ids else ()
    said: dict[str, list[Said]] = {}
    for rows, read in ((emails, _email), (comments, _comment)):
        for row in rows or ():
            if one := read(row):
                said.setdefault(row["ParentId"].id or "", []).append(one)
    for case in cases:
        if (named := case["Id"].id) is not None:
            at = case["SystemModstamp"].written_time
            if case["IsDeleted"].flag:
                yield Withdrawn(external_id=named, at=at)
            else:
                yield _case(named, case, said.get(named, []), address)


def _case(named: str, case: Loose, said: Sequence[Said], address: str) -> Heard:
    created = case["CreatedDate"].written_time
    closed = case["ClosedDate"].written_time if case["IsClosed"].flag else None
    origin = (case["Origin"].text or "").lower().split()
    answered = [one.created_at for one in said if one.author_role == "agent" and one.created_at and one.text]
    return Heard(
        external_id=named,
        said=[_description(case, said), *said],
        channel=next((CHANNELS[word] for word in origin if word in CHANNELS), "ticket"),
        title=case["Subject"].text,
        created_at=created,
        updated_at=case["SystemModstamp"].written_time,
        replied_at=min(answered, default=None),
        resolved_at=closed,
        status=case["Status"].text,
        customer=Customer(
            id=case["ContactId"].id,
            email=case["Contact"]["Email"].text or case["SuppliedEmail"].text,
            account_id=case["AccountId"].id,
        ),
        url=f"{address}/{part(named)}",
        tags=[tag for name in ("Type", "Reason") if (tag := case[name].text)],
    )


def _description(case: Loose, said: Iterable[Said]) -> Said:
    """Return the description of a case; it says nothing where it repeats an e-mail, as Email-to-Case does."""
    text = case["Description"].text or ""
    plain = " ".join(text.split())
    repeated = any(" ".join(one.text.split()).startswith(plain) for one in said if plain)
    return Said(
        external_id="description",
        text="" if repeated else text,
        created_at=case["CreatedDate"].written_time,
        updated_at=case["SystemModstamp"].written_time,
    )


def _email(row: Loose) -> Said | None:
    """Return an e-mail; nothing for a draft, which nobody was sent."""
    named = row["Id"].id
    if named is None or row["Status"].id == DRAFT:
        return None
    return _said(
        named,
        row,
        "" if row["IsDeleted"].flag else row["TextBody"].text or row["HtmlBody"].text or "",
        "customer" if row["Incoming"].flag else "agent",
    )


def _comment(row: Loose) -> Said | None:
    """Return a public comment; one that was made private later has no words any more."""
    named, hidden = row["Id"].id, row["IsDeleted"].flag or not row["IsPublished"].flag
    if named is None or (hidden and row["SystemModstamp"].value == row["CreatedDate"].value):
        return None
    kind = (row["CreatedBy"]["UserType"].text or "standard").lower()
    return _said(named, row, "" if hidden else row["CommentBody"].text or "", ROLES.get(kind, "customer"))


def _said(named: str, row: Loose, text: str, role: Role) -> Said:
    return Said(
        external_id=named,
        text=text,
        author_role=role,
        created_at=row["MessageDate"].written_time or row["CreatedDate"].written_time,
        updated_at=row["SystemModstamp"].written_time,
    )
