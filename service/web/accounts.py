"""The pages of accounts and customers: what they said, what became of it, and a brief before a visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from service.errors import NotFound
from service.models import Account, Event, Span
from service.repositories import accounts as account_repository
from service.repositories import effects as effect_repository
from service.repositories import matrix, portraits, tones, voices
from service.repositories.portraits import Figures, Raised, Whose
from service.rules.portraits import Effort, effort
from service.rules.steering.reckoning import Median
from service.web import touchpoints
from service.web.deps import SessionDep
from service.web.items import excerpt
from service.web.language import Language
from service.web.page import PAGE_SIZE, OrganisationDep, Pages, PagesDep, link
from service.web.verdicts import in_short

router = APIRouter()

SORTS = ("revenue", "renews", "name")
YEAR = timedelta(days=365)
SHOWN_VOICES = 5
SHOWN_THEMES = 50
BRIEF_THEMES = 5
SHOWN_EVENTS = 12
LIFE = ("signup", "renewal", "expansion", "contraction", "churn")
"""What happens to an account that a visitor should know."""
GRAVE = ("critical", "high")
DAY_HOURS = 48
"""Hours from which on waiting is told in days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A theme that they raised, with what came of what was done."""

    raised: Raised
    voices_link: str
    severity: str
    """The gravest that they said of it; empty where nothing is wrong."""
    came: str
    quote: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """An account or a customer as the pages show them."""

    name: str
    whose: Whose
    account: Account | None
    figures: Figures
    open: tuple[About, ...]
    """Themes about which nothing was done yet, the gravest first."""
    solved: tuple[About, ...]
    praised: tuple[About, ...]
    effort: Effort
    since: datetime
    """From when on effort is counted."""
    renews_in: int | None
    """Days until the account renews; negative once that is past."""
    cut: bool
    """Whether effort is that of the latest items only."""
    events: tuple[Event, ...]
    voices_link: str
    here: str
    brief: str


@router.get("/accounts")
def show_accounts(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    sort: Annotated[str, Query(max_length=20)] = "revenue",
    plan: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show the accounts, with how much was heard of each."""
    chosen = sort if sort in SORTS else SORTS[0]
    total = portraits.count(session, organisation_id, sort=chosen, plan=plan)
    return pages.show(
        request,
        "accounts.html",
        rows=portraits.accounts(
            session, organisation_id, sort=chosen, plan=plan, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
        ),
        any=account_repository.count_accounts(session, organisation_id) > 0,
        total=total,
        sorts=SORTS,
        chosen=chosen,
        plan=plan,
        plans=[(each, each) for each in portraits.plans(session, organisation_id)],
        page=page,
        page_count=-(-total // PAGE_SIZE),
    )


@router.get("/accounts/{account_id:path}")
def show_account(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, account_id: str
) -> Response:
    """Show one account, by the id that its own systems call it."""
    return _portrait(request, pages, session, Whose(organisation_id=organisation_id, account_id=account_id))


@router.get("/customers/{customer_id:path}")
def show_customer(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, customer_id: str
) -> Response:
    """Show one customer, by the id that items tell."""
    return _portrait(request, pages, session, Whose(organisation_id=organisation_id, customer_id=customer_id))


@router.get("/brief/accounts/{account_id:path}")
def show_account_brief(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, account_id: str
) -> Response:
    """Show what to know before visiting an account, to be printed."""
    return _portrait(
        request, pages, session, Whose(organisation_id=organisation_id, account_id=account_id), brief=True
    )


@router.get("/brief/customers/{customer_id:path}")
def show_customer_brief(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, customer_id: str
) -> Response:
    """Show what to know before meeting a customer, to be printed."""
    return _portrait(
        request, pages, session, Whose(organisation_id=organisation_id, customer_id=customer_id), brief=True
    )


def _portrait(
    request: Request, pages: Pages, session: Session, whose: Whose, *, brief: bool = False
) -> Response:
    t, now = pages.language(request), datetime.now(UTC)
    shown = portrait(t, session, whose, now=now)
    wanted = voices.Wanted(account_id=whose.account_id or "", customer_id=whose.customer_id or "")
    newest, _ = voices.search(session, whose.organisation_id, wanted, limit=SHOWN_VOICES)
    return pages.show(
        request,
        "brief.html" if brief else "portrait.html",
        who=shown,
        newest=[(row, excerpt(row)) for row in newest],
        today=now,
        first_answer=waited(t, shown.effort.first_answer),
        solution=waited(t, shown.effort.solution),
        grave=[each for each in shown.open if each.severity in GRAVE],
        most=BRIEF_THEMES if brief else SHOWN_THEMES,
        touched=_touched(session, whose),
    )


def _touched(session: Session, whose: Whose) -> Sequence[touchpoints.Line]:
    """Return how much was heard of an account at each touchpoint; nothing for a customer alone."""
    if whose.customer_id is not None or not whose.account_id:
        return ()
    found = matrix.count(session, whose.organisation_id, account_id=whose.account_id)
    return touchpoints.lines(found, _filters(whose)) if found.cells else ()


def portrait(t: Language, session: Session, whose: Whose, *, now: datetime) -> Portrait:
    """Return who they are, and what became of what they said. Raises NotFound where nobody knows them."""
    account_id, organisation_id = whose.account_id or "", whose.organisation_id
    account = account_repository.find(session, organisation_id, account_id) if account_id else None
    figures = portraits.figures(session, whose)
    if account is None and not figures.voices:
        raise NotFound(f"Nothing is known of “{whose.account_id or whose.customer_id}”.")
    found = portraits.raised(session, whose, segment=account.segment if account else None)
    ids = [each.theme.id for each in found]
    quotes = portraits.quotes(session, whose, ids)
    done = [each.done.id for each in found if each.done is not None]
    came = {
        each.intervention_id: in_short(t, each)
        for each in effect_repository.of_interventions(session, whose.organisation_id, done)
    }
    about = [
        About(
            raised=each,
            voices_link=link("/items", theme=each.theme.id, **_filters(whose)),
            severity=tones.word_of(each.gravest or None) or "",
            came=came.get(each.done.id, t("effect.short_waiting")) if each.done else "",
            quote=quotes.get(each.theme.id),
        )
        for each in found
    ]
    waits = [each for each in about if each.raised.done is None and each.raised.theme.kind != "praise"]
    events = (
        account_repository.life(session, organisation_id, account_id, LIFE, limit=SHOWN_EVENTS)
        if account_id
        else []
    )
    path = f"/accounts/{whose.account_id}" if whose.customer_id is None else f"/customers/{whose.customer_id}"
    asked = portraits.asked(session, whose, since=now - YEAR)
    return Portrait(
        name=(account.name if account else None) or whose.customer_id or whose.account_id or "",
        whose=whose,
        account=account,
        figures=figures,
        open=tuple(sorted(waits, key=lambda one: -one.raised.gravest)),
        solved=tuple(each for each in about if each.raised.done is not None),
        praised=tuple(each for each in about if each.raised.theme.kind == "praise" and not each.raised.done),
        effort=effort(asked, zone=t.zone, now=now),
        since=now - YEAR,
        renews_in=_days_until(t, account.renews_at, now) if account and account.renews_at else None,
        cut=len(asked) >= portraits.MOST_ASKED,
        events=tuple(events),
        voices_link=link("/items", **_filters(whose)),
        here=link(path),
        brief=link(f"/brief{path}"),
    )


def _days_until(t: Language, moment: datetime, now: datetime) -> int:
    """Return how many days lie between today and a day, as a calendar counts them."""
    return (moment.astimezone(t.zone).date() - now.astimezone(t.zone).date()).days


def waited(t: Language, median: Median) -> str:
    """Return a median wait in the reader's words; empty where fewer than half have ended."""
    if median.value is None:
        return ""
    if median.value < DAY_HOURS:
        return t("portrait.hours", n=round(median.value, 1))
    return t("portrait.days", n=round(median.value / 24, 1))


def _filters(whose: Whose) -> dict[str, str]:
    """Return the filters of the list of voices that show theirs."""
    if whose.customer_id is not None:
        return {"customer": whose.customer_id}
    return {"account": whose.account_id or ""}
