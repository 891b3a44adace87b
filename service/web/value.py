"""The pages of what themes are worth: who adds how much to one, and by which weights all are ranked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.access.caller import must_administer
from service.models import Theme
from service.pipeline import value as value_stage
from service.pipeline.value import Opened
from service.repositories import accounts as account_repository
from service.repositories import themes as theme_repository
from service.repositories import values
from service.rules.comparing import Compared, Measure
from service.rules.raising import Party
from service.rules.value import COUNTED
from service.rules.weights import DEFAULTS, TERMS, Unfit, as_written, changed, days_of_work
from service.web.deps import SessionDep, TypedDep
from service.web.language import Language
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, Pages, PagesDep, link

router = APIRouter()

HERE = "/value"
GROUPS = (
    ("weights", TERMS),
    ("bounds", ("loud", "counted", "window_days", "repeat_days", "outcome_days")),
    ("costs", ("cost_ticket", "cost_chat", "cost_call", "currency")),
)
"""The settings as the page has them."""
ENDS: tuple[Measure, ...] = ("churn", "contraction", "renewal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Somebody who raised a theme, and what that adds to its worth."""

    name: str
    """Empty for somebody unknown."""
    link: str
    total: float
    parts: list[tuple[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedAccount:
    """An account, and what became of it."""

    account_id: str
    name: str
    plan: str | None
    raised: bool
    met: list[str]


@router.get("/themes/{theme_id}/value")
def show_worth(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    theme_id: str,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what a theme is worth now, and who adds how much to that."""
    theme = theme_repository.get_theme(session, organisation_id, theme_id)
    if theme.parent_id is not None:  # its theme is weighed as a whole
        return RedirectResponse(f"/themes/{theme.parent_id}/value", status_code=303)
    t = pages.language(request)
    opened = value_stage.opened(session, theme)
    value = values.of(session, organisation_id, [theme_id]).get(theme_id)
    if opened is None:
        return pages.show(request, "theme_value.html", theme=theme, opened=None)
    names = account_repository.names(session, organisation_id)
    rows = [_row(theme, opened, party, names) for party in opened.worth.raised.everybody]
    rows.sort(key=lambda row: (-row.total, row.link))
    terms = [value_stage.told(term) for term in opened.worth.terms]
    outcome = terms[TERMS.index("outcome")]
    compared = opened.around.compared
    return pages.show(
        request,
        "theme_value.html",
        theme=theme,
        opened=opened,
        value=value,
        differs=value is not None and round(value.worth, 1) != round(opened.worth.worth.value, 1),
        terms=terms,
        counted=COUNTED,
        most=opened.around.weighting.most_of_one,
        rows=rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        page=page,
        page_count=-(-len(rows) // PAGE_SIZE),
        outcome=list(outcome["facts"].get("measures", {}).items()),
        landmark=compared.landmark if compared else None,
        likeness=t("common.comma").join(
            t(f"value.likeness_{name}") for name in (compared.likeness if compared else ())
        ),
        compared=_compared(compared, opened, names) if compared else [],
    )


def _row(theme: Theme, opened: Opened, party: Party, names: Mapping[str, str]) -> Row:
    known = any(person.known for person in party.people)
    whose = {"account": party.key} if party.is_account else {"customer": party.key} if known else {}
    days = {"since": opened.around.since, "until": opened.around.until}
    counts = 1.0 if whose else opened.worth.raised.damping
    return Row(
        name=names.get(party.key, party.key) if party.is_account else party.key if known else "",
        link=link("/items", theme=theme.id, **whose, **days) if whose else link(f"/items/{party.key}"),
        total=party.total * counts,
        parts=[(name, part * counts) for name, part in zip(COUNTED, party.parts, strict=True)],
    )


def _compared(compared: Compared, opened: Opened, names: Mapping[str, str]) -> list[ComparedAccount]:
    """Return the accounts that were held against each other, those that raised the theme first."""
    raised = opened.worth.raised_before
    alike = compared.alike(raised)
    found = [
        ComparedAccount(
            account_id=account.account_id,
            name=names.get(account.account_id, account.account_id),
            plan=account.plan,
            raised=account.account_id in raised,
            met=[name for name in ENDS if compared.met[name][place] > 0],
        )
        for place, account in enumerate(compared.accounts)
        if alike[place]
    ]
    return sorted(found, key=lambda one: (not one.raised, not one.met, one.account_id))


@router.post("/themes/{theme_id}/effort")
def set_effort(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    theme_id: str,
    days: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Say how many days of work solving a theme takes; nothing is unknown again."""
    theme = theme_repository.get_theme(session, organisation_id, theme_id)
    try:
        theme.effort_days = days_of_work(days)
    except Unfit as unfit:
        return pages.error(
            request,
            unfit.status,
            refused=why_unfit(pages.language(request), unfit),
            back=f"/themes/{theme_id}#value",
        )
    session.flush()
    value_stage.refresh(session, organisation_id)
    return RedirectResponse(f"/themes/{theme.id}#value", status_code=303)


@router.get("/value")
def show_weights(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, saved: str = ""
) -> Response:
    """Show by which formula and which weights themes are ranked."""
    return _page(request, pages, session, organisation_id, saved=bool(saved))


@router.post("/value")
def set_weights(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, typed: TypedDep
) -> Response:
    """Set the weights, and rank all themes by them at once."""
    must_administer(caller)
    organisation_id = caller.organisation_id
    names = [name for _, group in GROUPS for name in group]
    given = {name: value for name, value in typed.items() if name in names}
    try:
        wanted = changed(values.weighting(session, organisation_id), given)
    except Unfit as unfit:
        return _page(
            request,
            pages,
            session,
            organisation_id,
            status=422,
            typed=given,
            error=why_unfit(pages.language(request), unfit),
            wrong=unfit.setting,
        )
    values.set_weighting(session, organisation_id, wanted, by=caller.name, at=datetime.now(UTC))
    session.flush()
    value_stage.refresh(session, organisation_id)
    return RedirectResponse(link(HERE, saved="1"), status_code=303)


def why_unfit(t: Language, unfit: Unfit) -> str:
    """Return in the reader's words why a setting cannot be."""
    return t(f"value.unfit_{unfit.code}", setting=t(f"value.set_{unfit.setting}"), **unfit.figures)


def _page(
    request: Request,
    pages: Pages,
    session: Session,
    organisation_id: str,
    *,
    status: int = 200,
    saved: bool = False,
    typed: Mapping[str, str] | None = None,
    error: str = "",
    wrong: str = "",
) -> Response:
    t = pages.language(request)
    weighting = values.weighting(session, organisation_id)
    defaults = {**as_written(DEFAULTS), "counted": t(f"value.counted_{DEFAULTS.counted}")}
    return pages.show(
        request,
        "value.html",
        status=status,
        groups=GROUPS,
        written={**as_written(weighting), **(typed or {})},
        shown_default=lambda name: defaults[name] or t("value.unknown"),
        kept=values.settings(session, organisation_id),
        most=weighting.most_of_one,
        ranked=len(values.ranks(session, organisation_id)),
        saved=saved,
        error=error,
        wrong=wrong,
    )
