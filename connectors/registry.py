"""Which sources and targets there are: files of two folders, and what packages offer as `koe.connectors`."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType
from typing import TypeVar

from connectors import sources, targets
from connectors.errors import Refused
from connectors.ports import Means, Source
from connectors.target_port import Target

DOUBLES = frozenset({"memory"})
"""Files of the folders that stand in for something in tests and cannot be chosen."""
Port = TypeVar("Port", type[Source], type[Target])


ADDED = tuple(entry.load() for entry in entry_points(group="koe.connectors"))
"""What other packages offer."""


def _modules(folder: ModuleType) -> Iterator[object]:
    for module in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
        if module.name.rpartition(".")[2] not in DOUBLES:
            yield import_module(module.name)
    yield from ADDED


def _kinds(folder: ModuleType, port: Port) -> Mapping[str, Port]:
    """Return every class that fits a port, by its slug."""
    found: dict[str, Port] = {}
    for module in _modules(folder):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, port) and hasattr(value, "slug"):
                found[value.slug] = value
    return MappingProxyType(dict(sorted(found.items())))


SOURCES: Mapping[str, type[Source]] = _kinds(sources, Source)
"""The kinds of source by slug."""
TARGETS: Mapping[str, type[Target]] = _kinds(targets, Target)
"""The kinds of target by slug."""


def open_source(kind: str, settings: Mapping[str, str], means: Means | None = None) -> Source:
    """Return the source of a kind with its settings, secret ones among them.

    Raises Refused, in words for the person who set it up, for an unknown kind or wrong settings.
    """
    if kind not in SOURCES:
        raise Refused(f"there is no kind of source called {kind!r}; known are {', '.join(SOURCES)}")
    return SOURCES[kind].open(settings, means or Means())


def open_target(kind: str, settings: Mapping[str, object], means: Means | None = None) -> Target:
    """Return the target of a kind with its settings; without `means` it has no secret and no private host.

    Raises Refused, in words for the person who set it up, for an unknown kind or wrong settings.
    """
    if kind not in TARGETS:
        raise Refused(f"there is no kind of target called {kind!r}; known are {', '.join(TARGETS)}")
    return TARGETS[kind].open(settings, means or Means())
