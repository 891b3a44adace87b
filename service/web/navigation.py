"""The places that every page leads to: the daily ones in a row, and the others one step away."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the navigation, called `nav.NAME` in the reader's language."""

    name: str
    path: str
    key: str = ""
    """The letter that leads there after a `g`; empty for none."""

    def holds(self, path: str) -> bool:
        """Say whether a page belongs to this place."""
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


DAILY = (
    Place(name="home", path="/", key="h"),
    Place(name="themes", path="/themes", key="t"),
    Place(name="loop", path="/loop", key="l"),
    Place(name="suggestions", path="/suggestions", key="s"),
    Place(name="queue", path="/queue", key="q"),
    Place(name="alarms", path="/alarms", key="a"),
    Place(name="effects", path="/effects", key="e"),
    Place(name="accounts", path="/accounts", key="c"),
    Place(name="items", path="/items", key="v"),
)
"""What people come for every day."""
OTHERS = (
    Place(name="map", path="/map"),
    Place(name="touchpoints", path="/touchpoints"),
    Place(name="measures", path="/measures"),
    Place(name="digest", path="/digest"),
    Place(name="articles", path="/articles"),
    Place(name="deliveries", path="/deliveries"),
    Place(name="glossary", path="/glossary"),
    Place(name="value", path="/value"),
    Place(name="runs", path="/runs"),
    Place(name="files", path="/files"),
    Place(name="sources", path="/sources"),
    Place(name="targets", path="/targets"),
    Place(name="dead-letters", path="/dead-letters"),
    Place(name="people", path="/people"),
    Place(name="tokens", path="/tokens"),
    Place(name="settings", path="/settings"),
)
"""What is set up, or looked into, now and then."""
