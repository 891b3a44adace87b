"""GitHub as a source and a target ask it alike: where it stands, what proves us, what a refusal asks for."""

import re
from collections.abc import Mapping

from connectors.asking import needed
from connectors.errors import Refused

HOME = "https://api.github.com"
VERSION = "2022-11-28"
NAME = re.compile(r"[\w-]{1,100}/(?!\.{1,2}$)[\w.-]{1,100}", re.ASCII)
"""A repository, as `owner/name`."""
ADVICE = {
    301: "the repository was renamed or moved: give Koe its new name",
    401: "the token is wrong or has expired: make a new one, and give it to Koe",
    410: "issues are switched off in this repository",
}


def headers_with(token: str) -> Mapping[str, str]:
    """Return the headers of a request with an access token."""
    return {
        "accept": "application/vnd.github+json",
        "authorization": f"Bearer {token}",
        "x-github-api-version": VERSION,
    }


def repository_in(settings: Mapping[str, str], setting: str) -> str:
    """Return `owner/name` out of a setting, which may hold the address of its page. Raises Refused."""
    name = re.sub(r"^https?://[^/]+/|(\.git)?/*$", "", needed(settings, setting))
    if NAME.fullmatch(name) is None:
        raise Refused(f"the setting {setting!r} must be owner/name, such as acme/app")
    return name
