"""How a command ends when it is told to stop: through every `with` block, and only once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, an operator's or a service manager's stop, and a terminal that was closed."""

TOLD_TO_STOP = frozenset({128 + signal.SIGINT, 128 + signal.SIGTERM})
"""The exit statuses of commands that were told to stop."""


def stop_in_order() -> None:
    """From now on a signal leaves every `with` block in order: the database stops with its last user.

    A signal that is ignored stays ignored, as `nohup` wants it.
    """
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _as_sigterm if number == signal.SIGHUP else _stop)


def finish_in_peace() -> None:
    """From now on no signal but SIGKILL interrupts: what is left to do is to tidy up."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def until_told_to_stop() -> Iterator[None]:
    """To be told to stop is how the block ends well."""
    try:
        yield
    except SystemExit as told:
        if told.code not in TOLD_TO_STOP:
            raise


def _as_sigterm(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  as signal wants it
    signal.raise_signal(signal.SIGTERM)  # which is what the web server, too, knows how to obey


def _stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  as signal wants it
    finish_in_peace()
    raise SystemExit(128 + number)
