"""The digest as a page, one's own wish for it, and the way out of it without signing in."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from service.posting import rhythm_of, who_leaves
from service.repositories import digests
from service.rules import digests as rules
from service.rules.digests import WEEK
from service.web.deps import SessionDep
from service.web.digest import digest_of
from service.web.me import MeDep
from service.web.page import OrganisationDep, Pages, PagesDep

router = APIRouter()

FIRST = date(2000, 1, 1)
"""There is no week before it."""
Lang = Literal["en", "ja"]


class DigestQuery(BaseModel):
    """Which week is shown: the day on which it went out; without one, that which comes next."""

    week: date | None = None


@router.get("/digest")
def show_digest(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    query: Annotated[DigestQuery, Query()],
) -> Response:
    """Show what the next digest would tell as things are, or what one told."""
    t, zone, rhythm = pages.language(request), pages.zone(request), rhythm_of(pages.settings)
    newest = rules.newest(datetime.now(UTC), zone, rhythm)
    coming = rules.next_after(newest, zone, rhythm)
    last = coming.until.date()
    day = min(max(query.week or last, FIRST), last)
    week = rules.of_day(day, zone, rhythm)
    return pages.show(
        request,
        "digest.html",
        digest=digest_of(session, organisation_id, t, week),
        week=week,
        comes=day == last,
        before=day - WEEK if day - WEEK >= FIRST else None,
        readers=digests.count_wishes(session, organisation_id),
        letters=digests.states(session, organisation_id, week.name),
        mails=pages.settings.smtp_url is not None,
    )


@router.post("/me/digest")
def wish(
    pages: PagesDep,
    session: SessionDep,
    me: MeDep,
    lang: Annotated[Lang, Form()] = "en",
    wanted: Annotated[Literal["yes", "no"], Form()] = "yes",
) -> Response:
    """Get the digest by e-mail from the next one on, or no longer."""
    person = me.person
    if wanted == "no":
        digests.leave(session, person.organisation_id, person.id)
    elif person.email is not None and pages.settings.smtp_url is not None:
        digests.ask(session, person.organisation_id, person.id, lang=lang, at=datetime.now(UTC))
    return RedirectResponse("/me#digest", status_code=303)


@router.get("/unsubscribe/{token}")
def ask_to_leave(request: Request, pages: PagesDep, session: SessionDep, token: str) -> Response:
    """Offer the one button; to look is not to leave, for programs look at every link of a mail."""
    reader = who_leaves(pages.settings, token)
    if reader is None:
        return pages.error(request, 404, name="no_such_letter", bare=True)
    is_on = digests.wish_of(session, reader.organisation_id, reader.person_id) is not None
    return _told(request, pages, "ask" if is_on else "off")


@router.post("/unsubscribe/{token}")
def leave(request: Request, pages: PagesDep, session: SessionDep, token: str) -> Response:
    """Send no digest any more: the button, and what mail programs do by themselves (RFC 8058)."""
    reader = who_leaves(pages.settings, token)
    if reader is None:
        return pages.error(request, 404, name="no_such_letter", bare=True)
    digests.leave(session, reader.organisation_id, reader.person_id)
    return _told(request, pages, "done")


def _told(request: Request, pages: Pages, state: str) -> Response:
    return pages.show(request, "unsubscribe.html", bare=True, state=state)
