"""A live server for tests: the pages on a free port, as browsers and programs meet them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlmodel import col, select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.listening import listening
from service.models import (
    Account,
    Alarm,
    Article,
    Delivery,
    Intervention,
    Item,
    Run,
    Source,
    Suggestion,
    Target,
    Theme,
    Upload,
)
from service.rules.steering.catalogue import MEASURES
from service.web.page import link

LISTS = ("/themes", "/suggestions", "/articles", "/items")
PATIENCE = 30
"""Seconds that the server has to start in."""


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of this machine; give its address without a slash at the end."""
    with listening("127.0.0.1", 0) as listener:
        config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        deadline = time.monotonic() + PATIENCE
        while not server.started and time.monotonic() < deadline:
            thread.join(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def open_pages(db: Database) -> Iterator[str]:
    """Serve the pages over a database to whoever asks on this machine, as the demo does.

    Searches are read by an embedder that needs no weights: what the words find is there, and nobody waits.
    """
    with serving(create_app(db, Settings(embedder="hashing"), demo=True)) as address:
        yield address


def one_of_each(db: Database) -> list[str]:
    """Return the address of every kind of page."""
    some_customer = select(Item.customer_id).where(col(Item.customer_id).is_not(None)).limit(1)
    with db.begin() as session:
        pages = [f"/themes/{theme_id}" for theme_id in session.exec(select(Theme.id).limit(3))]
        pages += [f"/suggestions/{each}" for each in session.exec(select(Suggestion.id).limit(3))]
        pages += [f"/queue/{each}" for each in session.exec(select(Suggestion.id).limit(3))]
        changing = select(Suggestion.id).where(col(Suggestion.action) == "edit_article").limit(1)
        pages += [f"/queue/{each}?edit=article" for each in session.exec(changing)]
        pages += [f"/deliveries/{each}" for each in session.exec(select(Delivery.id).limit(2))]
        pages += [f"/articles/{each}" for each in session.exec(select(Article.id).limit(2))]
        pages += [f"/alarms/{each}" for each in session.exec(select(Alarm.id).limit(2))]
        pages += [f"/items/{each}" for each in session.exec(select(Item.id).limit(3))]
        for account in session.exec(select(Account.account_id).limit(2)):
            pages += [link(f"/accounts/{account}"), link(f"/brief/accounts/{account}")]
        pages += [link(f"/customers/{each}") for each in session.exec(some_customer)]
        pages += [f"/sources/{each}" for each in session.exec(select(Source.id).limit(2))]
        for each in session.exec(select(Intervention.id).limit(2)):
            pages += [f"/notices/{each}", f"/effects/{each}"]
        pages += [f"/targets/{each}" for each in session.exec(select(Target.id).limit(2))]
        pages += [f"/files/{each}" for each in session.exec(select(Upload.id).limit(2))]
        pages += [f"/runs/{each}" for each in session.exec(select(Run.id).limit(2))]
    return [
        "/",
        "/loop",
        "/map",
        "/map?kind=question&lang=ja",
        *LISTS,
        "/queue",
        "/queue?lang=xx",
        "/deliveries",
        "/alarms",
        "/alarms?show=past",
        "/alarms?show=quiet",
        "/pairs",
        "/runs",
        "/corrections",
        "/themes/new?q=slack",
        "/search",
        "/search?q=password",
        "/search?q=password&in=voices",
        "/search?q=xylophone&in=articles",
        "/glossary",
        "/notices/templates",
        "/notices/templates?done=article",
        "/value",
        "/accounts",
        "/views",
        "/themes?kind=question",
        "/accounts?sort=renews",
        "/effects",
        "/effects?verdict=waiting",
        *(f"{page}/{part}" for page in pages if page.startswith("/themes/") for part in ("value", "done")),
        "/touchpoints",
        "/touchpoints?since=2025-11-01&until=2026-05-04",
        "/touchpoints?since=2025-11-01&account=A03",
        "/measures",
        "/digest",
        "/digest?week=2026-05-04",
        "/measures?every=week&of=plan%3AStandard",
        *(f"/measures/{measure.name}" for measure in MEASURES),
        "/items?only=counted&channel=contact&of=plan%3AStandard",
        "/dead-letters",
        "/files",
        "/sources",
        "/sources/new",
        "/sources/new/generic",
        "/sources/new/zendesk",
        "/targets",
        "/targets/new",
        "/targets/new/jira",
        "/targets/new/webhook",
        "/people",
        "/tokens",
        "/settings",
        *pages,
    ]


def routes() -> list[tuple[str, str]]:
    """Return the method and the path of everything that the application answers, pages and API alike."""
    app = create_app(Database.at("postgresql+psycopg://"), Settings(), demo=True)
    return [
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        for method in sorted(route.methods or ())
        if route.path
    ]
