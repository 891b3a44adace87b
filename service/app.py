"""The web process: builds the pages' application and serves it."""

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import Route

from service import api
from service.access.gate import Gate
from service.access.hosts import Hosts, address_of, local_address
from service.access.links import first_link
from service.access.network import require_proof
from service.access.patience import Patience
from service.access.provider import MOST_BODY, Provider
from service.access.senders import Receivers, TargetReceivers
from service.access.visit import demo_visit
from service.api.arrivals import MOST_SECONDS
from service.api.problems import or_else
from service.assisting import PATH as ASSISTANTS
from service.assisting import Assisting
from service.config import Settings
from service.db import Database
from service.errors import KoeError, Unavailable
from service.jobs.bell import Bell
from service.jobs.queue import Queue
from service.listening import listening
from service.parts import door, embedders_of
from service.sealing import Seal
from service.search.meaning import Reader
from service.serving import server_of
from service.web import (
    accounts,
    alarms,
    articles,
    corrections,
    dead_letters,
    deliveries,
    digest_page,
    effects,
    file,
    files,
    follows,
    glossary,
    handmade,
    home,
    items,
    lists,
    loop,
    me,
    measures,
    new_source,
    new_target,
    notice_templates,
    notices,
    pairs,
    people,
    provider,
    queue,
    runs,
    search,
    sign_in,
    sources,
    suggestions,
    targets,
    theme,
    themes,
    tokens,
    touchpoints,
    value,
    views,
    voice_map,
)
from service.web import settings as settings_page
from service.web.mishaps import explain, explain_crash, refuse
from service.web.page import Pages


def tell_nobody(organisation_id: str) -> None:
    """Tell nobody that feedback has come."""


def create_app(
    db: Database,
    settings: Settings,
    *,
    demo: bool = False,
    ring: Callable[[str], None] = tell_nobody,
    ring_to_track: Callable[[str], None] = tell_nobody,
    ring_to_bring_in: Callable[[str], None] = tell_nobody,
    ring_to_weigh: Callable[[str], None] = tell_nobody,
) -> FastAPI:
    """Return the application over an open database. A demo asks nobody for a sign-in.

    `ring` is called with the organisation whenever feedback was committed, `ring_to_track` whenever something
    that was delivered is to be looked at, `ring_to_bring_in` whenever a file is to be imported,
    `ring_to_weigh` whenever themes are to be counted anew. None of them may raise.
    """
    app = FastAPI(title="Koe", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.db = db
    app.state.pages = Pages.over(settings, demo=demo)
    app.state.patience = Patience()
    app.state.provider = None if demo else Provider.of(settings, partial(door, settings, most_body=MOST_BODY))
    app.state.receivers = Receivers(db, partial(Seal.of, settings))
    app.state.target_receivers = TargetReceivers(db, partial(Seal.of, settings))
    app.state.reader = Reader(partial(embedders_of, settings))
    app.state.ring = ring
    app.state.ring_to_track = ring_to_track
    app.state.ring_to_bring_in = ring_to_bring_in
    app.state.ring_to_weigh = ring_to_weigh
    app.state.body_seconds = MOST_SECONDS
    app.add_middleware(
        Gate,
        db=db,
        hosts=Hosts.of(settings, demo=demo),
        refuse=refuse,
        most_of_files=settings.upload_mb << 20,
        guest=demo_visit(settings.zone) if demo else None,
    )
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "web" / "static"), name="static")
    api.install(app, settings)
    app.router.routes.append(Route(ASSISTANTS, Assisting(db, app.state.reader)))
    for page in (
        provider,
        sign_in,
        me,
        home,
        digest_page,
        themes,
        voice_map,
        loop,
        value,
        views,
        follows,
        measures,
        accounts,
        effects,
        handmade,
        theme,
        alarms,
        corrections,
        pairs,
        runs,
        suggestions,
        queue,
        notice_templates,
        notices,
        deliveries,
        articles,
        items,
        lists,
        search,
        files,
        file,
        glossary,
        new_source,
        sources,
        new_target,
        targets,
        dead_letters,
        people,
        tokens,
        touchpoints,
        settings_page,
    ):
        app.include_router(page.router)
    for mishap in (KoeError, HTTPException, RequestValidationError):
        app.exception_handler(mishap)(or_else(explain))
    app.exception_handler(Exception)(or_else(explain_crash))
    # FastAPI would build its routes while it answers the first request: late, and in whichever thread serves.
    deque(iter_route_contexts(app.routes), maxlen=0)
    return app


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
    require_proof(db, settings, demo=demo)
    with (
        listening(settings.host, settings.port, next_free=demo) as listener,
        _server(db, settings, demo=demo) as server,
    ):
        port = listener.getsockname()[1]
        if not stay:
            answer_once(server, listener, local_address(settings, port))
        if demo:
            announce(local_address(settings, port))
        else:
            announce(address_of(settings, port) + (first_link(db, settings.organisation) or ""))
        if stay:
            server.run(sockets=[listener])


def serve_pages_on(listener: socket.socket, db: Database, settings: Settings) -> None:
    """Serve on a socket that somebody else has opened, and announced, until a signal says to stop."""
    with _server(db, settings) as server:
        server.run(sockets=[listener])


@contextmanager
def _server(db: Database, settings: Settings, *, demo: bool = False) -> Iterator[uvicorn.Server]:
    """Give a server of the pages; it rings for the worker whenever feedback comes."""
    with Bell(Queue(db)) as bell:
        take_in, track = partial(bell.ring, "take_in"), partial(bell.ring, "track")
        bring_in, weigh = partial(bell.ring, "bring_in"), partial(bell.ring, "weigh")
        yield server_of(
            create_app(
                db,
                settings,
                demo=demo,
                ring=take_in,
                ring_to_track=track,
                ring_to_bring_in=bring_in,
                ring_to_weigh=weigh,
            )
        )


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
