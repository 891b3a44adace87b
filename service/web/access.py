"""Who may see the pages: whoever opened the one-time link of this server, or, in the demo, this machine.

The link works once and gives the browser a session; both live as long as the server. Requests that change
something must come from our own pages (Fetch Metadata, `Sec-Fetch-Site`, with `Origin` for older browsers).
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from service.web.page import Pages

COOKIE = "koe_session"
OPEN_PATHS = ("/static/", "/sign-in/", "/healthz")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
MOST_BYTES = 65_536
"""Of a form."""
HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
Next = Callable[[Request], Awaitable[Response]]


def _fingerprint(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


class Gate:
    """Lets requests through, or says why not. A demo asks for no sign-in but answers only to its own name."""

    def __init__(self, *, hosts: frozenset[str], demo: bool, secure: bool = False) -> None:
        self.hosts = hosts
        self.demo = demo
        self.secure = secure
        """True where browsers reach the pages by https only, so that the session travels no other way."""
        self._link = secrets.token_urlsafe(32)
        self._sessions: set[bytes] = set()
        self._used = False

    @property
    def link(self) -> str:
        """The path of the one-time link."""
        return f"/sign-in/{self._link}"

    def sign_in(self, token: str) -> str | None:
        """Return a new session's secret for the right token the first time, else None."""
        if self._used or not hmac.compare_digest(_fingerprint(token), _fingerprint(self._link)):
            return None
        self._used = True
        session = secrets.token_urlsafe(32)
        self._sessions.add(_fingerprint(session))
        return session

    def refusal(self, request: Request) -> int | None:
        """Return the status that refuses a request, or None where it may pass."""
        host = request.headers.get("host", "")
        if HOST.fullmatch(host) is None or urlsplit(f"//{host}").hostname not in self.hosts:
            return 421
        if b"%00" in request.scope["raw_path"] + request.scope["query_string"]:
            return 400  # no text that Koe keeps holds a NUL
        if request.method not in SAFE_METHODS:
            if not self._from_our_pages(request):
                return 403
            if not _is_short(request):
                return 413
        if self.demo or request.url.path.startswith(OPEN_PATHS):
            return None
        known = _fingerprint(request.cookies.get(COOKIE, "")) in self._sessions
        return None if known else 401

    @staticmethod
    def _from_our_pages(request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = request.headers.get("origin")
        return origin is not None and urlsplit(origin).netloc == request.headers.get("host")

    async def __call__(self, request: Request, call_next: Next) -> Response:
        """Guard one request; every answer carries the security headers."""
        status = self.refusal(request)
        if status is None:
            return dressed(request, await call_next(request))
        if status == 421:
            return dressed(request, PlainTextResponse("This server has another name (Host).\n", status))
        pages: Pages = request.app.state.pages
        return dressed(request, pages.error(request, status, bare=True))


def dressed(request: Request, response: Response) -> Response:
    """Give an answer the headers that keep browsers careful; nothing but our own files may be kept."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    kept = "no-cache" if request.url.path.startswith("/static/") else "no-store"
    response.headers.setdefault("Cache-Control", kept)
    return response


def _is_short(request: Request) -> bool:
    if "transfer-encoding" in request.headers:
        return False  # nobody knows how long it is
    length = request.headers.get("content-length", "0")
    return length.isascii() and length.isdecimal() and len(length) < 9 and int(length) <= MOST_BYTES


def open_link(gate: Gate, pages: Pages, request: Request, token: str) -> Response:
    """Answer the one-time link: a session for the browser, or the reason why there is none."""
    session = gate.sign_in(token)
    if session is None:
        return pages.error(request, 410, bare=True)
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(COOKIE, session, httponly=True, samesite="lax", secure=gate.secure, path="/")
    return response
