"""The connectors of targets while they are delivered to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from connectors.target_port import Target as TargetPort
from service.models import Target

Connect = Callable[[Target], TargetPort]


@dataclass(kw_only=True)
class Doors:
    """Opens each target's connector once; any number of threads may ask."""

    connect: Connect
    opened: dict[str, TargetPort] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def to(self, target: Target) -> TargetPort:
        """Return the connector of a target; raises Refused where it cannot be opened."""
        with self.lock:
            if target.id not in self.opened:
                self.opened[target.id] = self.connect(target)
            return self.opened[target.id]
