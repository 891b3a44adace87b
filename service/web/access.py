"""Who may see the pages: whoever opened the one-time link of this server, or, in the demo, this machine.

The link works once and gives the browser a session; both live as long as the server. Requests that change
something must come from our own pages (Fetch Metadata, `Sec-Fetch-Site`, with `Origin` for older browsers).
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

COOKIE = "koe_session"
OPEN_PATHS = ("/static/", "/sign-in/", "/healthz")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Next = Callable[[Request], Awaitable[Response]]


def _fingerprint(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


class Gate:
    """Lets requests through, or says why not. A demo asks for no sign-in but answers only to its own name."""

    def __init__(self, *, hosts: frozenset[str], demo: bool) -> None:
        self.hosts = hosts
        self.demo = demo
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

    def refusal(self, request: Request) -> Response | None:
        """Return the answer to a request that may not pass, or None."""
        if urlsplit(f"//{request.headers.get('host', '')}").hostname not in self.hosts:
            return PlainTextResponse("This server answers under another name (Host).\n", status_code=421)
        if request.method not in SAFE_METHODS and not self._from_our_pages(request):
            return PlainTextResponse("This form was sent from another site.\n", status_code=403)
        if self.demo or request.url.path.startswith(OPEN_PATHS):
            return None
        if _fingerprint(request.cookies.get(COOKIE, "")) in self._sessions:
            return None
        return PlainTextResponse(
            "Open the sign-in link that `koe serve` printed.\n"
            "`koe serve` が表示したサインイン用リンクを開いてください。\n",
            status_code=401,
        )

    @staticmethod
    def _from_our_pages(request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = request.headers.get("origin")
        return origin is not None and urlsplit(origin).netloc == request.headers.get("host")

    async def __call__(self, request: Request, call_next: Next) -> Response:
        """Guard one request; every answer carries the security headers."""
        response = self.refusal(request) or await call_next(request)
        for name, value in HEADERS.items():
            if not (name == "Cache-Control" and request.url.path.startswith("/static/")):
                response.headers.setdefault(name, value)
        return response


def open_link(gate: Gate, token: str) -> Response:
    """Answer the one-time link: a session for the browser, or the reason why there is none."""
    session = gate.sign_in(token)
    if session is None:
        return PlainTextResponse(
            "This link was used already, or is another server's. Start `koe serve` again for a new one.\n"
            "このリンクは使用済みか、別のサーバーのものです。`koe serve` をもう一度起動してください。\n",
            status_code=403,
        )
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(COOKIE, session, httponly=True, samesite="lax", path="/")
    return response
