"""One page: its template, its words, and what every page shows (language, navigation, demo banner)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import jinja2
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from connectors.files.opening import ENDINGS
from service.access.caller import Caller
from service.access.hosts import is_https
from service.config import Settings
from service.web import charts, navigation
from service.web.language import LANGUAGES, Language, preferred, seen_language

LANGUAGE_COOKIE = "koe_language"
PAGE_SIZE = 50


@cache
def templates() -> jinja2.Environment:
    """Return all templates, compiled: one with a fault is found at the start, and nobody waits for the first.

    Raises jinja2.TemplateSyntaxError.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        sparkline=charts.sparkline,
        trend=charts.trend,
        link=link,
        bare=False,
        navigation=navigation,
        searched="",
        accepted=",".join(ENDINGS),
    )
    environment.filters["seen_language"] = seen_language
    environment.tests["web_address"] = is_web_address
    for name in environment.list_templates():
        environment.get_template(name)
    return environment


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders templates for a reader."""

    settings: Settings
    templates: jinja2.Environment
    demo: bool

    @classmethod
    def over(cls, settings: Settings, *, demo: bool) -> "Pages":
        """Return the pages of an installation."""
        return cls(settings, templates(), demo)

    def language(self, request: Request) -> Language:
        """Return the reader's language: chosen before, else the browser's."""
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        lang = chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))
        return Language(lang, self.zone(request))

    def zone(self, request: Request) -> ZoneInfo:
        """Return the zone in which the days of the reader's organisation begin."""
        return getattr(request.state, "zone", self.settings.zone)

    @property
    def secure(self) -> bool:
        """True where browsers reach the pages by https only, so that a sign-in travels no other way."""
        return not self.demo and is_https(self.settings)

    def show(self, request: Request, name: str, *, status: int = 200, **values: object) -> Response:
        """Return a page; where its address asks for a language (`?ui=`), remember that and lead on."""
        address = Address(request)
        chosen = request.query_params.get("ui")
        if chosen in LANGUAGES and request.method == "GET":
            again = RedirectResponse(address.with_(ui=None, page=request.query_params.get("page")), 303)
            again.set_cookie(LANGUAGE_COOKIE, chosen, samesite="lax", max_age=365 * 86400, path="/")
            return again
        language = self.language(request)
        caller: Caller | None = getattr(request.state, "caller", None)
        html = self.templates.get_template(name).render(
            t=language,
            path=request.scope["path"],
            demo=self.demo,
            caller=caller,
            may_decide=caller is not None and caller.may("write"),
            may_administer=caller is not None and caller.may("admin"),
            signed_in=getattr(request.state, "sign_in", None) is not None,
            address=address,
            most_mb=self.settings.upload_mb,
            **values,
        )
        return HTMLResponse(html, status_code=status, headers={"Content-Language": language.lang})

    def error(
        self,
        request: Request,
        status: int,
        *,
        name: str = "",
        detail: str = "",
        refused: str = "",
        back: str = "/themes",
        bare: bool = False,
    ) -> Response:
        """Return the page that says what went wrong and what to do; a `bare` one leads nowhere.

        The words are those of the `name`, else those of the status; `refused` says instead why something was
        not done.
        """
        has = self.language(request).has
        named = next(
            one
            for one in (name, str(status), "400" if status < 500 else "500")
            if one and has(f"error.title_{one}")
        )
        return self.show(
            request,
            "error.html",
            status=status,
            named=named,
            detail=detail,
            refused=refused,
            back=back,
            bare=bare,
        )


def link(path: str, /, **query: object) -> str:
    """Return the address of a page; parameters without a value are left out."""
    shown = {key: value for key, value in query.items() if value not in (None, "")}
    return quote(path) + (f"?{urlencode(shown)}" if shown else "")


def is_web_address(value: object) -> bool:
    """Say whether a text is an address that a page may lead to."""
    return isinstance(value, str) and value.lower().startswith(("https://", "http://"))


@dataclass(frozen=True, slots=True)
class Address:
    """The address of the page, to make links that change one filter and keep the others."""

    request: Request

    def with_(self, **changes: object) -> str:
        """Return this page's address with some parameters changed (None takes one away)."""
        # Two slashes at the beginning would lead to another site.
        return self._asking("/" + self.request.scope["path"].lstrip("/"), changes)

    def under(self, path: str) -> str:
        """Return another address that is asked for with what this page is."""
        return self._asking(path, {})

    def _asking(self, path: str, changes: Mapping[str, object]) -> str:
        """Return an address with this page's parameters; one that is empty may mean all, and stays."""
        wanted = {**self.request.query_params, "page": None, "ui": None, **changes}
        asked = urlencode(
            {
                name: value
                for name, value in wanted.items()
                if value is not None and (value != "" or name not in changes)
            }
        )
        return quote(path) + (f"?{asked}" if asked else "")

    def without(self, names: Iterable[str]) -> str:
        """Return this page's address without some parameters."""
        return self.with_(**dict.fromkeys(names))


def pages_of(request: Request) -> Pages:
    """Return the application's pages."""
    pages: Pages = request.app.state.pages
    return pages


PagesDep = Annotated[Pages, Depends(pages_of)]


def caller_of(request: Request) -> Caller:
    """Return who asks; the gate has let nobody through who is not known."""
    caller: Caller = request.state.caller
    return caller


CallerDep = Annotated[Caller, Depends(caller_of)]


def organisation_of(caller: CallerDep) -> str:
    """Return whose world the reader sees."""
    return caller.organisation_id


OrganisationDep = Annotated[str, Depends(organisation_of)]
