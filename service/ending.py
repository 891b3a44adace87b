"""How a command ends when it is told to stop: through every `with` block, and only once."""

import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, an operator's or a service manager's stop, and a terminal that was closed."""

TOLD_TO_STOP = frozenset({128 + signal.SIGINT, 128 + signal.SIGTERM})
"""The exit statuses of commands that were told to stop."""

IMPATIENCE = 5.0
"""Seconds in which a further signal means the same stop."""

SOON = 0.1
"""Seconds in which the main thread acts on a signal that it has noticed."""

LAST_RESPITE = 10.0
"""Seconds that remain for ending in order when whoever started this process is gone."""


def stop_in_order() -> None:
    """From now on a signal leaves every `with` block in order: the database stops with its last user.

    A signal that is ignored stays ignored, as `nohup` wants it.
    """
    if isinstance(signal.getsignal(signal.SIGTERM), _Stop):
        return
    stop = _Stop()
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _as_sigterm if number == signal.SIGHUP else stop)
    _wake_for(stop)


def finish_in_peace() -> None:
    """From now on no signal but SIGKILL interrupts: what is left to do is to tidy up."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            # Not SIG_IGN: Python complains of one that arrived just before.
            signal.signal(number, _on_our_way)


@contextmanager
def until_told_to_stop() -> Iterator[None]:
    """To be told to stop is how the block ends well."""
    try:
        yield
    except SystemExit as told:
        if told.code not in TOLD_TO_STOP:
            raise


@contextmanager
def until_a_signal() -> Iterator[Callable[[], bool]]:
    """Give what says whether a signal said to stop; inside the block none interrupts."""
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  as signal wants it
        heard.append(number)

    listened = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in listened}
    try:
        yield lambda: bool(heard)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_with(lifeline: int) -> None:
    """From now on end in order once the other end of a pipe is closed: whoever held it is gone.

    The kernel closes it even after `kill -9`. What cannot end in order ends all the same.
    """
    threading.Thread(target=_follow, args=(lifeline,), name="koe-lifeline", daemon=True).start()


def _follow(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    main = threading.main_thread().ident
    if main is not None:
        signal.pthread_kill(main, signal.SIGTERM)
    sleep(LAST_RESPITE)
    os._exit(1)


class _Stop:
    """Leaves the command, and does so again for a signal that comes much later.

    The first may have been lost in code that lets no exception through.
    """

    def __init__(self) -> None:
        self.heard = -math.inf
        """When the last signal came."""
        self._last = -math.inf

    def __call__(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  as signal wants it
        self.heard = monotonic()
        if monotonic() - self._last > IMPATIENCE:
            self._last = monotonic()
            raise SystemExit(128 + number)


def _wake_for(stop: _Stop) -> None:
    """Wake the main thread for a signal that it slept through.

    Of two signals that come at once another thread may take both. Then the main one, which alone acts on
    them, goes on to wait for what it waits for, such as a pipe that nobody writes to.
    """
    taken, telling = os.pipe()
    os.set_blocking(telling, False)
    signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    threading.Thread(target=_wake, args=(taken, stop), name="koe-signals", daemon=True).start()


def _wake(taken: int, stop: _Stop) -> None:
    main = threading.main_thread().ident
    while main is not None and (number := os.read(taken, 1)):
        sleep(SOON)
        ours = signal.getsignal(number[0]) in (stop, _as_sigterm)
        if ours and monotonic() - stop.heard > 2 * SOON:
            signal.pthread_kill(main, number[0])  # which is told here too, and looked after again


def _as_sigterm(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  as signal wants it
    signal.raise_signal(signal.SIGTERM)  # which is what the web server, too, knows how to obey


def _on_our_way(number: int, frame: FrameType | None) -> None:
    """Do nothing: the command is ending."""


def leave_at_once() -> None:
    """End the process, though a thread of it is still in the middle of something that can be cut off.

    Python itself would wait for that thread. Only for the very end, when everything is given back.
    """
    if threading.active_count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
