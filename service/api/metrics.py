"""`/metrics`: what a running Koe counts and times, in the form that Prometheus reads."""

from datetime import UTC, datetime
from time import perf_counter

from fastapi import APIRouter, Request, Response
from fastapi.routing import iter_route_contexts
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.deps import ReaderDep, SessionDep
from service.api.problems import Responses, documented
from service.repositories.workload import Workload, workload

router = APIRouter(tags=["operation"], responses=documented(400, 401, 403, 421, 500, 503))

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
"""The route of a request that no route is for, or that was refused before one was looked for."""
WEBHOOKS = "/webhooks/"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Meter:
    """Counts and times the requests of one application. No label holds what a request was about."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "koe_http_requests", "Requests.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "koe_http_request_seconds",
            "Seconds until a request was answered.",
            ("method", "route"),
            registry=self.registry,
            buckets=BUCKETS,
        )
        self.acknowledgements = Histogram(
            "koe_webhook_acknowledgement_seconds",
            "Seconds until a webhook call was committed and acknowledged.",
            registry=self.registry,
            buckets=BUCKETS,
        )

    def note(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        known = method if method in METHODS else "other"
        self.requests.labels(known, route, status).inc()
        self.seconds.labels(known, route).observe(seconds)
        if route.startswith(WEBHOOKS) and 200 <= status < 300:
            self.acknowledgements.observe(seconds)


class Metered:
    """Tells a meter of every request, also of those that the gate refuses. It has to stand outermost."""

    def __init__(self, app: ASGIApp, *, meter: Meter) -> None:
        self.app = app
        self.meter = meter
        self._templates: dict[int, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, began = 500, perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            self.meter.note(
                method=scope["method"],
                route=self._template(scope),
                status=status,
                seconds=perf_counter() - began,
            )

    def _template(self, scope: Scope) -> str:
        """Return the route's path with the names of its parts, as it stands in the documents."""
        route = scope.get("route")
        if route is None:
            return NO_ROUTE
        if not self._templates:
            routes = iter_route_contexts(scope["app"].routes)
            self._templates = {id(each.original_route): each.path_format or NO_ROUTE for each in routes}
        return self._templates.get(id(route), NO_ROUTE)


METRICS: Responses = {
    200: {"description": "The metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.get(
    "/metrics",
    summary="Read the metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The metrics."}
    },
)
def read_metrics(request: Request, caller: ReaderDep, session: SessionDep) -> Response:
    """Requests and their times, of this process; and what waits in the caller's organisation."""
    meter: Meter = request.app.state.meter
    waiting = gauges(workload(session, caller.organisation_id), now=datetime.now(UTC))
    return Response(
        generate_latest(meter.registry) + generate_latest(waiting), media_type=CONTENT_TYPE_LATEST
    )


def gauges(work: Workload, *, now: datetime) -> CollectorRegistry:
    """Return what there is to do as gauges."""
    registry = CollectorRegistry()
    for name, told, counts, states in (
        ("koe_webhook_calls", "Webhook calls that are not done.", work.calls, ("pending", "held", "dead")),
        ("koe_inbox_records", "Records that are not done.", work.records, ("pending", "dead")),
        (
            "koe_deliveries",
            "Deliveries.",
            work.deliveries,
            ("pending", "sending", "uncertain", "delivered", "paused", "dead"),
        ),
    ):
        gauge = Gauge(name, told, ("state",), registry=registry)
        for state in states:
            gauge.labels(state).set(counts.get(state, 0))
    Gauge("koe_unthemed_items", "Items with content in no theme.", registry=registry).set(work.unthemed)
    if work.last_run is not None:
        since = Gauge("koe_last_run_age_seconds", "Seconds since the last run.", registry=registry)
        since.set((now - work.last_run).total_seconds())
    return registry
