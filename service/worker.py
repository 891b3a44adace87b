"""The worker process: takes what was received into themes, groups everything anew, and delivers.

Any number of workers may run, on any number of machines. One that is killed leaves nothing half done: every
stage commits in batches and finds its work in the database.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

from procrastinate import App
from procrastinate.jobs import Status

from service.db import Database
from service.errors import Unavailable
from service.jobs.lanes import LANES, Lane
from service.jobs.queue import Queue, open_lane
from service.jobs.tasks import Duties, register
from service.pipeline.digest import Post
from service.pipeline.fetch import Listen
from service.pipeline.report import Stopped
from service.pipeline.run import Ports

AT_ONCE = {"live": 4, "slow": 1}
"""Jobs of each lane that one worker does at once."""
PATIENCE = 8.0
"""Seconds that a running job is given to end in when the worker is told to stop."""
STALLED = 30.0
"""Seconds without a sign of life after which a worker counts as dead."""
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stop:
    """Told once, heard by every job at its next step."""

    def __init__(self) -> None:
        self._told = threading.Event()

    def tell(self) -> None:
        """Let every job end."""
        self._told.set()

    def __call__(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002  as Progress wants it
        """Raise Stopped once it was told; is what stages call as their `Progress`."""
        if self._told.is_set():
            raise Stopped


def work(
    db: Database,
    ports: Ports,
    listen: Listen,
    post: Post,
    *,
    lanes: Sequence[Lane] = LANES,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Do what is asked for in these lanes until a signal says to stop; `ready` is called when it begins.

    Raises Unavailable if the database goes away: start it again then.
    """
    stop = Stop()
    duties = Duties(db=db, queue=Queue(db), ports=ports, listen=listen, post=post, progress=stop)
    apps = {lane: open_lane(db) for lane in lanes}
    for lane, app in apps.items():
        register(app, lane, duties)
    _warm_up(ports)
    loop = asyncio.new_event_loop()
    # Not closed with the loop: a job in the middle of a long computation must not hold up the end.
    loop.set_default_executor(ThreadPoolExecutor(sum(AT_ONCE[lane] for lane in lanes) + 1, "job"))
    try:
        loop.run_until_complete(_work(apps, duties, stop, ready))
    finally:
        stop.tell()
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it would complain of what is cut off
        loop.close()


def _warm_up(ports: Ports) -> None:
    """Load the models, so that the first voice does not wait for them."""
    for embedder in (ports.embedders.default, *ports.embedders.by_language.values()):
        embedder.embed(["声"])


async def _work(apps: Mapping[Lane, App], duties: Duties, stop: Stop, ready: Callable[[], None]) -> None:
    async with AsyncExitStack() as stack:
        for app in apps.values():
            await stack.enter_async_context(app.open_async())
        tasks = [asyncio.create_task(_run(app, lane), name=lane) for lane, app in apps.items()]
        any_app = next(iter(apps.values()))
        tasks.append(asyncio.create_task(_drop_jobs_of_the_dead(any_app), name="tidying"))
        loop = asyncio.get_running_loop()
        for number in STOPS:
            loop.add_signal_handler(number, _end, stop, tasks)
        await asyncio.to_thread(duties.sweep, 0)
        ready()
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        _end(stop, tasks)
        await asyncio.wait(tasks, timeout=PATIENCE + 1)
        for task in ended:
            if not task.cancelled():
                raise Unavailable("The jobs cannot be read any more.") from task.exception()


async def _run(app: App, lane: Lane) -> None:
    await app.run_worker_async(
        queues=[lane],
        name=lane,
        concurrency=AT_ONCE[lane],
        install_signal_handlers=False,
        shutdown_graceful_timeout=PATIENCE,
        delete_jobs="always",
    )


def _end(stop: Stop, tasks: Sequence["asyncio.Task[None]"]) -> None:
    stop.tell()
    for task in tasks:
        task.cancel()


async def _drop_jobs_of_the_dead(app: App) -> None:
    """Forget jobs whose worker died: what they were asked for still waits, and the sweep asks again."""
    jobs = app.job_manager
    while True:
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            if job.id is not None:
                await jobs.finish_job_by_id_async(job_id=job.id, status=Status.FAILED, delete_job=True)
        await asyncio.sleep(STALLED)
