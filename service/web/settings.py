"""The page of settings: what can be set here, what elsewhere, and what by whoever runs Koe."""

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import SecretStr
from sqlmodel import Session

from connectors.files.encodings import clean
from service.access.caller import Caller, must_administer
from service.config import Settings
from service.models import MAIN, Organisation
from service.repositories import organisations, persons
from service.web.deps import SessionDep
from service.web.page import CallerDep, Pages, PagesDep

router = APIRouter(prefix="/settings")

HERE = "/settings"
LONGEST_NAME = 100
ELSEWHERE = ("/value", "/alarms?show=quiet", "/glossary", "/notices/templates", "/sources", "/targets")
"""Pages on which something else is set."""
OPEN = frozenset(
    {
        "home", "host", "port", "public_url", "timezone", "private_hosts", "organisation", "embedder",
        "embeddings_model", "llm_model", "clusterer", "false_alarms", "oidc_issuer", "oidc_client_id",
        "oidc_domains", "oidc_roles", "oidc_trust_email", "smtp_from", "digest_day", "digest_hour",
    }
)  # fmt: skip
"""Settings whose values may be seen; of all others it is told alone whether they are set, as for secrets."""
Word = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A setting that whoever runs Koe gives it."""

    variable: str
    field: str
    value: str
    """Empty where it has none, or where it is not shown."""
    hidden: bool
    is_set: bool


@router.get("")
def show_settings(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    saved: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Show what applies, and where it is set."""
    return _page(request, pages, session, caller, saved=bool(saved))


@router.post("")
def change_settings(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    name: Word = "",
    timezone: Word = "",
    consent: Word = "",
) -> Response:
    """Set what belongs to the organisation; what is wrong stands beside its field."""
    must_administer(caller)
    called, zone = clean(name).strip(), clean(timezone).strip()
    organisation = organisations.get(session, caller.organisation_id)
    fixed = is_fixed(pages.settings, caller.organisation_id)
    errors = {}
    if not called or not called.isprintable():
        errors["name"] = "missing"
    elif len(called) > LONGEST_NAME:
        errors["name"] = "long"
    if not fixed and not organisations.is_zone(session, zone):
        errors["timezone"] = "odd"
    if errors:
        typed = {"name": called, "timezone": zone, "consent": consent}
        return _page(request, pages, session, caller, status=422, typed=typed, errors=errors)
    organisation.name = called
    organisation.asks_consent = consent == "yes"
    if not fixed:
        organisations.set_zone(session, caller.organisation_id, zone)
    return RedirectResponse(f"{HERE}?saved=1", status_code=303)


def is_fixed(settings: Settings, organisation_id: str) -> bool:
    """Say whether KOE_TIMEZONE says in which zone the days of an organisation begin."""
    return organisation_id == MAIN and "timezone" in settings.model_fields_set


def given(settings: Settings) -> list[Given]:
    """Return every setting by its variable, without what may be a secret."""
    return [_given(settings, name) for name in type(settings).model_fields]


def _given(settings: Settings, field: str) -> Given:
    value, hidden = getattr(settings, field), field not in OPEN
    known = not isinstance(value, SecretStr) and value not in (None, "")
    return Given(
        variable=f"KOE_{field.upper()}",
        field=field,
        value=str(value) if known and not hidden else "",
        hidden=hidden,
        is_set=field in settings.model_fields_set,
    )


def _form(organisation: Organisation) -> dict[str, str]:
    return {
        "name": organisation.name,
        "timezone": organisation.timezone,
        "consent": "yes" if organisation.asks_consent else "conversation",
    }


def _page(
    request: Request,
    pages: Pages,
    session: Session,
    caller: Caller,
    *,
    status: int = 200,
    saved: bool = False,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    """Return the page; what whoever runs Koe set is for administrators of their own organisation alone."""
    organisation = organisations.get(session, caller.organisation_id)
    runs_koe = caller.may("admin") and caller.organisation_id == pages.settings.organisation
    return pages.show(
        request,
        "settings.html",
        status=status,
        organisation=organisation,
        fixed=is_fixed(pages.settings, organisation.id),
        zones=sorted(available_timezones() - {"localtime"}),
        form={**(typed or _form(organisation)), "errors": errors or {}},
        saved=saved,
        elsewhere=ELSEWHERE,
        given=given(pages.settings) if runs_koe else [],
        administrators=persons.administrators(session, organisation.id),
        longest=LONGEST_NAME,
    )
