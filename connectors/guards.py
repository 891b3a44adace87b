"""What targets ask before they write, with the sentence for the person who must act."""

import errno
from collections.abc import Mapping
from pathlib import Path

from connectors.errors import ConnectorError, Refused, RetryLater
from connectors.outgoing import News, Outgoing
from connectors.ports import Means
from connectors.target_port import Target
from connectors.url import web_address

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def path_setting(settings: Mapping[str, object], name: str) -> Path:
    """Return the path that a setting holds.

    Raises Refused where it is missing, is no text or starts nowhere: a worker may run in another folder.
    """
    value = settings.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(f"the setting {name!r} is missing: it says which file or folder to write to")
    if "\0" in value:
        raise Refused(f"the setting {name!r} holds a character that no path may hold")
    path = Path(value).expanduser()
    if not path.is_absolute():
        raise Refused(f"the setting {name!r} must be a whole path such as /srv/{path.name}, not {value!r}")
    return path


def url_setting(settings: Mapping[str, object], name: str) -> str:
    """Return the web address that a setting holds; whether it may be reached is asked when it is.

    Raises Refused where it is missing or no such address, without repeating it: it may hold a secret.
    """
    value = settings.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(f"the setting {name!r} is missing: it says which address to send to")
    web_address(value.strip(), what=f"the setting {name!r}")
    return value.strip()


def secret_of(means: Means, setting: str) -> str:
    """Return the secret that people told in a setting. Raises Refused, naming it, where it is missing."""
    if not means.secret:
        raise Refused(f"the setting {setting!r} is missing")
    return means.secret


def must_take(target: Target, outgoing: Outgoing) -> None:
    """Raise Refused where the suggestion asks for something that the target cannot do."""
    if outgoing.action not in target.takes:
        raise Refused(f"{target.slug} takes {', '.join(sorted(target.takes))}, not {outgoing.action}")


def must_hear(target: Target, news: News) -> None:
    """Raise Refused where the target is not told of such events."""
    if news.event not in target.hears:
        told = ", ".join(sorted(target.hears)) or "nothing"
        raise Refused(f"{target.slug} is told of {told}, not of {news.event}")


def disk_trouble(error: OSError, path: Path) -> ConnectorError:
    """Return what to raise for an error of the operating system while writing at `path`."""
    if error.errno in FULL:
        return RetryLater(f"the disk that holds {path} is full; free some space")
    return Refused(f"{path} cannot be written: {error.strerror or error}")
