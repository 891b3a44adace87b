"""GitLab as a source and a target ask it alike: where it stands, and which project is meant."""

from collections.abc import Mapping

from connectors.asking import needed
from connectors.errors import Refused
from connectors.ports import Setting

HOME = "https://gitlab.com"
ADDRESS = Setting(
    name="address",
    label={"en": "Address of your GitLab", "ja": "GitLab のアドレス"},
    needed="never",
    default=HOME,
)
PROJECT = Setting(
    name="project",
    label={"en": "Project: its path, or its number", "ja": "プロジェクトのパス、または番号"},
    example="acme/app",
)
LOST_TOKEN = "the token is wrong, was revoked or has expired: make a new one, and give it to Koe"


def project_in(settings: Mapping[str, str]) -> str:
    """Return the path or the number of the setting `project`. Raises Refused where it is neither."""
    project = needed(settings, "project").strip("/")
    if "://" in project or not (project.isdigit() or "/" in project):
        raise Refused("the setting 'project' must be a path such as acme/app, or the project's number")
    return project
