"""The gate before pages and API: every request passes it, or is told why not.

It is plain ASGI, so that bodies stream past it untouched; what it asks the database, it asks in a thread.
What it finds out stands in `request.state`: `caller`, `zone`, `sign_in`.
"""

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access import refusals
from service.access.headers import dressing
from service.access.hosts import Hosts
from service.access.origin import SAFE_METHODS, is_ours
from service.access.proof import credential_of, prove
from service.access.refusals import Refusal, problem
from service.access.visit import Visit
from service.db import Database
from service.errors import KoeError

PROVEN = ("/unsubscribe",)
"""Forms that prove themselves by their address, whoever sends them: mail programs do. No body is read."""
OPEN = ("/healthz", "/readyz", "/webhooks", "/hooks", "/sign-in", "/static", *PROVEN)
"""Paths that answer without a caller; a webhook proves itself on its bytes."""
FOR_PROGRAMS = ("/api", "/feeds", "/metrics", "/mcp", "/webhooks", "/hooks", "/healthz", "/readyz")
"""Paths whose refusals are read by programs, and whose bodies have limits of their own."""
OWN = ("/me",)
"""What everybody may change: what is their own."""
ASKING = ("/mcp",)
"""Where a POST asks and changes nothing, so that whoever may read may send it."""
MOST_BYTES = 65_536
"""Of a form …"""
MOST_OF_TEXTS = 2 << 20
"""… and of one that a table is pasted into, or an article written: 200,000 characters of up to nine bytes."""
TEXTS = ("/glossary/import", "/queue")
MOST_TYPED = 256 * 1024
"""Bytes of a form that are kept over a sign-in: of every form but a very long text."""
MOST_TO_SIGN_IN = MOST_BYTES + 2 * MOST_TYPED
"""Of the form of the sign-in: it brings along what was typed before, written once more."""
FILES = "/files"
"""Where a file is given, with some fields beside it."""
RETRY_AFTER = "5"
"""Seconds after which to ask again a Koe that cannot answer now."""
Refuse = Callable[[Request, Refusal], Awaitable[Response]]


def lies_under(path: str, places: tuple[str, ...]) -> bool:
    """Say whether a path is one of these places or lies in one of them."""
    return any(path == place or path.startswith(f"{place}/") for place in places)


class Gate:
    """Lets requests through to the application, or refuses them: to people by a page, which `refuse` makes.

    With a `guest` (the demo), whoever shows no token is that guest. `most_of_files` is how many bytes a file
    that is given may have.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        db: Database,
        hosts: Hosts,
        refuse: Refuse,
        most_of_files: int,
        guest: Visit | None = None,
    ) -> None:
        self.app = app
        self.db = db
        self.hosts = hosts
        self.refuse = refuse
        self.guest = guest
        self.most_of_files = most_of_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request; every answer carries the headers that keep browsers careful."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # there are none
            return
        send = dressing(scope, send)
        request = Request(scope, receive)
        try:
            refusal = self._oddity(request) or await self._unwelcome(request)
        except KoeError as error:
            refusal = Refusal(name=str(error.status), status=error.status, detail=str(error))
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await (await self._refused(request, refusal))(scope, receive, send)

    def _oddity(self, request: Request) -> Refusal | None:
        """Return what is wrong with a request whoever sends it."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or not self.hosts.include(hosts[0]):
            return refusals.OTHER_NAME
        if b"%00" in request.scope["raw_path"] + request.scope["query_string"]:
            return refusals.NUL  # no text that Koe keeps holds a NUL
        return None

    async def _unwelcome(self, request: Request) -> Refusal | None:
        """Return why this caller may not do this, and note who it is."""
        path, changes = request.scope["path"], request.method not in SAFE_METHODS
        if lies_under(path, OPEN):
            is_proven = lies_under(path, (*FOR_PROGRAMS, *PROVEN))
            return self._careless(request) if changes and not is_proven else None
        visit = await self._visit(request)
        if visit is None:
            if lies_under(path, FOR_PROGRAMS):
                return refusals.UNKNOWN
            return (changes and self._careless(request)) or refusals.UNKNOWN
        request.state.caller = visit.caller
        request.state.zone = visit.zone
        request.state.sign_in = visit.sign_in
        if not changes:
            return None
        if not visit.caller.may("write") and not lies_under(path, (*OWN, *ASKING)):
            return refusals.READS_ONLY
        return self._careless(request, visit)

    def _careless(self, request: Request, visit: Visit | None = None) -> Refusal | None:
        """Return what is wrong with a request that would change something: it is another site's, or too long.

        A browser sends its cookie along whoever makes it ask, and so it does with a Basic password that was
        typed once. A bearer token is sent by those alone who mean it.
        """
        for_programs = lies_under(request.scope["path"], FOR_PROGRAMS)
        means = visit.means if visit else "session"
        if means != "bearer":
            or_unsaid = means == "basic" or (means == "none" and for_programs)
            if not is_ours(request.headers, or_unsaid=or_unsaid):
                return refusals.FOREIGN
        if for_programs or self._is_short(request):
            return None
        return refusals.FILE_TOO_LONG if request.scope["path"] == FILES else refusals.TOO_LONG

    def _is_short(self, request: Request) -> bool:
        if "transfer-encoding" in request.headers:
            return False  # nobody knows how long it is
        path, most = request.scope["path"], MOST_BYTES
        if path == FILES:
            most += self.most_of_files
        elif lies_under(path, TEXTS):
            most = MOST_OF_TEXTS
        elif lies_under(path, ("/sign-in",)):
            most = MOST_TO_SIGN_IN
        length = request.headers.get("content-length", "0")
        return length.isascii() and length.isdecimal() and len(length) < 12 and int(length) <= most

    async def _visit(self, request: Request) -> Visit | None:
        credential = credential_of(request)
        if self.guest is not None and (credential is None or credential.means == "session"):
            return self.guest
        return None if credential is None else await run_in_threadpool(prove, self.db, credential)

    async def _refused(self, request: Request, refusal: Refusal) -> Response:
        if lies_under(request.scope["path"], FOR_PROGRAMS):
            return problem(request, refusal.status, refusal.detail, _advice(request, refusal))
        if refusal is refusals.OTHER_NAME:
            return PlainTextResponse(f"{refusal.detail}\n", refusal.status)
        return await self.refuse(request, refusal)


def _advice(request: Request, refusal: Refusal) -> dict[str, str]:
    """Return what to do next: when to ask again, or how to prove oneself, feed readers by a password."""
    if refusal.status == 503:
        return {"Retry-After": RETRY_AFTER}
    if refusal.status != 401:
        return {}
    basic = lies_under(request.scope["path"], ("/feeds",))
    return {"WWW-Authenticate": 'Basic realm="Koe", charset="UTF-8"' if basic else 'Bearer realm="Koe"'}
