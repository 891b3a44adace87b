"""How uvicorn serves: to nobody who dawdles, and with a word in the log for whatever failed."""

from time import monotonic

import structlog
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.lines import Line

STOPS_WITHIN = 8
"""Seconds that requests are given to end in when the server is told to stop."""

log = structlog.get_logger()


def server_of(app: ASGIApp) -> uvicorn.Server:
    """Return a server for an application."""
    return uvicorn.Server(
        uvicorn.Config(
            Failures(app),
            http=Line,
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=STOPS_WITHIN,
        )
    )


class Failures:
    """Tells the log of every request that failed by Koe's fault; not its address, which may hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        began = monotonic()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 500:
                endpoint = scope.get("endpoint")
                log.error(
                    "a request failed",
                    method=scope["method"],
                    endpoint=f"{endpoint.__module__}.{endpoint.__name__}" if endpoint else None,
                    status=message["status"],
                    seconds=round(monotonic() - began, 3),
                )
            await send(message)

        await self.app(scope, receive, noting)
