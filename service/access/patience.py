"""Patience after wrong passwords: whoever was wrong often waits, longer each time."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from time import monotonic

from service.access.secret import fingerprint

FREE_TRIES = 10
FIRST_WAIT = 5.0
LONGEST_WAIT = 900.0
FORGOTTEN_AFTER = 3600.0
"""Seconds."""
MOST_REMEMBERED = 10_000


class Patience:
    """Counts tries by whom they are about and where they come from, in the memory of one process.

    A stranger can thereby not lock out somebody who signs in from elsewhere.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = Lock()

    def try_once(self, key: str) -> float:
        """Count a try as wrong until it is forgiven; return 0, or the seconds that are left to wait.

        It is counted before it is looked at, so that many at once are not looked at for nothing.
        """
        now = self._clock()
        with self._lock:
            count, last = self._tries.get(key, (0, now))
            if now - last > FORGOTTEN_AFTER:
                count = 0
            left = last + _wait_after(count) - now
            if left > 0:
                return left
            self._tries[key] = (count + 1, now)
            self._tries.move_to_end(key)
            if len(self._tries) > MOST_REMEMBERED:
                self._tries.popitem(last=False)
            return 0.0

    def forgive(self, key: str) -> None:
        """Forget the tries: the last one was right."""
        with self._lock:
            self._tries.pop(key, None)


def key_of(about: str, address: str) -> str:
    """Return what tries are counted by. All addresses of an IPv6 network count as one: a host has many."""
    try:
        known = ip_address(address)
    except ValueError:
        return fingerprint(f"{about} {address}")
    place = ip_network((known, 64), strict=False) if isinstance(known, IPv6Address) else known
    return fingerprint(f"{about} {place}")


def _wait_after(tries: int) -> float:
    if tries < FREE_TRIES:
        return 0.0
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(tries - FREE_TRIES, 20))
