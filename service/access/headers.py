"""The headers that keep browsers careful; every answer carries them."""

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

CAREFUL = {
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

ASK_AGAIN_AFTER = "5"
"""Seconds in which what Koe needs is likely to be back."""


def dress(headers: MutableHeaders, path: str) -> None:
    """Add what an answer does not say itself; nothing but our own files may be kept by a browser."""
    for name, value in CAREFUL.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-cache" if path.startswith("/static/") else "no-store")


def dressing(scope: Scope, send: Send) -> Send:
    """Return a `send` that dresses the answer as it leaves."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            dress(headers, scope["path"])
            if message["status"] == 503:
                headers.setdefault("Retry-After", ASK_AGAIN_AFTER)
        await send(message)

    return dressed
