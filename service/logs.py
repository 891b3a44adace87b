"""What the processes that stay say of themselves: a line an event on stderr, JSON where nobody watches.

Never in it: what customers wrote, personal data, secrets, or addresses, which may hold any of them. Of an
exception only its name and the way to its place are told, because its words may be a customer's.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import Processor

from service.console import harmless
from service.errors import KoeError

OURS = "service"
PACKAGES = Path(__file__).parents[1]
MOST_FRAMES = 20
"""Of an exception, those nearest to its place."""

Event = MutableMapping[str, Any]


@contextmanager
def logged_as(process: str) -> Iterator[structlog.stdlib.BoundLogger]:
    """Give the log of a process of this name; a crash in the block is told in it before it goes on."""
    _start(process)
    log: structlog.stdlib.BoundLogger = structlog.get_logger(OURS)
    try:
        yield log
    except KoeError:
        raise  # a reason, not a crash
    except Exception:
        log.exception("crashed")
        raise


def _start(process: str) -> None:
    """Let everything that is logged in this process be told in its name; others' chatter is left out."""
    for_everybody: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", key="at"),
        _named(process),
        _only_the_way,
    ]
    structlog.configure(
        processors=[*for_everybody, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*for_everybody, _only_the_first_line],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_for_people() if sys.stderr.isatty() else _for_programs()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    log = structlog.get_logger(OURS)
    threading.excepthook = lambda crash: log.error("a thread crashed", exc_info=crash.exc_value)
    sys.unraisablehook = lambda crash: log.error("something could not be tidied up", exc_info=crash.exc_value)


def _for_people() -> list[Processor]:
    return [_harmless, structlog.dev.ConsoleRenderer(timestamp_key="at", pad_event_to=0)]


def _for_programs() -> list[Processor]:
    return [structlog.processors.JSONRenderer(ensure_ascii=False)]


def _named(process: str) -> Processor:
    def name(logger: Any, method: str, event: Event) -> Event:  # noqa: ARG001  as structlog wants it
        return {**event, "process": process, "pid": os.getpid()}

    return name


def _only_the_first_line(logger: Any, method: str, event: Event) -> Event:  # noqa: ARG001
    """Leave out what others add below their words, such as the exceptions that asyncio shows."""
    return {**event, "event": str(event["event"]).strip().partition("\n")[0]}


def _only_the_way(logger: Any, method: str, event: Event) -> Event:  # noqa: ARG001
    """Tell exceptions by their names and the way to their place."""
    told = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if told is True:
        told = sys.exc_info()
    error = told[1] if isinstance(told, tuple) else told
    return {**event, "crash": list(way_to(error))} if isinstance(error, BaseException) else event


def way_to(error: BaseException) -> Iterator[str]:
    """Give the lines that led to an exception: names and places, the causes first, and no word of theirs."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from way_to(cause)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from way_to(each)
    yield type(error).__name__
    yield from list(_places(error.__traceback__))[-MOST_FRAMES:]


def _places(step: TracebackType | None) -> Iterator[str]:
    while step is not None:
        code = step.tb_frame.f_code
        yield f"  {_short(code.co_filename)}:{step.tb_lineno} {code.co_name}"
        step = step.tb_next


def _short(file: str) -> str:
    """Return a file by its package; where it is installed matters to nobody."""
    _, installed, within = file.rpartition("site-packages/")
    if installed:
        return within
    path = Path(file)
    return str(path.relative_to(PACKAGES)) if path.is_relative_to(PACKAGES) else path.name


def _harmless(logger: Any, method: str, event: Event) -> Event:  # noqa: ARG001
    """Let no text steer the terminal."""
    return {key: harmless(value) if isinstance(value, str) else value for key, value in event.items()}
