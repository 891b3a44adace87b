"""Whether the server may be shown to the network."""

from service.access.hosts import is_loopback
from service.config import Settings
from service.db import Database
from service.errors import Unavailable
from service.repositories import persons, tokens


def require_proof(db: Database, settings: Settings, *, demo: bool = False) -> None:
    """Refuse KOE_HOST beyond this machine where nobody could prove who they are. Raises Unavailable."""
    if is_loopback(settings.host):
        return
    if demo:
        raise Unavailable(
            f"The demo asks nobody for a sign-in, and KOE_HOST={settings.host} would show it to the network."
        )
    with db.begin() as session:
        somebody = persons.is_any_there(session) or tokens.is_any_there(session)
    if not somebody:
        raise Unavailable(
            f"KOE_HOST={settings.host} would show the pages to the network, and there is no person and no "
            "token yet. Do `koe user add EMAIL --role admin` first."
        )
