"""One page: its template, its words, and what every page shows (language, navigation, demo banner)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import jinja2
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from service.config import Settings
from service.models import MAIN
from service.web import charts
from service.web.language import LANGUAGES, Language, preferred

LANGUAGE_COOKIE = "koe_language"
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders templates for a reader."""

    settings: Settings
    templates: jinja2.Environment
    demo: bool

    @classmethod
    def over(cls, settings: Settings, *, demo: bool) -> "Pages":
        """Return the pages of an installation."""
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(sparkline=charts.sparkline, trend=charts.trend)
        return cls(settings, environment, demo)

    def language(self, request: Request) -> Language:
        """Return the reader's language: chosen before, else the browser's."""
        chosen = request.query_params.get("ui") or request.cookies.get(LANGUAGE_COOKIE)
        lang = chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))
        return Language(lang, self.settings.zone)

    def show(self, request: Request, name: str, *, status: int = 200, **values: object) -> Response:
        """Return a page; a language asked for by `?ui=` is remembered."""
        language = self.language(request)
        html = self.templates.get_template(name).render(
            t=language, path=request.url.path, demo=self.demo, address=Address(request), **values
        )
        response = HTMLResponse(html, status_code=status, headers={"Content-Language": language.lang})
        if request.query_params.get("ui") == language.lang:
            response.set_cookie(LANGUAGE_COOKIE, language.lang, samesite="lax", max_age=365 * 86400, path="/")
        return response

    def error(self, request: Request, *, status: int, reason: str) -> Response:
        """Return the page that says what went wrong."""
        return self.show(request, "error.html", status=status, reason=reason)


@dataclass(frozen=True, slots=True)
class Address:
    """The address of the page, to make links that change one filter and keep the others."""

    request: Request

    def with_(self, **changes: object) -> str:
        """Return this page's address with some parameters changed (None takes one away)."""
        query = {key: value for key, value in self.request.query_params.items() if key != "ui"}
        if "page" not in changes:
            query.pop("page", None)
        merged: Mapping[str, object] = {**query, **changes}
        return "?" + urlencode({key: value for key, value in merged.items() if value not in (None, "")})


def pages_of(request: Request) -> Pages:
    """Return the application's pages."""
    pages: Pages = request.app.state.pages
    return pages


PagesDep = Annotated[Pages, Depends(pages_of)]


def organisation_of() -> str:
    """Return whose world the reader sees; there is one so far."""
    return MAIN


OrganisationDep = Annotated[str, Depends(organisation_of)]
