"""What Koe proves itself with where it asks a source for what it holds: kept encrypted, never shown."""

import json
from collections.abc import Mapping

from service.models import Source
from service.sealing import Seal


def close(seal: Seal, source_id: str, credentials: Mapping[str, str] | None) -> bytes | None:
    """Return credentials as they are stored: None where a source cannot be asked.

    Some sources can be asked by everybody: their credentials hold nothing, and are stored all the same.
    """
    return None if credentials is None else seal.seal(json.dumps(dict(credentials)), _about(source_id))


def of(seal: Seal, source: Source) -> dict[str, str]:
    """Return a source's credentials by setting. Raises Unavailable if they were closed with another key."""
    if source.sealed_credentials is None:
        return {}
    opened: dict[str, str] = json.loads(seal.open(source.sealed_credentials, _about(source.id)))
    return opened


def _about(source_id: str) -> str:
    return f"credentials:{source_id}"
