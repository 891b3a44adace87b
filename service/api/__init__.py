"""The API: everything that programs ask for, under `/api/v1` and beside it."""

from functools import cache, partial

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from service.api import (
    accounts,
    alarms,
    articles,
    corrections,
    dead_letters,
    decisions,
    deliveries,
    effects,
    feedback,
    feeds,
    glossary,
    health,
    hooks,
    index,
    interventions,
    items,
    measures,
    metrics,
    notices,
    runs,
    search,
    sources,
    suggestions,
    targets,
    themes,
    webhooks,
)
from service.api.metrics import Meter, Metered
from service.api.openapi import describe
from service.api.problems import ALWAYS, documented
from service.config import Settings

NOUNS = (
    themes,
    suggestions,
    decisions,
    articles,
    items,
    accounts,
    effects,
    interventions,
    alarms,
    sources,
    targets,
    deliveries,
    runs,
    corrections,
    feedback,
    dead_letters,
    glossary,
    notices,
    measures,
    search,
)


def name_of(route: APIRoute) -> str:
    """Return what an operation is called in the description of the API."""
    return route.name


api = APIRouter(prefix="/api/v1", responses=ALWAYS)
for each in NOUNS:
    api.include_router(each.router)
router = APIRouter(generate_unique_id_function=name_of)
for programs in (index.router, api, feeds.router, health.router, metrics.router):
    router.include_router(programs)
for called in (webhooks.router, hooks.router):
    router.include_router(called, responses=documented(421, 422, 500))


def install(app: FastAPI, settings: Settings) -> None:
    """Let an application answer programs, and count what it answers, its other middleware included."""
    app.state.settings = settings
    app.state.describe = cache(partial(describe, router))
    app.state.meter = Meter()
    app.add_middleware(Metered, meter=app.state.meter)
    app.include_router(router)
