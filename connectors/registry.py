"""Which targets there are: the files of `connectors/targets`, and what packages offer as `koe.connectors`."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType

from connectors import targets
from connectors.errors import Refused
from connectors.ports import Means, Target

DOUBLES = frozenset({"memory"})
"""Files of the folder that stand in for a target in tests and cannot be chosen."""


def _modules() -> Iterator[object]:
    for module in pkgutil.iter_modules(targets.__path__, f"{targets.__name__}."):
        if module.name.rpartition(".")[2] not in DOUBLES:
            yield import_module(module.name)
    for entry in entry_points(group="koe.connectors"):
        yield entry.load()


def _target_classes(module: object) -> Iterator[type[Target]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Target) and hasattr(value, "slug"):
            yield value


TARGETS: Mapping[str, type[Target]] = MappingProxyType(
    {kind.slug: kind for module in _modules() for kind in _target_classes(module)}
)
"""The kinds of target by slug."""


def open_target(kind: str, settings: Mapping[str, object], means: Means | None = None) -> Target:
    """Return the target of a kind with its settings; without `means` it has no secret and no private host.

    Raises Refused, in words for the person who set it up, for an unknown kind or wrong settings.
    """
    if kind not in TARGETS:
        raise Refused(f"there is no kind of target called {kind!r}; known are {', '.join(sorted(TARGETS))}")
    return TARGETS[kind].open(settings, means or Means())
