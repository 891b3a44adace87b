"""`/mcp`: what `koe mcp` lets assistants read, by HTTP and with a token (MCP's Streamable HTTP).

Every request stands for itself: it brings its token, and its answer is one JSON value. So nothing is kept
between requests, a token that is revoked counts no more at once, and any web process may answer. The gate has
proved the caller, and that the request names this server (`Host`), before anything here is asked.
"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from service.access.origin import is_ours
from service.access.proof import credential_of
from service.access.refusals import FOREIGN, UNKNOWN, Refusal, problem
from service.db import Database
from service.search.meaning import Reader

# service.assistants is imported when the first assistant asks: the protocol's SDK takes a moment to load.

PATH = "/mcp"
MOST_BYTES = 1 << 20
"""Of a request: a question is a few kilobytes."""
ONLY_ASKED = Refusal(
    name="405",
    status=405,
    detail="Assistants ask by POST; nothing is told of unasked, and no session is kept.",
)


class Assisting:
    """Answers assistants, each over the organisation of its token."""

    def __init__(self, db: Database, reader: Reader) -> None:
        self._db = db
        self._reader = reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        refusal = self._unwelcome(request)
        if refusal is not None:
            headers = {UNKNOWN: {"WWW-Authenticate": 'Bearer realm="Koe"'}, ONLY_ASKED: {"Allow": "POST"}}
            await problem(request, refusal.status, refusal.detail, headers.get(refusal))(scope, receive, send)
            return
        made = await run_in_threadpool(self._made, request.state.caller.organisation_id)
        async with made.session_manager.run():
            await made.session_manager.handle_request(scope, receive, send)

    def _unwelcome(self, request: Request) -> Refusal | None:
        """Return why this request is not answered.

        A browser's sign-in does not count here, nor does the demo's guest: another site could make a browser
        ask with them. Where a page of another site asks, it is refused even if it has a token.
        """
        credential = credential_of(request)
        if credential is None or credential.means != "bearer":
            return UNKNOWN
        if not is_ours(request.headers, or_unsaid=True):
            return FOREIGN
        return None if request.method == "POST" else ONLY_ASKED

    def _made(self, organisation_id: str) -> Any:
        """Return the protocol's server over one organisation, for one request."""
        from mcp.server.transport_security import TransportSecuritySettings

        from service.assistants import server

        made = server(self._db, organisation_id, self._reader)
        made.streamable_http_app(
            streamable_http_path=PATH,
            json_response=True,
            stateless_http=True,
            max_request_body_size=MOST_BYTES,
            # The gate knows the names of this server, and has looked.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        return made
