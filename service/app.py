"""The web process: builds the pages' application and serves it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from service.config import Settings
from service.db import Database
from service.errors import KoeError, Unavailable
from service.web import articles, items, suggestions, theme, themes
from service.web.access import Gate, open_link
from service.web.mishaps import explain, explain_crash
from service.web.page import Pages

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def create_app(db: Database, settings: Settings, *, gate: Gate) -> FastAPI:
    """Return the application over an open database; `gate` says who may see what."""
    app = FastAPI(title="Koe", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.db = db
    app.state.pages = Pages.over(settings, demo=gate.demo)
    app.middleware("http")(gate)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "web" / "static"), name="static")
    app.get("/healthz")(healthy)

    @app.get("/sign-in/{token}")
    def sign_in(request: Request, token: str) -> Response:
        return open_link(gate, app.state.pages, request, token)

    for router in (themes.router, theme.router, suggestions.router, articles.router, items.router):
        app.include_router(router)
    for mishap in (KoeError, HTTPException, RequestValidationError):
        app.exception_handler(mishap)(explain)
    app.exception_handler(Exception)(explain_crash)
    return app


def healthy() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


def serve_pages(
    db: Database,
    settings: Settings,
    *,
    announce: Callable[[str], None],
    demo: bool = False,
    stay: bool = True,
) -> None:
    """Serve until Ctrl-C; without `stay`, until one page was answered.

    `announce` is told the address to open. A taken port is an error that names it; the demo takes the next
    free one. Raises Unavailable.
    """
    if settings.host not in LOOPBACK:
        raise Unavailable(
            f"KOE_HOST={settings.host} would show the pages to the network, and there are no persons or "
            "tokens yet. Serve on 127.0.0.1, and let a proxy that knows your people forward to it."
        )
    with listening(settings.host, settings.port, next_free=demo) as listener:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"http://{host}:{listener.getsockname()[1]}"
        public = urlsplit(address if demo else settings.public_url or address)
        hosts = LOOPBACK | {public.hostname} if public.hostname else LOOPBACK
        gate = Gate(hosts=hosts, demo=demo, secure=public.scheme == "https")
        app = create_app(db, settings, gate=gate)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        if not stay:
            answer_once(server, listener, address)
        announce(address if demo else public.geturl().rstrip("/") + gate.link)
        if stay:
            server.run(sockets=[listener])


def answer_once(server: uvicorn.Server, listener: socket.socket, address: str) -> None:
    """Start the server, read its first page as a browser would, and stop it."""
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        httpx.get(f"{address}/themes", timeout=60, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(f"The pages at {address} do not answer: {error}.") from error
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def listening(host: str, port: int, *, next_free: bool) -> Iterator[socket.socket]:
    """Give a socket that listens on the port, or on the next free one of twenty."""
    for number in range(port, port + (20 if next_free else 1)):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
            listener.listen()
        except OSError as error:
            listener.close()
            reason = error
            continue
        with listener:
            yield listener
        return
    raise Unavailable(f"Port {port} cannot be used ({reason.strerror}); set KOE_PORT to a free one.")
